package analytic

import (
	"errors"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

// Risk is the expected squared error of a machine over images and noise.
type Risk struct {
	PerPixel     float64   // mean over the pixels of an image, in [-1, 1] units squared; over its coefficients it is the same
	Coefficients []float64 // of each coefficient; those that share weights have their mean
}

// Risk returns the exact expected error of the machine on the images of the probe, no noise being sampled:
//
//	R(theta) = E[w_c^2] - 2 theta . E[w_c phi] + theta^T E[phi phi^T] theta,
//
// every expectation transported from the probe's clean moments. The machine is told the noise level told; the noise really
// has standard deviation truth. The two are equal except where a mismatch is studied.
//
// The probe is a table of the machine's family or of one that contains it, on the same wavelet, layout, centre and axes; else
// Risk returns an error.
func (m *Machine) Risk(probe *moments.Moments, told, truth float64) (Risk, error) {
	if err := diffusion.CheckSigma(truth); err != nil {
		return Risk{}, err
	}
	probe, err := m.fitting(probe)
	if err != nil {
		return Risk{}, err
	}
	level, err := m.Level(told)
	if err != nil {
		return Risk{}, err
	}
	return m.risk(level, probe, truth)
}

// fitting returns the part of a table that is of the machine's family.
func (m *Machine) fitting(probe *moments.Moments) (*moments.Moments, error) {
	if probe.Images() == 0 {
		return nil, errors.New("analytic: a table without images says nothing about risk")
	}
	if err := m.moments.Spec().SameVariables(probe.Spec()); err != nil {
		return nil, err
	}
	if family := m.moments.Spec().Family; probe.Spec().Family != family {
		return probe.Restrict(family)
	}
	return probe, nil
}

func (m *Machine) risk(level *Level, probe *moments.Moments, sigma float64) (Risk, error) {
	groups := m.moments.Groups()
	size := m.Shape().Size()
	r := Risk{Coefficients: make([]float64, size)}
	context := m.contextRisk(level, probe, sigma)
	err := eachGroup(len(groups), func(s *solver, g int) error {
		b, theta := groups[g].Basis, level.Weights[g]
		s.clean = grow(s.clean, b.Moments())
		b.Transport(&s.normal, probe.Clean(s.clean, g), sigma)
		risk := s.normal.Energy + quadratic(s.normal.Gram, theta) - 2*floats.Dot(theta, s.normal.Target)
		if context != nil {
			for i, member := range groups[g].Members {
				risk += s.crossRisk(level.alongOf(member.Index), theta, context[member.Index], probe, g, i, sigma) / float64(len(groups[g].Members))
			}
		}
		for _, member := range groups[g].Members {
			r.Coefficients[member.Index] = risk
		}
		return nil
	})
	if err != nil {
		return Risk{}, err
	}
	r.PerPixel = floats.Sum(r.Coefficients) / float64(size)
	return r, nil
}

// crossRisk returns what the linear context adds to the risk of member i of group g: its own quadratic form, which is given, its
// products with the features, and its target.
func (s *solver) crossRisk(weights, theta []float64, own float64, probe *moments.Moments, g, i int, sigma float64) float64 {
	risk := own - 2*floats.Dot(weights, s.contextOf(probe, g, i, sigma))
	width := len(weights)
	for a, weight := range theta {
		if weight != 0 {
			risk += 2 * weight * floats.Dot(s.noisyCross[a*width:(a+1)*width], weights)
		}
	}
	return risk
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
		weights := level.alongOf(c)
		energy[c] = floats.Dot(product.Data[c*width:(c+1)*width], weights) + sigma*sigma*floats.Dot(weights, weights)
	}
	return energy
}
