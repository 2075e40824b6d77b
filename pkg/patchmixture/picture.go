package patchmixture

import (
	"context"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// plane is a picture of one channel, row-major.
type plane struct {
	rows, columns int
	values        []float64
}

func newPlane(rows, columns int) plane { return plane{rows, columns, make([]float64, rows*columns)} }

// extended returns the plane with a margin on all sides, filled by reflection.
func (p plane) extended(margin int) plane {
	e := newPlane(p.rows+2*margin, p.columns+2*margin)
	for r := range e.rows {
		line := p.values[diffusion.Mirror(r-margin, p.rows)*p.columns:][:p.columns]
		to := e.values[r*e.columns : (r+1)*e.columns]
		for c := range to {
			to[c] = line[diffusion.Mirror(c-margin, p.columns)]
		}
	}
	return e
}

// pairMeans returns the means of 2 x 2 pixels at every place where there are as many.
func (p plane) pairMeans() plane {
	m := newPlane(p.rows-1, p.columns-1)
	for r := range m.rows {
		upper, lower := p.values[r*p.columns:][:p.columns], p.values[(r+1)*p.columns:][:p.columns]
		for c := range m.columns {
			m.values[r*m.columns+c] = (upper[c] + upper[c+1] + lower[c] + lower[c+1]) / 4
		}
	}
	return m
}

// phase returns every other row from row and every other column from column.
func (p plane) phase(row, column int) plane {
	q := newPlane((p.rows-row+1)/2, (p.columns-column+1)/2)
	for r := range q.rows {
		for c := range q.columns {
			q.values[r*q.columns+c] = p.values[(2*r+row)*p.columns+2*c+column]
		}
	}
	return q
}

// setPhase is the inverse of phase.
func (p plane) setPhase(row, column int, q plane) {
	for r := range q.rows {
		for c := range q.columns {
			p.values[(2*r+row)*p.columns+2*c+column] = q.values[r*q.columns+c]
		}
	}
}

// lattice says at which places there are windows.
type lattice int

const (
	everyPlace  lattice = iota
	everyOther          // those whose row and column have an even sum
	everyFourth         // those of even row and column
)

// has reports whether there is a window at a place.
func (l lattice) has(row, column int) bool {
	switch l {
	case everyOther:
		return (row+column)%2 == 0
	case everyFourth:
		return row%2 == 0 && column%2 == 0
	}
	return true
}

// denoise writes the weighted average of the posterior means of all windows of a picture over it.
// The mixtures are those of the picture's noise and of coarser ones'. The windows of the picture
// are those of the lattice, and of coarser ones every fourth.
func denoise(ctx context.Context, mixtures []*noisyMixture, p plane, l lattice) error {
	e := p.extended(mixtures[0].side - 1)
	var coarse plane
	if len(mixtures) > 1 {
		coarse = e.pairMeans()
		for row := range 2 {
			for column := range 2 {
				q := coarse.phase(row, column)
				if err := denoise(ctx, mixtures[1:], q, everyFourth); err != nil {
					return err
				}
				coarse.setPhase(row, column, q)
			}
		}
	}
	bands := make([]band, (e.rows-mixtures[0].side+bandRows)/bandRows)
	newState := func() *windowAverage { return newWindowAverage(mixtures[0], e, coarse) }
	err := parallel.For(ctx, len(bands), newState, func(w *windowAverage, i int) (err error) {
		bands[i], err = w.band(ctx, i*bandRows, l)
		return err
	})
	if err != nil {
		return err
	}
	// The sums are added in the order of the bands, for the same bits on any number of cores.
	total := band{make([]float64, len(e.values)), make([]float64, len(e.values))}
	for i, b := range bands {
		from := i * bandRows * e.columns
		for j, v := range b.sum {
			total.sum[from+j] += v
			total.weight[from+j] += b.weight[j]
		}
	}
	margin := mixtures[0].side - 1
	for r := range p.rows {
		for c := range p.columns {
			at := (r+margin)*e.columns + c + margin
			p.values[r*p.columns+c] = total.sum[at] / total.weight[at]
		}
	}
	return nil
}

// bandRows is how many rows of windows make a band: those that one goroutine averages at a time.
const bandRows = 16

// band is the weighted sum of the windows of some rows of a picture, and of their weights.
type band struct{ sum, weight []float64 }

// windowAverage averages windows of an extended picture. It owns the memory that this takes, and is
// for one goroutine.
type windowAverage struct {
	*evaluator
	noisy, coarse  plane     // coarse, which has no values at the coarsest scale, holds means of 2 x 2 pixels
	places         []int     // n: where the windows begin, from the first row of the band on
	levels         []float64 // n: the means of the windows
	mean, variance []float32 // n x d: the posterior's
	n              int       // windows that are waiting
}

func newWindowAverage(m *noisyMixture, noisy, coarse plane) *windowAverage {
	return &windowAverage{evaluator: newEvaluator(m), noisy: noisy, coarse: coarse, places: make([]int, windowsAtOnce),
		levels: make([]float64, windowsAtOnce), mean: make([]float32, windowsAtOnce*m.size()), variance: make([]float32, windowsAtOnce*m.size())}
}

// band returns the sums of the windows that begin in the bandRows rows from first.
func (w *windowAverage) band(ctx context.Context, first int, l lattice) (band, error) {
	last := min(first+bandRows, w.noisy.rows-w.side+1)
	size := (last - first + w.side - 1) * w.noisy.columns
	b := band{make([]float64, size), make([]float64, size)}
	for row := first; row < last; row++ {
		for column := range w.noisy.columns - w.side + 1 {
			if !l.has(row, column) {
				continue
			}
			w.places[w.n] = (row-first)*w.noisy.columns + column
			w.read(row, column)
			if w.n++; w.n == windowsAtOnce {
				if err := ctx.Err(); err != nil {
					return b, err
				}
				w.flush(b)
			}
		}
	}
	w.flush(b)
	return b, ctx.Err()
}

// read puts the window that begins at a place behind those that wait.
func (w *windowAverage) read(row, column int) {
	d := w.size()
	window := w.windows[w.n*d : (w.n+1)*d]
	var sum float64
	for r := range w.side {
		for j, v := range w.noisy.values[(row+r)*w.noisy.columns+column:][:w.side] {
			window[r*w.side+j] = float32(v)
			sum += v
		}
	}
	mean := float32(sum / float64(d))
	for j := range window {
		window[j] -= mean
	}
	if len(w.coarse.values) > 0 {
		sum = 0
		for r := row; r < row+w.side; r += 2 {
			line := w.coarse.values[r*w.coarse.columns:]
			for c := column; c < column+w.side; c += 2 {
				sum += 4 * line[c]
			}
		}
	}
	w.levels[w.n] = sum / float64(d)
}

// flush adds the posterior means of the windows that wait to a band.
func (w *windowAverage) flush(b band) {
	w.condition(w.n)
	w.posterior(w.mean, w.variance, w.n)
	d := w.size()
	ofLevel := w.noiseVariance / float64(d)
	for i := range w.n {
		for r := range w.side {
			at := w.places[i] + r*w.noisy.columns
			sum, weight := b.sum[at:at+w.side], b.weight[at:at+w.side]
			mean, variance := w.mean[i*d+r*w.side:][:w.side], w.variance[i*d+r*w.side:][:w.side]
			for j := range sum {
				precision := 1 / (float64(variance[j]) + ofLevel)
				sum[j] += precision * (float64(mean[j]) + w.levels[i])
				weight[j] += precision
			}
		}
	}
	w.n = 0
}
