package conditional

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	_ "wavescore/internal/openblas"
)

// mixture is a mixture of Gaussians. Each has a variance of its own along the first of its principal axes, and the same along all that is
// orthogonal to those, as in a mixture of probabilistic principal component analysers (Tipping and Bishop 1999).
type mixture struct {
	rank, own int       // coordinates, and axes of a component
	weights   []float64 // component: the logarithm of its weight
	means     []float64 // component, coordinate
	axes      []float64 // component, axis, coordinate: an orthonormal eigenvector of its covariance a row
	spread    []float64 // component, axis: the variance along the axis, largest first
	rest      []float64 // component: the variance along everything else, at most that along any axis
}

func (m *mixture) components() int { return len(m.weights) }

// at is a mixture at a noise variance v: the covariance of component k is S_k + v I. With its variances along the axes s_a, and t along
// the rest, and z_a the coordinates of y - m_k along the axes,
//
//	(y - m_k)^T (S_k + v I)^-1 (y - m_k)  =  |y - m_k|^2 / (t + v) - sum_a z_a^2 w_a,      w_a = 1 / (t + v) - 1 / (s_a + v),
//	S_k (S_k + v I)^-1 (y - m_k)          =  t / (t + v) (y - m_k) + v sum_a w_a z_a e_a,
//
// so that with every axis times the root of its w_a both are sums over one matrix.
type at struct {
	*mixture
	v        float64
	scaled   []float64 // component, axis, coordinate: e_a, times the root of w_a
	means    []float64 // component, axis: the mean along those
	constant []float64 // component: the logarithm of its weight and of the constant of its density, less |m_k|^2 / (t + v) / 2
}

// at returns the mixture at noise variance v, in the memory of s.
func (m *mixture) at(v float64, s *scratch) at {
	r, k, q := m.rank, m.components(), m.own
	s.scaled, s.scaledMeans, s.constant = linalg.Grow(s.scaled, len(m.axes)), linalg.Grow(s.scaledMeans, k*q), linalg.Grow(s.constant, k)
	for c := range k {
		mean, t := m.means[c*r:(c+1)*r], m.rest[c]+v
		s.constant[c] = m.weights[c] - float64(r)/2*math.Log(2*math.Pi) - float64(r-q)/2*math.Log(t) - floats.Dot(mean, mean)/t/2
		for a := c * q; a < (c+1)*q; a++ {
			s.constant[c] -= math.Log(m.spread[a]+v) / 2
			axis := s.scaled[a*r : (a+1)*r]
			floats.ScaleTo(axis, math.Sqrt(max(0, 1/t-1/(m.spread[a]+v))), m.axes[a*r:(a+1)*r])
			s.scaledMeans[a] = floats.Dot(axis, mean)
		}
	}
	return at{m, v, s.scaled, s.scaledMeans, s.constant}
}

// logNegligible is the logarithm of the ratio of posteriors from which on the lesser component does not count.
const logNegligible = -20

// posterior writes p(k | y) to dst, point by point, and returns the sum of the points' log-likelihoods. It is 0 for a component that is
// negligible beside another. To along it writes where each point lies from each component's mean along its scaled axes (point, component,
// axis).
func (m *at) posterior(dst, along []float64, points blas64.General) float64 {
	r, n, k, q := m.rank, points.Rows, m.components(), m.own
	for i := range n {
		floats.ScaleTo(along[i*k*q:(i+1)*k*q], -1, m.means)
	}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, points, linalg.Matrix(m.scaled, k*q, r), 1, linalg.Matrix(along, n, k*q))
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, points, linalg.Matrix(m.mixture.means, k, r), 0, linalg.Matrix(dst, n, k))
	var likelihood float64
	for i := range n {
		row, y := dst[i*k:(i+1)*k], points.Data[i*r:(i+1)*r]
		square := floats.Dot(y, y)
		for c, product := range row {
			z := along[(i*k+c)*q : (i*k+c+1)*q]
			row[c] = m.constant[c] - ((square-2*product)/(m.rest[c]+m.v)-floats.Dot(z, z))/2
		}
		greatest := floats.Max(row)
		var total float64
		for c, l := range row {
			row[c] = 0
			if l-greatest > logNegligible {
				row[c] = math.Exp(l - greatest)
				total += row[c]
			}
		}
		floats.Scale(1/total, row)
		likelihood += greatest + math.Log(total)
	}
	return likelihood
}

// matters is how great a component's posterior is beside the greatest if it enters the variance between components: that need not be
// exact.
const matters = 1e-3

// mean writes E[u | y] to the rows of dst, given what posterior found, of which it destroys along. To between it writes, point by point and
// for each of columns, linear functions of the coordinates, the variance between what the components say (point, column).
func (m *at) mean(dst, points blas64.General, between []float64, columns blas64.General, posterior, along []float64, s *scratch) {
	r, n, k, q := m.rank, points.Rows, m.components(), m.own
	m.between(between, points, columns, posterior, along, s)
	s.drawn = linalg.Grow(s.drawn, n*k)
	for i := range n {
		var rest float64
		for c, p := range posterior[i*k : (i+1)*k] {
			floats.Scale(p*m.v, along[(i*k+c)*q:(i*k+c+1)*q])
			keep := m.rest[c] / (m.rest[c] + m.v)
			rest += p * keep
			s.drawn[i*k+c] = p * (1 - keep)
		}
		floats.ScaleTo(dst.Data[i*r:(i+1)*r], rest, points.Data[i*r:(i+1)*r])
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(s.drawn, n, k), linalg.Matrix(m.mixture.means, k, r), 1, dst)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(along, n, k*q), linalg.Matrix(m.scaled, k*q, r), 1, dst)
}

// between writes the variance between what the components say of the columns to dst.
func (m *at) between(dst []float64, points, columns blas64.General, posterior, along []float64, s *scratch) {
	r, n, k, q, w := m.rank, points.Rows, m.components(), m.own, columns.Cols
	s.z, s.said, s.values = linalg.Grow(s.z, n*q), linalg.Grow(s.said, (saidAtOnce+n)*r), linalg.Grow(s.values, (saidAtOnce+n)*w)
	s.first, s.total, s.least = linalg.Grow(s.first, n*w), linalg.Grow(s.total, n), linalg.Grow(s.least, n)
	clear(dst)
	clear(s.first)
	clear(s.total)
	for i := range n {
		s.least[i] = matters * floats.Max(posterior[i*k:(i+1)*k])
	}
	s.sayings = s.sayings[:0]
	for c := range k {
		from := len(s.sayings)
		keep := m.rest[c] / (m.rest[c] + m.v)
		for i := range n {
			p := posterior[i*k+c]
			if p < s.least[i] {
				continue
			}
			to := len(s.sayings)
			copy(s.z[(to-from)*q:], along[(i*k+c)*q:(i*k+c+1)*q])
			said := s.said[to*r : (to+1)*r]
			floats.ScaleTo(said, keep, points.Data[i*r:(i+1)*r])
			floats.AddScaled(said, 1-keep, m.mixture.means[c*r:(c+1)*r])
			s.sayings = append(s.sayings, saying{i, p})
		}
		if more := len(s.sayings) - from; more > 0 {
			blas64.Gemm(blas.NoTrans, blas.NoTrans, m.v, linalg.Matrix(s.z, more, q), linalg.Matrix(m.scaled[c*q*r:(c+1)*q*r], q, r), 1, linalg.Matrix(s.said[from*r:], more, r))
		}
		if len(s.sayings) < saidAtOnce && c < k-1 {
			continue
		}
		// Many components' answers go to the columns together.
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(s.said, len(s.sayings), r), columns, 0, linalg.Matrix(s.values, len(s.sayings), w))
		for at, say := range s.sayings {
			s.total[say.point] += say.posterior
			first, second := s.first[say.point*w:(say.point+1)*w], dst[say.point*w:(say.point+1)*w]
			for j, x := range s.values[at*w : (at+1)*w] {
				px := say.posterior * x
				first[j] += px
				second[j] += px * x
			}
		}
		s.sayings = s.sayings[:0]
	}
	for i, total := range s.total[:n] {
		for j, first := range s.first[i*w : (i+1)*w] {
			x := first / total
			dst[i*w+j] = max(0, dst[i*w+j]/total-x*x)
		}
	}
}

// saidAtOnce is of how many answers the columns are computed together, and saying whose answer one is.
const saidAtOnce = 256

type saying struct {
	point     int
	posterior float64
}

// within returns the variance, summed over the coordinates, that is left if the component is known: one number per component.
func (m *at) within(dst []float64) []float64 {
	q := m.own
	dst = linalg.Grow(dst, m.components())
	for c := range dst {
		dst[c] = remaining(m.spread[c*q:(c+1)*q], m.v) + float64(m.rank-q)*m.rest[c]*m.v/(m.rest[c]+m.v)
	}
	return dst
}

// remaining returns the sum of the variances of Gaussian variables that are left at noise variance v.
func remaining(spread []float64, v float64) float64 {
	var sum float64
	for _, s := range spread {
		sum += s * v / (s + v)
	}
	return sum
}
