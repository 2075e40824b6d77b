package patchmixture

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/floats"
)

const (
	// windowsAtOnce is how many windows are evaluated together: enough that a component is likely
	// for dozens of them.
	windowsAtOnce = 1024

	// comparedAtOnce is how many of them are compared with all components in one matrix product.
	comparedAtOnce = 256
)

// minResponsibility is the responsibility from which on a component counts. It is taken off those
// that do, so that posteriors are continuous.
const minResponsibility = 1e-2

// pair is a window of a batch and the responsibility of a component for it.
type pair struct {
	window         int32
	responsibility float32
}

// evaluator finds the posteriors of batches of windows under a noisy mixture. It owns the memory
// that this takes, and is for one goroutine.
type evaluator struct {
	*noisyMixture
	windows []float32 // n x d, without their means

	pairs       [][]pair  // K: the windows that a component counts for
	logEvidence []float32 // n: the log-density of the window, less what all components have in common

	features []float32 // n x features
	scores   []float32 // n x K
	gathered []float32 // pairs of one component x d: windows
	filtered []float32 // pairs of one component x d: what is linear in the posterior means
}

func newEvaluator(n *noisyMixture) *evaluator {
	d, k := n.size(), n.components()
	return &evaluator{noisyMixture: n,
		windows: make([]float32, windowsAtOnce*d), features: make([]float32, comparedAtOnce*features(d)),
		scores: make([]float32, comparedAtOnce*k), pairs: make([][]pair, k), logEvidence: make([]float32, windowsAtOnce),
		gathered: make([]float32, windowsAtOnce*d), filtered: make([]float32, windowsAtOnce*d)}
}

func single(values []float32, rows, columns int) blas32.General {
	return blas32.General{Rows: rows, Cols: columns, Stride: columns, Data: values[:rows*columns]}
}

// condition finds the responsibilities of the components for the first n of e.windows.
func (e *evaluator) condition(n int) {
	for c := range e.pairs {
		e.pairs[c] = e.pairs[c][:0]
	}
	for from := 0; from < n; from += comparedAtOnce {
		e.compare(from, min(from+comparedAtOnce, n))
	}
}

// compare finds the responsibilities of the components for windows [from, to).
func (e *evaluator) compare(from, to int) {
	d, k, n := e.size(), e.components(), to-from
	f := features(d)
	for i := range n {
		products := e.features[i*f : (i+1)*f]
		window := e.windows[(from+i)*d : (from+i+1)*d]
		copy(products[f-d:], window)
		for j, v := range window {
			for l, w := range window[j:] {
				products[l] = v * w
			}
			products = products[d-j:]
		}
	}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, single(e.features, n, f), single(e.forms, f, k), 0, single(e.scores, n, k))
	cut := float32(math.Log(minResponsibility))
	for i := range n {
		scores := e.scores[i*k : (i+1)*k]
		for c := range scores {
			scores[c] += e.constants[c]
		}
		e.normalise(int32(from+i), scores, cut)
	}
}

// normalise adds the pairs of a window with log-densities. Cut is the logarithm of the least
// responsibility.
func (e *evaluator) normalise(window int32, scores []float32, cut float32) {
	most := slices.Max(scores)
	var total, kept float32
	for c, s := range scores {
		scores[c] = 0
		if s -= most; s > cut-5 {
			scores[c] = float32(math.Exp(float64(s)))
			total += scores[c]
		}
	}
	e.logEvidence[window] = most + float32(math.Log(float64(total)))
	least := minResponsibility * total
	for _, p := range scores {
		if p > least {
			kept += p - least
		}
	}
	for c, p := range scores {
		if p > least {
			e.pairs[c] = append(e.pairs[c], pair{window, (p - least) / kept})
		}
	}
}

// posterior writes the posterior means and variances of the first n windows, which have been
// conditioned on, to mean and variance (n x d).
func (e *evaluator) posterior(mean, variance []float32, n int) {
	d := e.size()
	clear(mean[:n*d])
	clear(variance[:n*d])
	for c, pairs := range e.pairs {
		if len(pairs) == 0 {
			continue
		}
		for r, p := range pairs {
			copy(e.gathered[r*d:(r+1)*d], e.windows[int(p.window)*d:])
		}
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, single(e.gathered, len(pairs), d), single(e.filters[c*d*d:], d, d),
			0, single(e.filtered, len(pairs), d))
		offset, within := e.offsets[c*d:(c+1)*d], e.within[c*d:(c+1)*d]
		for r, pair := range pairs {
			p, at := pair.responsibility, int(pair.window)*d
			m, v := mean[at:at+d], variance[at:at+d]
			for j, x := range e.filtered[r*d : (r+1)*d] {
				x += offset[j]
				px := p * x
				m[j] += px
				v[j] += px*x + p*within[j]
			}
		}
	}
	for i, m := range mean[:n*d] {
		variance[i] = max(variance[i]-m*m, 0)
	}
}

// logDensity returns the log-density of window i, but for the constant (d-1)/2 log 2 pi.
func (e *evaluator) logDensity(i int) float64 {
	d := e.size()
	y := make([]float64, d)
	for j, v := range e.windows[i*d : (i+1)*d] {
		y[j] = float64(v)
	}
	var form float64
	for j, v := range y {
		form += v * floats.Dot(e.common[j*d:(j+1)*d], y)
	}
	return float64(e.logEvidence[i]) - form/2
}
