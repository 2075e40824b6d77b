package metrics

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// Where none or all are counted the interval has a closed form; elsewhere its ends are where the
// tails of the binomial distribution are 1 in 40; and it turns over with what is counted.
func TestExactShares(t *testing.T) {
	for _, n := range []int{1, 64, 1000} {
		end := math.Pow(0.025, 1/float64(n))
		if none := Proportion(0, n); none.Value != 0 || none.Low != 0 || math.Abs(none.High-(1-end)) > 1e-9 {
			t.Errorf("0 of %d: %v", n, none)
		}
		if all := Proportion(n, n); all.Value != 1 || all.High != 1 || math.Abs(all.Low-end) > 1e-9 {
			t.Errorf("%d of %d: %v", n, n, all)
		}
	}
	for _, count := range []int{1, 7, 32, 63} {
		e, turned := Proportion(count, 64), Proportion(64-count, 64)
		if fewer := (distuv.Binomial{N: 64, P: e.High}).CDF(float64(count)); math.Abs(fewer-0.025) > 1e-6 {
			t.Errorf("%d of 64: so few or fewer have probability %v at the upper end", count, fewer)
		}
		if more := 1 - (distuv.Binomial{N: 64, P: e.Low}).CDF(float64(count-1)); math.Abs(more-0.025) > 1e-6 {
			t.Errorf("%d of 64: so many or more have probability %v at the lower end", count, more)
		}
		if math.Abs(e.Low+turned.High-1) > 1e-9 {
			t.Errorf("%d of 64: %v, and the others %v", count, e, turned)
		}
	}
	for _, bad := range [][2]int{{0, 0}, {-1, 3}, {4, 3}} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%d of %d did not panic", bad[0], bad[1])
				}
			}()
			Proportion(bad[0], bad[1])
		}()
	}
}

// The interval of a median holds the distribution's median in some 95 of 100 draws.
func TestMedian(t *testing.T) {
	if e := Median([]float64{3, 1, 2}); e.Value != 2 || e.Low != 1 || e.High != 3 {
		t.Errorf("of 1, 2 and 3: %v", e)
	}
	if e := Median([]float64{4, 1}); e.Value != 2.5 {
		t.Errorf("of 1 and 4: %v", e)
	}
	const draws = 2000
	rnd, held := rand.New(rand.NewPCG(1, 2)), 0
	for range draws {
		values := make([]float64, 101)
		for i := range values {
			values[i] = rnd.ExpFloat64()
		}
		if e := Median(values); e.Low <= math.Ln2 && math.Ln2 <= e.High {
			held++
		}
	}
	if share := float64(held) / draws; share < 0.94 || share > 0.98 {
		t.Errorf("the interval holds the median in %.3f of the draws", share)
	}
}

func TestClassShares(t *testing.T) {
	p := &Points{Dim: 3, Values: []float64{0.6, 0.4, 0, 0.8, 0.1, 0.1, 0.2, 0.5, 0.3, 1, 0, 0}}
	shares, confidence := ClassShares(p)
	for class, want := range []int{3, 1, 0} {
		if shares[class] != Proportion(want, 4) {
			t.Errorf("class %d: %v, want %d of 4", class, shares[class], want)
		}
	}
	if math.Abs(confidence[0]-0.8) > 1e-12 || confidence[1] != 0.5 || !math.IsNaN(confidence[2]) {
		t.Errorf("confidences %v", confidence)
	}
	reference := &Points{Dim: 3, Values: []float64{1, 0, 0, 0, 1, 0}}
	imbalance, err := Imbalance(p, reference)
	if err != nil || math.Abs(imbalance.Value()-0.25) > 1e-12 {
		t.Errorf("imbalance %v (%v), of shares 3/4 and 1/4 against halves", imbalance.Value(), err)
	}
}
