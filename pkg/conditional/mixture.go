package conditional

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	_ "wavescore/internal/openblas"
)

// mixture is a mixture of Gaussians, each in its own eigenbasis.
type mixture struct {
	rank    int
	weights []float64 // component: the logarithm of its weight
	means   []float64 // component, coordinate
	axes    []float64 // component, axis, coordinate: an orthonormal eigenvector of its covariance a row
	along   []float64 // component, axis: the mean along the axis, which project computes
	spread  []float64 // component, axis: the variance along the axis, largest first
}

func (m *mixture) components() int { return len(m.weights) }

// project sets what follows from the means and the axes.
func (m *mixture) project() {
	r := m.rank
	m.along = make([]float64, len(m.means))
	for c := range m.components() {
		blas64.Gemv(blas.NoTrans, 1, m.directions(c), vector(m.means[c*r:(c+1)*r]), 0, vector(m.along[c*r:(c+1)*r]))
	}
}

// directions returns the axes of a component as a matrix.
func (m *mixture) directions(c int) blas64.General {
	r := m.rank
	return blas64.General{Rows: r, Cols: r, Stride: r, Data: m.axes[c*r*r : (c+1)*r*r]}
}

// negligible is the posterior below which a component does not enter a sum: less than the rounding of the others.
const negligible = 1e-16

// logNegligible is its logarithm, rounded down.
const logNegligible = -37

// posterior writes p(k | y) to dst, point by point, for noisy points of noise variance v, and returns the sum of their
// log-likelihoods. Projected is scratch of at least points x maxProjected values.
func (m *mixture) posterior(dst []float64, points blas64.General, v float64, projected []float64) float64 {
	r, n, k := m.rank, points.Rows, m.components()
	group := max(1, maxProjected/r)
	inverse := make([]float64, k*r)
	constant := make([]float64, k)
	for c := range k {
		constant[c] = m.weights[c] - float64(r)/2*math.Log(2*math.Pi)
		for a, s := range m.spread[c*r : (c+1)*r] {
			inverse[c*r+a] = 1 / (s + v)
			constant[c] -= math.Log(s+v) / 2
		}
	}
	for from := 0; from < k; from += group {
		to := min(from+group, k)
		width := (to - from) * r
		z := blas64.General{Rows: n, Cols: width, Stride: width, Data: projected[:n*width]}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, points, blas64.General{Rows: width, Cols: r, Stride: r, Data: m.axes[from*r*r : to*r*r]}, 0, z)
		for i := range n {
			for c := from; c < to; c++ {
				at := i*width + (c-from)*r
				dst[i*k+c] = constant[c] - distance(z.Data[at:at+r], m.along[c*r:(c+1)*r], inverse[c*r:(c+1)*r])/2
			}
		}
	}
	var likelihood float64
	for i := range n {
		row := dst[i*k : (i+1)*k]
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

// distance returns the sum of the squared differences of x and y, each times its weight, in four sums that do not wait for one another.
func distance(x, y, weights []float64) float64 {
	var sums [4]float64
	y, weights = y[:len(x)], weights[:len(x)]
	for ; len(x) >= 4; x, y, weights = x[4:], y[4:], weights[4:] {
		a, b, c, d := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		sums[0] += a * a * weights[0]
		sums[1] += b * b * weights[1]
		sums[2] += c * c * weights[2]
		sums[3] += d * d * weights[3]
	}
	for a, v := range x {
		sums[0] += (v - y[a]) * (v - y[a]) * weights[a]
	}
	return (sums[0] + sums[1]) + (sums[2] + sums[3])
}

// maxProjected bounds how many projections of a point are held at a time, so that they stay in the cache.
const maxProjected = 2048

// mean writes E[u | y] to the rows of dst for noisy points of noise variance v, given their posterior.
func (m *mixture) mean(dst, points blas64.General, posterior []float64, v float64, s *scratch) {
	r, n, k := m.rank, points.Rows, m.components()
	clear(dst.Data)
	s.chosen, s.z = grow(s.chosen, n*r), grow(s.z, n*r)
	rows := make([]int, 0, n)
	for c := range k {
		rows = rows[:0]
		for i := range n {
			if posterior[i*k+c] >= negligible {
				copy(s.chosen[len(rows)*r:(len(rows)+1)*r], points.Data[i*r:(i+1)*r])
				rows = append(rows, i)
			}
		}
		if len(rows) == 0 {
			continue
		}
		// Along the axes of the component, all points to which it may matter together; then back.
		chosen, z := matrix(s.chosen, len(rows), r), matrix(s.z, len(rows), r)
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, chosen, m.directions(c), 0, z)
		for at, i := range rows {
			row, p := z.Data[at*r:(at+1)*r], posterior[i*k+c]
			for a, s := range m.spread[c*r : (c+1)*r] {
				row[a] = p * s / (s + v) * (row[a] - m.along[c*r+a])
			}
		}
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, z, m.directions(c), 0, chosen)
		for at, i := range rows {
			row := dst.Data[i*r : (i+1)*r]
			floats.Add(row, chosen.Data[at*r:(at+1)*r])
			floats.AddScaled(row, posterior[i*k+c], m.means[c*r:(c+1)*r])
		}
	}
}

func vector(x []float64) blas64.Vector { return blas64.Vector{N: len(x), Inc: 1, Data: x} }
