package diffusion

import (
	"context"
	"slices"
)

// Record walks the images x as a Sampler does and returns copies of all states on the way, the end
// last. It calls run's Each besides. Its errors are those of Sample.
func Record(ctx context.Context, d Denoiser, s Sampler, x, sigmas []float64, run Run) ([]State, error) {
	var states []State
	each := run.Each
	run.Each = func(state State) {
		if each != nil {
			each(state)
		}
		state.X, state.Denoised = slices.Clone(state.X), slices.Clone(state.Denoised)
		states = append(states, state)
	}
	if err := s.Sample(ctx, d, x, sigmas, run); err != nil {
		return nil, err
	}
	return states, nil
}
