package diffusion

import (
	"context"
	"errors"
	"math"
	"testing"
)

// half answers with half of what it is given, as the denoiser of a Gaussian of variance sigma^2.
type half struct{}

func (half) Shape() Shape { return Shape{1, 1, 2} }

func (half) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := Check(Shape{1, 1, 2}, dst, src, sigma); err != nil {
		return err
	}
	for i, v := range src {
		dst[i] = v / 2
	}
	return nil
}

func TestDenoisedAndScoreOf(t *testing.T) {
	noisy := []float64{1, -2, 0.5, 0}
	denoised, err := Denoised(t.Context(), half{}, noisy, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	score, err := ScoreOf(t.Context(), half{}, noisy, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	for i, y := range []float64{1, -2, 0.5, 0} {
		if noisy[i] != y || denoised[i] != y/2 || math.Abs(score[i]+2*y) > 1e-15 {
			t.Errorf("of %v: %v, score %v; the input is now %v", y, denoised[i], score[i], noisy[i])
		}
	}
	if _, err := Denoised(t.Context(), half{}, noisy, -1); !errors.Is(err, ErrSigma) {
		t.Errorf("Denoised at -1: %v", err)
	}
	if _, err := ScoreOf(t.Context(), half{}, noisy, 0); !errors.Is(err, ErrSigma) {
		t.Errorf("ScoreOf at 0: %v", err)
	}
}
