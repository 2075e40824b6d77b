package analytic

import (
	"context"
	"errors"
	"slices"

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
	PerPixel     float64   // mean over pixels, or over coefficients, in [-1, 1] units squared
	Coefficients []float64 // of each coefficient, averaged over those that share weights
}

// Risk returns the exact expected error of the machine on the images of the probe,
//
//	R(theta) = E[w_c^2] - 2 theta . E[w_c phi] + theta^T E[phi phi^T] theta,
//
// where every expectation is transported from the clean moments of the probe. No noise is sampled.
// The weights theta are those of noise level told, and the noise has the standard deviation truth.
// The two are equal except where a mismatch is studied.
//
// The probe is a table of the machine's family or of one that contains it, with the same wavelet,
// layout, centre and axes. For any other Risk returns an error. A cancelled ctx ends it with ctx's
// error.
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

// fitting returns the restriction of a table to the machine's family.
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

// risks returns the risk of each of the levels.
//
// Where the noise is weaker than the data the risk is a small difference of large numbers. There
// it is computed from the change that the machine makes to the noisy coefficient: with D = y_c +
// delta . phi and E[z_c phi] = sigma E[d phi / d y_c],
//
//	R = sigma^2 (1 + 2 delta . E[d phi / d y_c]) + delta^T E[phi phi^T] delta,
//
// where every term is of order sigma^2.
func (m *Machine) risks(ctx context.Context, levels []*Level, probe *moments.Moments, sigma float64) ([]Risk, error) {
	groups := m.moments.Groups()
	size := m.Shape().Size()
	weak := make([]bool, len(groups)) // the noise is weaker than the data
	for g := range groups {
		weak[g] = sigma*sigma < probe.Energy(g)
	}
	risks, contexts := make([]Risk, len(levels)), make([]contextPart, len(levels))
	for k, level := range levels {
		risks[k].Coefficients = make([]float64, size)
		var err error
		if contexts[k], err = m.contextPart(ctx, level, probe, sigma, weak); err != nil {
			return nil, err
		}
	}
	err := parallel.For(ctx, len(groups), newSolver, func(s *solver, g int) error {
		b, members := groups[g].Basis, groups[g].Members
		s.table = linalg.Grow(s.table, b.Moments())
		b.Transport(&s.normal, probe.Clean(s.table, g), sigma)
		sums, thetas := make([]float64, len(levels)), make([][]float64, len(levels))
		for k, level := range levels {
			thetas[k] = level.Weights[g]
			if !weak[g] {
				sums[k] = s.normal.Energy + quadratic(s.normal.Gram, thetas[k]) - 2*floats.Dot(thetas[k], s.normal.Target)
				continue
			}
			if thetas[k] = slices.Clone(thetas[k]); !m.inContext(members[0]) {
				thetas[k][1]--
			}
			sums[k] = sigma*sigma*(1+2*floats.Dot(thetas[k], s.normal.Slope)) + quadratic(s.normal.Gram, thetas[k])
		}
		for i, member := range members {
			if len(m.spectrum) == 0 {
				break // without a context there is nothing of a member's own
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			target := s.contextOf(probe, g, i, sigma)
			for k := range levels {
				weights := contexts[k].weightsOf(member.Index)
				risk := contexts[k].energy[member.Index] + s.crossRisk(weights, thetas[k])
				if !weak[g] {
					risk -= 2 * floats.Dot(weights, target)
				} else if place, ok := m.moments.Place(member.Index); ok {
					axes := probe.Spec().Axes[place*len(weights) : (place+1)*len(weights)]
					risk += 2 * sigma * sigma * floats.Dot(weights, axes)
				}
				sums[k] += risk / float64(len(members))
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

// inContext reports whether a coefficient is a variable of the linear context.
func (m *Machine) inContext(member moments.Member) bool {
	_, ok := m.moments.Place(member.Index)
	return ok
}

// crossRisk returns 2 sum_ak theta_a E[phi_a u_k] weights_k of a member, with the cross moments in
// s.noisyCross.
func (s *solver) crossRisk(weights, theta []float64) (risk float64) {
	width := len(weights)
	for a, weight := range theta {
		if weight != 0 {
			risk += 2 * weight * floats.Dot(s.noisyCross[a*width:(a+1)*width], weights)
		}
	}
	return risk
}

// contextPart is the contribution of the linear context to the denoiser of every coefficient.
// Where the noise is weak it is the contribution to the change D - y_c.
type contextPart struct {
	width  int
	along  []float64 // coefficients x axes: its weights
	energy []float64 // coefficients: E[(sum_k weight_k u_k(y))^2]
}

// weightsOf returns the weights of coefficient c.
func (p contextPart) weightsOf(c int) []float64 { return p.along[c*p.width : (c+1)*p.width] }

func (m *Machine) contextPart(ctx context.Context, level *Level, probe *moments.Moments, sigma float64, weak []bool) (contextPart, error) {
	width, size := len(m.spectrum), m.Shape().Size()
	if width == 0 {
		return contextPart{}, nil
	}
	second, err := probe.ContextCovariance(ctx)
	if err != nil {
		return contextPart{}, err
	}
	covariance := linalg.Square(second, width)
	p := contextPart{width: width, along: slices.Clone(level.along), energy: make([]float64, size)}
	for g, group := range m.moments.Groups() {
		for _, member := range group.Members {
			if place, ok := m.moments.Place(member.Index); ok && weak[g] {
				floats.Sub(p.weightsOf(member.Index), m.moments.Spec().Axes[place*width:(place+1)*width])
			}
		}
	}
	const rows = 64 // coefficients at a time
	return p, parallel.For(ctx, (size+rows-1)/rows, newSolver, func(s *solver, block int) error {
		from, to := block*rows, min((block+1)*rows, size)
		s.cross = linalg.Grow(s.cross, (to-from)*width)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(p.along[from*width:], to-from, width), covariance, 0,
			linalg.Matrix(s.cross, to-from, width))
		for c := from; c < to; c++ {
			weights := p.weightsOf(c)
			p.energy[c] = floats.Dot(s.cross[(c-from)*width:(c-from+1)*width], weights) + sigma*sigma*floats.Dot(weights, weights)
		}
		return nil
	})
}
