package viz

import (
	"math"
	"testing"
)

// TestDensity: a uniform distribution that fills half of the bins has the histogram that its own
// values have, and a point mass all of a bin.
func TestDensity(t *testing.T) {
	uniform := func(x float64) float64 { return min(max(x, 0), 1) }
	var values []float64
	for i := range 1000 {
		values = append(values, (float64(i)+0.5)/1000)
	}
	f := Histogram{X: Axis{Label: "x", Min: -1, Max: 1}, Bins: 10, Samples: []Sample{{Values: values}}}
	s := f.Density("uniform", uniform)
	counted := count(values, f.X.scale(0, values), f.Bins)
	for i, got := range s.Y {
		if want := max(counted.density[i], leastDensity); math.Abs(got-want) > 1e-9 {
			t.Errorf("bin %d, around %v, has density %v, want %v", i, s.X[i], got, want)
		}
		if middle := (counted.edges[i] + counted.edges[i+1]) / 2; math.Abs(s.X[i]-middle) > 1e-12 {
			t.Errorf("the middle of bin %d is %v, want %v", i, s.X[i], middle)
		}
	}
	f.Bins = 0
	s = f.Density("point", func(x float64) float64 { return float64(int(1 + math.Floor(max(x, -1)))) })
	if len(s.Y) != usualBins || math.Abs(s.Y[usualBins/2]-usualBins/2.0) > 1e-9 || s.Y[0] != leastDensity {
		t.Errorf("a point at 0 has density %v in the middle of %d bins", s.Y[usualBins/2], len(s.Y))
	}
}
