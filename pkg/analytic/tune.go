package analytic

import (
	"context"
	"fmt"
	"math"
	"slices"

	"wavescore/pkg/moments"
)

// Grid returns one copy of the default settings for each penalty on the nonlinear terms:
// candidates for Tune and TuneFolds.
func Grid(penalties ...float64) []Settings {
	var grid []Settings
	for _, p := range penalties {
		s := Default()
		s.Ridge.Nonlinear = p
		grid = append(grid, s)
	}
	return grid
}

// trial is a machine, and a probe of images that it was not fitted on.
type trial struct {
	machine *Machine
	probe   *moments.Moments
}

// Tune returns a machine that chooses among candidate settings. At every noise level it is asked
// for, it takes those of least exact risk on the validation images, and its Level names them. The
// validation table is as Risk takes it. Its images must be neither the train images nor any that
// the machine is judged on.
func Tune(train, validation *moments.Moments, candidates []Settings) (*Machine, error) {
	m, err := tunable(train, candidates)
	if err != nil {
		return nil, err
	}
	probe, err := m.fitting(validation)
	if err != nil {
		return nil, err
	}
	m.trials = []trial{{m, probe}}
	return m, nil
}

// TuneFolds returns a machine of all folds that needs no validation images. At every noise level
// it takes the candidate settings of least risk in K-fold cross-validation: the exact risk on each
// fold of the machine of the other folds, averaged over images.
//
// The folds are tables of disjoint images with one spec. The table of the other folds is a sum of
// tables, so no image is read again. K more tables are kept. With a linear context these are 2 K,
// as each sum has axes of its own.
func TuneFolds(ctx context.Context, folds []*moments.Moments, candidates []Settings) (*Machine, error) {
	if len(folds) < 2 {
		return nil, fmt.Errorf("analytic: cross-validation on %d folds; needs at least 2", len(folds))
	}
	whole, err := sum(ctx, folds)
	if err != nil {
		return nil, err
	}
	m, err := tunable(whole, candidates)
	if err != nil {
		return nil, err
	}
	for k, fold := range folds {
		if fold.Images() == 0 {
			return nil, fmt.Errorf("analytic: fold %d of %d has no images", k, len(folds))
		}
		others, err := sum(ctx, slices.Concat(folds[:k], folds[k+1:]))
		if err != nil {
			return nil, err
		}
		machine, err := NewMachine(others, candidates[0])
		if err != nil {
			return nil, err
		}
		probe, err := fold.Along(ctx, others.Spec().Axes)
		if err != nil {
			return nil, err
		}
		m.trials = append(m.trials, trial{machine, probe})
	}
	return m, nil
}

// sum returns the table of all images of some tables.
func sum(ctx context.Context, tables []*moments.Moments) (*moments.Moments, error) {
	all := new(moments.Moments)
	for _, t := range tables {
		if err := all.Merge(t); err != nil {
			return nil, err
		}
	}
	return all.Diagonal(ctx)
}

// tunable returns a machine with candidates to choose from. A candidate is dropped if it differs
// from an earlier one only in the penalty on terms that the family does not have.
func tunable(train *moments.Moments, candidates []Settings) (*Machine, error) {
	if len(candidates) == 0 {
		return nil, fmt.Errorf("analytic: no settings to choose from")
	}
	m, err := NewMachine(train, candidates[0])
	if err != nil {
		return nil, err
	}
	seen := map[Settings]bool{}
	m.candidates = nil
	for _, settings := range candidates {
		if err := settings.Check(); err != nil {
			return nil, err
		}
		same := settings
		if train.Spec().Family.Degree == 1 {
			same.Ridge.Nonlinear = 0
		}
		if !seen[same] {
			seen[same] = true
			m.candidates = append(m.candidates, candidate{Settings: settings})
		}
	}
	return m, nil
}

// choose fits the candidates of a tuned machine, and returns the one of least risk, averaged over
// all images of the trials.
func (m *Machine) choose(ctx context.Context, sigma float64) (*Level, error) {
	risks := make([]float64, len(m.candidates))
	var levels []*Level
	for _, t := range m.trials {
		var err error
		if levels, err = t.machine.fit(ctx, sigma, m.candidates); err != nil {
			return nil, err
		}
		measured, err := t.machine.risks(ctx, levels, t.probe, sigma)
		if err != nil {
			return nil, err
		}
		for k, risk := range measured {
			risks[k] += risk.PerPixel * float64(t.probe.Images())
		}
	}
	best, least := -1, math.Inf(1)
	for k, risk := range risks {
		if risk < least {
			best, least = k, risk
		}
	}
	if best < 0 {
		return nil, fmt.Errorf("analytic: no candidate has a finite risk on images not fitted, at sigma %v", sigma)
	}
	if m.trials[0].machine != m { // but others, of the same kind
		var err error
		if levels, err = m.fit(ctx, sigma, m.candidates[best:best+1]); err != nil {
			return nil, err
		}
		best = 0
	}
	return levels[best], nil
}
