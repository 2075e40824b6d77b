package diffusion

import (
	"context"
	"fmt"
)

// Handover is one denoiser at a noise level and above it, and another below: nothing forbids that
// the score at each sigma is that of the denoiser that is best there. It is safe for concurrent
// use.
type Handover struct {
	Above, Below Denoiser // of images of one shape
	At           float64  // the lowest noise level that is Above's
}

// Shape implements Denoiser.
func (h Handover) Shape() Shape { return h.Above.Shape() }

// Denoise implements Denoiser. It returns an error besides where the two are of images of
// different shapes.
func (h Handover) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if above, below := h.Above.Shape(), h.Below.Shape(); above != below {
		return fmt.Errorf("diffusion: a handover from a denoiser of %v images to one of %v", above, below)
	}
	if sigma < h.At {
		return h.Below.Denoise(ctx, dst, src, sigma)
	}
	return h.Above.Denoise(ctx, dst, src, sigma)
}
