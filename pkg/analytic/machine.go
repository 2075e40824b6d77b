package analytic

import (
	"context"
	"fmt"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// Machine is a score model in closed form. Every wavelet coefficient has a polynomial, whose
// weights at any noise level solve a ridge regression between clean moments carried to that level.
// A Machine is a diffusion.Denoiser, safe for concurrent use.
//
// A level that is asked for the first time is solved and remembered. Weights are never
// interpolated between levels.
type Machine struct {
	moments    *moments.Moments
	candidates []candidate // one, unless the machine is tuned
	trials     []trial     // of a tuned machine
	spectrum   []float64   // the variances of the linear context along its axes
	transform  *wavelet.Transform
	levels     levels
	scratch    sync.Pool
}

// NewMachine returns the machine of a table of moments, and solves nothing yet. The table must
// hold at least one image and must not change afterwards. Where it has a linear context it must be
// Diagonal.
func NewMachine(table *moments.Moments, settings Settings) (*Machine, error) {
	m := new(Machine)
	if err := m.init(table, settings); err != nil {
		return nil, err
	}
	return m, nil
}

// init makes m the machine of a table, or leaves it as it is and returns an error.
func (m *Machine) init(table *moments.Moments, settings Settings) error {
	if table.Images() == 0 {
		return fmt.Errorf("analytic: a machine needs moments of at least one image")
	}
	if err := settings.Check(); err != nil {
		return err
	}
	spec := table.Spec()
	filter, err := wavelet.ParseFilter(spec.Filter)
	if err != nil {
		return err
	}
	spectrum, err := table.Spectrum()
	if err != nil {
		return err
	}
	if settings.Descent.Stop > 0 && len(spectrum) > 0 {
		return errContextDescends
	}
	m.moments, m.spectrum = table, spectrum
	m.candidates = []candidate{{Settings: settings}}
	m.transform = wavelet.NewTransform(filter, spec.Layout)
	m.levels.most = maxLevels
	if bytes := 2 * 8 * len(spectrum) * spec.Layout.Len(); bytes > 0 {
		m.levels.most = max(4, min(maxLevels, maxLevelBytes/bytes))
	}
	return nil
}

// Moments returns the machine's train moments.
func (m *Machine) Moments() *moments.Moments { return m.moments }

// Settings returns the settings of the machine, or the candidates of a tuned machine.
func (m *Machine) Settings() []Settings {
	settings := make([]Settings, len(m.candidates))
	for k, c := range m.candidates {
		settings[k] = c.Settings
	}
	return settings
}

// linearIn reports whether feature a of a member is a variable of the linear context. The context
// then takes its place.
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

// blockImages is how many images are denoised at a time. It is fixed, so that results do not
// depend on GOMAXPROCS.
const blockImages = 64

// Denoise implements diffusion.Denoiser: D(y) = W^T (centre + theta . phi(W y - centre)).
func (m *Machine) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	return m.denoise(ctx, dst, src, sigma, m.polynomials)
}

// evaluate writes the denoised coefficients of a block of n images to s.clean, given the noisy
// ones in s.noisy. Both are centred, coefficients x n.
type evaluate func(s *scratch, n int, level *Level)

func (m *Machine) denoise(ctx context.Context, dst, src []float64, sigma float64, evaluate evaluate) error {
	if err := diffusion.Check(m.Shape(), dst, src, sigma); err != nil {
		return err
	}
	level, err := m.Level(ctx, sigma)
	if err != nil {
		return err
	}
	size := m.Shape().Size()
	step := blockImages * size
	blocks := (len(src) + step - 1) / step
	err = parallel.Each(ctx, blocks, func(b int) error {
		s, _ := m.scratch.Get().(*scratch)
		if s == nil {
			s = new(scratch)
		}
		defer m.scratch.Put(s)
		from, to := b*step, min((b+1)*step, len(src))
		m.denoiseBlock(s, dst[from:to], src[from:to], level, evaluate)
		return nil
	})
	if err != nil {
		return err
	}
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
	s.noisy, s.clean = linalg.Grow(s.noisy, len(src)), linalg.Grow(s.clean, len(src))

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

// fill evaluates the features of one coefficient on the values (coefficients x n).
func (s *scratch) fill(b *moments.Basis, member moments.Member, values []float64, n int) {
	s.features = linalg.Grow(s.features, n*b.Features())
	for i := range n {
		s.features[i] = 1
	}
	s.variables = s.variables[:0]
	for _, c := range member.Variables {
		s.variables = append(s.variables, values[c*n:(c+1)*n])
	}
	b.Fill(s.features, s.variables)
}

// linear writes the part of the linear context in every coefficient to s.clean, or zeros where
// there is no context.
func (m *Machine) linear(s *scratch, n int, level *Level) {
	width := len(m.spectrum)
	if width == 0 {
		clear(s.clean)
		return
	}
	s.context = linalg.Grow(s.context, width*n)
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
