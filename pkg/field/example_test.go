package field_test

import (
	"context"
	"fmt"
	"math"

	"wavescore/pkg/dataset"
	"wavescore/pkg/field"
)

// The field whose images are one pixel, -1 or +1, has the denoiser tanh(y / sigma^2).
func Example() {
	means := &dataset.Images{Channels: 1, Height: 1, Width: 1, Pixels: []float32{-1, 1}}
	points, err := field.PowerLaw(1, 1, 0, 1, 0) // no spread around the means
	if err != nil {
		fmt.Println(err)
		return
	}
	pair, err := field.NewMixture(nil, means, points)
	if err != nil {
		fmt.Println(err)
		return
	}
	const sigma = 0.8
	noisy := []float64{-1.2, -0.1, 0.3, 2}
	denoised := make([]float64, len(noisy))
	if err := pair.Denoise(context.Background(), denoised, noisy, sigma); err != nil {
		fmt.Println(err)
		return
	}
	for i, y := range noisy {
		fmt.Printf("%5.1f: %7.4f, tanh %7.4f\n", y, denoised[i], math.Tanh(y/(sigma*sigma)))
	}
	// Output:
	//  -1.2: -0.9540, tanh -0.9540
	//  -0.1: -0.1550, tanh -0.1550
	//   0.3:  0.4372, tanh  0.4372
	//   2.0:  0.9961, tanh  0.9961
}
