package viz

import (
	"fmt"

	"gonum.org/v1/gonum/floats"
)

// Span returns n values from low to high, evenly spaced: places at which to draw a curve. N is at
// least 2.
func Span(low, high float64, n int) []float64 { return floats.Span(make([]float64, n), low, high) }

// LogSpan returns n values from low to high, each the same number of times the one before: noise
// levels for a logarithmic axis. Low is positive, and n at least 2.
func LogSpan(low, high float64, n int) []float64 {
	return floats.LogSpan(make([]float64, n), low, high)
}

// Curve returns the series of a function at the places x.
func Curve(name string, x []float64, f func(x float64) float64) Series {
	return Series{Name: name, X: x, Y: Apply(x, f)}
}

// Apply returns f of every value of x.
func Apply(x []float64, f func(x float64) float64) (y []float64) {
	for _, x := range x {
		y = append(y, f(x))
	}
	return y
}

// Curves returns the curve of a function over x for each value of a parameter, named by a format
// that takes the value, such as "σ = %v" or "degree %d".
func Curves[P any](x []float64, format string, parameters []P, f func(P) func(x float64) float64) (series []Series) {
	for _, p := range parameters {
		series = append(series, Curve(fmt.Sprintf(format, p), x, f(p)))
	}
	return series
}
