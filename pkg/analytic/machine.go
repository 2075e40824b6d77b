package analytic

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// Machine is a score model in closed form: a polynomial for every wavelet coefficient, whose weights at any noise level are
// the solution of a ridge regression made of clean moments. It is a diffusion.Denoiser, safe for concurrent use.
//
// A level that has not been met is solved on demand and remembered; weights are never interpolated between levels.
type Machine struct {
	moments   *moments.Moments
	ridge     Ridge
	transform *wavelet.Transform
	levels    levels
	scratch   sync.Pool
}

// NewMachine returns the machine of a table of moments, which must hold at least one image and must not change afterwards.
func NewMachine(m *moments.Moments, ridge Ridge) (*Machine, error) {
	if m.Images() == 0 {
		return nil, fmt.Errorf("analytic: a machine needs moments of at least one image")
	}
	if err := ridge.Check(); err != nil {
		return nil, err
	}
	filter, err := wavelet.ParseFilter(m.Spec().Filter)
	if err != nil {
		return nil, err
	}
	return &Machine{moments: m, ridge: ridge, transform: wavelet.NewTransform(filter, m.Spec().Layout)}, nil
}

// Moments returns the machine's train moments.
func (m *Machine) Moments() *moments.Moments { return m.moments }

// Ridge returns the machine's penalties.
func (m *Machine) Ridge() Ridge { return m.ridge }

// Shape returns the shape of the images that the machine denoises.
func (m *Machine) Shape() diffusion.Shape {
	l := m.moments.Spec().Layout
	return diffusion.Shape{C: l.Channels, H: l.Height, W: l.Width}
}

// blockImages is how many images are denoised at a time. It is fixed, so that results do not depend on GOMAXPROCS.
const blockImages = 64

// Denoise implements diffusion.Denoiser: D(y) = W^T (centre + theta . phi(W y - centre)).
func (m *Machine) Denoise(dst, src []float64, sigma float64) error {
	return m.denoise(dst, src, sigma, m.polynomials)
}

// evaluate writes a block of n denoised coefficients to s.clean, from the noisy ones in s.noisy, both centred and both a row of
// n for each coefficient.
type evaluate func(s *scratch, n int, level *Level)

func (m *Machine) denoise(dst, src []float64, sigma float64, evaluate evaluate) error {
	if err := diffusion.Check(m.Shape(), dst, src, sigma); err != nil {
		return err
	}
	level, err := m.Level(sigma)
	if err != nil {
		return err
	}
	step := blockImages * m.Shape().Size()
	blocks := (len(src) + step - 1) / step
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), blocks) {
		workers.Go(func() {
			s, _ := m.scratch.Get().(*scratch)
			if s == nil {
				s = new(scratch)
			}
			defer m.scratch.Put(s)
			for b := int(next.Add(1)) - 1; b < blocks; b = int(next.Add(1)) - 1 {
				from, to := b*step, min((b+1)*step, len(src))
				m.denoiseBlock(s, dst[from:to], src[from:to], level, evaluate)
			}
		})
	}
	workers.Wait()
	return nil
}

// scratch is what one goroutine needs to denoise a block.
type scratch struct {
	noisy, clean []float64 // coefficient, image
	clipped      []float64 // of a guarded machine: the noisy ones, within bounds
	features     []float64 // feature, image
	variables    [][]float64
}

func (m *Machine) denoiseBlock(s *scratch, dst, src []float64, level *Level, evaluate evaluate) {
	size := m.Shape().Size()
	n := len(src) / size
	centre := m.moments.Spec().Centre
	s.noisy, s.clean = grow(s.noisy, len(src)), grow(s.clean, len(src))

	m.transform.Forward(dst, src)
	for i := range n {
		for c, y := range dst[i*size : (i+1)*size] {
			s.noisy[c*n+i] = y - centre[c]
		}
	}
	evaluate(s, n, level)
	for i := range n {
		for c := range size {
			dst[i*size+c] = centre[c] + s.clean[c*n+i]
		}
	}
	m.transform.Inverse(dst, dst)
}

// polynomials evaluates theta . phi for every coefficient.
func (m *Machine) polynomials(s *scratch, n int, level *Level) {
	for g, group := range m.moments.Groups() {
		for _, member := range group.Members {
			s.fill(group.Basis, member, s.noisy, n)
			s.sum(member, level.Weights[g], n)
		}
	}
}

// fill evaluates the features of one coefficient on the values, which are a row of n for each coefficient.
func (s *scratch) fill(b *moments.Basis, member moments.Member, values []float64, n int) {
	s.features = grow(s.features, n*b.Features())
	for i := range n {
		s.features[i] = 1
	}
	s.variables = s.variables[:0]
	for _, c := range member.Variables {
		s.variables = append(s.variables, values[c*n:(c+1)*n])
	}
	b.Fill(s.features, s.variables)
}

// sum writes the weighted sum of the features to the member's row of s.clean.
func (s *scratch) sum(member moments.Member, weights []float64, n int) {
	d := s.clean[member.Index*n : (member.Index+1)*n]
	clear(d)
	for a, weight := range weights {
		floats.AddScaled(d, weight, s.features[a*n:(a+1)*n])
	}
}
