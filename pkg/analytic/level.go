package analytic

import (
	"fmt"
	"math"
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
	Freedom   []float64   // group: the effective degrees of freedom, tr (G + R)^-1 G; the linear context's are not counted
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

// solve fits the level, with each of a tuned machine's settings, and returns the one of least validation risk.
func (m *Machine) solve(sigma float64) (*Level, error) {
	if m.validation == nil {
		return m.fit(sigma, m.candidates[0])
	}
	var best *Level
	least := math.Inf(1)
	for _, settings := range m.candidates {
		level, err := m.fit(sigma, settings)
		if err != nil {
			return nil, err
		}
		risk, err := m.risk(level, m.validation, sigma)
		if err != nil {
			return nil, err
		}
		if risk.PerPixel < least {
			best, least = level, risk.PerPixel
		}
	}
	if best == nil {
		return nil, fmt.Errorf("analytic: no candidate has a finite validation risk at sigma %v", sigma)
	}
	return best, nil
}

func (m *Machine) fit(sigma float64, settings Settings) (*Level, error) {
	groups := m.moments.Groups()
	width := len(m.spectrum)
	level := &Level{Sigma: sigma, Settings: settings, Weights: make([][]float64, len(groups)), Freedom: make([]float64, len(groups)),
		along: make([]float64, m.Shape().Size()*width), width: width}
	level.context = sync.OnceValue(func() []float64 { return m.alongToContext(level.along) })
	conditions := make([]float64, len(groups))
	truncated := make([]bool, len(groups))
	err := eachGroup(len(groups), func(s *solver, g int) error {
		s.machine, s.settings, s.sigma = m, settings, sigma
		theta := make([]float64, groups[g].Basis.Features())
		level.Weights[g] = theta
		fitted, err := s.fit(theta, g)
		if err != nil {
			return fmt.Errorf("analytic: coefficient %d at sigma %v: %w", groups[g].Members[0].Index, sigma, err)
		}
		conditions[g], truncated[g], level.Freedom[g] = fitted.condition, fitted.truncated, fitted.freedom
		if width > 0 {
			for i, member := range groups[g].Members {
				s.contextWeights(level.alongOf(member.Index), g, i, theta)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	level.Condition = slices.Max(conditions)
	for _, t := range truncated {
		if t {
			level.Truncated++
		}
	}
	return level, nil
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

// eachGroup calls do once for each of n groups, on all cores, each with a solver of its own.
func eachGroup(n int, do func(s *solver, g int) error) error {
	errs := make([]error, n)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), n) {
		workers.Go(func() {
			var s solver
			for g := int(next.Add(1)) - 1; g < n; g = int(next.Add(1)) - 1 {
				errs[g] = do(&s, g)
			}
		})
	}
	workers.Wait()
	failed := slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	}
	return fmt.Errorf("%w, and %d more", failed[0], len(failed)-1)
}
