package metrics

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"wavescore/pkg/diffusion"
)

// Candidate is a denoiser that may be what another one does.
type Candidate struct {
	Name     string
	Denoiser diffusion.Denoiser
}

// Match is how close a candidate comes.
type Match struct {
	Name      string
	Trial     *Trial
	Explained Statistic // of the denoised images
	Score     Statistic // explained variance of the score
}

// Rank gives the noisy images of a network's trial to every candidate and returns what they
// explain of the network, the best first; candidates that explain the same stay in their order. By
// how much one is ahead of another is the paired difference
//
//	matches[0].Score.Minus(matches[1].Score).Estimate(seed)
//
// and what an ingredient adds is that difference for two candidates, with it and without.
func Rank(ctx context.Context, network *Trial, candidates []Candidate) ([]Match, error) {
	var matches []Match
	for _, c := range candidates {
		trial, err := network.Again(ctx, c.Denoiser)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Name, err)
		}
		matches = append(matches, Match{Name: c.Name, Trial: trial, Explained: Explained(network, trial, Denoised), Score: Explained(network, trial, Score)})
	}
	slices.SortStableFunc(matches, func(a, b Match) int { return cmp.Compare(b.Explained.Value(), a.Explained.Value()) })
	return matches, nil
}
