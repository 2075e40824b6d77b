package shrinkage

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// soft moves values by a threshold towards 0, and sets those within it to 0.
func soft(values []float64, threshold float64) {
	for i, v := range values {
		values[i] = math.Copysign(max(math.Abs(v)-threshold, 0), v)
	}
}

// hard sets values within a threshold to 0.
func hard(values []float64, threshold float64) {
	for i, v := range values {
		if math.Abs(v) <= threshold {
			values[i] = 0
		}
	}
}

// universal is the threshold that the largest of n values of noise alone hardly passes.
func universal(n int, sigma float64) float64 { return sigma * math.Sqrt(2*math.Log(float64(n))) }

// bayesThreshold returns sigma^2 / s, where s^2 is the variance of the band without noise, or what
// is beyond all values where there is none.
func bayesThreshold(band []float64, sigma float64) float64 {
	n := float64(len(band))
	clean := floats.Dot(band, band)/n - sigma*sigma
	if clean <= 0 {
		return math.Inf(1)
	}
	return sigma * sigma / math.Sqrt(clean)
}

// sureThreshold returns the soft threshold of least estimated risk, among the magnitudes of the
// band up to the universal threshold,
//
//	SURE(t) = n - 2 #{|y_i| <= t} + sum_i min(|y_i|, t)^2    (of noise 1),
//
// or the universal threshold itself, where the band is so sparse that the estimate is mostly noise.
func sureThreshold(band []float64, sigma float64) float64 {
	n := float64(len(band))
	y := make([]float64, len(band))
	energy := 0.0
	for i, v := range band {
		y[i] = math.Abs(v / sigma)
		energy += y[i] * y[i]
	}
	limit := math.Sqrt(2 * math.Log(n))
	if sparse := math.Pow(math.Log2(n), 1.5) / math.Sqrt(n); (energy-n)/n <= sparse {
		return sigma * limit
	}
	slices.Sort(y)
	best, least, below := 0.0, n, 0.0 // t = 0 has the risk of doing nothing
	for i, t := range y {
		if t > limit {
			break
		}
		below += t * t
		if risk := n - 2*float64(i+1) + below + float64(len(y)-i-1)*t*t; risk < least {
			best, least = t, risk
		}
	}
	return sigma * best
}

// combine replaces values y by a_1 y + a_2 y exp(-y^2 / 12 sigma^2), with the weights of least
// estimated risk: the solution of E[f f^T] a = E[y f] - sigma^2 E[f'], where E are means over the
// band. Where the two functions are the same one on these values, one weight is left. A band of no
// more energy than the noise's is set to 0: its weights would be negative.
func combine(band []float64, sigma float64) {
	var ff [2][2]float64
	var c [2]float64
	variance := sigma * sigma
	n := float64(len(band))
	for _, y := range band {
		f, slope := sureFunctions(y, variance)
		for j := range 2 {
			for k := range 2 {
				ff[j][k] += f[j] * f[k] / n
			}
			c[j] += (y*f[j] - variance*slope[j]) / n
		}
	}
	var a [2]float64
	if c[0] <= 0 {
		clear(band)
		return
	}
	if det := ff[0][0]*ff[1][1] - ff[0][1]*ff[1][0]; det > 1e-9*ff[0][0]*ff[1][1] {
		a[0] = (c[0]*ff[1][1] - c[1]*ff[0][1]) / det
		a[1] = (c[1]*ff[0][0] - c[0]*ff[1][0]) / det
	} else if ff[0][0] > 0 {
		a[0] = c[0] / ff[0][0]
	}
	for i, y := range band {
		f, _ := sureFunctions(y, variance)
		band[i] = a[0]*f[0] + a[1]*f[1]
	}
}

// sureFunctions returns the two functions at y, and their derivatives.
func sureFunctions(y, variance float64) (f, slope [2]float64) {
	decay := math.Exp(-y * y / (12 * variance))
	return [2]float64{y, y * decay}, [2]float64{1, decay * (1 - y*y/(6*variance))}
}
