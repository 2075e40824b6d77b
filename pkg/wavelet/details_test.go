package wavelet

import (
	"math"
	"slices"
	"testing"
)

// TestDetails: with the approximations, the details of all levels are the bands, each once and in
// their order.
func TestDetails(t *testing.T) {
	for _, l := range layouts {
		var got []Band
		for level := l.Levels; level >= 0; level-- {
			got = append(got, l.Details(level)...)
		}
		want := slices.DeleteFunc(l.Bands(), func(b Band) bool { return b.Orientation == Approximation })
		slices.SortStableFunc(want, func(a, b Band) int { return b.Level - a.Level })
		if !slices.Equal(got, want) {
			t.Errorf("%+v: details %v, want %v", l, got, want)
		}
		if got := l.Details(l.Levels + 1); got != nil {
			t.Errorf("%+v: details %v of a level that there is not", l, got)
		}
	}
}

// TestShiftOfACoefficient: shifts by one pixel of every band are those of a rolled grid, shifts
// add up, and the shifts within a radius are the neighbours.
func TestShiftOfACoefficient(t *testing.T) {
	l := Layout{1, 12, 20, 2}
	b := Band{Level: 2, Orientation: Vertical} // 3 rows of 5
	from, _ := l.Range(b)
	for _, test := range []struct{ rows, cols, want int }{
		{0, 0, 7}, {1, 0, 12}, {2, 0, 2}, {-1, 0, 2}, {0, 1, 8}, {0, 3, 5}, {0, -3, 9}, {-4, -8, 4}, {300, 500, 7},
	} {
		if got := l.Shift(from+7, test.rows, test.cols) - from; got != test.want {
			t.Errorf("7 shifted by %d rows and %d columns is %d, want %d", test.rows, test.cols, got, test.want)
		}
	}
	for _, l := range layouts {
		for i := range l.Len() {
			if got := l.Shift(l.Shift(i, 5, -3), -5, 3); got != i {
				t.Fatalf("%+v: %d shifted there and back is %d", l, i, got)
			}
			var around []int
			for rows := -2; rows <= 2; rows++ {
				for cols := -2; cols <= 2; cols++ {
					if j := l.Shift(i, rows, cols); j != i && !slices.Contains(around, j) {
						around = append(around, j)
					}
				}
			}
			if !slices.Equal(around, l.Neighbours(i, 2)) {
				t.Fatalf("%+v: shifts of %d lead to %v, its neighbours are %v", l, i, around, l.Neighbours(i, 2))
			}
		}
	}
}

// TestBandMeans: the means of numbers that only the band decides are these numbers, and weighted by
// the bands' sizes they add up to the sum of all.
func TestBandMeans(t *testing.T) {
	for _, l := range layouts {
		values := make([]float64, l.Len())
		for i := range values {
			p := l.Place(i)
			values[i] = float64(p.Channel + 10*p.Level + 100*int(p.Orientation))
		}
		for i, got := range l.BandMeans(values) {
			b := l.Bands()[i]
			if want := float64(b.Channel + 10*b.Level + 100*int(b.Orientation)); got != want {
				t.Errorf("%+v: the mean of %+v is %v, want %v", l, b, got, want)
			}
		}
		random := noise(l.Len(), 3)
		sum, all := 0.0, 0.0
		for i, mean := range l.BandMeans(random) {
			from, to := l.Range(l.Bands()[i])
			sum += mean * float64(to-from)
		}
		for _, v := range random {
			all += v
		}
		if math.Abs(sum-all) > 1e-12*float64(l.Len()) {
			t.Errorf("%+v: the means add up to %v, want %v", l, sum, all)
		}
	}
	defer func() {
		if _, ok := recover().(LengthError); !ok {
			t.Error("values of another number do not panic with a LengthError")
		}
	}()
	Layout{1, 2, 2, 1}.BandMeans(make([]float64, 3))
}
