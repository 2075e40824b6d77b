// Package denoisertest holds the tests that every denoiser has to pass.
package denoisertest

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"testing"

	"wavescore/pkg/diffusion"
)

// Run checks that a denoiser makes the same bits of noisy images on one core and on three, that a
// cancelled context ends it with the context's error, and that it refuses sigma = 0.
func Run(t *testing.T, name string, d diffusion.Denoiser, noisy []float64, sigma float64) {
	t.Helper()
	denoised := make([]float64, len(noisy))
	on := func(cores int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		if err := d.Denoise(t.Context(), denoised, noisy, sigma); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return slices.Clone(denoised)
	}
	if !slices.Equal(on(1), on(3)) {
		t.Errorf("%s: three cores make other bits than one", name)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := d.Denoise(ctx, denoised, noisy, sigma); !errors.Is(err, context.Canceled) {
		t.Errorf("%s: a cancelled context gives %v", name, err)
	}
	if err := d.Denoise(t.Context(), denoised, noisy, 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("%s at sigma 0: %v", name, err)
	}
}
