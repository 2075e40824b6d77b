package linalg

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	_ "wavescore/internal/openblas"
	"wavescore/internal/parallel"
)

// Matrix returns rows x columns values, row-major, as a matrix that shares their memory.
func Matrix(values []float64, rows, columns int) blas64.General {
	return blas64.General{Rows: rows, Cols: columns, Stride: columns, Data: values[:rows*columns]}
}

// Square returns n x n values as Matrix does.
func Square(values []float64, n int) blas64.General { return Matrix(values, n, n) }

// productRows is how many rows of a product one goroutine computes at a time: enough that it does
// not wait for memory.
const productRows = 64

// Multiply writes a b to dst, or a^T b where t is blas.Trans. A cancelled ctx ends it with ctx's
// error, and dst is then unspecified.
func Multiply(ctx context.Context, dst blas64.General, t blas.Transpose, a, b blas64.General) error {
	return parallel.Each(ctx, (dst.Rows+productRows-1)/productRows, func(block int) error {
		from := block * productRows
		rows := min(productRows, dst.Rows-from)
		part := a
		if t == blas.Trans {
			part.Cols, part.Data = rows, a.Data[from:]
		} else {
			part.Rows, part.Data = rows, a.Data[from*a.Stride:]
		}
		blas64.Gemm(t, blas.NoTrans, 1, part, b, 0,
			blas64.General{Rows: rows, Cols: dst.Cols, Stride: dst.Stride, Data: dst.Data[from*dst.Stride:]})
		return nil
	})
}

// Grow returns n values in the memory of x where it suffices, else in new memory. Their contents
// are unspecified.
func Grow(x []float64, n int) []float64 {
	if cap(x) < n {
		return make([]float64, n)
	}
	return x[:n]
}
