package external_test

import (
	"context"
	"fmt"
	"os"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/external"
)

// The program of this example halves images and adds sigma. With a network in Python it would be
// "python3", "environment/denoiser.py", "mynetwork.py".
func Example() {
	d, err := external.New(diffusion.Shape{C: 1, H: 1, W: 4}, external.Settings{}, os.Args[0], "behave=well")
	if err != nil {
		panic(err)
	}
	defer d.Close()
	noisy := []float64{-1, 0, 0.5, 1}
	denoised := make([]float64, len(noisy))
	if err := d.Denoise(context.Background(), denoised, noisy, 0.25); err != nil {
		panic(err)
	}
	fmt.Println(denoised)
	// Output:
	// [-0.25 0.25 0.5 0.75]
}
