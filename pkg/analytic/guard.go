package analytic

import (
	"math"
	"sync/atomic"

	"wavescore/pkg/diffusion"
)

// reach is how many standard deviations of the noise a variable may be beyond the values that it had in clean images before a
// Guarded machine clips it: hardly any noisy image of the data is touched.
const reach = 3

// Guarded is a Machine for samplers. A polynomial grows without bound where no data was seen, and a sampler goes there. So,
// inside terms of degree 2 and more, a variable is clipped to the range of its clean values widened by three standard
// deviations of the noise; linear terms are not clipped. And a denoised coefficient is clamped to the range of its clean
// values, where a posterior mean must lie.
//
// A Guarded machine is a diffusion.Denoiser, safe for concurrent use. The exact risk of its Machine is not its own.
type Guarded struct {
	machine          *Machine
	low, high        []float64 // the centred range of every clean coefficient
	seen             atomic.Int64
	clipped, clamped atomic.Int64
}

// Guard returns the machine with a guard around it.
func (m *Machine) Guard() *Guarded {
	size := m.Shape().Size()
	g := &Guarded{machine: m, low: make([]float64, size), high: make([]float64, size)}
	for c, centre := range m.moments.Spec().Centre {
		low, high := m.moments.Range(c)
		g.low[c], g.high[c] = low-centre, high-centre
	}
	return g
}

// Shape returns the shape of the images that the machine denoises.
func (g *Guarded) Shape() diffusion.Shape { return g.machine.Shape() }

// Denoise implements diffusion.Denoiser.
func (g *Guarded) Denoise(dst, src []float64, sigma float64) error {
	return g.machine.denoise(dst, src, sigma, g.evaluate)
}

// Rate returns how often the guard has acted since it was made: the share of noisy coefficients that were clipped and of denoised
// ones that were clamped. Both are 0 before anything is denoised.
func (g *Guarded) Rate() (clipped, clamped float64) {
	seen := math.Max(float64(g.seen.Load()), 1)
	return float64(g.clipped.Load()) / seen, float64(g.clamped.Load()) / seen
}

func (g *Guarded) evaluate(s *scratch, n int, level *Level) {
	s.clipped = grow(s.clipped, len(s.noisy))
	copy(s.clipped, s.noisy)
	clipped, clamped := 0, 0
	for c := range g.low {
		clipped += clip(s.clipped[c*n:(c+1)*n], g.low[c]-reach*level.Sigma, g.high[c]+reach*level.Sigma)
	}
	g.machine.linear(s, n, level)
	for k, group := range g.machine.moments.Groups() {
		for _, member := range group.Members {
			s.fill(group.Basis, member, s.clipped, n)
			for v, c := range member.Variables {
				copy(s.features[(1+v)*n:(2+v)*n], s.noisy[c*n:(c+1)*n])
			}
			s.sum(member, level.Weights[k], n)
			c := member.Index
			clamped += clip(s.clean[c*n:(c+1)*n], g.low[c], g.high[c])
		}
	}
	g.seen.Add(int64(len(s.noisy)))
	g.clipped.Add(int64(clipped))
	g.clamped.Add(int64(clamped))
}

// clip moves the values into [low, high] and returns how many it moved.
func clip(values []float64, low, high float64) (moved int) {
	for i, v := range values {
		if w := min(max(v, low), high); w != v {
			values[i] = w
			moved++
		}
	}
	return moved
}
