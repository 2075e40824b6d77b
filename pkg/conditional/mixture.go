package conditional

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
)

// mixture is a mixture of K Gaussians in r dimensions, r the rank. Component k has variances s_ka
// of its own along q of its principal axes e_ka, and one variance t_k in all directions orthogonal
// to them, as in a mixture of probabilistic principal component analysers (Tipping and Bishop
// 1999):
//
//	Sigma_k = sum_a (s_ka - t_k) e_ka e_ka^T + t_k I.
type mixture struct {
	rank             int
	axesPerComponent int
	logWeights       []float64 // K: log pi_k
	means            []float64 // K x r
	axes             []float64 // K x q x r: the orthonormal e_ka, one a row
	axisVariances    []float64 // K x q: s_ka, in descending order of a
	residualVariance []float64 // K: t_k, at most the least of s_ka
}

func (m *mixture) components() int { return len(m.logWeights) }

// noisyMixture is a mixture at noise variance v: component k has the covariance Sigma_k + v I.
// With the coordinates z_ka = e_ka^T (y - mu_k) of a point y,
//
//	w_ka                                           =  1 / (t_k + v) - 1 / (s_ka + v),
//	(y - mu_k)^T (Sigma_k + v I)^-1 (y - mu_k)     =  |y - mu_k|^2 / (t_k + v) - sum_a w_ka z_ka^2,
//	Sigma_k (Sigma_k + v I)^-1 (y - mu_k)          =  g_k (y - mu_k) + v sum_a w_ka z_ka e_ka,
//
// where g_k = t_k / (t_k + v). Both sums are products with one matrix, of rows sqrt(w_ka) e_ka.
type noisyMixture struct {
	*mixture
	noiseVariance float64
	scaledAxes    []float64 // K x q x r: sqrt(w_ka) e_ka
	scaledMeans   []float64 // K x q: sqrt(w_ka) e_ka^T mu_k
	logConstants  []float64 // K: what of log(pi_k N(y; mu_k, Sigma_k + v I)) does not depend on y
}

// set makes n the mixture m at noise variance v, in the memory that n has.
func (n *noisyMixture) set(m *mixture, v float64) {
	r, k, q := m.rank, m.components(), m.axesPerComponent
	n.mixture, n.noiseVariance = m, v
	n.scaledAxes = linalg.Grow(n.scaledAxes, len(m.axes))
	n.scaledMeans = linalg.Grow(n.scaledMeans, k*q)
	n.logConstants = linalg.Grow(n.logConstants, k)
	for c := range k {
		mean, t := m.means[c*r:(c+1)*r], m.residualVariance[c]+v
		n.logConstants[c] = m.logWeights[c] - float64(r)/2*math.Log(2*math.Pi) - float64(r-q)/2*math.Log(t) - floats.Dot(mean, mean)/t/2
		for a := c * q; a < (c+1)*q; a++ {
			n.logConstants[c] -= math.Log(m.axisVariances[a]+v) / 2
			axis := n.scaledAxes[a*r : (a+1)*r]
			floats.ScaleTo(axis, math.Sqrt(max(0, 1/t-1/(m.axisVariances[a]+v))), m.axes[a*r:(a+1)*r])
			n.scaledMeans[a] = floats.Dot(axis, mean)
		}
	}
}

// residualGain returns g_k, the Wiener gain orthogonal to the axes of component k.
func (n *noisyMixture) residualGain(k int) float64 {
	return n.residualVariance[k] / (n.residualVariance[k] + n.noiseVariance)
}

// conditionalVariances writes the trace of the covariance of x given y and the component, which
// does not depend on y, to dst (K values), and returns dst, which it grows where it is too short.
func (n *noisyMixture) conditionalVariances(dst []float64) []float64 {
	q, v := n.axesPerComponent, n.noiseVariance
	dst = linalg.Grow(dst, n.components())
	for c, t := range n.residualVariance {
		dst[c] = posteriorVariance(n.axisVariances[c*q:(c+1)*q], v) + float64(n.rank-q)*t*v/(t+v)
	}
	return dst
}

// posteriorVariance returns sum_a s_a v / (s_a + v): the sum of the posterior variances of
// Gaussian variables with the given variances s_a, each observed in noise of variance v.
func posteriorVariance(variances []float64, v float64) float64 {
	var sum float64
	for _, s := range variances {
		sum += s * v / (s + v)
	}
	return sum
}
