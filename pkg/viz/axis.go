package viz

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot/vg"
)

// Axis says what an axis measures.
type Axis struct {
	Label    string  // the quantity and its unit; an axis of numbers must have one
	Log      bool    // logarithmic: every value must be positive
	Min, Max float64 // the range; both zero: what the data need
}

// The numbers that an axis can show. Within these limits no margin, logarithm or width of a bin
// leaves the floating-point numbers.
const (
	largestNumber  = 1e300  // in magnitude
	leastLogNumber = 1e-300 // on a logarithmic axis
	leastRange     = 1e-300
	leastRatio     = 1e-9 // of the range to the larger end: labels have 12 digits
)

func (a Axis) check(name string) error {
	switch {
	case a.Label == "":
		return fmt.Errorf("the %s axis has no label; name the quantity and its unit", name)
	case a.Min == 0 && a.Max == 0:
		return nil
	case !(a.Min < a.Max):
		return fmt.Errorf("the %s axis runs from %v to %v; Min must be below Max", name, a.Min, a.Max)
	case max(-a.Min, a.Max) > largestNumber:
		return fmt.Errorf("the %s axis runs from %v to %v; it can end at %g and %g at most",
			name, a.Min, a.Max, -largestNumber, largestNumber)
	case a.Log && a.Min < leastLogNumber:
		return fmt.Errorf("the %s axis is logarithmic and starts at %v; Min must be positive, at least %g",
			name, a.Min, leastLogNumber)
	case !apart(a.Min, a.Max):
		return fmt.Errorf("the %s axis runs from %v to %v; Max must exceed Min by more than %g of the "+
			"larger of them, and by more than %g", name, a.Min, a.Max, leastRatio, leastRange)
	}
	return nil
}

// apart reports whether two numbers, the lesser first, are far enough apart for an axis between
// them.
func apart(lo, hi float64) bool {
	return hi-lo > max(leastRatio*max(-lo, hi), leastRange)
}

// scale is an axis whose range is settled.
type scale struct {
	Axis
	min, max float64
}

// scale settles the range: the one that is set, or that of the values with a margin, a fraction of
// the range, at both ends. Values that are equal, or nearly so, lie in the middle of it.
func (a Axis) scale(margin float64, values ...[]float64) scale {
	if a.Min != a.Max {
		return scale{a, a.Min, a.Max}
	}
	lo, hi := span(values...)
	if a.Log {
		if !apart(lo, hi) {
			lo, hi = lo/2, hi*2
		}
		f := min(math.Pow(hi/lo, margin), 1e6)
		return scale{a, lo / f, hi * f}
	}
	if !apart(lo, hi) {
		d := max(math.Abs(lo)/2, 0.5)
		lo, hi = lo-d, hi+d
	}
	d := (hi - lo) * margin
	return scale{a, lo - d, hi + d}
}

// fromZero is scale for heights: unless the axis is logarithmic or its range is set, it begins at
// zero, without a margin there.
func (a Axis) fromZero(margin float64, values ...[]float64) scale {
	if a.Log || a.Min != a.Max {
		return a.scale(margin, values...)
	}
	s := a.scale(margin, append(values, []float64{0})...)
	lo, hi := span(values...)
	switch {
	case lo >= 0:
		s.min = 0
	case hi <= 0:
		s.max = 0
	}
	return s
}

// span returns the least and the largest of the values.
func span(values ...[]float64) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, vs := range values {
		for _, v := range vs {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	return lo, hi
}

// ticks returns at most n places for labels, twice as many where there would be only two, in
// ascending order: multiples of 1, 2 or 5 times a power of ten on a linear axis; on a logarithmic
// one 1, 2 and 5 in every decade where they fit, else whole decades.
func (s scale) ticks(n int) []float64 {
	if !s.Log {
		return linearTicks(s.min, s.max, n)
	}
	for _, digits := range [][]float64{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 5}, {1, 3}} {
		ticks := logTicks(s.min, s.max, digits, 1)
		if len(digits) > 3 && len(ticks) > 5 {
			continue // all nine digits read well only within less than a decade
		}
		if len(ticks) <= n && len(ticks) > 1 {
			return ticks
		}
	}
	for step := 1; step < 700; step++ {
		if ticks := logTicks(s.min, s.max, []float64{1}, step); len(ticks) <= n {
			if len(ticks) < 2 {
				break
			}
			return ticks
		}
	}
	return linearTicks(s.min, s.max, n)
}

// minorTicks returns the places of the short unlabelled ticks of a logarithmic axis.
func (s scale) minorTicks() []float64 {
	if !s.Log || s.max/s.min > 1e8 {
		return nil
	}
	return logTicks(s.min, s.max, []float64{1, 2, 3, 4, 5, 6, 7, 8, 9}, 1)
}

// linearTicks returns at most n multiples of 1, 2 or 5 times a power of ten, but rather up to twice
// as many than only two. The ends must be apart.
func linearTicks(lo, hi float64, n int) []float64 {
	power := math.Pow(10, math.Floor(math.Log10((hi-lo)/float64(n))))
	var ticks []float64
	for _, f := range []float64{1, 2, 5, 10, 20} {
		step := power * f
		first, last := int(math.Ceil(lo/step-1e-9)), int(math.Floor(hi/step+1e-9))
		if last-first < 2 && len(ticks) > 0 && len(ticks) <= 2*n {
			break
		}
		ticks = nil
		for k := first; k <= last; k++ {
			ticks = append(ticks, round(float64(k)*step))
		}
		if len(ticks) <= n {
			break
		}
	}
	return ticks
}

// logTicks returns the numbers between lo and hi that are one of the digits times a power of ten
// whose exponent is a multiple of step.
func logTicks(lo, hi float64, digits []float64, step int) []float64 {
	var ticks []float64
	for k := int(math.Floor(math.Log10(lo))); k <= int(math.Ceil(math.Log10(hi))); k++ {
		if k%step != 0 {
			continue
		}
		for _, d := range digits {
			t := round(d * math.Pow(10, float64(k)))
			if t >= lo*(1-1e-9) && t <= hi*(1+1e-9) {
				ticks = append(ticks, t)
			}
		}
	}
	return ticks
}

// round removes the last few bits that arithmetic on decimal fractions leaves: 0.30000000000000004
// becomes 0.3.
func round(v float64) float64 {
	r, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 12, 64), 64)
	if err != nil {
		return v
	}
	return r
}

// format writes a number as the axes and legends do: 0.02, 1, 250, 1e-6. live.js holds the same
// rule.
func format(v float64) string {
	v += 0 // no negative zero
	if a := math.Abs(v); a != 0 && (a < 1e-4 || a >= 1e6) {
		s := strconv.FormatFloat(v, 'e', -1, 64)
		mantissa, exponent, _ := strings.Cut(s, "e")
		e, _ := strconv.Atoi(exponent)
		return mantissa + "e" + strconv.Itoa(e)
	}
	return strconv.FormatFloat(v, 'f', -1, 64)
}

// Labels writes numbers as labels for rows, columns and bars: 0.02, 1, 250, 1e-6, to three
// significant digits.
func Labels(values []float64) []string {
	labels := make([]string, len(values))
	for i, v := range values {
		short, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
		labels[i] = format(short)
	}
	return labels
}

// farOutside is as far from an axis as anything is drawn, in lengths of the axis.
const farOutside = 1e6

// at returns where a value lies on the axis: 0 at its start, 1 at its end. What lies farther
// outside than can be seen lies at the same place.
func (s scale) at(v float64) vg.Length {
	t := (v - s.min) / (s.max - s.min)
	if s.Log {
		// The ratio of square roots does not overflow.
		root := math.Sqrt(s.min)
		t = math.Log(math.Sqrt(v)/root) / math.Log(math.Sqrt(s.max)/root)
	}
	return vg.Length(min(max(t, -farOutside), farOutside))
}

// axis returns the scale with its ticks, for an axis of the given length; n is the number of labels
// that fit.
func (s scale) axis(n int, length vg.Length) axis {
	a := axis{label: wrap(labelText, s.Label, length)}
	for _, v := range s.ticks(n) {
		a.ticks = append(a.ticks, tick{s.at(v), format(v), v})
	}
	for _, v := range s.minorTicks() {
		a.minor = append(a.minor, s.at(v))
	}
	return a
}
