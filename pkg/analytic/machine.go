package analytic

import (
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
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
	moments    *moments.Moments
	candidates []candidate // one, unless the machine is tuned
	trials     []trial     // of a tuned machine
	spectrum   []float64   // the variances of the linear context along its axes
	transform  *wavelet.Transform
	levels     levels
	scratch    sync.Pool
}

// NewMachine returns the machine of a table of moments, which must hold at least one image, must be Diagonal where it has a linear
// context, and must not change afterwards.
func NewMachine(m *moments.Moments, settings Settings) (*Machine, error) {
	if m.Images() == 0 {
		return nil, fmt.Errorf("analytic: a machine needs moments of at least one image")
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	filter, err := wavelet.ParseFilter(m.Spec().Filter)
	if err != nil {
		return nil, err
	}
	spectrum, err := diagonal(m)
	if err != nil {
		return nil, err
	}
	machine := &Machine{moments: m, candidates: []candidate{{Settings: settings}}, spectrum: spectrum, transform: wavelet.NewTransform(filter, m.Spec().Layout)}
	machine.levels.most = maxLevels
	if bytes := 2 * 8 * len(spectrum) * m.Spec().Layout.Len(); bytes > 0 {
		machine.levels.most = max(4, min(maxLevels, maxLevelBytes/bytes))
	}
	return machine, nil
}

// diagonal returns the variances of a table's linear context along its axes, and an error unless they are all there is.
func diagonal(m *moments.Moments) ([]float64, error) {
	width := len(m.Context())
	if width == 0 {
		return nil, nil
	}
	if m.Spec().Axes == nil {
		return nil, fmt.Errorf("analytic: the table's linear context has no axes; make the table Diagonal")
	}
	covariance := m.ContextCovariance()
	spectrum := make([]float64, width)
	for k := range spectrum {
		spectrum[k] = max(covariance[k*width+k], 0) // a rank-deficient covariance has zeros that rounding can turn negative
	}
	scale := floats.Max(spectrum)
	for i := range width {
		for j := range i {
			if !(math.Abs(covariance[i*width+j]) <= 1e-9*scale) {
				return nil, fmt.Errorf("analytic: the context's covariance is not diagonal: along axes %d and %d it is %v; make the table Diagonal",
					j, i, covariance[i*width+j])
			}
		}
	}
	return spectrum, nil
}

// Moments returns the machine's train moments.
func (m *Machine) Moments() *moments.Moments { return m.moments }

// Settings returns how the machine is fitted; of a tuned machine, what it chooses from.
func (m *Machine) Settings() []Settings {
	settings := make([]Settings, len(m.candidates))
	for k, c := range m.candidates {
		settings[k] = c.Settings
	}
	return settings
}

// linearIn reports whether feature a of a member is a variable of the linear context, which takes its place.
func (m *Machine) linearIn(member moments.Member, b *moments.Basis, a int) bool {
	if b.Degree(a) != 1 {
		return false
	}
	_, ok := m.moments.Place(member.Variables[a-1])
	return ok
}

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
	size := m.Shape().Size()
	step := blockImages * size
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
	if err := diffusion.CheckFinite(m.Shape(), dst, sigma); err != nil {
		return fmt.Errorf("analytic: too far from the data for a polynomial: %w", err)
	}
	return nil
}

// scratch is what one goroutine needs to denoise a block.
type scratch struct {
	noisy, clean []float64 // coefficient, image
	context      []float64 // context coefficient, image
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
	m.linear(s, n, level)
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

// linear writes the linear context's part of every coefficient to s.clean: zero where there is no context.
func (m *Machine) linear(s *scratch, n int, level *Level) {
	width := len(m.spectrum)
	if width == 0 {
		clear(s.clean)
		return
	}
	s.context = grow(s.context, width*n)
	for k, c := range m.moments.Context() {
		copy(s.context[k*n:(k+1)*n], s.noisy[c*n:(c+1)*n])
	}
	size := m.Shape().Size()
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General{Rows: size, Cols: width, Stride: width, Data: level.context()},
		blas64.General{Rows: width, Cols: n, Stride: n, Data: s.context}, 0, blas64.General{Rows: size, Cols: n, Stride: n, Data: s.clean})
}

// sum adds the weighted sum of the features to the member's row of s.clean.
func (s *scratch) sum(member moments.Member, weights []float64, n int) {
	blas64.Gemv(blas.Trans, 1, blas64.General{Rows: len(weights), Cols: n, Stride: n, Data: s.features}, blas64.Vector{N: len(weights), Inc: 1, Data: weights},
		1, blas64.Vector{N: n, Inc: 1, Data: s.clean[member.Index*n : (member.Index+1)*n]})
}
