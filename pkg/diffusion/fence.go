package diffusion

import (
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Fence counts the walks that a denoiser leads away from the data, and keeps their numbers finite.
// An image is lost once a pixel that is expected behind it is greater than Limit in size, or a
// noisy one is greater than Limit + 8 sigma. What is expected behind a lost image is 100 Limit in
// every pixel, so that it stays lost for the rest of the walk. It is safe for concurrent use.
type Fence struct {
	Denoiser
	Limit float64 // in pixels: well beyond those of the data, such as 10
}

// Lost reports whether a denoised image is lost.
func (f Fence) Lost(denoised []float64) bool { return denoised[0] == 100*f.Limit }

// Denoise implements Denoiser.
func (f Fence) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := Check(f.Shape(), dst, src, sigma); err != nil {
		return err
	}
	size := f.Shape().Size()
	inside, lost := slices.Clone(src), make([]bool, len(src)/size)
	for i := range lost {
		image := inside[i*size : (i+1)*size]
		if lost[i] = floats.Norm(image, math.Inf(1)) > f.Limit+8*sigma; lost[i] {
			clear(image) // the denoiser is to see nothing that it cannot take
		}
	}
	if err := f.Denoiser.Denoise(ctx, dst, inside, sigma); err != nil {
		return err
	}
	for i := range lost {
		image := dst[i*size : (i+1)*size]
		if lost[i] || !(floats.Norm(image, math.Inf(1)) <= f.Limit) {
			for k := range image {
				image[k] = 100 * f.Limit
			}
		}
	}
	return nil
}
