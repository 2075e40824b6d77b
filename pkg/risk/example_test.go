package risk_test

import (
	"fmt"
	"os"

	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/risk"
)

// The exact errors of linear machines and of gated ones on 200 procedural digits: at both
// noise levels neighbours help, and so do terms of higher order.
func Example() {
	cache, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(cache)
	os.Setenv("WAVESCORE_CACHE", cache)

	run := lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 200, Test: 100, Seed: 1})
	local := moments.Neighbourhood{Radius: 1}
	linear := moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	gated := moments.Family{Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	bench := &risk.Bench{Run: run, Filter: "haar", Levels: 2, Largest: gated.With(local), Sigmas: []float64{0.2, 1}}

	alone := bench.Errors(linear)
	for _, family := range []moments.Family{linear.With(local), gated, gated.With(local)} {
		errors := bench.Errors(family)
		fmt.Printf("%v: below the linear machine alone: %t, %t\n", family, errors[0] < alone[0], errors[1] < alone[1])
	}
	// Output:
	// local-coupled, radius 1; powers, degree 1; weights per coefficient: below the linear machine alone: true, true
	// independent; gated, degree 3; weights per coefficient: below the linear machine alone: true, true
	// local-coupled, radius 1; gated, degree 3; weights per coefficient: below the linear machine alone: true, true
}
