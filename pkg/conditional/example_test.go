package conditional_test

import (
	"context"
	"fmt"

	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

// A machine that knows 30 kinds of patch around every 4x4 block of a digit, fitted in a second.
func Example() {
	images, err := dataset.Digits(500, 1).Pad(32, 32)
	if err != nil {
		fmt.Println(err)
		return
	}
	family := conditional.Family{Block: 4, Window: 6, Components: 30}
	machine, err := conditional.Fit(context.Background(), family, diffusion.Shape{C: 1, H: 32, W: 32}, images, conditional.Default(), nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(family)
	image := images.Batch(nil, 0, 1)
	if err := machine.Denoise(context.Background(), image, image, 0.2); err != nil {
		fmt.Println(err)
	}
	// Output: conditional: 30 components in windows of 6x6 around blocks of 4x4, per site
}
