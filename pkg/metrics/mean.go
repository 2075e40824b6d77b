package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat"
)

// Mean is the mean of independent numbers and its standard error: what a sampled check of an
// expectation has. Numbers of images that want an interval are a Statistic.
type Mean struct{ Value, Error float64 }

// MeanOf returns the mean of f(0) to f(n-1), n being at least 2.
func MeanOf(n int, f func(i int) float64) Mean {
	values := make([]float64, n)
	for i := range values {
		values[i] = f(i)
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	return Mean{mean, stat.StdErr(deviation, float64(n))}
}

// Minus returns the difference to an independent mean. A known number v is Mean{Value: v}.
func (m Mean) Minus(o Mean) Mean { return Mean{m.Value - o.Value, math.Hypot(m.Error, o.Error)} }

// Times returns a multiple of the mean.
func (m Mean) Times(factor float64) Mean { return Mean{factor * m.Value, math.Abs(factor) * m.Error} }

// Z returns the mean in its standard errors. Where it is 0 up to chance, Z is some number like 0.7
// or -1.9. It is 0 where the mean is 0 without an error.
func (m Mean) Z() float64 {
	if m.Value == 0 {
		return 0
	}
	return m.Value / m.Error
}

// String returns the mean and its standard error, of which it shows two digits: -3.745 ± 0.028.
func (m Mean) String() string {
	if !(m.Error > 0) || math.IsInf(m.Error, 1) {
		return fmt.Sprintf("%.4g ± %.2g", m.Value, m.Error)
	}
	decimals := max(0, 1-int(math.Floor(math.Log10(m.Error))))
	if decimals > 6 {
		return fmt.Sprintf("%.4g ± %.2g", m.Value, m.Error)
	}
	return fmt.Sprintf("%.*f ± %.*f", decimals, m.Value, decimals, m.Error)
}

// Means are means that are each expected to be 0.
type Means []Mean

// String says how far from 0 they are, in their standard errors: "mean 0.05, spread 0.98, largest
// 2.6". By chance alone they have mean 0 and spread 1, and the largest of a hundred is about 2.6.
func (ms Means) String() string {
	zs, largest := make([]float64, len(ms)), 0.0
	for i, m := range ms {
		zs[i] = m.Z()
		largest = max(largest, math.Abs(zs[i]))
	}
	mean, spread := stat.MeanStdDev(zs, nil)
	return fmt.Sprintf("mean %.2f, spread %.2f, largest %.1f", mean, spread, largest)
}

// Binned sorts numbers into bins of x of a width, from multiple to multiple of it, and returns for
// each bin that has as many as least the mean x and the mean of f over the numbers in it, in
// ascending order of x: an estimate of E[f | x].
func Binned(x []float64, width float64, least int, f func(i int) float64) (centres []float64, means []Mean) {
	bins := map[int][]int{}
	first, last := math.MaxInt, math.MinInt
	for i, v := range x {
		bin := int(math.Floor(v / width))
		bins[bin] = append(bins[bin], i)
		first, last = min(first, bin), max(last, bin)
	}
	for bin := first; bin <= last; bin++ {
		if in := bins[bin]; len(in) >= max(least, 2) {
			centres = append(centres, MeanOf(len(in), func(k int) float64 { return x[in[k]] }).Value)
			means = append(means, MeanOf(len(in), func(k int) float64 { return f(in[k]) }))
		}
	}
	return centres, means
}
