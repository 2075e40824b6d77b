package empirical

import (
	"fmt"
	"math"
	"slices"
)

// Sides says how wide the patch of a pixel is at a noise level: Pixels[i] at Sigmas[i], in pixels. At
// a level between two of them it is that of the one with the nearest logarithm, the lower one where
// both are as near.
type Sides struct {
	Sigmas []float64 // ascending
	Pixels []int     // one a level, at least 1
}

// Side returns patches of one side at every noise level.
func Side(pixels int) Sides { return Sides{Sigmas: []float64{1}, Pixels: []int{pixels}} }

// Check returns an error unless there is a side for every level and levels ascend.
func (s Sides) Check() error {
	if len(s.Sigmas) == 0 || len(s.Sigmas) != len(s.Pixels) {
		return fmt.Errorf("empirical: %d noise levels and %d sides of patches: want as many, and one at least", len(s.Sigmas), len(s.Pixels))
	}
	for i, sigma := range s.Sigmas {
		if !(sigma > 0) || math.IsInf(sigma, 1) || i > 0 && sigma <= s.Sigmas[i-1] {
			return fmt.Errorf("empirical: noise level %d is %v: levels are positive, finite and ascending", i, sigma)
		}
		if s.Pixels[i] < 1 {
			return fmt.Errorf("empirical: a patch of side %d at noise level %v: want 1 or more", s.Pixels[i], sigma)
		}
	}
	return nil
}

// At returns the side of a patch at a noise level.
func (s Sides) At(sigma float64) int {
	i, found := slices.BinarySearch(s.Sigmas, sigma)
	if i == len(s.Sigmas) || !found && i > 0 && sigma*sigma <= s.Sigmas[i-1]*s.Sigmas[i] {
		i--
	}
	return s.Pixels[i]
}
