package analytic

import (
	"math"

	"gonum.org/v1/gonum/integrate/quad"
)

// What a linear denoiser of Gaussian data learns by gradient descent on raw values, and what it
// draws after a time, is in closed form along each principal axis of the data by itself (Wang and
// Pehlevan, "An analytical theory of spectral bias in the learning dynamics of diffusion models",
// 2025).

// LearntGain returns what the best linear denoiser multiplies a value along a principal axis by,
// after descent from 0 to time t, where the data have a variance along the axis:
//
//	(1 - exp(-2 t (v + sigma^2))) v / (v + sigma^2).
//
// It reaches its limit in a time proportional to 1 / (v + sigma^2): axes of large variance first,
// and all at once where noise is strong.
func LearntGain(variance, sigma, t float64) float64 {
	return variance * learnt(variance+sigma*sigma, t)
}

// EmergenceTime returns the time at which LearntGain is half of its limit: log 2 / (2 (v +
// sigma^2)).
func EmergenceTime(variance, sigma float64) float64 {
	return math.Ln2 / (2 * (variance + sigma*sigma))
}

// SampledVariance returns the variance along a principal axis of what the denoisers of LearntGain
// draw when all noise levels have been trained to time t: the probability flow
//
//	dx / dsigma = (x - gain(sigma) x) / sigma
//
// begins at x ~ N(0, high^2) at noise level high, and ends at level low. With u = sigma^2 the
// variance is
//
//	high^2 (v + low^2) / (v + high^2) exp(-integral from low^2 to high^2 of v exp(-2 t (v + u)) / (u (v + u)) du),
//
// which tends to v + low^2, as descent goes on and high grows.
func SampledVariance(variance, t, low, high float64) float64 {
	const nodes = 400 // of Gauss and Legendre, over log u, in which the integrand is smooth
	left := quad.Fixed(func(logarithm float64) float64 {
		total := variance + math.Exp(logarithm)
		return variance / total * math.Exp(-2*t*total)
	}, 2*math.Log(low), 2*math.Log(high), nodes, nil, 0)
	return high * high * (variance + low*low) / (variance + high*high) * math.Exp(-left)
}
