package guest_test

import (
	"context"
	"fmt"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/guest"
)

// A shrinker multiplies pixels by 1 / (1 + sigma^2).
type shrinker struct{ shape diffusion.Shape }

func (s shrinker) Shape() diffusion.Shape { return s.shape }

func (s shrinker) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	for i, v := range src {
		dst[i] = v / (1 + sigma*sigma)
	}
	return nil
}

// With a Study the guest is compared as any other: study.Errors(wiener, mine).
func Example() {
	mine := guest.Of("shrinker", func(shape diffusion.Shape) (diffusion.Denoiser, error) { return shrinker{shape}, nil })
	fmt.Println(mine.Name, guest.Check(context.Background(), shrinker{diffusion.Shape{C: 1, H: 8, W: 8}}))
	// Output: shrinker <nil>
}
