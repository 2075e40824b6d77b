package analytic

import (
	"fmt"
	"math"
	"slices"

	"wavescore/pkg/moments"
)

// Grid returns the default settings with every penalty of the list on the nonlinear terms: candidates for Tune.
func Grid(penalties ...float64) []Settings {
	var grid []Settings
	for _, p := range penalties {
		s := Default
		s.Ridge.Nonlinear = p
		grid = append(grid, s)
	}
	return grid
}

// Tune returns a machine that chooses, at every noise level it is asked for, the candidate settings with the least exact risk on
// the validation images. Its Level says which. The validation table is as Risk takes it; its images must be neither the
// train images nor any that the machine is judged on.
func Tune(train, validation *moments.Moments, candidates []Settings) (*Machine, error) {
	if len(candidates) == 0 {
		return nil, fmt.Errorf("analytic: no settings to choose from")
	}
	for _, c := range candidates {
		if err := c.Check(); err != nil {
			return nil, err
		}
	}
	m, err := NewMachine(train, candidates[0])
	if err != nil {
		return nil, err
	}
	m.candidates = slices.Clone(candidates)
	m.validation, err = m.fitting(validation)
	return m, err
}

// CrossValidate returns the candidate whose machines have the least mean risk at noise level sigma, each machine being fitted on
// all folds but one and judged, exactly, on that one. The folds are tables of disjoint images with one spec; the
// moments of a fold's complement are the sum of the others', so nothing is accumulated again. Families with a linear context
// are refused: the axes that make it diagonal for one complement do not for another.
func CrossValidate(folds []*moments.Moments, candidates []Settings, sigma float64) (Settings, error) {
	if len(folds) < 2 || len(candidates) == 0 {
		return Settings{}, fmt.Errorf("analytic: cross-validation of %d settings on %d folds; needs at least 1 and 2", len(candidates), len(folds))
	}
	if len(folds[0].Context()) > 0 {
		return Settings{}, fmt.Errorf("analytic: cross-validation of (%v): its linear context has axes that suit one fold's complement and not another's; use Tune", folds[0].Spec().Family)
	}
	risks := make([]float64, len(candidates))
	for out, fold := range folds {
		complement := new(moments.Moments)
		for k, other := range folds {
			if k == out {
				continue
			}
			if err := complement.Merge(other); err != nil {
				return Settings{}, err
			}
		}
		for c, settings := range candidates {
			m, err := NewMachine(complement, settings)
			if err != nil {
				return Settings{}, err
			}
			risk, err := m.Risk(fold, sigma, sigma)
			if err != nil {
				return Settings{}, err
			}
			risks[c] += risk.PerPixel * float64(fold.Images())
		}
	}
	best := 0
	for c, r := range risks {
		if r < risks[best] || math.IsNaN(risks[best]) {
			best = c
		}
	}
	return candidates[best], nil
}
