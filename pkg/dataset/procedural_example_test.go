package dataset_test

import (
	"context"
	"fmt"
	"math"

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

// The field whose images are one pixel, -1 or +1, has the denoiser tanh(y / sigma^2).
func ExampleNewMixture() {
	means := &dataset.Images{Channels: 1, Height: 1, Width: 1, Pixels: []float32{-1, 1}}
	points, err := dataset.PowerLaw(1, 1, 0, 1, 0) // no spread around the means
	if err != nil {
		fmt.Println(err)
		return
	}
	field, err := dataset.NewMixture(nil, means, points)
	if err != nil {
		fmt.Println(err)
		return
	}
	const sigma = 0.8
	noisy := []float64{-1.2, -0.1, 0.3, 2}
	denoised := make([]float64, len(noisy))
	if err := field.Denoise(context.Background(), denoised, noisy, sigma); err != nil {
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
