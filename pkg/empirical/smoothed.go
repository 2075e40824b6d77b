package empirical

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// Smoothed is the mean of an ideal denoiser over perturbed images,
//
//	D(y) = 1/M sum_m D_ideal(y + s e_m),   e_m ~ N(0, I).
//
// Its score is that of the training set, smoothed. Between training images it is flat where the
// ideal's is steep, so that the wider the spread, the more walks end at means of neighbours instead
// of at training images. With s = 0 it is the Ideal.
//
// A Smoothed is a diffusion.Denoiser, safe for concurrent use.
type Smoothed struct {
	ideal *Ideal
	s     Smoothing
}

// A Smoothing is how images are perturbed.
type Smoothing struct {
	Spread float64 // s: the standard deviation of a perturbation, in pixels of [-1, 1]
	Draws  int     // M, at least 1
	Seed   uint64  // of the perturbations, which are the same for all images and noise levels
}

// NewSmoothed returns the smoothed score of the set of an ideal denoiser. It returns an error for a
// spread that is negative or not finite, and for no draws.
func NewSmoothed(ideal *Ideal, s Smoothing) (*Smoothed, error) {
	return &Smoothed{ideal, s}, s.Check()
}

// Check returns an error unless the spread is 0 or more and finite, and there are draws.
func (s Smoothing) Check() error {
	if !(s.Spread >= 0) || math.IsInf(s.Spread, 1) || s.Draws < 1 {
		return fmt.Errorf("empirical: a smoothing by %v in %d draws: want a spread of 0 or more, and 1 draw or more", s.Spread, s.Draws)
	}
	return nil
}

// Shape implements diffusion.Denoiser.
func (d *Smoothed) Shape() diffusion.Shape { return d.ideal.shape }

// Images returns the training images.
func (d *Smoothed) Images() diffusion.Images { return d.ideal.images }

// Smoothing returns how images are perturbed.
func (d *Smoothed) Smoothing() Smoothing { return d.s }

// Denoise implements diffusion.Denoiser.
func (d *Smoothed) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(d.Shape(), dst, src, sigma); err != nil {
		return err
	}
	size := d.Shape().Size()
	perturbed, denoised, sum := make([]float64, len(src)), make([]float64, len(src)), make([]float64, len(src))
	random := rand.New(rand.NewPCG(d.s.Seed, 0))
	e := make([]float64, size)
	for range d.s.Draws {
		for p := range e {
			e[p] = d.s.Spread * random.NormFloat64()
		}
		for i, y := range src {
			perturbed[i] = y + e[i%size]
		}
		if err := d.ideal.Denoise(ctx, denoised, perturbed, sigma); err != nil {
			return err
		}
		floats.Add(sum, denoised)
	}
	floats.ScaleTo(dst, 1/float64(d.s.Draws), sum)
	return nil
}
