package empirical_test

import (
	"context"
	"fmt"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/metrics"
)

// The exact score of 300 digits remembers them, and fails on others. One that sees patches composes
// others of them, the better where it may look for a patch at all places.
func Example() {
	train, test := dataset.Digits(300, 1).Resize(16, 16), dataset.Digits(20, 2).Resize(16, 16)
	shape := diffusion.Shape{C: 1, H: 16, W: 16}
	ideal, _ := empirical.NewIdeal(shape, train)
	local, _ := empirical.NewLocal(shape, train, empirical.Side(5))
	equivariant, err := empirical.NewEquivariant(shape, train, empirical.Side(5), empirical.Border)
	if err != nil {
		panic(err)
	}
	var errors []float64
	for _, d := range []diffusion.Denoiser{ideal, local, equivariant} {
		trial, err := metrics.Run(context.Background(), d, metrics.Set{Images: test, Seed: 1}, 0.3)
		if err != nil {
			panic(err)
		}
		errors = append(errors, trial.Error().Value())
	}
	fmt.Println("patches at their own places err less than whole images:", errors[1] < errors[0])
	fmt.Println("patches at all places err less than those:", errors[2] < errors[1])
	// Output:
	// patches at their own places err less than whole images: true
	// patches at all places err less than those: true
}
