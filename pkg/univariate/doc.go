// Package univariate is the theory of scores on the line, where every step of it can be checked:
// mixtures of Gaussians, whose score is known at every noise level, and polynomial scores that are
// fitted to their moments alone.
//
//	bumps := univariate.Mixture{Weights: []float64{0.35, 0.65}, Means: []float64{-1.3, 0.7}, Variances: []float64{0.06, 0.25}}
//	known := bumps.Noisy(0.5).Score(y)
//	fitted := bumps.Fit(3, 0.5).At(y) // degree 3
//
// A clean value w has the density p, and a noisy one is y = w + sigma z with z ~ N(0, 1). The
// density of y is p_sigma, the mixture that Noisy returns, and its score is s = (log p_sigma)'.
//
// A set of numbers is the mixture of points at them: Mixture{Means: numbers}.
//
// # Errors
//
// A mixture that Check refuses and a degree that is not in 1 ... moments.MaxDegree are mistakes in
// the program: methods panic, or return NaN. So is a density, or a score, of a mixture with points,
// which has none without noise.
package univariate
