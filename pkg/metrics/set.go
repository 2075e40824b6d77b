package metrics

import (
	"context"
	"fmt"
	"math/rand/v2"

	"wavescore/pkg/diffusion"
)

// Set is the images that denoisers are measured on.
type Set struct {
	Images   diffusion.Images
	Seed     uint64                // of the noise and of all other random choices
	Progress func(done, total int) // unless nil, is told how many images are done
}

// Streams of random numbers, so that probes are independent of the noise.
const (
	noiseStream = iota
	probeStream
)

// random returns the stream of image i.
func (s Set) random(stream uint64, i int) *rand.Rand {
	return rand.New(rand.NewPCG(s.Seed, stream<<32|uint64(i)))
}

// noisy returns images [from, to) and the same with noise of standard deviation sigma.
func (s Set) noisy(from, to int, sigma float64) (clean, noisy []float64) {
	clean = s.Images.Batch(nil, from, to)
	noisy = make([]float64, len(clean))
	size := s.Images.Size()
	for i := from; i < to; i++ {
		rnd := s.random(noiseStream, i)
		for p := (i - from) * size; p < (i-from+1)*size; p++ {
			noisy[p] = clean[p] + sigma*rnd.NormFloat64()
		}
	}
	return clean, noisy
}

// check returns an error unless a denoiser of images of the shape can be measured on the set at
// sigma.
func (s Set) check(shape diffusion.Shape, sigma float64) error {
	if err := diffusion.CheckSigma(sigma); err != nil {
		return err
	}
	// A Size that is not positive comes first: Len of points of no dimension would divide by it.
	if s.Images == nil || s.Images.Size() < 1 || s.Images.Len() == 0 {
		return fmt.Errorf("metrics: a set without images")
	}
	if got, want := s.Images.Size(), shape.Size(); got != want {
		return fmt.Errorf("metrics: images of %d pixels for a denoiser of %v images, which have %d", got, shape, want)
	}
	return nil
}

// blockImages is how many images are denoised at a time: enough for a denoiser to use all cores.
const blockImages = 256

// blocks calls do for [from, to) of n images, a step at a time, and tells progress, if any. A
// cancelled ctx ends it.
func blocks(ctx context.Context, n, step int, progress func(done, total int), do func(from, to int) error) error {
	for from := 0; from < n; from += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+step, n)
		if err := do(from, to); err != nil {
			return fmt.Errorf("images %d to %d: %w", from, to-1, err)
		}
		if progress != nil {
			progress(to, n)
		}
	}
	return nil
}
