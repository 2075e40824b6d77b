package viz

import (
	"math"
	"slices"
	"testing"
)

func TestSpans(t *testing.T) {
	if got := Span(-1, 1, 5); !slices.Equal(got, []float64{-1, -0.5, 0, 0.5, 1}) {
		t.Errorf("Span: %v", got)
	}
	got := LogSpan(0.02, 20, 4)
	for i, want := range []float64{0.02, 0.2, 2, 20} {
		if math.Abs(got[i]/want-1) > 1e-12 {
			t.Errorf("LogSpan: %v at %d, want %v", got[i], i, want)
		}
	}
}

func TestCurves(t *testing.T) {
	x := Span(0, 2, 3)
	series := Curves(x, "degree %d", []int{1, 3}, func(degree int) func(float64) float64 {
		return func(x float64) float64 { return math.Pow(x, float64(degree)) }
	})
	if len(series) != 2 || series[1].Name != "degree 3" || !slices.Equal(series[1].X, x) || !slices.Equal(series[1].Y, []float64{0, 1, 8}) {
		t.Errorf("%+v", series)
	}
	square := Curve("square", x, func(x float64) float64 { return x * x })
	if square.Name != "square" || !slices.Equal(square.X, x) || !slices.Equal(square.Y, []float64{0, 1, 4}) {
		t.Errorf("%+v", square)
	}
	if series := Curves(x, "σ = %v", []float64(nil), nil); series != nil {
		t.Errorf("of no parameters: %v", series)
	}
}
