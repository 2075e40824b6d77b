package dataset_test

import (
	"fmt"

	"wavescore/pkg/dataset"
)

// A set of digits needs no file, and another seed gives new ones without end.
func ExampleDigits() {
	digits := dataset.Digits(1000, 1)
	fmt.Printf("%d images of %dx%d, labels %v ...\n", digits.Len(), digits.Height, digits.Width, digits.Labels[:12])

	var ink float64
	for _, p := range digits.Pixels {
		ink += float64(p+1) / 2
	}
	fmt.Printf("mean brightness %.2f\n", ink/float64(len(digits.Pixels)))
	// Output:
	// 1000 images of 28x28, labels [0 1 2 3 4 5 6 7 8 9 0 1] ...
	// mean brightness 0.13
}
