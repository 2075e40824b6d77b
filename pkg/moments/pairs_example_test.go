package moments_test

import (
	"context"
	"fmt"

	"wavescore/pkg/moments"
)

// Two coefficients with signs of their own and a size in common, 1 or 3: uncorrelated, but far
// from independent.
func ExamplePairCumulants() {
	var images []float64
	for _, size := range []float64{1, 3} {
		for _, a := range []float64{-size, size} {
			for _, b := range []float64{-size, size} {
				images = append(images, a, b)
			}
		}
	}
	pairs, err := moments.PairCumulants(context.Background(), images, 2, [][2]int{{0, 1}})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, sigma := range []float64{0, 1, 10} {
		fmt.Printf("sigma %2g: kurtosis %.4f, correlation of values %g, of energies %.4f\n",
			sigma, pairs.Kurtosis(sigma), pairs.SquaredCorrelation(sigma), pairs.EnergyCorrelation(sigma))
	}
	// Output:
	// sigma  0: kurtosis -1.3600, correlation of values 0, of energies 1.0000
	// sigma  1: kurtosis -0.9444, correlation of values 0, of energies 0.4211
	// sigma 10: kurtosis -0.0031, correlation of values 0, of energies 0.0007
}
