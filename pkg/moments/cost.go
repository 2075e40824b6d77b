package moments

import (
	"fmt"
	"runtime"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// Cost is what a table takes, known before any image is read.
type Cost struct {
	Groups     int     // coefficients with weights of their own
	Features   int     // most features of a group
	Moments    int     // clean moments in all, those with the linear context included
	Operations float64 // multiplications and additions for one image
}

// Cost returns what a table of the spec takes. The spec needs no centre; where it could not have a table even with one, Cost returns
// the error of Check.
func (s Spec) Cost() (Cost, error) {
	if err := s.structure(); err != nil {
		return Cost{}, err
	}
	s = s.normal()
	groups := s.groups()
	c := Cost{Groups: len(groups)}
	for _, g := range groups {
		n := g.Basis.Features()
		c.Features = max(c.Features, n)
		c.Moments += g.Basis.Moments()
		c.Operations += float64(len(g.Members) * n * (n + 1))
	}
	k := newLinear(s, groups)
	cross := len(k.monomials) * len(k.indices)
	c.Moments += cross + len(k.monomials)
	c.Operations += 2 * float64(cross)
	return c, nil
}

// Bytes returns the memory of the table's moments.
func (c Cost) Bytes() int64 { return 8 * int64(c.Moments) }

// Time estimates how long Collect takes for a number of images on this machine, from matrix products of 20 milliseconds.
func (c Cost) Time(images int) time.Duration {
	const n = 64
	features := blas64.General{Rows: n, Cols: blockImages, Stride: blockImages, Data: make([]float64, n*blockImages)}
	gram := blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: make([]float64, n*n)}
	best := 0.0 // operations a second; the best of some, because the first are slow and any may be interrupted
	for range 10 {
		operations, start := 0.0, time.Now()
		for time.Since(start) < 2*time.Millisecond {
			blas64.Syrk(blas.NoTrans, 1, features, 1, gram)
			operations += n * (n + 1) * blockImages
		}
		best = max(best, operations/time.Since(start).Seconds())
	}
	return time.Duration(c.Operations * float64(images) / (best * float64(runtime.GOMAXPROCS(0))) * float64(time.Second))
}

// String describes the cost in a line, but for the time.
func (c Cost) String() string {
	return fmt.Sprintf("%d groups of up to %d features, %d moments in %.0f MB", c.Groups, c.Features, c.Moments, float64(c.Bytes())/1e6)
}
