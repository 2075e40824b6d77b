package dataset

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestStreamsAreIndependent checks that the first numbers of neighbouring images, of the other
// kinds, of the next seed and of a caller's generator of the same seed are uncorrelated: each
// correlation within 4.5 standard errors.
func TestStreamsAreIndependent(t *testing.T) {
	const n, numbers = 20000, 3
	draw := func(of func(i int) *rand.Rand) (x [numbers][n]float64) {
		for i := range n {
			rng := of(i)
			for k := range numbers {
				x[k][i] = (rng.Float64() - 0.5) * math.Sqrt(12)
			}
		}
		return x
	}
	digits := draw(func(i int) *rand.Rand { return stream(digitStream, 1, i) })
	for what, other := range map[string][numbers][n]float64{
		"the next image": draw(func(i int) *rand.Rand { return stream(digitStream, 1, i+1) }),
		"fields":         draw(func(i int) *rand.Rand { return stream(2, 1, i) }),
		"leaves":         draw(func(i int) *rand.Rand { return stream(leafStream, 1, i) }),
		"the next seed":  draw(func(i int) *rand.Rand { return stream(digitStream, 2, i) }),
		"the caller's":   draw(func(i int) *rand.Rand { return rand.New(rand.NewPCG(1, uint64(i))) }),
		"one after other": draw(func() func(int) *rand.Rand {
			rng := rand.New(rand.NewPCG(1, 0))
			return func(int) *rand.Rand { return rng }
		}()),
	} {
		for k := range numbers {
			for l := range numbers {
				var c float64
				for i := range n {
					c += digits[k][i] * other[l][i] / n
				}
				if math.Abs(c) > 4.5/math.Sqrt(n) {
					t.Errorf("number %d of digits and number %d of %s have correlation %v", k, l, what, c)
				}
			}
		}
	}
}

// TestParallel checks that the ranges cover every index once, also where there are fewer than
// cores.
func TestParallel(t *testing.T) {
	for _, n := range []int{0, 1, 2, 7, 100} {
		onProcs(3, func() {
			done := make([]int, n)
			inRanges(n, func(from, to int) {
				for i := from; i < to; i++ {
					done[i]++
				}
			})
			for i, d := range done {
				if d != 1 {
					t.Errorf("index %d of %d is done %d times", i, n, d)
				}
			}
		})
	}
}
