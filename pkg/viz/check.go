package viz

import (
	"fmt"
	"math"
)

// checkValues refuses an empty slice, NaN, infinities, numbers too large for an axis and, on a
// logarithmic one, anything that is not positive or too small. The name is what the error calls the
// slice: "x", "low", "values".
func checkValues(name string, values []float64, log bool) error {
	if len(values) == 0 {
		return fmt.Errorf("%s is empty", name)
	}
	for i, v := range values {
		if err := checkValue(v, log); err != nil {
			return fmt.Errorf("%s[%d] is %w", name, i, err)
		}
	}
	return nil
}

// checkValue says what is wrong with one number, or returns nil.
func checkValue(v float64, log bool) error {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Errorf("%v; only finite numbers can be drawn", v)
	case math.Abs(v) > largestNumber:
		return fmt.Errorf("%v; only numbers between %g and %g can be drawn", v, -largestNumber, largestNumber)
	case log && v <= 0:
		return fmt.Errorf("%v; a logarithmic axis takes only positive numbers", v)
	case log && v < leastLogNumber:
		return fmt.Errorf("%v; a logarithmic axis takes only numbers from %g on", v, leastLogNumber)
	}
	return nil
}

// checkLength refuses a slice whose length is not that of the slice it belongs to.
func checkLength(name string, n int, other string, want int) error {
	if n != want {
		return fmt.Errorf("%s has %d values and %s has %d; they must agree", name, n, other, want)
	}
	return nil
}

// seriesError puts the name of a series in front of what is wrong with it.
func seriesError(index int, name string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("series %d %q: %w", index, name, err)
}

// checkName refuses a series without a name among several, and a name that was used before.
func checkName(used map[string]bool, index int, name string, of int) error {
	switch {
	case name == "" && of > 1:
		return fmt.Errorf("series %d has no name; with several series each needs one", index)
	case used[name]:
		return fmt.Errorf("series %d has the name %q of an earlier one", index, name)
	}
	used[name] = true
	return nil
}

func checkAxes(x, y Axis) error {
	if err := x.check("x"); err != nil {
		return err
	}
	return y.check("y")
}
