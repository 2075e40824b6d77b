package analytic

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

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
	context := m.contextRisk(level, probe, truth)
	err = eachGroup(len(groups), func(s *solver, g int) error {
		b, theta := groups[g].Basis, level.Weights[g]
		b.Transport(&s.normal, probe.Clean(nil, g), truth)
		r.Groups[g] = s.normal.Energy + quadratic(s.normal.Gram, theta) - 2*floats.Dot(theta, s.normal.Target)
		width := len(m.spectrum)
		for i, member := range groups[g].Members {
			if width == 0 {
				break
			}
			// What the context adds to the mean over members: its own quadratic form, its products with the features, its target.
			weights := level.along[member.Index*width : (member.Index+1)*width]
			risk := context[member.Index] - 2*floats.Dot(weights, s.contextOf(probe, g, i, truth))
			for a, weight := range theta {
				if weight != 0 {
					risk += 2 * weight * floats.Dot(s.noisyCross[a*width:(a+1)*width], weights)
				}
			}
			r.Groups[g] += risk / float64(len(groups[g].Members))
		}
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

// contextRisk returns, for every coefficient, the second moment of its weighted sum of noisy context variables.
func (m *Machine) contextRisk(level *Level, probe *moments.Moments, sigma float64) []float64 {
	width, size := len(m.spectrum), m.Shape().Size()
	if width == 0 {
		return nil
	}
	along := blas64.General{Rows: size, Cols: width, Stride: width, Data: level.along}
	product := blas64.General{Rows: size, Cols: width, Stride: width, Data: make([]float64, size*width)}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, along, blas64.General{Rows: width, Cols: width, Stride: width, Data: probe.ContextCovariance()}, 0, product)
	energy := make([]float64, size)
	for c := range energy {
		weights := level.along[c*width : (c+1)*width]
		energy[c] = floats.Dot(product.Data[c*width:(c+1)*width], weights) + sigma*sigma*floats.Dot(weights, weights)
	}
	return energy
}
