package analytic_test

import (
	"context"
	"fmt"
	"log"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// The ridge of a machine of 400 small digits, chosen at every noise level by 4-fold
// cross-validation.
func ExampleTuneFolds() {
	digits := dataset.Digits(400, 1).Resize(8, 8)
	spec := moments.Spec{
		Family: moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient},
		Filter: "haar",
		Layout: wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3},
	}
	var folds []*moments.Moments
	for k := range 4 {
		fold, err := moments.Collect(context.Background(), spec, digits.Slice(100*k, 100*k+100), fmt.Sprintf("fold %d", k), nil)
		if err != nil {
			log.Fatal(err)
		}
		spec = fold.Spec() // whose centre the other folds must have
		folds = append(folds, fold)
	}
	machine, err := analytic.TuneFolds(context.Background(), folds, analytic.Grid(1e-4, 1e-2, 1, 100))
	if err != nil {
		log.Fatal(err)
	}
	for _, sigma := range []float64{0.05, 0.5, 5} {
		level, err := machine.Level(context.Background(), sigma)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(sigma, level.Settings.Ridge.Nonlinear)
	}
	// Output:
	// 0.05 1
	// 0.5 0.01
	// 5 0.01
}
