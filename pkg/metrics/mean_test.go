package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestMeanOf(t *testing.T) {
	// The numbers 0 to 9 have mean 4.5 and variance 110/12.
	m := MeanOf(10, func(i int) float64 { return float64(i) })
	if m.Value != 4.5 || math.Abs(m.Error-math.Sqrt(110./120)) > 1e-15 {
		t.Errorf("mean %v, error %v", m.Value, m.Error)
	}
	if z := m.Minus(Mean{Value: 4.5}).Z(); z != 0 {
		t.Errorf("4.5 less 4.5 is %v standard errors", z)
	}
	if z := m.Minus(Mean{Value: 4.5 - m.Error}).Times(-2).Z(); math.Abs(z+1) > 1e-12 {
		t.Errorf("one standard error to the other side is %v", z)
	}
	if d := (Mean{5, 3}).Minus(Mean{4, 4}); d != (Mean{1, 5}) {
		t.Errorf("5 ± 3 less 4 ± 4 is %v ± %v", d.Value, d.Error)
	}
}

func TestMeanString(t *testing.T) {
	for want, m := range map[string]Mean{
		"-3.745 ± 0.028": {-3.74512, 0.0281}, "12.0 ± 3.0": {12, 3}, "123 ± 45": {123, 45}, "1235 ± 450": {1234.6, 450.2},
		"0.001868 ± 0.000033": {0.0018678, 3.31e-5}, "1 ± 0": {1, 0}, "1.868e-09 ± 3.3e-11": {1.868e-9, 3.3e-11}, "NaN ± NaN": {math.NaN(), math.NaN()},
	} {
		if got := m.String(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// Of noise the standard errors are right: z has mean 0 and spread 1.
func TestMeans(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2))
	var ms Means
	for range 400 {
		ms = append(ms, MeanOf(50, func(int) float64 { return rnd.NormFloat64() }))
	}
	sum, squares := 0.0, 0.0
	for _, m := range ms {
		sum, squares = sum+m.Z(), squares+m.Z()*m.Z()
	}
	if math.Abs(sum/400) > 0.2 || math.Abs(squares/400-1) > 0.25 {
		t.Errorf("z has mean %v and mean square %v", sum/400, squares/400)
	}
	if got, want := (Means{{1, 1}, {-3, 1}}).String(), "mean -1.00, spread 2.83, largest 3.0"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestBinned(t *testing.T) {
	x := []float64{-0.1, 0.1, 0.2, 0.9, 1.2, 1.4, -0.3, 3.5}
	centres, means := Binned(x, 0.5, 2, func(i int) float64 { return 10 * x[i] })
	if want := []float64{-0.2, 0.15, 1.3}; len(centres) != 3 || !slices.EqualFunc(centres, want, func(a, b float64) bool { return math.Abs(a-b) < 1e-12 }) {
		t.Fatalf("centres %v, want %v", centres, want)
	}
	for k, m := range means {
		if math.Abs(m.Value-10*centres[k]) > 1e-12 {
			t.Errorf("bin %d: mean %v at %v", k, m.Value, centres[k])
		}
	}
	if centres, means := Binned(nil, 1, 1, nil); centres != nil || means != nil {
		t.Errorf("of nothing: %v, %v", centres, means)
	}
}
