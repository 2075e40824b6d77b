package conditional

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// Machine is a diffusion.Denoiser with a local latent variable. A machine from Fit has one family,
// and each of its windows determines the pixels of its block. A machine from Combine averages all
// windows of all its families that cover a pixel, each weighted by the inverse of its posterior
// variance. A Machine is safe for concurrent use.
type Machine struct {
	locals []*local
	levels []Level // from Combine; nil for a machine from Fit
}

// local is the machine of one family.
type local struct {
	family     Family
	shape      diffusion.Shape
	settings   Settings
	models     []windowModel // one per site, or one that all sites share
	likelihood []float64     // log-likelihood of all windows before each round of EM
}

// windowModel is the distribution of the clean windows of a site, of d values: a mixture in their
// r leading principal coordinates, and one Gaussian in the d - r trailing ones.
type windowModel struct {
	mean      []float64 // d
	axes      []float64 // d x d: the principal axes, one a row
	variances []float64 // d: along the axes, in descending order
	mixture   *mixture
}

// Families returns the families of the machine.
func (m *Machine) Families() []Family {
	families := make([]Family, len(m.locals))
	for i, l := range m.locals {
		families[i] = l.family
	}
	return families
}

// Levels returns the weights of a combined machine. A machine from Fit has none.
func (m *Machine) Levels() []Level { return slices.Clone(m.levels) }

// LogLikelihood returns, for each family, the log-likelihood of all windows of the train images
// before each round of EM.
func (m *Machine) LogLikelihood() [][]float64 {
	all := make([][]float64, len(m.locals))
	for i, l := range m.locals {
		all[i] = slices.Clone(l.likelihood)
	}
	return all
}

// Shape returns the shape of the images that the machine denoises.
func (m *Machine) Shape() diffusion.Shape { return m.locals[0].shape }

// Denoise implements diffusion.Denoiser. Responsibilities are computed from log-densities, and do
// not underflow at any noise level.
func (m *Machine) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(m.Shape(), dst, src, sigma); err != nil {
		return err
	}
	familyWeights, windowWeights := m.weights(sigma)
	noisy := slices.Clone(src)
	average := weightedAverage{sum: dst, weight: make([]float64, len(dst))}
	clear(dst)
	for f, l := range m.locals {
		if familyWeights[f] == 0 {
			continue
		}
		weights := slices.Clone(windowWeights[f])
		floats.Scale(familyWeights[f], weights)
		if err := l.addTo(ctx, average, noisy, sigma, weights); err != nil {
			return err
		}
	}
	floats.Div(average.sum, average.weight)
	return diffusion.CheckFinite(m.Shape(), dst, sigma)
}

// weights returns the weight of each family, and those of the values of its windows. They are
// those of the level whose log sigma is nearest. Without levels there is one family, and each of
// its windows determines the pixels of its block.
func (m *Machine) weights(sigma float64) (families []float64, windows [][]float64) {
	if len(m.levels) == 0 {
		return []float64{1}, [][]float64{m.locals[0].blockWeights()}
	}
	nearest := slices.MinFunc(m.levels, func(a, b Level) int {
		return cmp.Compare(math.Abs(math.Log(a.Sigma/sigma)), math.Abs(math.Log(b.Sigma/sigma)))
	})
	return nearest.Weights, nearest.Within
}

// blockWeights returns a weight for each value of a window: 1 in its block, and 0 outside.
func (l *local) blockWeights() []float64 {
	_, block := l.family.window(l.shape, 0)
	weights := make([]float64, l.family.dimensions(l.shape))
	for _, j := range block {
		weights[j] = 1
	}
	return weights
}

// weightedAverage is the average of several estimates of pixels: sum over weight.
type weightedAverage struct {
	sum    []float64 // images x pixels: the estimates, each times its weight
	weight []float64 // images x pixels: the sum of the weights
}

// imagesAtOnce is how many images a site denoises together.
const imagesAtOnce = 256

// addTo adds the posterior mean of every window of noisy images to dst. Value j of a window has
// the weight weights[j] / its posterior variance.
func (l *local) addTo(ctx context.Context, dst weightedAverage, noisy []float64, sigma float64, weights []float64) error {
	var kept []int
	for j, w := range weights {
		if w != 0 {
			kept = append(kept, j)
		}
	}
	size := l.shape.Size()
	var windows posteriors
	for from := 0; from < len(noisy); from += imagesAtOnce * size {
		to := min(from+imagesAtOnce*size, len(noisy))
		n := (to - from) / size
		if err := l.posteriors(ctx, &windows, noisy[from:to], sigma, kept); err != nil {
			return err
		}
		// In the order of the sites, so that sums of overlapping windows have the same bits on any
		// number of cores.
		for site := range l.family.sites(l.shape) {
			pixels, _ := l.family.window(l.shape, site)
			for i := range n {
				first := (site*n + i) * len(kept)
				for b, j := range kept {
					pixel, weight := from+i*size+pixels[j], weights[j]/windows.variance[first+b]
					dst.sum[pixel] += weight * windows.mean[first+b]
					dst.weight[pixel] += weight
				}
			}
		}
	}
	return nil
}
