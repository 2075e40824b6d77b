package diffusion

import (
	"context"
	"errors"
	"fmt"
	"math"

	"wavescore/internal/length"
)

// Shape is the shape of one image: C channels of H rows and W columns.
type Shape struct{ C, H, W int }

// Size returns the number of pixels of one image, channels included.
func (s Shape) Size() int { return s.C * s.H * s.W }

// String returns the shape as "channels x height x width".
func (s Shape) String() string { return fmt.Sprintf("%dx%dx%d", s.C, s.H, s.W) }

// Denoiser is the posterior mean of the clean image given a noisy one.
//
// A Denoiser is safe for concurrent use. Denoise takes a context because only it knows what of
// its work is long: a machine solves a noise level that it meets for the first time, an exact
// denoiser reads its whole training set, and a wrapper calls another denoiser many times.
type Denoiser interface {
	// Shape returns the shape of the images that Denoise takes.
	Shape() Shape

	// Denoise writes E[x | x + sigma z = src] to dst for N images of Shape, row-major, pixels in
	// [-1, 1]. dst may be src. The number of images is len(src) / Shape().Size().
	//
	// It returns an error that wraps ErrSigma or ErrInput where the level or the images are not
	// usable, and whatever the implementation reports when its own computation fails, and ctx's
	// error once that is cancelled; dst is then unspecified. It panics with a LengthError if src
	// is not a whole number of images or dst has another length than src.
	Denoise(ctx context.Context, dst, src []float64, sigma float64) error
}

// ErrSigma is wrapped by the error of a noise level that is not a positive finite number.
var ErrSigma = errors.New("diffusion: sigma must be positive and finite")

// ErrInput is wrapped by the error of an image that holds NaN or an infinity.
var ErrInput = errors.New("diffusion: the noisy images must be finite")

// LengthError is the value of the panic for a slice of the wrong length: a mistake in the program,
// not in its data.
type LengthError = length.Error

// CheckSigma returns an error that wraps ErrSigma unless sigma is a positive finite number.
func CheckSigma(sigma float64) error {
	if !(sigma > 0) || math.IsInf(sigma, 1) {
		return fmt.Errorf("%w: got %v", ErrSigma, sigma)
	}
	return nil
}

// Check is what every Denoiser does first. It panics with a LengthError if dst and src are not
// the same whole number of images of the shape, and returns the errors that Denoise documents.
func Check(shape Shape, dst, src []float64, sigma float64) error {
	size := shape.Size()
	length.Batches(dst, src, size)
	if err := CheckSigma(sigma); err != nil {
		return err
	}
	for i, v := range src {
		// v-v is 0 for every finite v, and NaN for NaN and the infinities.
		if v-v != 0 {
			return fmt.Errorf("%w: image %d has %v at pixel %d of %d", ErrInput, i/size, v, i%size, size)
		}
	}
	return nil
}

// Score turns denoised images into scores by Tweedie's formula: it writes (denoised - noisy) /
// sigma^2 to dst, which may be either of them. It panics with a LengthError if the three lengths
// differ.
func Score(dst, denoised, noisy []float64, sigma float64) {
	length.Check("denoised values", len(denoised), len(noisy))
	length.Check("values of dst", len(dst), len(noisy))
	inv := 1 / (sigma * sigma)
	for i, d := range denoised {
		dst[i] = (d - noisy[i]) * inv
	}
}
