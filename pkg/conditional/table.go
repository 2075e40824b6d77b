package conditional

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/internal/linalg"
)

// table holds the moments of points, conditioned on their component: tables of different points are merged by addition.
type table struct {
	rank    int
	count   []float64 // component: the sum of its posteriors
	sums    []float64 // component, coordinate
	squares []float64 // component, coordinate, coordinate: the upper triangle of the sum of outer products

	scaled []float64
}

func newTable(components, rank int) *table {
	return &table{rank: rank, count: make([]float64, components), sums: make([]float64, components*rank),
		squares: make([]float64, components*rank*rank)}
}

// add counts points, each with the posterior of every component.
func (t *table) add(points blas64.General, posterior []float64) {
	k, r := len(t.count), t.rank
	for c := range k {
		t.scaled = t.scaled[:0]
		for i := range points.Rows {
			p := posterior[i*k+c]
			if p == 0 {
				continue
			}
			point := points.Data[i*r : (i+1)*r]
			t.count[c] += p
			floats.AddScaled(t.sums[c*r:(c+1)*r], p, point)
			root := math.Sqrt(p)
			for _, x := range point {
				t.scaled = append(t.scaled, root*x)
			}
		}
		if rows := len(t.scaled) / r; rows > 0 {
			blas64.Syrk(blas.Trans, 1, blas64.General{Rows: rows, Cols: r, Stride: r, Data: t.scaled}, 1, t.square(c))
		}
	}
}

func (t *table) square(c int) blas64.Symmetric {
	r := t.rank
	return blas64.Symmetric{Uplo: blas.Upper, N: r, Stride: r, Data: t.squares[c*r*r : (c+1)*r*r]}
}

// mixture returns the mixture, each component with variances along that many axes of its own, that the table's points are likeliest
// under, shrunk as the settings say. Components of less than one point are dropped.
func (t *table) mixture(ctx context.Context, own int, s Settings) (*mixture, error) {
	r := t.rank
	m := &mixture{rank: r, own: own}
	total := floats.Sum(t.count)
	for c, n := range t.count {
		if n < 1 {
			continue
		}
		mean := make([]float64, r)
		floats.ScaleTo(mean, 1/n, t.sums[c*r:(c+1)*r])
		covariance := mat.NewSymDense(r, nil)
		square := t.square(c)
		var trace float64
		for i := range r {
			for j := i; j < r; j++ {
				covariance.SetSym(i, j, square.Data[i*r+j]/n-mean[i]*mean[j])
			}
			trace += covariance.At(i, i)
		}
		keep := n / (n + s.Shrink)
		covariance.ScaleSym(keep, covariance)
		for i := range r {
			covariance.SetSym(i, i, covariance.At(i, i)+(1-keep)*max(trace, 0)/float64(r)+s.Floor)
		}
		axes, spread, err := principal(ctx, covariance)
		if err != nil {
			return nil, fmt.Errorf("component %d of %.0f points: %w", c, n, err)
		}
		for i := range spread {
			spread[i] = max(spread[i], s.Floor)
		}
		m.weights = append(m.weights, math.Log(n/total))
		m.means = append(m.means, mean...)
		m.axes = append(m.axes, axes[:own*r]...)
		m.spread = append(m.spread, spread[:own]...)
		rest := spread[r-1]
		if own < r {
			rest = floats.Sum(spread[own:]) / float64(r-own)
		}
		m.rest = append(m.rest, rest)
	}
	return m, nil
}

// principal returns the orthonormal eigenvectors of a covariance, one a row, and its eigenvalues, not below 0, the greatest first.
func principal(ctx context.Context, covariance *mat.SymDense) (axes, spread []float64, err error) {
	n := covariance.SymmetricDim()
	full := make([]float64, n*n)
	for i := range n {
		for j := range n {
			full[i*n+j] = covariance.At(i, j)
		}
	}
	values, vectors, err := linalg.Eigen(ctx, full, n)
	if err != nil {
		return nil, nil, fmt.Errorf("a covariance of %d values: %w", n, err)
	}
	axes, spread = full, make([]float64, n)
	for k := range n {
		from := n - 1 - k // Eigen's are ascending
		spread[k] = max(values[from], 0)
		for i := range n {
			axes[k*n+i] = vectors[i*n+from]
		}
	}
	return axes, spread, nil
}
