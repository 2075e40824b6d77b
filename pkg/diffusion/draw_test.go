package diffusion_test

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"wavescore/pkg/diffusion"
)

// nanDenoiser is a denoiser that returns NaN and no error.
type nanDenoiser struct{}

func (nanDenoiser) Shape() diffusion.Shape { return diffusion.Shape{C: 1, H: 2, W: 2} }

func (nanDenoiser) Denoise(_ context.Context, dst, _ []float64, _ float64) error {
	for i := range dst {
		dst[i] = math.NaN()
	}
	return nil
}

// A denoiser that returns NaN is named as what is broken, not the images that are given to it.
func TestDrawOfBrokenDenoiser(t *testing.T) {
	_, err := diffusion.Draw(t.Context(), nanDenoiser{}, diffusion.Heun{}, 3, []float64{1, 0.5, 0}, diffusion.Run{})
	var diverged *diffusion.DivergenceError
	if !errors.As(err, &diverged) || errors.Is(err, diffusion.ErrInput) || !strings.Contains(err.Error(), "the denoiser's mean") {
		t.Errorf("got %v", err)
	}
}
