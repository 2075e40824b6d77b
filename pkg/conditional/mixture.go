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
				var q float64
				at := (c - from) * r
				row, along, inv := z.Data[i*width+at:i*width+at+r], m.along[c*r:(c+1)*r], inverse[c*r:(c+1)*r]
				for a, p := range row {
					e := p - along[a]
					q += e * e * inv[a]
				}
				dst[i*k+c] = constant[c] - q/2
			}
		}
	}
	var likelihood float64
	for i := range n {
		row := dst[i*k : (i+1)*k]
		total := floats.LogSumExp(row)
		likelihood += total
		for c, l := range row {
			row[c] = math.Exp(l - total)
		}
	}
	return likelihood
}

// maxProjected bounds how many projections of a point are held at a time, so that they stay in the cache.
const maxProjected = 2048

// mean writes E[u | y] to dst for one noisy point y of noise variance v, given its posterior. Z is scratch of rank values.
func (m *mixture) mean(dst, y, posterior []float64, v float64, z []float64) {
	r := m.rank
	clear(dst)
	for c, p := range posterior {
		if p < negligible {
			continue
		}
		blas64.Gemv(blas.NoTrans, 1, m.directions(c), vector(y), 0, vector(z))
		for a, s := range m.spread[c*r : (c+1)*r] {
			z[a] = p * s / (s + v) * (z[a] - m.along[c*r+a])
		}
		floats.AddScaled(dst, p, m.means[c*r:(c+1)*r])
		blas64.Gemv(blas.Trans, 1, m.directions(c), vector(z), 1, vector(dst))
	}
}

func vector(x []float64) blas64.Vector { return blas64.Vector{N: len(x), Inc: 1, Data: x} }
