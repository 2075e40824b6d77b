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

// Level holds the weights of a machine at one noise level, and diagnostics of their regressions.
type Level struct {
	Sigma     float64
	Settings  Settings    // of a tuned machine, the choice at this level
	Weights   [][]float64 // groups x features, in the order of the group's Basis
	Condition float64     // the greatest condition number of a scaled, penalised Gram matrix
	Truncated int         // the number of groups whose smallest eigenvalues were cut off

	width   int              // of the linear context
	along   []float64        // coefficients x axes: the weights of the linear context
	context func() []float64 // coefficients x context coefficients: the same weights
}

// maxLevels is how many levels a machine remembers: more than a sampler or notebook asks for at a
// time. maxLevelBytes bounds the memory of the weights of a linear context in them.
const (
	maxLevels     = 128
	maxLevelBytes = 1 << 30
)

// levels is a bounded cache of solved levels, safe for concurrent use. Each level is solved once,
// however many ask for it.
type levels struct {
	mu     sync.Mutex
	most   int // how many levels are kept
	known  map[float64]*solving
	recent []float64 // the levels known, the least recently used first
}

// solving is a level that is being solved until done is closed.
type solving struct {
	done  chan struct{}
	level *Level
	err   error
}

// get returns the level at sigma, and solves it if it is not known. A level whose solution failed
// or was cancelled is forgotten. Those who wait for a level that another caller cancels solve it
// themselves.
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

// enter returns the level at sigma, and whether the caller is the first to ask for it. The first
// caller must finish it.
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

// finish solves a level and wakes those who wait for it. It forgets a level that has no solution.
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

// Level returns the weights of the machine at noise level sigma, which it solves for if they are
// not known yet. The level must not be changed. Level returns an error that wraps
// diffusion.ErrSigma where sigma is not positive and finite, one that names the group where the
// solution is not finite, and ctx's once that is cancelled.
func (m *Machine) Level(ctx context.Context, sigma float64) (*Level, error) {
	if err := diffusion.CheckSigma(sigma); err != nil {
		return nil, err
	}
	return m.levels.get(ctx, sigma, func() (*Level, error) { return m.solve(ctx, sigma) })
}

// solve fits the level, of a tuned machine with the settings that its trials choose.
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

// fit solves for the weights at a noise level with each of the candidates. Either all of them are
// ablated or none is.
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

// Freedom returns the effective degrees of freedom tr (G + R)^-1 G of the regression of every
// group at noise level sigma. Those of the linear context are left out.
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
