package conditional

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Machine is a diffusion.Denoiser with a local latent. One from Fit is of one family, and every window answers for its block; in one from
// Combine all windows that cover a pixel are averaged, of several families too, each over the variance of its posterior. It is safe for concurrent use.
type Machine struct {
	locals []*local
	levels []Level // of Combine; nil for a machine of one family from Fit
}

// local is the machine of one family.
type local struct {
	family     Family
	shape      diffusion.Shape
	settings   Settings
	latents    []latent  // one a site, or one for all
	likelihood []float64 // of all points, before each round of EM
}

// latent is what is known of the windows of a site: their principal components, and the mixture in the leading of them.
type latent struct {
	mean    []float64
	axes    []float64 // one a row
	spread  []float64 // variance along each, the greatest first
	mixture *mixture
}

// Families returns the families that the machine is of.
func (m *Machine) Families() []Family {
	families := make([]Family, len(m.locals))
	for i, l := range m.locals {
		families[i] = l.family
	}
	return families
}

// Levels returns the weights of a combined machine; a machine of one family has none.
func (m *Machine) Levels() []Level { return slices.Clone(m.levels) }

// LogLikelihood returns the log-likelihood of all windows of the train images before each round of EM, by family.
func (m *Machine) LogLikelihood() [][]float64 {
	all := make([][]float64, len(m.locals))
	for i, l := range m.locals {
		all[i] = slices.Clone(l.likelihood)
	}
	return all
}

// Shape returns the shape of the images that the machine denoises.
func (m *Machine) Shape() diffusion.Shape { return m.locals[0].shape }

// Denoise implements diffusion.Denoiser. The posterior is computed in log space, so that no noise level is too low for it.
func (m *Machine) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(m.Shape(), dst, src, sigma); err != nil {
		return err
	}
	weights, within := m.weights(sigma)
	noisy := slices.Clone(src)
	total := make([]float64, len(dst))
	clear(dst)
	for f, l := range m.locals {
		if weights[f] == 0 {
			continue
		}
		counts := slices.Clone(within[f])
		floats.Scale(weights[f], counts)
		if err := l.denoise(ctx, dst, total, noisy, sigma, counts); err != nil {
			return err
		}
	}
	floats.Div(dst, total)
	return diffusion.CheckFinite(m.Shape(), dst, sigma)
}

// weights returns what each family's answer counts for, and each value of its windows' answers within that: at the nearest level, in
// proportion, that there are weights for. Without levels the windows of the only family answer for their blocks.
func (m *Machine) weights(sigma float64) (families []float64, within [][]float64) {
	if len(m.levels) == 0 {
		return []float64{1}, [][]float64{m.locals[0].blockOnly()}
	}
	nearest := slices.MinFunc(m.levels, func(a, b Level) int {
		return cmp.Compare(math.Abs(math.Log(a.Sigma/sigma)), math.Abs(math.Log(b.Sigma/sigma)))
	})
	return nearest.Weights, nearest.Within
}

// blockOnly returns a weight of 1 for the values of a window that are of its block, and 0 for the others.
func (l *local) blockOnly() []float64 {
	_, block := l.family.window(l.shape, 0)
	within := make([]float64, l.family.dimensions(l.shape))
	for _, j := range block {
		within[j] = 1
	}
	return within
}

// imagesAtOnce is how many images a site denoises together.
const imagesAtOnce = 256

// denoise adds the windows' answers for noisy images to dst, each counting for what within says of its value over its variance, and what
// they count for to total.
func (l *local) denoise(ctx context.Context, dst, total, noisy []float64, sigma float64, within []float64) error {
	var kept []int
	for j, w := range within {
		if w != 0 {
			kept = append(kept, j)
		}
	}
	size := l.shape.Size()
	var a answers
	for from := 0; from < len(noisy); from += imagesAtOnce * size {
		to := min(from+imagesAtOnce*size, len(noisy))
		n := (to - from) / size
		if err := l.answers(ctx, &a, noisy[from:to], sigma, kept); err != nil {
			return err
		}
		// In the order of the sites, so that the sums of overlapping windows have the same bits on any number of cores.
		for site := range l.family.sites(l.shape) {
			pixels, _ := l.family.window(l.shape, site)
			for i := range n {
				at := (site*n + i) * len(kept)
				for b, j := range kept {
					pixel, counts := from+i*size+pixels[j], within[j]/a.variance[at+b]
					dst[pixel] += counts * a.mean[at+b]
					total[pixel] += counts
				}
			}
		}
	}
	return nil
}

// answers are what every site makes of its window in every image: the posterior mean and variance (site, image, value).
type answers struct{ mean, variance []float64 }

// answers computes, on all cores, what every site makes of the kept values of its window.
func (l *local) answers(ctx context.Context, dst *answers, noisy []float64, sigma float64, kept []int) error {
	sites := l.family.sites(l.shape)
	each := len(noisy) / l.shape.Size() * len(kept)
	dst.mean, dst.variance = linalg.Grow(dst.mean, sites*each), linalg.Grow(dst.variance, sites*each)
	return parallel.For(ctx, sites, func() *scratch { return new(scratch) }, func(s *scratch, site int) error {
		l.answer(dst.mean[site*each:(site+1)*each], dst.variance[site*each:(site+1)*each], noisy, sigma*sigma, site, kept, s)
		return nil
	})
}

// scratch is the memory of a goroutine that denoises.
type scratch struct {
	window, rotated, leading, clean, columns, posterior, along []float64 // of a site
	scaled, scaledMeans, constant, within                      []float64 // of a mixture at a noise level
	drawn, said, z, values, first, total, least                []float64 // of a mean

	sayings []saying
}

// answer writes what a site makes of the kept values of its window, at noise variance v, to mean and variance (image, value). The variance
// is that between components, value by value, and that within them on the average of the window.
func (l *local) answer(mean, variance, noisy []float64, v float64, site int, kept []int, s *scratch) {
	p := &l.latents[site%len(l.latents)]
	pixels, _ := l.family.window(l.shape, site)
	size, d, r, k := l.shape.Size(), len(pixels), p.mixture.rank, p.mixture.components()
	n := len(noisy) / size
	s.window, s.rotated = linalg.Grow(s.window, n*d), linalg.Grow(s.rotated, n*d)
	for i := range n {
		for j, at := range pixels {
			s.window[i*d+j] = noisy[i*size+at] - p.mean[j]
		}
	}
	rotated := linalg.Matrix(s.rotated, n, d)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, linalg.Matrix(s.window, n, d), linalg.Matrix(p.axes, d, d), 0, rotated)
	s.leading, s.clean = linalg.Grow(s.leading, n*r), linalg.Grow(s.clean, n*r)
	for i := range n {
		copy(s.leading[i*r:(i+1)*r], s.rotated[i*d:i*d+r])
	}
	s.columns = linalg.Grow(s.columns, d*len(kept))
	for a := range d {
		for b, j := range kept {
			s.columns[a*len(kept)+b] = p.axes[a*d+j]
		}
	}
	s.posterior = linalg.Grow(s.posterior, n*k)
	s.along = linalg.Grow(s.along, n*k*p.mixture.own)
	noisyMixture := p.mixture.at(v, s)
	noisyMixture.posterior(s.posterior, s.along, linalg.Matrix(s.leading, n, r))
	noisyMixture.mean(linalg.Matrix(s.clean, n, r), linalg.Matrix(s.leading, n, r), variance, linalg.Matrix(s.columns, r, len(kept)), s.posterior, s.along, s)
	for i := range n {
		row := s.rotated[i*d : (i+1)*d]
		copy(row, s.clean[i*r:(i+1)*r])
		for a := r; a < d; a++ {
			row[a] *= p.spread[a] / (p.spread[a] + v)
		}
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, rotated, linalg.Matrix(s.columns, d, len(kept)), 0, linalg.Matrix(mean, n, len(kept)))
	s.within = noisyMixture.within(s.within)
	beyond := remaining(p.spread[r:], v)
	for i := range n {
		left := (beyond + floats.Dot(s.posterior[i*k:(i+1)*k], s.within)) / float64(d)
		for b, j := range kept {
			mean[i*len(kept)+b] += p.mean[j]
			// Where the data do not vary at all nothing is left, and all answers are equally sure.
			variance[i*len(kept)+b] = max(variance[i*len(kept)+b]+left, 1e-9*v)
		}
	}
}
