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

// statistics are the sufficient statistics of a mixture of K Gaussians in r dimensions: sums over
// points x_i with the responsibilities p_ik of the components.
type statistics struct {
	rank   int
	counts []float64 // K: sum_i p_ik
	sums   []float64 // K x r: sum_i p_ik x_i
	outer  []float64 // K x r x r: the upper triangle of sum_i p_ik x_i x_i^T

	scaled []float64 // memory: the rows sqrt(p_ik) x_i of one component
}

func newStatistics(components, rank int) *statistics {
	return &statistics{rank: rank, counts: make([]float64, components), sums: make([]float64, components*rank),
		outer: make([]float64, components*rank*rank)}
}

// add adds points (n x r) with the responsibilities of the components for them (n x K).
func (s *statistics) add(points blas64.General, responsibilities []float64) {
	k, r := len(s.counts), s.rank
	for c := range k {
		s.scaled = s.scaled[:0]
		for i := range points.Rows {
			p := responsibilities[i*k+c]
			if p == 0 {
				continue
			}
			point := points.Data[i*r : (i+1)*r]
			s.counts[c] += p
			floats.AddScaled(s.sums[c*r:(c+1)*r], p, point)
			root := math.Sqrt(p)
			for _, x := range point {
				s.scaled = append(s.scaled, root*x)
			}
		}
		if rows := len(s.scaled) / r; rows > 0 {
			blas64.Syrk(blas.Trans, 1, linalg.Matrix(s.scaled, rows, r), 1, s.outerSum(c))
		}
	}
}

// outerSum returns the sum of outer products of component c, in the memory of s.
func (s *statistics) outerSum(c int) blas64.Symmetric {
	r := s.rank
	return blas64.Symmetric{Uplo: blas.Upper, N: r, Stride: r, Data: s.outer[c*r*r : (c+1)*r*r]}
}

// mixture returns the mixture of greatest likelihood under the statistics, with the shrinkage and
// the floor of the settings. Components of less than one point are dropped.
func (s *statistics) mixture(ctx context.Context, axesPerComponent int, settings Settings) (*mixture, error) {
	r, q := s.rank, axesPerComponent
	m := &mixture{rank: r, axesPerComponent: q}
	total := floats.Sum(s.counts)
	for c, n := range s.counts {
		if n < 1 {
			continue
		}
		mean := make([]float64, r)
		floats.ScaleTo(mean, 1/n, s.sums[c*r:(c+1)*r])
		axes, variances, err := principal(ctx, s.covariance(c, mean, settings))
		if err != nil {
			return nil, fmt.Errorf("component %d of %.0f points: %w", c, n, err)
		}
		for a := range variances {
			variances[a] = max(variances[a], settings.Floor)
		}
		residual := variances[r-1]
		if q < r {
			residual = floats.Sum(variances[q:]) / float64(r-q)
		}
		m.logWeights = append(m.logWeights, math.Log(n/total))
		m.means = append(m.means, mean...)
		m.axes = append(m.axes, axes[:q*r]...)
		m.axisVariances = append(m.axisVariances, variances[:q]...)
		m.residualVariance = append(m.residualVariance, residual)
	}
	return m, nil
}

// covariance returns the covariance of component c with the given mean, shrunk and raised by the
// floor:
//
//	(n S + Shrink t I) / (n + Shrink) + Floor I,
//
// where S is the sample covariance of its n points and t = tr S / r.
func (s *statistics) covariance(c int, mean []float64, settings Settings) *mat.SymDense {
	r, n := s.rank, s.counts[c]
	covariance := mat.NewSymDense(r, nil)
	outer := s.outerSum(c)
	var trace float64
	for i := range r {
		for j := i; j < r; j++ {
			covariance.SetSym(i, j, outer.Data[i*r+j]/n-mean[i]*mean[j])
		}
		trace += covariance.At(i, i)
	}
	keep := n / (n + settings.Shrink)
	covariance.ScaleSym(keep, covariance)
	for i := range r {
		covariance.SetSym(i, i, covariance.At(i, i)+(1-keep)*max(trace, 0)/float64(r)+settings.Floor)
	}
	return covariance
}

// principal returns the orthonormal eigenvectors of a covariance, one a row, and its eigenvalues
// in descending order, with those below 0 set to 0.
func principal(ctx context.Context, covariance *mat.SymDense) (axes, variances []float64, err error) {
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
	axes, variances = full, make([]float64, n)
	for k := range n {
		from := n - 1 - k // Eigen's are ascending
		variances[k] = max(values[from], 0)
		for i := range n {
			axes[k*n+i] = vectors[i*n+from]
		}
	}
	return axes, variances, nil
}
