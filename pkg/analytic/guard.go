package analytic

import (
	"cmp"
	"context"
	"maps"
	"math"
	"slices"
	"sync"

	"wavescore/pkg/diffusion"
)

// Guarded is a Machine for samplers. A polynomial grows without bound away from the data, where a
// small error can lead a sampler: cubic machines of digits lose between an eighth and half of
// their samples to infinity, between sigma 0.5 and 0.05. Guarded therefore clamps every denoised
// coefficient to the range that the coefficient has in the clean images.
//
// The posterior mean of the clean images lies in that range. Where the machine leaves the range,
// clamping brings it nearer to the posterior mean, at any noise level. Elsewhere it changes
// nothing. It is sufficient: with bounded denoised images the trajectory of a sampler is bounded,
// and its noisy coefficients stay near the range of the data. To clip them inside the nonlinear
// terms as well was found to change nothing.
//
// A Guarded machine is a diffusion.Denoiser, safe for concurrent use. The exact risk of its
// Machine is not its own.
type Guarded struct {
	machine   *Machine
	low, high []float64 // the centred range of every clean coefficient

	mu   sync.Mutex
	uses map[float64]Use
}

// Use counts how often a guard acted at a noise level.
type Use struct {
	Sigma         float64
	Seen, Clamped int // denoised coefficients, and those of them that were out of range
}

// Rate returns the share of clamped coefficients, 0 if none was seen.
func (u Use) Rate() float64 { return float64(u.Clamped) / float64(max(u.Seen, 1)) }

// Guard returns the machine with its denoised coefficients clamped.
func (m *Machine) Guard() *Guarded {
	size := m.Shape().Size()
	g := &Guarded{machine: m, low: make([]float64, size), high: make([]float64, size), uses: make(map[float64]Use)}
	centre := m.moments.Spec().Centre
	for _, group := range m.moments.Groups() {
		least, most := math.Inf(1), math.Inf(-1)
		for _, member := range group.Members {
			low, high := m.moments.Range(member.Index)
			least, most = min(least, low-centre[member.Index]), max(most, high-centre[member.Index])
		}
		for _, member := range group.Members {
			g.low[member.Index], g.high[member.Index] = least, most
		}
	}
	return g
}

// Shape returns the shape of the images that the machine denoises.
func (g *Guarded) Shape() diffusion.Shape { return g.machine.Shape() }

// Denoise implements diffusion.Denoiser.
func (g *Guarded) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	return g.machine.denoise(ctx, dst, src, sigma, g.evaluate)
}

// Uses returns how often the guard has acted since it was made, at every noise level it has met,
// in descending order of sigma.
func (g *Guarded) Uses() []Use {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.SortedFunc(maps.Values(g.uses), func(a, b Use) int { return cmp.Compare(b.Sigma, a.Sigma) })
}

// Rate returns the share of all denoised coefficients that were clamped, or 0 if none has been
// denoised.
func (g *Guarded) Rate() float64 {
	var all Use
	for _, u := range g.Uses() {
		all.Seen += u.Seen
		all.Clamped += u.Clamped
	}
	return all.Rate()
}

func (g *Guarded) evaluate(s *scratch, n int, level *Level) {
	g.machine.polynomials(s, n, level)
	clamped := 0
	for c := range g.low {
		clamped += clamp(s.clean[c*n:(c+1)*n], g.low[c], g.high[c])
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	use := g.uses[level.Sigma]
	g.uses[level.Sigma] = Use{level.Sigma, use.Seen + len(s.clean), use.Clamped + clamped}
}

// clamp moves the values into [low, high] and returns how many it moved.
func clamp(values []float64, low, high float64) (moved int) {
	for i, v := range values {
		if w := min(max(v, low), high); w != v {
			values[i] = w
			moved++
		}
	}
	return moved
}
