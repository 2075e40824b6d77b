package metrics

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"
)

// Statistic is a function of means over images: of the rows of numbers that were measured on each
// of them. A mean is one, and so is a ratio of means, such as an explained variance.
type Statistic struct {
	rows  [][]float64 // image: what is averaged
	value func(means []float64) float64
}

// NewStatistic returns the statistic with the given value of the means of rows, one row an image,
// all of one length. It panics with a RowError if there is no image or the rows' lengths differ.
func NewStatistic(rows [][]float64, value func(means []float64) float64) Statistic {
	if len(rows) == 0 {
		panic(RowError{})
	}
	for i, row := range rows {
		if len(row) != len(rows[0]) {
			panic(RowError{Image: i, Got: len(row), Want: len(rows[0])})
		}
	}
	return Statistic{rows, value}
}

// RowError is the value of the panic for numbers of images that do not belong together: a mistake
// in the program.
type RowError struct{ Image, Got, Want int }

func (e RowError) Error() string {
	if e.Want == 0 {
		return "metrics: a statistic of no images"
	}
	return fmt.Sprintf("metrics: %d numbers at image %d, want %d", e.Got, e.Image, e.Want)
}

// mean is the statistic of one number an image.
func mean(rows [][]float64) Statistic {
	return NewStatistic(rows, func(means []float64) float64 { return means[0] })
}

// Images returns the number of images.
func (s Statistic) Images() int { return len(s.rows) }

// Value returns the statistic of all images.
func (s Statistic) Value() float64 {
	means := make([]float64, len(s.rows[0]))
	for _, row := range s.rows {
		floats.AddScaled(means, 1/float64(len(s.rows)), row)
	}
	return s.value(means)
}

// Minus returns the difference of two statistics of the same images, in the same order: its
// interval is the paired one. It panics with a RowError if they are of different numbers of
// images.
func (s Statistic) Minus(o Statistic) Statistic {
	return s.with(o, func(a, b float64) float64 { return a - b })
}

// Over returns the ratio of two statistics of the same images, as Minus does the difference.
func (s Statistic) Over(o Statistic) Statistic {
	return s.with(o, func(a, b float64) float64 { return a / b })
}

func (s Statistic) with(o Statistic, combine func(a, b float64) float64) Statistic {
	if len(s.rows) != len(o.rows) {
		panic(RowError{Image: len(s.rows), Got: len(o.rows), Want: len(s.rows)})
	}
	rows := make([][]float64, len(s.rows))
	for i := range rows {
		rows[i] = slices.Concat(s.rows[i], o.rows[i])
	}
	width := len(s.rows[0])
	return Statistic{rows, func(means []float64) float64 { return combine(s.value(means[:width]), o.value(means[width:])) }}
}

// Estimate is the value of a statistic and its 95 % interval.
type Estimate struct{ Value, Low, High float64 }

func (e Estimate) String() string { return fmt.Sprintf("%.4g [%.4g, %.4g]", e.Value, e.Low, e.High) }

// Above reports whether the whole interval is above v.
func (e Estimate) Above(v float64) bool { return e.Low > v }

// Below reports whether the whole interval is below v.
func (e Estimate) Below(v float64) bool { return e.High < v }

// resamples is how often a bootstrap draws as many images as there are.
const resamples = 1000

// Estimate returns the statistic with its bootstrap interval: the 2.5 and 97.5 % quantiles of its
// values on 1000 samples of as many images, drawn with replacement from the given seed. The
// interval covers the choice of images and noise. It does not cover the choice of network or fit.
// With one image it is a point.
func (s Statistic) Estimate(seed uint64) Estimate {
	rnd := rand.New(rand.NewPCG(seed, 0))
	n, width := len(s.rows), len(s.rows[0])
	values := make([]float64, resamples)
	means := make([]float64, width)
	for r := range values {
		clear(means)
		for range n {
			floats.Add(means, s.rows[rnd.IntN(n)])
		}
		floats.Scale(1/float64(n), means)
		values[r] = s.value(means)
	}
	slices.Sort(values)
	return Estimate{Value: s.Value(), Low: stat.Quantile(0.025, stat.LinInterp, values, nil), High: stat.Quantile(0.975, stat.LinInterp, values, nil)}
}
