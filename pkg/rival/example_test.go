package rival_test

import (
	"fmt"
	"os"

	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/rival"
)

// LS, the local score, of 100 procedural digits, whose patches are as wide as errs least on other
// digits, beside the score that remembers them and a wavelet method that has seen none.
func Example() {
	cache, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(cache)
	os.Setenv("WAVESCORE_CACHE", cache)

	run := lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 104, Test: 20, Seed: 1})
	study := &experiment.Study{Run: run, Sigmas: []float64{0.2, 1}, Images: 20}
	choice := &rival.Choice{Sigmas: study.Sigmas, Sides: []int{1, 3, 5, 7, 9, 15}, Images: 4}
	local, ideal, bayes := rival.Patches(rival.LocalScore, 100, choice), experiment.Ideal(100), rival.Classic("bayes")

	for i, sigma := range study.Sigmas {
		best, _ := rival.Best(study, i, local, ideal, bayes)
		fmt.Printf("sigma %.1f: least error has %s\n", sigma, best.Name)
	}
	sides := choice.Choose(run, rival.LocalScore, 100)
	fmt.Println("patches are wider where there is more noise:", sides.Pixels[1] > sides.Pixels[0])
	// Output:
	// sigma 0.2: least error has LS
	// sigma 1.0: least error has LS
	// patches are wider where there is more noise: true
}
