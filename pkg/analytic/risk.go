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
	return m.risks([]*Level{level}, probe, truth)[0], nil
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

// risks returns the risk of each of some levels.
func (m *Machine) risks(levels []*Level, probe *moments.Moments, sigma float64) []Risk {
	groups := m.moments.Groups()
	size := m.Shape().Size()
	risks, contexts := make([]Risk, len(levels)), make([][]float64, len(levels))
	for k, level := range levels {
		risks[k].Coefficients = make([]float64, size)
		contexts[k] = m.contextRisk(level, probe, sigma)
	}
	each(len(groups), func(s *solver, g int) {
		b, members := groups[g].Basis, groups[g].Members
		s.table = grow(s.table, b.Moments())
		b.Transport(&s.normal, probe.Clean(s.table, g), sigma)
		sums := make([]float64, len(levels))
		for k, level := range levels {
			theta := level.Weights[g]
			sums[k] = s.normal.Energy + quadratic(s.normal.Gram, theta) - 2*floats.Dot(theta, s.normal.Target)
		}
		for i, member := range members {
			if len(m.spectrum) == 0 {
				break // without a context there is nothing of a member's own
			}
			target := s.contextOf(probe, g, i, sigma)
			for k, level := range levels {
				sums[k] += s.crossRisk(level.alongOf(member.Index), level.Weights[g], contexts[k][member.Index], target) / float64(len(members))
			}
		}
		for k := range levels {
			for _, member := range members {
				risks[k].Coefficients[member.Index] = sums[k]
			}
		}
	})
	for k := range risks {
		risks[k].PerPixel = floats.Sum(risks[k].Coefficients) / float64(size)
	}
	return risks
}

// crossRisk returns what the linear context adds to the risk of a member: its own quadratic form, which is given, its products with
// the features, which are in s.noisyCross, and its target.
func (s *solver) crossRisk(weights, theta []float64, own float64, target []float64) float64 {
	risk := own - 2*floats.Dot(weights, target)
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
	covariance := blas64.General{Rows: width, Cols: width, Stride: width, Data: probe.ContextCovariance()}
	energy := make([]float64, size)
	const rows = 64 // coefficients at a time
	each((size+rows-1)/rows, func(s *solver, block int) {
		from, to := block*rows, min((block+1)*rows, size)
		along := blas64.General{Rows: to - from, Cols: width, Stride: width, Data: level.along[from*width : to*width]}
		s.cross = grow(s.cross, len(along.Data))
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, along, covariance, 0, blas64.General{Rows: to - from, Cols: width, Stride: width, Data: s.cross})
		for c := from; c < to; c++ {
			weights := level.alongOf(c)
			energy[c] = floats.Dot(s.cross[(c-from)*width:(c-from+1)*width], weights) + sigma*sigma*floats.Dot(weights, weights)
		}
	})
	return energy
}
