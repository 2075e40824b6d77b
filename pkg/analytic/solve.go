package analytic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/moments"
)

// Ridge is the penalty on the weights, dimensionless: it is added to the diagonal of the Gram matrix after every feature
// has been scaled to unit second moment. The constant and y_c are never penalised, so that the clean and the score target
// give the same denoiser, and so that a coefficient without neighbours keeps its exact gain.
type Ridge struct {
	Linear    float64 `json:"linear"`    // for the other variables of the neighbourhood
	Nonlinear float64 `json:"nonlinear"` // for terms of degree 2 and more
}

// DefaultRidge suits tables of some thousand images and more: small enough to cost nothing where the moments are well
// known, large enough to stop cubic weights from following a handful of images.
var DefaultRidge = Ridge{Linear: 1e-6, Nonlinear: 1e-2}

// Check returns an error unless both penalties are finite and not negative.
func (r Ridge) Check() error {
	for _, v := range []float64{r.Linear, r.Nonlinear} {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("analytic: a ridge is finite and not negative, got %v", v)
		}
	}
	return nil
}

// maxCondition is the condition number beyond which Cholesky weights are not trusted and the eigenvalues below 1/maxCondition
// of the greatest are cut off instead.
const maxCondition = 1e13

// solver solves the ridge regression of one group after another, reusing its memory.
type solver struct {
	normal moments.Normal
	scaled []float64
	scale  []float64
	chol   mat.Cholesky
}

// fit writes the weights of the denoiser at noise level sigma, theta = (G + R)^-1 E[w_c phi], to theta. It returns the
// condition number of the scaled, penalised Gram matrix, and whether its smallest eigenvalues had to be cut off.
func (s *solver) fit(theta []float64, b *moments.Basis, clean []float64, sigma float64, ridge Ridge) (condition float64, truncated bool, err error) {
	b.Transport(&s.normal, clean, sigma)
	n := b.Features()
	s.scale = grow(s.scale, n)
	for i := range n {
		s.scale[i] = 1 / math.Sqrt(s.normal.Gram[i*n+i])
		if s.scale[i]-s.scale[i] != 0 {
			return 0, false, fmt.Errorf("analytic: feature of powers %v has a second moment of %v at sigma %v", b.Exponents(i), s.normal.Gram[i*n+i], sigma)
		}
	}
	s.scaled = grow(s.scaled, n*n)
	for i := range n {
		for j := range n {
			s.scaled[i*n+j] = s.scale[i] * s.normal.Gram[i*n+j] * s.scale[j]
		}
	}
	for i := 2; i < n; i++ {
		if b.Degree(i) == 1 {
			s.scaled[i*n+i] += ridge.Linear
		} else {
			s.scaled[i*n+i] += ridge.Nonlinear
		}
	}
	for i := range n {
		theta[i] = s.scale[i] * s.normal.Target[i]
	}
	gram := mat.NewSymDense(n, s.scaled)
	x := mat.NewVecDense(n, theta)
	if s.chol.Factorize(gram) && s.chol.Cond() <= maxCondition {
		condition = s.chol.Cond()
		// The condition number has been judged, so SolveVecTo's complaint about it says nothing new.
		_ = s.chol.SolveVecTo(x, x)
	} else {
		truncated = true
		if condition, err = solveTruncated(x, gram); err != nil {
			return 0, true, err
		}
	}
	for i := range n {
		theta[i] *= s.scale[i]
		if theta[i]-theta[i] != 0 {
			return condition, truncated, fmt.Errorf("analytic: the weight of powers %v at sigma %v is %v", b.Exponents(i), sigma, theta[i])
		}
	}
	return condition, truncated, nil
}

// solveTruncated replaces x by the least-norm solution of gram times it = x in the span of the eigenvectors whose eigenvalues
// are above 1/maxCondition of the greatest, and returns the condition number before the cut.
func solveTruncated(x *mat.VecDense, gram *mat.SymDense) (condition float64, err error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return 0, fmt.Errorf("analytic: the eigenvalues of a Gram matrix of %d features did not converge", gram.SymmetricDim())
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	var y mat.VecDense
	y.MulVec(vectors.T(), x)
	greatest := values[len(values)-1]
	for i, v := range values {
		if v > greatest/maxCondition {
			y.SetVec(i, y.AtVec(i)/v)
		} else {
			y.SetVec(i, 0)
		}
	}
	x.MulVec(&vectors, &y)
	if values[0] <= 0 {
		return math.Inf(1), nil
	}
	return greatest / values[0], nil
}

// quadratic returns theta^T G theta for the row-major symmetric G of the normal equations.
func quadratic(gram, theta []float64) float64 {
	var sum float64
	for i, a := range theta {
		var row float64
		for j, b := range theta {
			row += gram[i*len(theta)+j] * b
		}
		sum += a * row
	}
	return sum
}

func grow(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
