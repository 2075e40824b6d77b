package moments

import (
	"fmt"
	"runtime"
	"time"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"wavescore/internal/linalg"
)

// Cost is the cost of a table. It is known before any image is read and before any memory is
// allocated.
type Cost struct {
	Groups       int     // sets of coefficients that share weights
	Features     int     // of the group that has most
	Coefficients int     // of an image
	Context      int     // variables of the linear context
	Moments      int     // clean moments in all
	Operations   float64 // multiplications and additions per image
	Turning      float64 // those that rotate the linear context to its axes, once

	ContextMoments int // of the clean moments, those with the context; for Full terms a bound
}

// Cost returns the cost of a table of the spec, which needs no centre. It returns the error of
// Check where no centre would make the spec valid.
func (s Spec) Cost() (Cost, error) {
	if err := s.structure(); err != nil {
		return Cost{}, err
	}
	s = s.normal()
	f, l := s.Family, s.Layout
	c := Cost{Coefficients: l.Len(), Context: len(f.Neighbourhood.ContextIndices(l))}
	monomials := 1
	for _, b := range l.Bands() {
		from, to := l.Range(b)
		_, kinds := f.Neighbourhood.Indices(l, from)
		groups := to - from
		if f.Sharing == PerBand {
			step := f.Neighbourhood.phase(l, b)
			groups = step * step
		}
		n := int(f.features(len(kinds)))
		c.Groups += groups
		c.Features = max(c.Features, n)
		c.Moments += groups * f.moments(len(kinds))
		c.Operations += float64(to-from) * float64(n) * float64(n+1)
		monomials += f.monomials(to-from, kinds)
	}
	if c.Context > 0 {
		c.ContextMoments = monomials * (c.Context + 1)
		c.Moments += c.ContextMoments
		rows, width := float64(monomials), float64(c.Context)
		c.Operations += 2 * rows * width
		// The turn of all monomials, and the eigenvectors: their rotations are three operations
		// each, at a third of the speed of a product of matrices.
		c.Turning = 2*rows*width*width + 24*width*width*width
	}
	return c, nil
}

// moments returns the number of distinct products of two monomials of the family in a number of
// variables.
func (f Family) moments(variables int) int {
	if f.Terms == Full && f.Degree > 1 {
		return int(Family{Terms: Full, Degree: 2 * f.Degree}.features(variables))
	}
	// A product has at most two variables besides the coefficient itself, so the number of
	// products is a quadratic polynomial in the number of variables: three small bases give it.
	one, two, three := len(basisOf(f.Terms, f.Degree, 1).products), len(basisOf(f.Terms, f.Degree, 2).products), len(basisOf(f.Terms, f.Degree, 3).products)
	more := variables - 1
	return one + (two-one)*more + (three-2*two+one)*more*(more-1)/2
}

// monomials returns how many distinct monomials a band adds, given its number of coefficients and
// the kinds of their variables. For Full terms it is an upper bound, which counts a monomial in
// every neighbourhood that has it.
func (f Family) monomials(coefficients int, kinds []Kind) int {
	if f.Terms == Full && f.Degree > 1 {
		return coefficients * (int(f.features(len(kinds))) - 1)
	}
	n := coefficients * f.Degree // the powers of each coefficient
	if f.Terms != Gated {
		return n
	}
	mutual, others := 0, len(kinds)-1
	for _, kind := range kinds[1:] {
		if kind != Ancestor { // each is a variable of the other, and their product is one monomial
			mutual++
		}
	}
	if f.Degree >= 2 {
		n += coefficients*others - coefficients*mutual/2
	}
	if f.Degree >= 3 {
		n += coefficients * others
	}
	return n
}

// Bytes returns the memory of the table's moments.
func (c Cost) Bytes() int64 { return 8 * int64(c.Moments) }

// Peak estimates the peak memory of Collect in bytes, without the images. It is the memory of two
// tables, plus the greater of the coefficients of a shard and the matrices of the eigenproblem.
func (c Cost) Peak(images int) int64 {
	shard := int64(min(images, ShardImages))
	batch := 8 * shard * int64(3*c.Coefficients) // read, transposed, and transposed before that
	if c.Context > 0 {
		batch += 8 * shard * int64(2*c.Context)
	}
	matrices := 8 * 6 * int64(c.Context) * int64(c.Context)
	return 2*c.Bytes() + max(batch, matrices)
}

// Time estimates how long Collect takes for a number of images on this machine. It measures matrix
// products for 20 milliseconds.
func (c Cost) Time(images int) time.Duration {
	const n = 64
	features := linalg.Matrix(make([]float64, n*blockImages), n, blockImages)
	gram := blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: make([]float64, n*n)}
	best := 0.0 // operations a second: the best, as some runs are interrupted
	for range 10 {
		operations, start := 0.0, time.Now()
		for time.Since(start) < 2*time.Millisecond {
			blas64.Syrk(blas.NoTrans, 1, features, 1, gram)
			operations += n * (n + 1) * blockImages
		}
		best = max(best, operations/time.Since(start).Seconds())
	}
	return c.timeAt(best*float64(runtime.GOMAXPROCS(0)), images)
}

// timeAt is how long Collect takes at a number of operations a second.
func (c Cost) timeAt(rate float64, images int) time.Duration {
	return time.Duration((c.Operations*float64(images) + c.Turning) / rate * float64(time.Second))
}

// String describes the cost in a line, but for the time.
func (c Cost) String() string {
	return fmt.Sprintf("%d groups of up to %d features, %d moments in %.0f MB", c.Groups, c.Features, c.Moments, float64(c.Bytes())/1e6)
}
