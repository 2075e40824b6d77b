package analytic

import (
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

// Risk is the expected squared error of a machine over images and noise.
type Risk struct {
	PerPixel float64   // mean over the pixels of an image, in [-1, 1] units squared
	Groups   []float64 // of one coefficient of each group
}

// Risk returns the exact expected error of the machine on the images of the probe, no noise being sampled:
//
//	R(theta) = E[w_c^2] - 2 theta . E[w_c phi] + theta^T E[phi phi^T] theta,
//
// every expectation transported from the probe's clean moments. The machine is told the noise level told; the noise really
// has standard deviation truth. The two are equal except where a mismatch is studied.
//
// The probe is a table of the machine's family or of one that contains it, on the same wavelet, layout and centre; else Risk
// returns an error.
func (m *Machine) Risk(probe *moments.Moments, told, truth float64) (Risk, error) {
	if err := m.moments.Spec().SameVariables(probe.Spec()); err != nil {
		return Risk{}, err
	}
	if family := m.moments.Spec().Family; probe.Spec().Family != family {
		var err error
		if probe, err = probe.Restrict(family); err != nil {
			return Risk{}, err
		}
	}
	if err := diffusion.CheckSigma(truth); err != nil {
		return Risk{}, err
	}
	level, err := m.Level(told)
	if err != nil {
		return Risk{}, err
	}
	groups := m.moments.Groups()
	r := Risk{Groups: make([]float64, len(groups))}
	err = eachGroup(len(groups), func(s *solver, g int) error {
		theta := level.Weights[g]
		groups[g].Basis.Transport(&s.normal, probe.Clean(nil, g), truth)
		risk := s.normal.Energy + quadratic(s.normal.Gram, theta)
		for i, t := range s.normal.Target {
			risk -= 2 * theta[i] * t
		}
		r.Groups[g] = risk
		return nil
	})
	if err != nil {
		return Risk{}, err
	}
	for g, risk := range r.Groups {
		r.PerPixel += risk * float64(len(groups[g].Members))
	}
	r.PerPixel /= float64(m.moments.Spec().Layout.Len())
	return r, nil
}
