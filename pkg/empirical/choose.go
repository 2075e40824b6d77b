package empirical

import (
	"context"
	"fmt"
	"slices"
)

// ChooseSides returns the side of least loss at each of some noise levels, among candidates; both
// ascend. The loss of a side at a noise level may be the error on images that are not trained on,
// or what the denoiser leaves unexplained of a network's output.
//
// Patches grow with the noise, so the search at a level begins with the side of the level below,
// and goes on to larger ones as long as the loss falls, or, at the lowest level, from the least
// candidate. Report, which may be nil, is called after every level.
func ChooseSides(ctx context.Context, sigmas []float64, candidates []int, loss func(ctx context.Context, side int, sigma float64) (float64, error),
	report func(done, total int)) (Sides, error) {
	sides := Sides{Sigmas: slices.Clone(sigmas)}
	if len(candidates) == 0 || !slices.IsSorted(candidates) {
		return sides, fmt.Errorf("empirical: sides %v to choose among: want one or more, ascending", candidates)
	}
	at := 0
	for i, sigma := range sigmas {
		least, err := loss(ctx, candidates[at], sigma)
		if err != nil {
			return sides, err
		}
		for at+1 < len(candidates) {
			next, err := loss(ctx, candidates[at+1], sigma)
			if err != nil {
				return sides, err
			}
			if next >= least {
				break
			}
			least, at = next, at+1
		}
		sides.Pixels = append(sides.Pixels, candidates[at])
		if report != nil {
			report(i+1, len(sigmas))
		}
	}
	return sides, sides.Check()
}
