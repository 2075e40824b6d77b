package analytic

import (
	"fmt"
	"math"

	"wavescore/pkg/moments"
)

// Settings say how a machine is fitted.
type Settings struct {
	Ridge   Ridge   `json:"ridge"`
	Target  Target  `json:"target"` // "" is CleanTarget
	Descent Descent `json:"descent,omitzero"`
}

// Default returns settings that suit tables of some thousand images and more. The ridge is so
// small that it costs nothing where the moments are well known, and large enough to keep cubic
// weights from fitting a handful of images.
func Default() Settings { return Settings{Ridge: Ridge{Linear: 1e-6, Nonlinear: 1e-2}} }

// candidate is one way to fit a machine.
type candidate struct {
	Settings
	keep func(Term) bool // the terms of an ablated machine; nil for any other
}

// Ridge holds the penalties on the weights, which are dimensionless: a penalty is added to the
// diagonal of the Gram matrix after every feature has been scaled to unit second moment. The
// constant and the linear context are never penalised.
type Ridge struct {
	Self      float64 `json:"self"`      // for y_c; if 0, both targets give one denoiser
	Linear    float64 `json:"linear"`    // for the other variables of the neighbourhood
	Nonlinear float64 `json:"nonlinear"` // for terms of degree 2 and more
}

// of returns the penalty of feature a.
func (r Ridge) of(b *moments.Basis, a int) float64 {
	switch {
	case a == 0:
		return 0
	case a == 1:
		return r.Self
	case b.Degree(a) == 1:
		return r.Linear
	}
	return r.Nonlinear
}

// Target is the target of the regression, and so decides what a penalty shrinks towards.
type Target string

const (
	CleanTarget Target = "clean" // the clean coefficient: towards the centre
	ScoreTarget Target = "score" // the score, by Stein's identity: towards D(y) = y
)

// Check returns an error unless the penalties are finite and not negative, the target is known, and
// the descent can be.
func (s Settings) Check() error {
	for _, v := range []float64{s.Ridge.Self, s.Ridge.Linear, s.Ridge.Nonlinear} {
		if !(v >= 0) || math.IsInf(v, 1) {
			return fmt.Errorf("analytic: a ridge is finite and not negative, got %v", v)
		}
	}
	switch s.Target {
	case "", CleanTarget:
	case ScoreTarget:
		if s.Descent.Coordinates == PreconditionedFeatures {
			return fmt.Errorf("analytic: preconditioned features are trained towards the target %s, not %s", CleanTarget, ScoreTarget)
		}
	default:
		return fmt.Errorf("analytic: unknown target %q; accepted: %s, %s", s.Target, CleanTarget, ScoreTarget)
	}
	return s.Descent.Check()
}
