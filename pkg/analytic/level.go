package analytic

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"

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
	mu    sync.Mutex
	most  int // how many levels are kept
	known map[float64]func() (*Level, error)
	order []float64 // longest unused first
}

func (l *levels) get(sigma float64, solve func() (*Level, error)) (*Level, error) {
	l.mu.Lock()
	level, ok := l.known[sigma]
	if ok {
		i := slices.Index(l.order, sigma)
		l.order = append(slices.Delete(l.order, i, i+1), sigma)
	} else {
		level = sync.OnceValues(solve)
		if l.known == nil {
			l.known = make(map[float64]func() (*Level, error))
		}
		if len(l.order) == l.most {
			delete(l.known, l.order[0])
			l.order = slices.Delete(l.order, 0, 1)
		}
		l.known[sigma] = level
		l.order = append(l.order, sigma)
	}
	l.mu.Unlock()
	return level()
}

// Level returns the machine's weights at noise level sigma, solving for them if they are not known yet. It returns an error
// that wraps diffusion.ErrSigma where sigma is not a positive finite number, and one that names the group where the solution
// is not finite. The level must not be changed.
func (m *Machine) Level(sigma float64) (*Level, error) {
	if err := diffusion.CheckSigma(sigma); err != nil {
		return nil, err
	}
	return m.levels.get(sigma, func() (*Level, error) { return m.solve(sigma) })
}

// solve fits the level; of a tuned machine, with the settings that its trials choose.
func (m *Machine) solve(sigma float64) (*Level, error) {
	if len(m.trials) > 0 {
		return m.choose(sigma)
	}
	levels, err := m.fit(sigma, m.candidates)
	if err != nil {
		return nil, err
	}
	return levels[0], nil
}

// fit solves for the weights at a noise level with each of some candidates, which are ablated or not all alike.
func (m *Machine) fit(sigma float64, candidates []candidate) ([]*Level, error) {
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
	errs := make([]error, len(groups))
	each(len(groups), func(s *solver, g int) {
		if errs[g] = s.prepare(m, g, sigma, candidates[0].keep != nil); errs[g] != nil {
			return
		}
		for k, c := range candidates {
			theta := make([]float64, groups[g].Basis.Features())
			if errs[g] = s.fit(theta, c); errs[g] != nil {
				return
			}
			levels[k].Weights[g] = theta
			conditions[g*len(candidates)+k], truncated[g*len(candidates)+k] = s.factor.condition, s.factor.truncated
		}
		if width == 0 {
			return
		}
		for i, member := range groups[g].Members {
			if len(groups[g].Members) > 1 { // the only one has been prepared
				s.whiten(i)
			}
			for k, c := range candidates {
				s.contextWeights(levels[k].alongOf(member.Index), i, levels[k].Weights[g], c.Target)
			}
		}
	})
	if err := first(errs); err != nil {
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
func (m *Machine) Freedom(sigma float64) ([]float64, error) {
	level, err := m.Level(sigma)
	if err != nil {
		return nil, err
	}
	groups := m.moments.Groups()
	freedom, errs := make([]float64, len(groups)), make([]error, len(groups))
	fitted := candidate{level.Settings, m.candidates[0].keep}
	each(len(groups), func(s *solver, g int) {
		if errs[g] = s.prepare(m, g, sigma, fitted.keep != nil); errs[g] == nil {
			freedom[g], errs[g] = s.freedom(fitted)
		}
	})
	return freedom, first(errs)
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

// each calls do once for each of n groups, or what else there are n of, on all cores, each with a solver of its own.
func each(n int, do func(s *solver, i int)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			var s solver
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				do(&s, i)
			}
		})
	}
	workers.Wait()
}

// first returns the first of the errors, and says how many more there are.
func first(errs []error) error {
	failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	}
	return fmt.Errorf("%w, and %d more", failed[0], len(failed)-1)
}
