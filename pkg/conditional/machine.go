package conditional

import (
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// Machine is a diffusion.Denoiser with a local latent, of one family from Fit, or of several from Combine. It is safe for
// concurrent use.
type Machine struct {
	locals []*local
	levels []Level // of Combine; nil for a machine of one family
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
func (m *Machine) Denoise(dst, src []float64, sigma float64) error {
	if err := diffusion.Check(m.Shape(), dst, src, sigma); err != nil {
		return err
	}
	weights := m.weights(sigma)
	noisy := slices.Clone(src)
	clear(dst)
	var answer []float64
	for f, l := range m.locals {
		if weights[f] == 0 {
			continue
		}
		answer = grow(answer, len(src))
		if err := l.denoise(answer, noisy, sigma); err != nil {
			return err
		}
		floats.AddScaled(dst, weights[f], answer)
	}
	return nil
}

// weights returns what each family's answer counts for: at the nearest level, in proportion, that there are weights for.
func (m *Machine) weights(sigma float64) []float64 {
	if len(m.levels) == 0 {
		return []float64{1}
	}
	var nearest []float64
	least := math.Inf(1)
	for _, level := range m.levels {
		if d := math.Abs(math.Log(level.Sigma / sigma)); d < least {
			nearest, least = level.Weights, d
		}
	}
	return nearest
}

// imagesAtOnce is how many images a site denoises together.
const imagesAtOnce = 64

// denoise writes the denoised images to dst, which may be src, block by block of the image, on all cores.
func (l *local) denoise(dst, src []float64, sigma float64) error {
	size, sites := l.shape.Size(), l.family.sites(l.shape)
	noisy := make([]float64, min(len(src), imagesAtOnce*size))
	for from := 0; from < len(src); from += imagesAtOnce * size {
		to := min(from+imagesAtOnce*size, len(src))
		noisy := noisy[:copy(noisy, src[from:to])]
		var next atomic.Int64
		var workers sync.WaitGroup
		for range min(runtime.GOMAXPROCS(0), sites) {
			workers.Go(func() {
				var s scratch
				for site := int(next.Add(1)) - 1; site < sites; site = int(next.Add(1)) - 1 {
					l.denoiseSite(dst[from:to], noisy, sigma*sigma, site, &s)
				}
			})
		}
		workers.Wait()
	}
	return diffusion.CheckFinite(l.shape, dst, sigma)
}

// scratch is the memory of a goroutine that denoises.
type scratch struct{ window, rotated, leading, projected, posterior, z, columns, clean []float64 }

func (l *local) denoiseSite(dst, src []float64, v float64, site int, s *scratch) {
	p := &l.latents[site%len(l.latents)]
	pixels, block := l.family.window(l.shape, site)
	size, d, r, k := l.shape.Size(), len(pixels), p.mixture.rank, p.mixture.components()
	n := len(src) / size
	s.window, s.rotated, s.leading = grow(s.window, n*d), grow(s.rotated, n*d), grow(s.leading, n*r)
	s.projected, s.posterior, s.z = grow(s.projected, n*max(maxProjected, r)), grow(s.posterior, n*k), grow(s.z, r)
	for i := range n {
		for j, at := range pixels {
			s.window[i*d+j] = src[i*size+at] - p.mean[j]
		}
	}
	axes := blas64.General{Rows: d, Cols: d, Stride: d, Data: p.axes}
	rotated := blas64.General{Rows: n, Cols: d, Stride: d, Data: s.rotated}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: n, Cols: d, Stride: d, Data: s.window}, axes, 0, rotated)
	for i := range n {
		copy(s.leading[i*r:(i+1)*r], s.rotated[i*d:i*d+r])
	}
	p.mixture.posterior(s.posterior, blas64.General{Rows: n, Cols: r, Stride: r, Data: s.leading}, v, s.projected)
	for i := range n {
		row := s.rotated[i*d : (i+1)*d]
		p.mixture.mean(row[:r], s.leading[i*r:(i+1)*r], s.posterior[i*k:(i+1)*k], v, s.z)
		for a := r; a < d; a++ {
			row[a] *= p.spread[a] / (p.spread[a] + v)
		}
	}
	nb := len(block)
	s.columns, s.clean = grow(s.columns, d*nb), grow(s.clean, n*nb)
	for a := range d {
		for b, j := range block {
			s.columns[a*nb+b] = p.axes[a*d+j]
		}
	}
	clean := blas64.General{Rows: n, Cols: nb, Stride: nb, Data: s.clean}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, rotated, blas64.General{Rows: d, Cols: nb, Stride: nb, Data: s.columns}, 0, clean)
	for i := range n {
		for b, j := range block {
			dst[i*size+pixels[j]] = p.mean[j] + s.clean[i*nb+b]
		}
	}
}

func grow(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	return x[:n]
}
