package experiment_test

import (
	"fmt"
	"os"

	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
)

// The Wiener filter of 200 procedural digits, beside the score that remembers them: on test images
// the Gaussian is the better denoiser. It does not commute with shifts.
func Example() {
	cache, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(cache)
	os.Setenv("WAVESCORE_CACHE", cache)

	run := lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 200, Test: 40, Seed: 1})
	study := &experiment.Study{Run: run, Sigmas: []float64{0.2, 1}, Images: 40}
	wiener, ideal := experiment.Wiener(200), experiment.Ideal(200)

	for i, sigma := range study.Sigmas {
		gaussian, remembering := study.Trials(wiener)[i].Error(), study.Trials(ideal)[i].Error()
		fmt.Printf("sigma %.1f: the Wiener filter has the smaller error: %t\n", sigma,
			gaussian.Minus(remembering).Estimate(run.Seed).Below(0))
	}
	fmt.Println("the Wiener filter commutes with shifts at", study.Commutes(wiener))
	// Output:
	// sigma 0.2: the Wiener filter has the smaller error: true
	// sigma 1.0: the Wiener filter has the smaller error: true
	// the Wiener filter commutes with shifts at no level
}
