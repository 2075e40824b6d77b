package diffusion

import "context"

// Denoised returns what a denoiser expects behind noisy images, in new memory. Errors and panics
// are those of Denoise.
func Denoised(ctx context.Context, d Denoiser, noisy []float64, sigma float64) ([]float64, error) {
	denoised := make([]float64, len(noisy))
	if err := d.Denoise(ctx, denoised, noisy, sigma); err != nil {
		return nil, err
	}
	return denoised, nil
}

// ScoreOf returns the score (D(y) - y) / sigma^2 of a denoiser at noisy images, in new memory.
// Errors and panics are those of Denoise.
func ScoreOf(ctx context.Context, d Denoiser, noisy []float64, sigma float64) ([]float64, error) {
	score, err := Denoised(ctx, d, noisy, sigma)
	if err != nil {
		return nil, err
	}
	Score(score, score, noisy, sigma)
	return score, nil
}
