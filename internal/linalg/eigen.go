package linalg

import (
	"context"
	"errors"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	lapack "gonum.org/v1/gonum/lapack/gonum"

	"wavescore/internal/parallel"
)

// ErrConvergence is the error of a matrix whose eigenvalues were not found, as happens where it
// holds a NaN.
var ErrConvergence = errors.New("the eigenvalues of a symmetric matrix did not converge")

// Eigen returns the eigenvalues of a symmetric n x n matrix, ascending, and its orthonormal
// eigenvectors, n x n, one a column in the same order. Only the lower triangle of a, row-major,
// is read; a is overwritten. A cancelled ctx ends it with ctx's error.
//
// It is what mat.EigenSym does, several times as fast where n is in the hundreds and more: A = Q
// T Q^T with a tridiagonal T, T = Z D Z^T by the QL iteration, and the eigenvectors Q Z. Most of
// the work is to apply the plane rotations of the iteration, about n^2 of them, to n x n numbers.
// The iteration needs only T, so its rotations are kept and applied afterwards, to stretches of
// rows of Z on all cores; then the reflections of Q, to stretches of its columns.
func Eigen(ctx context.Context, a []float64, n int) (values, vectors []float64, err error) {
	d, e, tau := make([]float64, n), make([]float64, n), make([]float64, n)
	if err := tridiagonalise(ctx, a, n, d, e, tau); err != nil {
		return nil, nil, err
	}
	rotations, err := tridiagonal(ctx, d, e)
	if err != nil {
		return nil, nil, err
	}
	rows := make([]float64, n*n) // Z^T: one vector a row
	for k := range n {
		rows[k*n+k] = 1
	}
	if err := rotate(ctx, rows, n, rotations); err != nil {
		return nil, nil, err
	}
	order := make([]int, n)
	for k := range order {
		order[k] = k
		if d[k]-d[k] != 0 {
			return nil, nil, ErrConvergence
		}
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if d[i] < d[j] {
			return -1
		} else if d[i] > d[j] {
			return 1
		}
		return 0
	})
	values, vectors = make([]float64, n), make([]float64, n*n)
	for k, row := range order {
		values[k] = d[row]
		for i, v := range rows[row*n : (row+1)*n] {
			vectors[i*n+k] = v
		}
	}
	return values, vectors, reflect(ctx, vectors, a, tau, n)
}

// panel is how many columns are reduced before the rest of the matrix is updated.
const panel = 32

// tridiagonalise reduces the lower triangle of a to the diagonal d and the off-diagonal e of a
// tridiagonal matrix, and leaves the vectors of the reflections that do so below it, with their
// factors in tau. It is LAPACK's dsytrd, which gonum has, but for the context.
func tridiagonalise(ctx context.Context, a []float64, n int, d, e, tau []float64) error {
	var impl lapack.Implementation
	from := 0
	for w := make([]float64, n*panel); n-from > 2*panel; from += panel {
		if err := ctx.Err(); err != nil {
			return err
		}
		impl.Dlatrd(blas.Lower, n-from, panel, a[from*n+from:], n, e[from:n-1], tau[from:n-1], w, panel)
		rest := n - from - panel
		blas64.Syr2k(blas.NoTrans, -1,
			blas64.General{Rows: rest, Cols: panel, Stride: n, Data: a[(from+panel)*n+from:]},
			blas64.General{Rows: rest, Cols: panel, Stride: panel, Data: w[panel*panel:]},
			1, blas64.Symmetric{Uplo: blas.Lower, N: rest, Stride: n, Data: a[(from+panel)*n+from+panel:]})
		for j := from; j < from+panel; j++ {
			a[(j+1)*n+j] = e[j]
			d[j] = a[j*n+j]
		}
	}
	if n > 0 {
		impl.Dsytd2(blas.Lower, n-from, a[from*n+from:], n, d[from:], e[from:n-1], tau[from:n-1])
	}
	return nil
}

// rotation turns vectors i and i+1 of a row-major matrix of vectors.
type rotation struct {
	i    int32
	c, s float64
}

// sweeps is how many QL sweeps an eigenvalue may take: two are usual.
const sweeps = 60

// tridiagonal turns the diagonal d of a symmetric tridiagonal matrix, whose off-diagonal is e (of
// the same length, its last number free), to its eigenvalues, and returns the rotations that do
// so. It is tql2 of EISPACK: QL with implicit shifts (Bowdler, Martin, Reinsch and Wilkinson,
// "The QR and QL Algorithms for Symmetric Matrices", 1968).
func tridiagonal(ctx context.Context, d, e []float64) ([]rotation, error) {
	n := len(d)
	if n > 0 {
		e[n-1] = 0
	}
	var rotations []rotation
	var shift, scale float64
	for l := range n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		scale = max(scale, math.Abs(d[l])+math.Abs(e[l]))
		small := 0x1p-52 * scale
		m := l
		for math.Abs(e[m]) > small { // e[n-1] is 0
			m++
		}
		for sweep := 0; m > l && math.Abs(e[l]) > small; sweep++ {
			if sweep == sweeps {
				return nil, ErrConvergence
			}
			g := d[l]
			p := (d[l+1] - g) / (2 * e[l])
			r := math.Copysign(math.Hypot(p, 1), p)
			d[l], d[l+1] = e[l]/(p+r), e[l]*(p+r)
			next, h := d[l+1], g-d[l]
			for i := l + 2; i < n; i++ {
				d[i] -= h
			}
			shift += h
			c, c2, c3, s, s2 := 1.0, 1.0, 1.0, 0.0, 0.0
			p = d[m]
			after := e[l+1]
			for i := m - 1; i >= l; i-- {
				c3, c2, s2 = c2, c, s
				g, h = c*e[i], c*p
				r = math.Hypot(p, e[i])
				e[i+1] = s * r
				s, c = e[i]/r, p/r
				p = c*d[i] - s*g
				d[i+1] = h + s*(c*g+s*d[i])
				rotations = append(rotations, rotation{int32(i), c, s})
			}
			p = -s * s2 * c3 * after * e[l] / next
			e[l], d[l] = s*p, c*p
		}
		d[l] += shift
		e[l] = 0
	}
	return rotations, nil
}

// stretch is how many coordinates are rotated or reflected at a time: few enough for a core's
// cache, enough for a call of the BLAS.
const stretch = 128

// rotate applies rotations to n vectors of n coordinates, one a row.
func rotate(ctx context.Context, rows []float64, n int, rotations []rotation) error {
	return parallel.Each(ctx, (n+stretch-1)/stretch, func(block int) error {
		from, to := block*stretch, min((block+1)*stretch, n)
		part := func(i int) blas64.Vector {
			return blas64.Vector{N: to - from, Inc: 1, Data: rows[i*n+from : i*n+to]}
		}
		for k, r := range rotations {
			if k%(1<<16) == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			blas64.Rot(part(int(r.i)), part(int(r.i)+1), r.c, -r.s)
		}
		return nil
	})
}

// reflect applies the reflections that tridiagonalise left in a to the vectors, one a column.
func reflect(ctx context.Context, vectors, a, tau []float64, n int) error {
	if n < 2 {
		return ctx.Err()
	}
	columns := stretch
	if n < 2*panel {
		columns = n // LAPACK's unblocked code writes to the matrix of the reflections: one goroutine
	}
	return parallel.Each(ctx, (n+columns-1)/columns, func(block int) error {
		from, to := block*columns, min((block+1)*columns, n)
		var impl lapack.Implementation
		var size [1]float64
		// The first coordinate is not reflected.
		c := vectors[n+from:]
		impl.Dormqr(blas.Left, blas.NoTrans, n-1, to-from, n-1, a[n:], n, tau[:n-1], c, n, size[:], -1)
		work := make([]float64, int(size[0]))
		impl.Dormqr(blas.Left, blas.NoTrans, n-1, to-from, n-1, a[n:], n, tau[:n-1], c, n, work, len(work))
		return nil
	})
}
