package diffusion

import (
	"context"
	"fmt"
)

// Differentiable is a Denoiser that can also carry a cotangent back through its own Jacobian, as
// backpropagation does.
//
// A Differentiable is safe for concurrent use.
type Differentiable interface {
	Denoiser

	// VJP writes J^T cotangent to dst for N images of Shape, where J is the Jacobian of Denoise
	// by the noisy image, taken at src and sigma: pixel q of an image in dst is the sum over
	// pixels p of cotangent[p] dD_p/dy_q. Dst may be src or cotangent.
	//
	// Errors are those of Denoise. It panics with a LengthError unless the three have the length
	// of the same whole number of images.
	VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error
}

// CheckVJP is what every VJP does first: Check, for the cotangent as for the noisy images.
func CheckVJP(shape Shape, dst, src, cotangent []float64, sigma float64) error {
	if err := Check(shape, dst, src, sigma); err != nil {
		return err
	}
	if err := Check(shape, dst, cotangent, sigma); err != nil {
		return fmt.Errorf("cotangent: %w", err)
	}
	return nil
}
