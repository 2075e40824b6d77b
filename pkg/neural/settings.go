package neural

import (
	"fmt"
	"math"
)

// Settings say how a network is trained.
type Settings struct {
	Images    int     `json:"images"`    // how many to show in all, repeats counted
	Batch     int     `json:"batch"`     // images of a step
	Seed      uint64  `json:"seed"`      // of the order of the images, the noise levels and the noise
	Rate      float64 `json:"rate"`      // the highest learning rate, after warming up; from there it falls to 0 as half a cosine
	Warmup    int     `json:"warmup"`    // steps in which the rate rises
	Clip      float64 `json:"clip"`      // longest gradient; a longer one is shortened
	Average   float64 `json:"average"`   // decay in a step of the moving average of the weights, which is the result
	Sigma     float64 `json:"sigma"`     // median of the noise levels
	Deviation float64 `json:"deviation"` // standard deviation of ln(sigma), which is normal
}

// Default returns how the reference networks were trained, seed 1.
func Default() Settings {
	return Settings{Images: 240000, Batch: 64, Seed: 1, Rate: 3e-3, Warmup: 100, Clip: 1, Average: 0.995, Sigma: 0.5, Deviation: 1.2}
}

// Check returns an error unless the settings make sense.
func (s Settings) Check() error {
	positive := func(v float64) bool { return v > 0 && !math.IsInf(v, 1) }
	switch {
	case s.Images < 1 || s.Batch < 1 || s.Batch > 1<<16:
		return fmt.Errorf("neural: training needs images, in batches of 1 to 65536; got %d in batches of %d", s.Images, s.Batch)
	case !positive(s.Rate) || s.Warmup < 0:
		return fmt.Errorf("neural: the learning rate must be positive and the warm-up not negative; got %v and %d", s.Rate, s.Warmup)
	case !positive(s.Clip):
		return fmt.Errorf("neural: the longest gradient must be positive; got %v", s.Clip)
	case !(s.Average >= 0 && s.Average < 1):
		return fmt.Errorf("neural: the decay of the average must be in [0, 1); got %v", s.Average)
	case !positive(s.Sigma) || !(s.Deviation >= 0) || math.IsInf(s.Deviation, 1):
		return fmt.Errorf("neural: noise levels need a positive median and a deviation; got %v and %v", s.Sigma, s.Deviation)
	}
	return nil
}

// steps is the number of steps of the whole training.
func (s Settings) steps() int { return (s.Images + s.Batch - 1) / s.Batch }

// rate is the learning rate of a step.
func (s Settings) rate(step int) float64 {
	rise := min(1, float64(step+1)/float64(s.Warmup+1))
	return s.Rate * rise * (1 + math.Cos(math.Pi*float64(step)/float64(s.steps()))) / 2
}
