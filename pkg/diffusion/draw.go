package diffusion

import (
	"context"
	"fmt"
	"math/rand/v2"

	"wavescore/internal/length"
)

// The streams of random numbers of an image.
const (
	startNoise = iota
	stepNoise
)

// random returns one of the streams of the image with an index in the batch.
func (r Run) random(stream, index int) *rand.Rand {
	return rand.New(rand.NewPCG(r.Seed, uint64(r.First+index)<<1|uint64(stream)))
}

// Start returns n images of noise of standard deviation sigma around a mean image, which may be
// nil for zero: the beginning of a walk. Walks of different denoisers with one Run begin with the
// same noise.
//
// At the highest level of a walk data are not quite drowned in noise, so the mean matters: along
// a direction in which the data have the mean m and the deviation s, a walk that begins around 0
// ends around m (1 - s / sqrt(s^2 + sigma^2)). For the approximation coefficient of digits, whose
// m is far from 0, that is a visible change of brightness; around Mean there is none.
func (r Run) Start(shape Shape, n int, sigma float64, mean []float64) []float64 {
	size := shape.Size()
	if mean != nil {
		length.Check("values of the mean", len(mean), size)
	}
	x := make([]float64, n*size)
	for i := range n {
		random, image := r.random(startNoise, i), x[i*size:(i+1)*size]
		copy(image, mean)
		for k := range image {
			image[k] += sigma * random.NormFloat64()
		}
	}
	return x
}

// Mean returns the mean of the images that a denoiser knows: the image that is left as it is at a
// noise level so high that nothing else is known. It is found by denoising a grey image a few
// times; each time what is left of it falls by the factor s^2 / (s^2 + sigma^2), s being the
// deviation of the data along a direction, in which sigma should be well above any s.
func Mean(ctx context.Context, d Denoiser, sigma float64) ([]float64, error) {
	mean := make([]float64, d.Shape().Size())
	for range 4 {
		if err := d.Denoise(ctx, mean, mean, sigma); err != nil {
			return nil, err
		}
		if err := CheckFinite(d.Shape(), mean, sigma); err != nil {
			return nil, fmt.Errorf("diffusion: the denoiser's mean: %w", err)
		}
	}
	return mean, nil
}

// Draw returns n new images: it starts around the denoiser's Mean with noise of the first level,
// and walks. Its errors are those of Sample.
func Draw(ctx context.Context, d Denoiser, s Sampler, n int, sigmas []float64, run Run) ([]float64, error) {
	if err := checkLevels(sigmas); err != nil {
		return nil, err
	}
	mean, err := Mean(ctx, d, sigmas[0])
	if err != nil {
		return nil, err
	}
	x := run.Start(d.Shape(), n, sigmas[0], mean)
	if err := s.Sample(ctx, d, x, sigmas, run); err != nil {
		return nil, err
	}
	return x, nil
}
