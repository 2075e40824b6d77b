package moments

import (
	"math"
	"math/rand/v2"

	"wavescore/internal/length"
)

// Noisy returns what pairs look like with noise of standard deviation sigma: one after another the
// values a + sigma z of all images, and with them b + sigma z. The coefficients are those that the
// cumulants were taken of, images x size. The noise depends on the seed. It panics with a
// LengthError unless coefficients are whole images.
func (ps Pairs) Noisy(coefficients []float64, size int, sigma float64, seed uint64) (a, b []float64) {
	z := rand.New(rand.NewPCG(seed, 2)).NormFloat64
	ps.eachImage(coefficients, size, func(_ Pair, _, _, valueA, valueB float64) {
		a, b = append(a, valueA+sigma*z()), append(b, valueB+sigma*z())
	})
	return a, b
}

// GaussianTwins returns as many values as Noisy of pairs that are jointly Gaussian, with the means
// and the covariances of the pairs, and with noise.
func (ps Pairs) GaussianTwins(coefficients []float64, size int, sigma float64, seed uint64) (a, b []float64) {
	z := rand.New(rand.NewPCG(seed, 3)).NormFloat64
	ps.eachImage(coefficients, size, func(p Pair, meanA, meanB, _, _ float64) {
		slope := ratio(p.AB, p.BB) // of the mean of a given b
		x := math.Sqrt(p.BB) * z()
		rest := math.Sqrt(max(0, p.AA-slope*p.AB)) * z()
		a, b = append(a, meanA+slope*x+rest+sigma*z()), append(b, meanB+x+sigma*z())
	})
	return a, b
}

// eachImage calls do for every pair and image with the means and the values of a and b.
func (ps Pairs) eachImage(coefficients []float64, size int, do func(p Pair, meanA, meanB, a, b float64)) {
	n := length.Images("coefficients", len(coefficients), size)
	for _, p := range ps {
		var meanA, meanB float64
		for w := coefficients; len(w) > 0; w = w[size:] {
			meanA, meanB = meanA+w[p.A]/float64(n), meanB+w[p.B]/float64(n)
		}
		for w := coefficients; len(w) > 0; w = w[size:] {
			do(p, meanA, meanB, w[p.A], w[p.B])
		}
	}
}
