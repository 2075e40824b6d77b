package analytic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// maxCondition is the condition number above which Cholesky weights are not trusted. The
// eigenvalues below 1/maxCondition of the greatest are then cut off.
const maxCondition = 1e13

// factor is a factored Gram matrix: its Cholesky factor or, where the matrix is ill-conditioned,
// its eigenvectors of large eigenvalues. Its memory is reused.
type factor struct {
	condition float64 // of the matrix before anything is cut off
	truncated bool    // the smallest eigenvalues were cut off
	rank      int     // the number of eigenvalues that are left

	chol    mat.Cholesky
	vectors mat.Dense // where truncated: the eigenvectors, a column each,
	inverse []float64 // and 1 over their eigenvalues, 0 for those cut off
}

// factorize factors a matrix, which it does not keep.
func (f *factor) factorize(gram *mat.SymDense) error {
	if f.truncated = !f.chol.Factorize(gram) || !(f.chol.Cond() <= maxCondition); f.truncated {
		return f.truncate(gram)
	}
	f.condition, f.rank = f.chol.Cond(), gram.SymmetricDim()
	return nil
}

func (f *factor) truncate(gram *mat.SymDense) error {
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return fmt.Errorf("the eigenvalues of a Gram matrix of %d features did not converge", gram.SymmetricDim())
	}
	f.inverse = eigen.Values(nil) // ascending
	f.vectors.Reset()
	eigen.VectorsTo(&f.vectors)
	greatest := f.inverse[len(f.inverse)-1]
	f.condition = math.Inf(1)
	if least := f.inverse[0]; least > 0 {
		f.condition = greatest / least
	}
	f.rank = 0
	for i, v := range f.inverse {
		f.inverse[i] = 0
		if v > greatest/maxCondition {
			f.inverse[i] = 1 / v
			f.rank++
		}
	}
	return nil
}

// solve replaces x by the solution of gram times it = x. For a truncated matrix it is the solution
// of least norm.
func (f *factor) solve(x *mat.VecDense) {
	if !f.truncated {
		// The error only warns of the condition number, which factorize has judged.
		_ = f.chol.SolveVecTo(x, x)
		return
	}
	var y mat.VecDense
	y.MulVec(f.vectors.T(), x)
	for i, v := range f.inverse {
		y.SetVec(i, y.AtVec(i)*v)
	}
	x.MulVec(&f.vectors, &y)
}

// inverseDiagonal returns the diagonal of the inverse, or of the pseudo-inverse of a truncated
// matrix.
func (f *factor) inverseDiagonal() []float64 {
	if !f.truncated {
		var inverse mat.SymDense
		_ = f.chol.InverseTo(&inverse)
		diagonal := make([]float64, inverse.SymmetricDim())
		for i := range diagonal {
			diagonal[i] = inverse.At(i, i)
		}
		return diagonal
	}
	diagonal := make([]float64, len(f.inverse))
	for i := range diagonal {
		for k, v := range f.inverse {
			diagonal[i] += f.vectors.At(i, k) * f.vectors.At(i, k) * v
		}
	}
	return diagonal
}
