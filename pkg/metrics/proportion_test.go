package metrics

import (
	"math"
	"testing"
)

// The bounds are the probabilities under which a count as extreme has a chance of 2.5 %, summed
// term by term.
func TestProportion(t *testing.T) {
	// tail is the chance of from to to successes in n at probability p.
	tail := func(from, to, n int, p float64) (sum float64) {
		for k := from; k <= to; k++ {
			n1, _ := math.Lgamma(float64(n + 1))
			k1, _ := math.Lgamma(float64(k + 1))
			m1, _ := math.Lgamma(float64(n - k + 1))
			sum += math.Exp(n1 - k1 - m1 + float64(k)*math.Log(p) + float64(n-k)*math.Log(1-p))
		}
		return sum
	}
	for _, c := range []struct{ k, n int }{{0, 1}, {0, 100}, {1, 7}, {3, 10}, {50, 100}, {99, 100}, {100, 100}} {
		e := Proportion(c.k, c.n)
		if e.Value != float64(c.k)/float64(c.n) || e.Low > e.Value || e.High < e.Value {
			t.Errorf("%d of %d: %v", c.k, c.n, e)
		}
		if c.k == 0 && e.Low != 0 || c.k == c.n && e.High != 1 {
			t.Errorf("%d of %d: %v does not reach its end", c.k, c.n, e)
		}
		if p := tail(c.k, c.n, c.n, e.Low); c.k > 0 && math.Abs(p-0.025) > 1e-9 {
			t.Errorf("%d of %d: as many have a chance of %v at the lower bound", c.k, c.n, p)
		}
		if p := tail(0, c.k, c.n, e.High); c.k < c.n && math.Abs(p-0.025) > 1e-9 {
			t.Errorf("%d of %d: as few have a chance of %v at the upper bound", c.k, c.n, p)
		}
	}
	for _, c := range [][2]int{{-1, 3}, {4, 3}, {0, 0}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d of %d is a share", c[0], c[1])
				}
			}()
			Proportion(c[0], c[1])
		}()
	}
}

// The share of copies is that of Memorised.
func TestCopies(t *testing.T) {
	nearest := []Neighbours{{First: 0, Second: 1}, {First: 1, Second: 2}, {First: 3, Second: 10}, {First: 5, Second: 5}}
	if got, want := Copies(nearest).Value, Memorised(nearest).Value(); got != want || got != 0.5 {
		t.Errorf("a share of %v copies, of Memorised %v, want 0.5", got, want)
	}
}
