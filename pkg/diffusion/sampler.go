package diffusion

import (
	"context"
	"fmt"
	"math"
)

// A Sampler walks images from noise to data along the noise levels of a Schedule.
type Sampler interface {
	// Sample walks the images x, in place, from noise of standard deviation sigmas[0] to
	// sigmas[len(sigmas)-1]. The levels descend; only the last may be 0.
	//
	// The noise that an image gets depends on the seed and on its index alone, and the result not
	// on the number of cores. Images go to the denoiser 32 at a time from all cores at once, so
	// it need not be parallel itself.
	//
	// It returns ctx's error once that is cancelled, an error that wraps ErrSigma or ErrInput
	// where the levels or the images are not usable, one that wraps a *DivergenceError where
	// images stop being finite, and whatever else the denoiser reports; x then holds the images
	// of an earlier level. There is never a NaN or an infinity in x. It panics with a LengthError
	// if x is not a whole number of images.
	Sample(ctx context.Context, d Denoiser, x, sigmas []float64, run Run) error
}

// Run is what a walk has besides its denoiser and its levels. The zero value is a run with seed 0
// that nobody watches.
type Run struct {
	Seed  uint64 // of the noise
	First int    // the index of the first image: noise belongs to an image's index, however a batch is cut

	// Each, unless nil, is told every state of the walk, the last included, in order. It must not
	// change or keep the slices.
	Each func(State)
}

// State is where a walk is before one of its steps, or at its end.
type State struct {
	Step     int       // steps already made
	Sigma    float64   // the noise level of X; after a Churn, the level that was raised to
	X        []float64 // the images
	Denoised []float64 // what the denoiser expects behind X; nil at the end of the walk
}

// Churn raises the noise before every step, so that fresh noise can wash out the errors of
// earlier ones: algorithm 2 of Karras et al. (2022). With N steps, noise is added until sigma has
// grown by the factor 1 + min(Amount/N, sqrt(2) - 1) wherever it is in [Low, High]. The zero
// value adds none.
type Churn struct {
	Amount float64 // S_churn
	Low    float64 // S_tmin
	High   float64 // S_tmax; 0 means no bound
	Excess float64 // how much more than 1 the added noise's standard deviation is: S_noise - 1
}

// check returns an error unless noise can be added so.
func (c Churn) check() error {
	if !(c.Amount >= 0 && c.Excess >= -1) || math.IsInf(c.Excess, 1) {
		return fmt.Errorf("diffusion: a churn of amount %v and excess %v; want at least 0 and -1", c.Amount, c.Excess)
	}
	return nil
}

// raise returns the level to which noise of standard deviation sigma is raised in a walk of some
// steps.
func (c Churn) raise(sigma float64, steps int) float64 {
	if sigma < c.Low || c.High > 0 && sigma > c.High {
		return sigma
	}
	return sigma * (1 + min(c.Amount/float64(steps), math.Sqrt2-1))
}

// Euler makes first-order steps along the probability flow dx/dsigma = (x - D(x, sigma)) / sigma,
// one evaluation each. Without churn it is DDIM with Eta 0.
type Euler struct{ Churn Churn }

// Sample implements Sampler.
func (e Euler) Sample(ctx context.Context, d Denoiser, x, sigmas []float64, run Run) error {
	return walk(ctx, d, x, sigmas, run, e.Churn, func(c *chunk, from, to float64) error {
		c.euler(from, to)
		return nil
	})
}

// euler is exactly D where the step ends at 0.
func (c *chunk) euler(from, to float64) {
	for k, d := range c.denoised {
		c.next[k] = d + to/from*(c.x[k]-d)
	}
}

// Heun makes second-order steps along the probability flow, two evaluations each but for a last
// one to 0, which is Euler's: algorithms 1 and, with churn, 2 of Karras et al. (2022).
type Heun struct{ Churn Churn }

// Sample implements Sampler.
func (h Heun) Sample(ctx context.Context, d Denoiser, x, sigmas []float64, run Run) error {
	return walk(ctx, d, x, sigmas, run, h.Churn, func(c *chunk, from, to float64) error {
		c.euler(from, to)
		if to == 0 {
			return nil
		}
		there := c.memory()
		if err := c.denoise(ctx, there, c.next, to); err != nil {
			return err
		}
		for k, x := range c.x {
			slope, slopeThere := (x-c.denoised[k])/from, (c.next[k]-there[k])/to
			c.next[k] = x + (to-from)*(slope+slopeThere)/2
		}
		return nil
	})
}

// DDIM replaces the noise of an image by less of it, a share of which is fresh: Song, Meng and
// Ermon, "Denoising Diffusion Implicit Models" (ICLR 2021), equation 12, in images divided by
// sqrt(abar). With up the standard deviation of the fresh noise,
//
//	x' = D + sqrt(to^2 - up^2) / from (x - D) + up z,    up = Eta to sqrt(1 - to^2 / from^2).
//
// With Eta 0 it is deterministic, and the same as Euler without churn. With Eta 1 it is the
// ancestral sampling of DDPM (Ho, Jain and Abbeel, NeurIPS 2020) with their smaller variance: x'
// is drawn from the Gaussian q(x' | x, D).
type DDIM struct{ Eta float64 }

// Sample implements Sampler.
func (s DDIM) Sample(ctx context.Context, d Denoiser, x, sigmas []float64, run Run) error {
	if !(s.Eta >= 0 && s.Eta <= 1) {
		return fmt.Errorf("diffusion: DDIM with eta %v; want 0 to 1", s.Eta)
	}
	return walk(ctx, d, x, sigmas, run, Churn{}, func(c *chunk, from, to float64) error {
		up := s.Eta * to * math.Sqrt(1-to/from*to/from)
		kept := math.Sqrt(to*to-up*up) / from
		for k, d := range c.denoised {
			c.next[k] = d + kept*(c.x[k]-d)
		}
		c.addNoise(c.next, up)
		return nil
	})
}

// DPMSolver2M makes second-order steps along the probability flow with one evaluation each, by
// looking back at the step before: DPM-Solver++(2M), algorithm 2 of Lu et al., "DPM-Solver++:
// Fast Solver for Guided Sampling of Diffusion Probabilistic Models" (2022). With steps h =
// log(from / to) in the logarithm of the noise, and h0 the one before,
//
//	x' = to/from x + (1 - to/from) (D + h / (2 h0) (D - D before)).
//
// The first step, and a last one to 0, are Euler's.
type DPMSolver2M struct{}

// Sample implements Sampler.
func (DPMSolver2M) Sample(ctx context.Context, d Denoiser, x, sigmas []float64, run Run) error {
	return walk(ctx, d, x, sigmas, run, Churn{}, func(c *chunk, from, to float64) error {
		back := 0.0
		if c.before > 0 && to > 0 {
			back = math.Log(from/to) / math.Log(c.before/from) / 2
		}
		previous := c.memory()
		for k, d := range c.denoised {
			ahead := d + back*(d-previous[k])
			c.next[k] = ahead + to/from*(c.x[k]-ahead)
			previous[k] = d
		}
		return nil
	})
}
