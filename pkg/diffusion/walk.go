package diffusion

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"wavescore/internal/parallel"
)

// chunkImages is how many images one goroutine moves at a time. It is fixed, so that results do
// not depend on GOMAXPROCS.
const chunkImages = 32

// chunk is a part of a walk's images, each step of which is the work of one goroutine.
type chunk struct {
	denoiser Denoiser
	first    int // the index of its first image in the walk
	run      Run

	x        []float64 // the images, at the level from which the step goes
	denoised []float64 // what the denoiser expects behind them
	next     []float64 // the images at the level to which it goes: what a step writes
	before   float64   // the level from which the last step went; 0 in the first

	kept   []float64    // see memory
	random []*rand.Rand // one an image
}

// walk moves the images x along the levels. Each step begins by raising the noise as churn says
// and denoising; the rest of it is step's, who computes c.next at level to.
func walk(ctx context.Context, d Denoiser, x, sigmas []float64, run Run, churn Churn, step func(c *chunk, from, to float64) error) error {
	if err := checkLevels(sigmas); err != nil {
		return err
	}
	if err := churn.check(); err != nil {
		return err
	}
	shape := d.Shape()
	if err := Check(shape, x, x, sigmas[0]); err != nil {
		return err
	}
	denoised, next := make([]float64, len(x)), make([]float64, len(x))
	var chunks []*chunk
	for from := 0; from < len(x); from += chunkImages * shape.Size() {
		to := min(from+chunkImages*shape.Size(), len(x))
		chunks = append(chunks, &chunk{denoiser: d, first: from / shape.Size(), run: run,
			x: x[from:to], denoised: denoised[from:to], next: next[from:to]})
	}
	steps := len(sigmas) - 1
	for i, from := range sigmas[:steps] {
		to := sigmas[i+1]
		raised := churn.raise(from, steps)
		err := eachChunk(ctx, chunks, func(c *chunk) error {
			c.addNoise(c.x, (1+churn.Excess)*math.Sqrt(raised*raised-from*from))
			if err := c.denoise(ctx, c.denoised, c.x, raised); err != nil {
				return err
			}
			if err := step(c, raised, to); err != nil {
				return err
			}
			c.before = from
			return c.finite(c.next, raised)
		})
		if err != nil {
			return err
		}
		if run.Each != nil {
			run.Each(State{Step: i, Sigma: raised, X: x, Denoised: denoised})
		}
		copy(x, next)
	}
	if run.Each != nil {
		run.Each(State{Step: steps, Sigma: sigmas[steps], X: x})
	}
	return nil
}

func checkLevels(sigmas []float64) error {
	if len(sigmas) == 0 {
		return fmt.Errorf("%w: there are no levels", ErrSigma)
	}
	for i, s := range sigmas {
		if last := i == len(sigmas)-1; !(s > 0 || s == 0 && last && i > 0) || math.IsInf(s, 1) || i > 0 && s >= sigmas[i-1] {
			return fmt.Errorf("%w: level %d of %d is %v; levels descend, and only the last may be 0", ErrSigma, i, len(sigmas), s)
		}
	}
	return nil
}

// eachChunk calls do for every chunk, on all cores, and joins what went wrong into one error: a
// divergence names the images of all chunks.
func eachChunk(ctx context.Context, chunks []*chunk, do func(*chunk) error) error {
	divergences := make([]*DivergenceError, len(chunks))
	err := parallel.Each(ctx, len(chunks), func(k int) error {
		err := do(chunks[k])
		if errors.As(err, &divergences[k]) {
			return nil // the other chunks go on: the error is to name all images
		}
		return err
	})
	if err != nil {
		return err
	}
	var diverged *DivergenceError
	for _, d := range divergences {
		switch {
		case d == nil:
		case diverged == nil:
			diverged = d
		default:
			diverged.Images = append(diverged.Images, d.Images...)
		}
	}
	if diverged != nil {
		return diverged
	}
	return nil
}

// denoise calls the denoiser, and sees to it that its answer is finite. Images are counted as the
// walk does.
func (c *chunk) denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	err := c.denoiser.Denoise(ctx, dst, src, sigma)
	if err == nil {
		return c.finite(dst, sigma)
	}
	if d := new(DivergenceError); errors.As(err, &d) {
		return d.from(c.first)
	}
	return fmt.Errorf("diffusion: images %d and on at sigma %v: %w", c.first, sigma, err)
}

// finite returns a *DivergenceError unless all images are finite.
func (c *chunk) finite(images []float64, sigma float64) error {
	err := CheckFinite(c.denoiser.Shape(), images, sigma)
	if d := new(DivergenceError); errors.As(err, &d) {
		return d.from(c.first)
	}
	return nil
}

// memory is as many values as there are in the images, which only the method itself uses, and
// which are there again in the next step.
func (c *chunk) memory() []float64 {
	if c.kept == nil {
		c.kept = make([]float64, len(c.x))
	}
	return c.kept
}

// addNoise adds Gaussian noise to images, each from its own stream.
func (c *chunk) addNoise(images []float64, sigma float64) {
	if sigma == 0 {
		return
	}
	size := c.denoiser.Shape().Size()
	if c.random == nil {
		for i := range len(images) / size {
			c.random = append(c.random, c.run.random(stepNoise, c.first+i))
		}
	}
	for i, r := range c.random {
		for k := i * size; k < (i+1)*size; k++ {
			images[k] += sigma * r.NormFloat64()
		}
	}
}

// DivergenceError is the error of images that did not stay finite.
type DivergenceError struct {
	Sigma  float64 // the noise level at which they were denoised
	Images []int   // their indices in the batch, ascending
}

func (e *DivergenceError) Error() string {
	const most = 5
	listed := e.Images[:min(most, len(e.Images))]
	text := fmt.Sprintf("diffusion: at sigma %v images are no longer finite: %s", e.Sigma, fmt.Sprint(listed))
	if more := len(e.Images) - len(listed); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// from returns the error with its images counted from another first one.
func (e *DivergenceError) from(first int) *DivergenceError {
	moved := &DivergenceError{Sigma: e.Sigma, Images: slices.Clone(e.Images)}
	for i := range moved.Images {
		moved.Images[i] += first
	}
	return moved
}

// CheckFinite returns a *DivergenceError that names the images with a NaN or an infinity, if
// there are any. A Denoiser that can answer so returns it.
func CheckFinite(shape Shape, images []float64, sigma float64) error {
	size := shape.Size()
	var broken []int
	for i := range len(images) / size {
		if slices.ContainsFunc(images[i*size:(i+1)*size], func(v float64) bool { return v-v != 0 }) {
			broken = append(broken, i)
		}
	}
	if broken == nil {
		return nil
	}
	return &DivergenceError{Sigma: sigma, Images: broken}
}
