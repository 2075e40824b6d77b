package shrinkage_test

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/shrinkage"
	"wavescore/pkg/wavelet"
)

// An edge with noise, denoised from what the image shows itself: by the thresholds that the bands
// suggest, and by these averaged over shifts.
func Example() {
	const side, sigma = 32, 0.3
	var clean, noisy []float64
	random := rand.New(rand.NewPCG(1, 0))
	for i := range side * side {
		v := 0.6
		if i%side < 13 {
			v = -0.6
		}
		clean, noisy = append(clean, v), append(noisy, v+sigma*random.NormFloat64())
	}
	haar, _ := wavelet.ParseFilter("haar")
	bayes, err := shrinkage.New(shrinkage.Bayes, wavelet.NewTransform(haar, wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: 3}))
	if err != nil {
		panic(err)
	}
	left := func(d diffusion.Denoiser) (share float64) { // of the noise
		denoised := make([]float64, len(noisy))
		if err := d.Denoise(context.Background(), denoised, noisy, sigma); err != nil {
			panic(err)
		}
		for i, v := range denoised {
			share += math.Pow((v-clean[i])/sigma, 2) / float64(len(clean))
		}
		return share
	}
	once, spun := left(bayes), left(diffusion.CycleSpin(bayes, 4))
	fmt.Println("less than a third of the noise is left:", once < 1./3)
	fmt.Println("averaged over shifts, less than that:", spun < once)
	// Output:
	// less than a third of the noise is left: true
	// averaged over shifts, less than that: true
}
