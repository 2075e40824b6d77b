package analytic

import (
	"context"
	"errors"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
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
// Risk returns an error. A cancelled ctx ends it with ctx's error.
func (m *Machine) Risk(ctx context.Context, probe *moments.Moments, told, truth float64) (Risk, error) {
	if err := diffusion.CheckSigma(truth); err != nil {
		return Risk{}, err
	}
	probe, err := m.fitting(probe)
	if err != nil {
		return Risk{}, err
	}
	level, err := m.Level(ctx, told)
	if err != nil {
		return Risk{}, err
	}
	risks, err := m.risks(ctx, []*Level{level}, probe, truth)
	if err != nil {
		return Risk{}, err
	}
	return risks[0], nil
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
		var err error
		if probe, err = probe.Restrict(family); err != nil {
			return nil, err
		}
	}
	if len(m.spectrum) > 0 && probe.Spec().Axes == nil {
		return nil, errors.New("analytic: the probe's linear context has no axes; collect it with the machine's Spec, " +
			"or turn it Along the axes of that")
	}
	return probe, nil
}

// risks returns the risk of each of some levels.
func (m *Machine) risks(ctx context.Context, levels []*Level, probe *moments.Moments, sigma float64) ([]Risk, error) {
	groups := m.moments.Groups()
	size := m.Shape().Size()
	risks, contexts := make([]Risk, len(levels)), make([][]float64, len(levels))
	for k, level := range levels {
		risks[k].Coefficients = make([]float64, size)
		var err error
		if contexts[k], err = m.contextRisk(ctx, level, probe, sigma); err != nil {
			return nil, err
		}
	}
	err := parallel.For(ctx, len(groups), newSolver, func(s *solver, g int) error {
		b, members := groups[g].Basis, groups[g].Members
		s.table = linalg.Grow(s.table, b.Moments())
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
			if err := ctx.Err(); err != nil {
				return err
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
		return nil
	})
	if err != nil {
		return nil, err
	}
	for k := range risks {
		risks[k].PerPixel = floats.Sum(risks[k].Coefficients) / float64(size)
	}
	return risks, nil
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
func (m *Machine) contextRisk(ctx context.Context, level *Level, probe *moments.Moments, sigma float64) ([]float64, error) {
	width, size := len(m.spectrum), m.Shape().Size()
	if width == 0 {
		return nil, nil
	}
	second, err := probe.ContextCovariance(ctx)
	if err != nil {
		return nil, err
	}
	covariance := linalg.Square(second, width)
	energy := make([]float64, size)
	const rows = 64 // coefficients at a time
	return energy, parallel.For(ctx, (size+rows-1)/rows, newSolver, func(s *solver, block int) error {
		from, to := block*rows, min((block+1)*rows, size)
		along := blas64.General{Rows: to - from, Cols: width, Stride: width, Data: level.along[from*width : to*width]}
		s.cross = linalg.Grow(s.cross, len(along.Data))
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, along, covariance, 0, blas64.General{Rows: to - from, Cols: width, Stride: width, Data: s.cross})
		for c := from; c < to; c++ {
			weights := level.alongOf(c)
			energy[c] = floats.Dot(s.cross[(c-from)*width:(c-from+1)*width], weights) + sigma*sigma*floats.Dot(weights, weights)
		}
		return nil
	})
}
