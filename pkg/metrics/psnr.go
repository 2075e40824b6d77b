package metrics

import (
	"math"

	"wavescore/internal/length"
)

// PSNR returns the peak signal-to-noise ratio of a denoised picture in decibels, as papers on
// photographs have it: pixels of [-1, 1] are clipped to that range, whose width of 2 is the peak,
//
//	10 log10(4 / mean (D_i - x_i)^2).
//
// It is infinite where they are equal. Both have as many pixels; it panics with a
// diffusion.LengthError otherwise.
func PSNR(denoised, clean []float64) float64 {
	length.Check("pixels of the denoised picture", len(denoised), len(clean))
	var sum float64
	for i, x := range clean {
		e := min(max(denoised[i], -1), 1) - x
		sum += e * e
	}
	return 10 * math.Log10(4*float64(len(clean))/sum)
}
