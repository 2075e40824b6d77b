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
				m.denoiseBlock(s, dst[from:to], src[from:to], level)
			}
		})
	}
	workers.Wait()
	return nil
}

// scratch is what one goroutine needs to denoise a block.
type scratch struct {
	noisy, clean []float64 // coefficient, image
	features     []float64 // feature, image
	variables    [][]float64
}

func (m *Machine) denoiseBlock(s *scratch, dst, src []float64, level *Level) {
	size := m.Shape().Size()
	n := len(src) / size
	centre := m.moments.Spec().Centre

	m.transform.Forward(dst, src)
	s.noisy, s.clean = grow(s.noisy, len(src)), grow(s.clean, len(src))
	for i := range n {
		for c, y := range dst[i*size : (i+1)*size] {
			s.noisy[c*n+i] = y - centre[c]
		}
	}
	for g, group := range m.moments.Groups() {
		s.features = grow(s.features, n*group.Basis.Features())
		for i := range n {
			s.features[i] = 1
		}
		for _, member := range group.Members {
			s.variables = s.variables[:0]
			for _, c := range member.Variables {
				s.variables = append(s.variables, s.noisy[c*n:(c+1)*n])
			}
			group.Basis.Fill(s.features, s.variables)
			d := s.clean[member.Index*n : (member.Index+1)*n]
			for i := range d {
				d[i] = centre[member.Index]
			}
			for a, weight := range level.Weights[g] {
				floats.AddScaled(d, weight, s.features[a*n:(a+1)*n])
			}
		}
	}
	for i := range n {
		for c := range size {
			dst[i*size+c] = s.clean[c*n+i]
		}
	}
	m.transform.Inverse(dst, dst)
}
