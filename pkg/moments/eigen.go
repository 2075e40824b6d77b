package moments

import (
	"errors"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	lapack "gonum.org/v1/gonum/lapack/gonum"
)

// eigenvectors returns the orthonormal eigenvectors of a symmetric n x n matrix, which it overwrites, one a column, by ascending eigenvalue.
//
// It is what mat.EigenSym does, several times as fast where n is in the hundreds. After the reduction to a tridiagonal matrix most of
// the work is to apply the plane rotations of the QL iteration, about n^2 of them, to n x n numbers. The iteration needs only the
// tridiagonal, so its rotations can be kept and applied afterwards, to stretches of the rows of the transposed matrix on all cores.
func eigenvectors(a []float64, n int) ([]float64, error) {
	var impl lapack.Implementation
	d, e, tau := make([]float64, n), make([]float64, n), make([]float64, n)
	var size [1]float64
	impl.Dsytrd(blas.Upper, n, a, n, d, e[:n-1], tau[:n-1], size[:], -1)
	work := make([]float64, int(size[0]))
	impl.Dsytrd(blas.Upper, n, a, n, d, e[:n-1], tau[:n-1], work, len(work))
	impl.Dorgtr(blas.Upper, n, a, n, tau[:n-1], size[:], -1)
	work = make([]float64, int(size[0]))
	impl.Dorgtr(blas.Upper, n, a, n, tau[:n-1], work, len(work))

	turns, err := tridiagonal(d, e)
	if err != nil {
		return nil, err
	}
	rows := make([]float64, n*n) // one vector a row
	for i, v := range a {
		rows[i%n*n+i/n] = v
	}
	rotate(rows, n, turns)

	order := make([]int, n)
	for k := range order {
		order[k] = k
	}
	slices.SortStableFunc(order, func(i, j int) int {
		if d[i] < d[j] {
			return -1
		} else if d[i] > d[j] {
			return 1
		}
		return 0
	})
	for k, row := range order {
		for i, v := range rows[row*n : (row+1)*n] {
			a[i*n+k] = v
		}
	}
	return a, nil
}

// turn is a rotation of vectors i and i+1.
type turn struct {
	i    int32
	c, s float64
}

// sweeps is how many QL sweeps an eigenvalue may take: two are usual.
const sweeps = 60

// tridiagonal turns the diagonal d of a symmetric tridiagonal matrix, whose off-diagonal is e (of the same length, its last number free), to
// its eigenvalues, and returns the rotations that do so. It is tql2 of EISPACK: QL with implicit shifts (Bowdler, Martin, Reinsch
// and Wilkinson, "The QR and QL Algorithms for Symmetric Matrices", 1968).
func tridiagonal(d, e []float64) ([]turn, error) {
	n := len(d)
	e[n-1] = 0
	var turns []turn
	var shift, scale float64
	for l := range n {
		scale = max(scale, math.Abs(d[l])+math.Abs(e[l]))
		small := 0x1p-52 * scale
		m := l
		for math.Abs(e[m]) > small { // e[n-1] is 0
			m++
		}
		for sweep := 0; m > l && math.Abs(e[l]) > small; sweep++ {
			if sweep == sweeps {
				return nil, errors.New("its eigenvectors did not converge")
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
				turns = append(turns, turn{int32(i), c, s})
			}
			p = -s * s2 * c3 * after * e[l] / next
			e[l], d[l] = s*p, c*p
		}
		d[l] += shift
		e[l] = 0
	}
	return turns, nil
}

// rotate applies rotations to n vectors, one a row.
func rotate(rows []float64, n int, turns []turn) {
	const stretch = 128 // coordinates at a time: few enough for a core's cache, enough for a call of the BLAS
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				from := int(next.Add(stretch)) - stretch
				if from >= n {
					return
				}
				to := min(from+stretch, n)
				part := func(i int) blas64.Vector {
					return blas64.Vector{N: to - from, Inc: 1, Data: rows[i*n+from : i*n+to]}
				}
				for _, t := range turns {
					blas64.Rot(part(int(t.i)), part(int(t.i)+1), t.c, -t.s)
				}
			}
		})
	}
	workers.Wait()
}
