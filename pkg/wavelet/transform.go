package wavelet

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Transform is the orthonormal wavelet transform of batches of images of one layout with one filter. It is safe for
// concurrent use, and works on as many cores as there are; its results are the same bits whatever that number is.
type Transform struct {
	filter  Filter
	layout  Layout
	workers sync.Pool // of *worker
}

// NewTransform returns the transform of images of the layout. It panics with a LayoutError if the layout is not one that
// NewLayout returns.
func NewTransform(f Filter, l Layout) *Transform {
	if _, err := NewLayout(l.Channels, l.Height, l.Width, l.Levels); err != nil {
		panic(err)
	}
	t := &Transform{filter: f, layout: l}
	split := analysis(f)
	merge := split.transpose()
	t.workers.New = func() any {
		w := &worker{plane: newPlane(l.Height, l.Width, l.Levels, split, merge)}
		w.run = func() {
			w.work()
			w.job.done.Done()
			t.workers.Put(w)
		}
		return w
	}
	return t
}

// Filter returns the filter.
func (t *Transform) Filter() Filter { return t.filter }

// Layout returns the layout of the images and their coefficients.
func (t *Transform) Layout() Layout { return t.layout }

// Forward computes the coefficients of N images, W x for each image x, into dst and returns it. The images are one after
// the other, each row-major in channel, row and column; the coefficients likewise, in the order of the layout. N is
// len(src) / Layout().Len().
//
// If dst is nil, a new slice is allocated; otherwise nothing is. dst may be src, but must not overlap it in another way.
// Forward panics with a LengthError if src is not a whole number of images or dst has another length than src.
func (t *Transform) Forward(dst, src []float64) []float64 {
	return t.each(dst, src, (*plane).forward)
}

// Inverse computes the images of N vectors of coefficients, W^-1 w = W^T w for each vector w, into dst and returns it: the
// inverse of Forward, on the same terms.
func (t *Transform) Inverse(dst, src []float64) []float64 {
	return t.each(dst, src, (*plane).inverse)
}

// grain is the number of pixels that a worker takes at a time: enough that taking them costs nothing.
const grain = 1 << 15

// each applies op to every channel of every image.
func (t *Transform) each(dst, src []float64, op func(p *plane, dst, src []float64)) []float64 {
	if dst == nil {
		dst = make([]float64, len(src))
	}
	if len(dst) != len(src) || len(src)%t.layout.Len() != 0 {
		panic(LengthError{t.layout, len(dst), len(src)})
	}
	lead := t.workers.Get().(*worker)
	j := &lead.own
	j.dst, j.src, j.op = dst, src, op
	j.next.Store(0)
	lead.job = j
	helpers := min(runtime.GOMAXPROCS(0), (len(src)+grain-1)/grain) - 1
	for range helpers {
		w := t.workers.Get().(*worker)
		w.job = j
		j.done.Add(1)
		go w.run()
	}
	lead.work()
	j.done.Wait()
	j.dst, j.src = nil, nil // the pool must not keep the caller's memory
	t.workers.Put(lead)
	return dst
}

// worker transforms planes of a job that it shares with other workers. All that a job needs lives in the workers of a
// pool, and so nothing is allocated once the pool is warm.
type worker struct {
	plane *plane
	job   *job
	own   job    // the job when this worker leads it
	run   func() // works on job, then returns the worker to the pool
}

// job is one call of Forward or Inverse.
type job struct {
	dst, src []float64
	op       func(p *plane, dst, src []float64)
	next     atomic.Int64 // the first plane that nobody has taken
	done     sync.WaitGroup
}

// work takes planes of the job until none is left.
func (w *worker) work() {
	j := w.job
	size := w.plane.height * w.plane.width
	step := max(1, grain/size)
	for {
		to := int(j.next.Add(int64(step))) * size
		from := to - step*size
		if from >= len(j.src) {
			return
		}
		for to = min(to, len(j.src)); from < to; from += size {
			j.op(w.plane, j.dst[from:from+size], j.src[from:from+size])
		}
	}
}
