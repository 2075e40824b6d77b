package diffusion

import (
	"context"
	"fmt"
	"math"
)

// Karras returns n noise levels from high down to low and then 0, spaced evenly in sigma^(1/7): the schedule of Karras et al.,
// "Elucidating the Design Space of Diffusion-Based Generative Models" (2022), equation 5 with rho 7. It returns an error unless
// n >= 2 and 0 < low < high.
func Karras(n int, low, high float64) ([]float64, error) {
	if n < 2 || !(low > 0) || !(high > low) || math.IsInf(high, 1) {
		return nil, fmt.Errorf("diffusion: %d levels from %v down to %v; want at least 2, and 0 < low < high", n, high, low)
	}
	const rho = 7
	sigmas := make([]float64, n+1)
	a, b := math.Pow(high, 1.0/rho), math.Pow(low, 1.0/rho)
	for i := range n {
		sigmas[i] = math.Pow(a+float64(i)/float64(n-1)*(b-a), rho)
	}
	return sigmas, nil
}

// Heun walks the images x, in place, from noise of standard deviation sigmas[0] to the last of the descending sigmas along the
// probability flow dx/dsigma = (x - D(x, sigma)) / sigma, by Heun's second-order method; the step to a level of 0, which may
// only be the last, is Euler's, and lands on D(x, sigma). It is algorithm 1 of Karras et al. (2022).
//
// Each, unless nil, is told the images after every step and their level; it must not change them.
//
// Heun returns the error of the denoiser, ctx's once that is cancelled, and one that names the level and the first image if a
// value is no longer finite.
func Heun(ctx context.Context, d Denoiser, x, sigmas []float64, each func(sigma float64, x []float64)) error {
	for i, s := range sigmas {
		if last := i == len(sigmas)-1; !(s > 0 || s == 0 && last && i > 0) || math.IsInf(s, 1) || i > 0 && s >= sigmas[i-1] {
			return fmt.Errorf("%w: level %d of %d is %v; levels descend, and only the last may be 0", ErrSigma, i, len(sigmas), s)
		}
	}
	size := d.Shape().Size()
	slope, next, slopeThere := make([]float64, len(x)), make([]float64, len(x)), make([]float64, len(x))
	for i := 1; i < len(sigmas); i++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		from, to := sigmas[i-1], sigmas[i]
		if err := flow(d, slope, x, from); err != nil {
			return err
		}
		for k := range x {
			next[k] = x[k] + (to-from)*slope[k]
		}
		if to > 0 {
			if err := flow(d, slopeThere, next, to); err != nil {
				return err
			}
			for k := range x {
				next[k] = x[k] + (to-from)*(slope[k]+slopeThere[k])/2
			}
		}
		copy(x, next)
		for k, v := range x {
			if v-v != 0 {
				return fmt.Errorf("diffusion: image %d became %v between sigma %v and %v", k/size, v, from, to)
			}
		}
		if each != nil {
			each(to, x)
		}
	}
	return nil
}

// flow writes the slope of the probability flow at x to dst.
func flow(d Denoiser, dst, x []float64, sigma float64) error {
	if err := d.Denoise(dst, x, sigma); err != nil {
		return fmt.Errorf("at sigma %v: %w", sigma, err)
	}
	for k := range dst {
		dst[k] = (x[k] - dst[k]) / sigma
	}
	return nil
}
