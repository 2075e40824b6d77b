package analytic

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

// VJP implements diffusion.Differentiable, exactly. With D(y) = W^T (centre + theta . phi(W y -
// centre)) the product with a cotangent u is J^T u = W^T A^T W u. Row c of A is the gradient of
// the polynomial of coefficient c, plus the weights of the linear context where there is one.
func (m *Machine) VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	if err := diffusion.CheckVJP(m.Shape(), dst, src, cotangent, sigma); err != nil {
		return err
	}
	level, err := m.Level(ctx, sigma)
	if err != nil {
		return err
	}
	size := m.Shape().Size()
	step := blockImages * size
	blocks := (len(src) + step - 1) / step
	err = parallel.For(ctx, blocks, func() *pullback { return new(pullback) }, func(s *pullback, b int) error {
		from, to := b*step, min((b+1)*step, len(src))
		m.pullBack(s, dst[from:to], src[from:to], cotangent[from:to], level)
		return nil
	})
	if err != nil {
		return err
	}
	return diffusion.CheckFinite(m.Shape(), dst, sigma)
}

// pullback is the memory of a goroutine that computes vector-Jacobian products of a block.
type pullback struct {
	scratch
	weights, cotangents []float64 // coefficients x images: of outputs, and of inputs
}

// pullBack writes the products of the Jacobians with the cotangents of a block of images to dst.
func (m *Machine) pullBack(s *pullback, dst, src, cotangent []float64, level *Level) {
	size := m.Shape().Size()
	n := len(src) / size
	s.noisy, s.weights, s.cotangents = linalg.Grow(s.noisy, len(src)), linalg.Grow(s.weights, len(src)), linalg.Grow(s.cotangents, len(src))
	s.clean = linalg.Grow(s.clean, len(src)) // images in their own order, before they are turned
	centre := m.moments.Spec().Centre
	for i, y := range m.transform.Forward(s.clean, src) {
		s.noisy[i%size*n+i/size] = y - centre[i%size]
	}
	for i, u := range m.transform.Forward(s.clean, cotangent) {
		s.weights[i%size*n+i/size] = u
	}
	m.contextPullBack(s, n, level)
	for g, group := range m.moments.Groups() {
		for _, member := range group.Members {
			s.fill(group.Basis, member, s.noisy, n)
			s.pull(group.Basis, member, level.Weights[g], n)
		}
	}
	for i := range dst {
		dst[i] = s.cotangents[i%size*n+i/size]
	}
	m.transform.Inverse(dst, dst)
}

// contextPullBack sets s.cotangents to the product with the weights of the linear context, or to
// zero where there is none.
func (m *Machine) contextPullBack(s *pullback, n int, level *Level) {
	clear(s.cotangents)
	width, size := len(m.spectrum), m.Shape().Size()
	if width == 0 {
		return
	}
	s.context = linalg.Grow(s.context, width*n)
	blas64.Gemm(blas.Trans, blas.NoTrans, 1, blas64.General{Rows: size, Cols: width, Stride: width, Data: level.context()},
		blas64.General{Rows: size, Cols: n, Stride: n, Data: s.weights}, 0, blas64.General{Rows: width, Cols: n, Stride: n, Data: s.context})
	for k, c := range m.moments.Context() {
		copy(s.cotangents[c*n:(c+1)*n], s.context[k*n:(k+1)*n])
	}
}

// pull adds the product with the gradient of a member's polynomial, whose features are in s: to
// the cotangent of each variable, the cotangent of the member times the derivative by that
// variable.
func (s *pullback) pull(b *moments.Basis, member moments.Member, theta []float64, n int) {
	u := s.weights[member.Index*n : (member.Index+1)*n]
	for v, c := range member.Variables {
		to := s.cotangents[c*n : (c+1)*n]
		for a, weight := range theta {
			power, feature := b.Slope(v, a)
			if power == 0 || weight == 0 {
				continue
			}
			weight *= power
			for i, phi := range s.features[feature*n : (feature+1)*n] {
				to[i] += weight * phi * u[i]
			}
		}
	}
}
