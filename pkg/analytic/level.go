package analytic

import (
	"context"
	"errors"
	"slices"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Level is a machine's weights at one noise level, and how their regressions went.
type Level struct {
	Sigma     float64
	Settings  Settings    // what it was fitted with: for a tuned machine, the choice at this level
	Weights   [][]float64 // group, feature: as many as the group's Basis has features, in their order
	Condition float64     // the greatest condition number of a group's scaled, penalised Gram matrix
	Truncated int         // groups whose matrix was so ill conditioned that its smallest eigenvalues were cut off

	width   int              // of the linear context
	along   []float64        // coefficient, axis: the weights of the linear context along its axes
	context func() []float64 // coefficient, context coefficient: the same weights of the coefficients themselves
}

// maxLevels is how many levels a machine remembers, more than any sampler or notebook asks for at a time, and maxLevelBytes how much memory
// a linear context's weights may take in them.
const (
	maxLevels     = 128
	maxLevelBytes = 1 << 30
)

// levels is a bounded cache of solved levels, safe for concurrent use; each is solved once however many ask for it.
type levels struct {
	mu     sync.Mutex
	most   int // how many levels are kept
	known  map[float64]*solving
	recent []float64 // the levels known, the longest unused first
}

// solving is a level that is being solved, or has been once done is closed.
type solving struct {
	done  chan struct{}
	level *Level
	err   error
}

// get returns the level at sigma, solving it unless it is known. A level whose solution failed, or was cancelled, is forgotten:
// those who wait for one that another caller has cancelled solve it themselves.
func (l *levels) get(ctx context.Context, sigma float64, solve func() (*Level, error)) (*Level, error) {
	for {
		s, first := l.enter(sigma)
		if first {
			l.finish(s, sigma, solve)
			return s.level, s.err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-s.done:
		}
		if !errors.Is(s.err, context.Canceled) && !errors.Is(s.err, context.DeadlineExceeded) {
			return s.level, s.err
		}
	}
}

// enter returns the level at sigma, and whether its caller is the first to ask for it and must finish it.
func (l *levels) enter(sigma float64) (s *solving, first bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s, ok := l.known[sigma]; ok {
		i := slices.Index(l.recent, sigma)
		l.recent = append(slices.Delete(l.recent, i, i+1), sigma)
		return s, false
	}
	if l.known == nil {
		l.known = make(map[float64]*solving)
	}
	if len(l.recent) == l.most {
		delete(l.known, l.recent[0])
		l.recent = slices.Delete(l.recent, 0, 1)
	}
	s = &solving{done: make(chan struct{}), err: errors.New("analytic: solving a level panicked")}
	l.known[sigma] = s
	l.recent = append(l.recent, sigma)
	return s, true
}

// finish solves a level, tells those who wait for it, and forgets it if there is none.
func (l *levels) finish(s *solving, sigma float64, solve func() (*Level, error)) {
	defer func() { // even if solve panics
		if s.err != nil {
			l.forget(s, sigma)
		}
		close(s.done)
	}()
	s.level, s.err = solve()
}

func (l *levels) forget(s *solving, sigma float64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known[sigma] == s { // it may have been dropped, and begun again
		delete(l.known, sigma)
		l.recent = slices.DeleteFunc(l.recent, func(other float64) bool { return other == sigma })
	}
}

// Level returns the machine's weights at noise level sigma, solving for them if they are not known yet. It returns an error
// that wraps diffusion.ErrSigma where sigma is not a positive finite number, one that names the group where the solution
// is not finite, and ctx's once that is cancelled. The level must not be changed.
func (m *Machine) Level(ctx context.Context, sigma float64) (*Level, error) {
	if err := diffusion.CheckSigma(sigma); err != nil {
		return nil, err
	}
	return m.levels.get(ctx, sigma, func() (*Level, error) { return m.solve(ctx, sigma) })
}

// solve fits the level; of a tuned machine, with the settings that its trials choose.
func (m *Machine) solve(ctx context.Context, sigma float64) (*Level, error) {
	if len(m.trials) > 0 {
		return m.choose(ctx, sigma)
	}
	levels, err := m.fit(ctx, sigma, m.candidates)
	if err != nil {
		return nil, err
	}
	return levels[0], nil
}

// fit solves for the weights at a noise level with each of some candidates, which are ablated or not all alike.
func (m *Machine) fit(ctx context.Context, sigma float64, candidates []candidate) ([]*Level, error) {
	groups := m.moments.Groups()
	width := len(m.spectrum)
	levels := make([]*Level, len(candidates))
	for k, c := range candidates {
		level := &Level{Sigma: sigma, Settings: c.Settings, Weights: make([][]float64, len(groups)), along: make([]float64, m.Shape().Size()*width), width: width}
		level.context = sync.OnceValue(func() []float64 { return m.alongToContext(level.along) })
		levels[k] = level
	}
	conditions := make([]float64, len(groups)*len(candidates)) // group, candidate
	truncated := make([]bool, len(conditions))
	err := parallel.For(ctx, len(groups), newSolver, func(s *solver, g int) error {
		if err := s.prepare(ctx, m, g, sigma, candidates[0].keep != nil); err != nil {
			return err
		}
		for k, c := range candidates {
			theta := make([]float64, groups[g].Basis.Features())
			if err := s.fit(theta, c); err != nil {
				return err
			}
			levels[k].Weights[g] = theta
			conditions[g*len(candidates)+k], truncated[g*len(candidates)+k] = s.factor.condition, s.factor.truncated
		}
		if width == 0 {
			return nil
		}
		for i, member := range groups[g].Members {
			if err := ctx.Err(); err != nil {
				return err
			}
			if len(groups[g].Members) > 1 { // the only one has been prepared
				s.whiten(i)
			}
			for k, c := range candidates {
				s.contextWeights(levels[k].alongOf(member.Index), i, levels[k].Weights[g], c.Target)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range conditions {
		level := levels[i%len(levels)]
		level.Condition = max(level.Condition, conditions[i])
		if truncated[i] {
			level.Truncated++
		}
	}
	return levels, nil
}

// Freedom returns the effective degrees of freedom of every group's regression at noise level sigma, tr (G + R)^-1 G. The linear
// context's are not counted.
func (m *Machine) Freedom(ctx context.Context, sigma float64) ([]float64, error) {
	level, err := m.Level(ctx, sigma)
	if err != nil {
		return nil, err
	}
	groups := m.moments.Groups()
	freedom := make([]float64, len(groups))
	fitted := candidate{level.Settings, m.candidates[0].keep}
	return freedom, parallel.For(ctx, len(groups), newSolver, func(s *solver, g int) error {
		if err := s.prepare(ctx, m, g, sigma, fitted.keep != nil); err != nil {
			return err
		}
		var err error
		freedom[g], err = s.freedom(fitted)
		return err
	})
}

// alongOf returns the context weights of coefficient c along the axes.
func (l *Level) alongOf(c int) []float64 { return l.along[c*l.width : (c+1)*l.width] }

// alongToContext turns weights along the axes to weights of the context's coefficients.
func (m *Machine) alongToContext(along []float64) []float64 {
	width := len(m.spectrum)
	if width == 0 {
		return nil
	}
	size := len(along) / width
	weights := make([]float64, len(along))
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: size, Cols: width, Stride: width, Data: along},
		blas64.General{Rows: width, Cols: width, Stride: width, Data: m.moments.Spec().Axes},
		0, blas64.General{Rows: size, Cols: width, Stride: width, Data: weights})
	return weights
}
