package diffusion

import (
	"fmt"
	"math"
)

// A Schedule places the noise levels at which a sampler stops.
//
// All schedules here are even in some function of sigma, and differ in that function alone. It
// decides where the steps are spent: evenly over t when sigma is written as sigma(t).
type Schedule interface {
	// Levels returns n noise levels, the first high, the last low, and a 0 after them: n steps of
	// a Sampler. It returns an error unless n >= 2 and 0 < low < high, high being finite.
	Levels(n int, low, high float64) ([]float64, error)
}

// Karras is even in sigma^(1/rho): equation 5 of Karras et al., "Elucidating the Design Space of
// Diffusion-Based Generative Models" (NeurIPS 2022). A large Rho crowds the levels towards the
// low end. Zero means 7, theirs.
type Karras struct{ Rho float64 }

// Levels implements Schedule. It returns an error besides if Rho is negative or not finite.
func (k Karras) Levels(n int, low, high float64) ([]float64, error) {
	rho := k.Rho
	if rho == 0 {
		rho = 7
	}
	if !(rho > 0) || math.IsInf(rho, 1) {
		return nil, fmt.Errorf("diffusion: a Karras schedule of rho %v; want a positive number, or 0 for 7", rho)
	}
	return even(n, low, high,
		func(sigma float64) float64 { return math.Pow(sigma, 1/rho) },
		func(t float64) float64 { return math.Pow(t, rho) })
}

// LogUniform is even in log sigma: every step divides the noise by the same number.
type LogUniform struct{}

// Levels implements Schedule.
func (LogUniform) Levels(n int, low, high float64) ([]float64, error) {
	return even(n, low, high, math.Log, math.Exp)
}

// A variance-preserving process has images sqrt(abar) x + sqrt(1 - abar) z; divided by sqrt(abar)
// they are x + sigma z with
//
//	sigma = sqrt(1 - abar) / sqrt(abar),    abar = 1 / (1 + sigma^2).

// VPLinear is even in the time of the variance-preserving process whose beta grows linearly from
// 0.1 to 20 over t in [0, 1]:
//
//	abar(t) = exp(-19.9 t^2 / 2 - 0.1 t).
//
// It is Song et al., "Score-Based Generative Modeling through Stochastic Differential Equations"
// (ICLR 2021), equation 32, the limit of the 1000 betas from 1e-4 to 0.02 of DDPM (Ho et al.,
// NeurIPS 2020). At t = 1 sigma is 152; levels beyond are those of t > 1.
type VPLinear struct{}

// Levels implements Schedule.
func (VPLinear) Levels(n int, low, high float64) ([]float64, error) {
	const slope, first = 19.9, 0.1
	return even(n, low, high,
		func(sigma float64) float64 {
			return (math.Sqrt(first*first+2*slope*math.Log1p(sigma*sigma)) - first) / slope
		},
		func(t float64) float64 { return math.Sqrt(math.Expm1(slope*t*t/2 + first*t)) })
}

// VPCosine is even in the time of the variance-preserving process
//
//	abar(t) = cos^2(a(t)) / cos^2(a(0)),    a(t) = (t + s) / (1 + s) pi / 2,    s = 0.008,
//
// of Nichol and Dhariwal, "Improved Denoising Diffusion Probabilistic Models" (ICML 2021),
// equation 17, whose betas are not clipped here: at t = 1 sigma is infinite.
type VPCosine struct{}

// Levels implements Schedule.
func (VPCosine) Levels(n int, low, high float64) ([]float64, error) {
	const s = 0.008
	start := math.Cos(s / (1 + s) * math.Pi / 2)
	return even(n, low, high,
		func(sigma float64) float64 { return math.Acos(start / math.Hypot(1, sigma)) },
		func(a float64) float64 { return math.Sqrt(math.Pow(start/math.Cos(a), 2) - 1) })
}

// even returns levels that are evenly spaced in t, an increasing function of sigma whose inverse
// is sigma.
func even(n int, low, high float64, t, sigma func(float64) float64) ([]float64, error) {
	if n < 2 || !(low > 0) || !(high > low) || math.IsInf(high, 1) {
		return nil, fmt.Errorf("diffusion: %d noise levels from %v down to %v; want at least 2, and 0 < low < high", n, high, low)
	}
	levels := make([]float64, n+1)
	from, to := t(high), t(low)
	for i := range n {
		levels[i] = sigma(from + float64(i)/float64(n-1)*(to-from))
	}
	levels[0], levels[n-1] = high, low // exactly
	return levels, nil
}
