package empirical

import (
	"fmt"
	"math"
	"slices"
)

// Sides says how wide the patch of a pixel is at a noise level: Pixels[i] at Sigmas[i], in pixels.
// At a level between two of them it is that of the one with the nearest logarithm, the lower one
// where both are as near.
type Sides struct {
	Sigmas []float64 // ascending
	Pixels []int     // one a level, at least 1
}

// Side returns patches of one side at every noise level.
func Side(pixels int) Sides { return Sides{Sigmas: []float64{1}, Pixels: []int{pixels}} }

// Check returns an error unless there is a side for every level and levels ascend.
func (s Sides) Check() error { return checkLevels("sides of patches", s.Sigmas, s.Pixels) }

// At returns the side of a patch at a noise level.
func (s Sides) At(sigma float64) int { return s.Pixels[nearestLevel(s.Sigmas, sigma)] }

// checkLevels returns an error unless noise levels ascend and each has a value of 1 or more.
func checkLevels(what string, sigmas []float64, values []int) error {
	if len(sigmas) == 0 || len(sigmas) != len(values) {
		return fmt.Errorf("empirical: %d noise levels and %d %s: want as many, and one at least", len(sigmas), len(values), what)
	}
	for i, sigma := range sigmas {
		if !(sigma > 0) || math.IsInf(sigma, 1) || i > 0 && sigma <= sigmas[i-1] {
			return fmt.Errorf("empirical: noise level %d is %v: levels are positive, finite and ascending", i, sigma)
		}
		if values[i] < 1 {
			return fmt.Errorf("empirical: %s: %d at noise level %v: want 1 or more", what, values[i], sigma)
		}
	}
	return nil
}

// nearestLevel returns the index of the level with the nearest logarithm, the lower one where two
// are as near.
func nearestLevel(sigmas []float64, sigma float64) int {
	i, found := slices.BinarySearch(sigmas, sigma)
	if i == len(sigmas) || !found && i > 0 && sigma*sigma <= sigmas[i-1]*sigmas[i] {
		i--
	}
	return i
}
