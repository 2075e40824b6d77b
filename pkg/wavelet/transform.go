package wavelet

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Transform is the orthonormal wavelet transform W of batches of images of one layout by one filter. It is safe for
// concurrent use. A large batch is spread over GOMAXPROCS cores; the result is the same bits whatever their number.
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
	t.workers.New = func() any {
		w := &worker{plane: newPlane(f, l)}
		w.help = func() {
			j := w.job
			j.work(w.plane)
			t.workers.Put(w)
			j.helpers.Done()
		}
		return w
	}
	return t
}

// Filter returns the filter.
func (t *Transform) Filter() Filter { return t.filter }

// Layout returns the layout of the images and their coefficients.
func (t *Transform) Layout() Layout { return t.layout }

// Forward computes the coefficients W x of each image x in src into dst, and returns dst. The images follow each other,
// each of Layout().Len() pixels row-major in channel, row and column; so do their coefficients, in the order of the
// layout.
//
// If dst is nil, a new slice is allocated; otherwise nothing is, but for the working memory of the first calls. dst may be
// src, but must not overlap it in any other way. Forward panics with a LengthError if src is not a whole number of images
// or dst has another length than src.
func (t *Transform) Forward(dst, src []float64) []float64 {
	return t.each((*plane).forward, dst, src)
}

// Inverse computes the image W^-1 w = W^T w of each vector of coefficients w in src into dst, and returns dst. It is the
// inverse of Forward and works on the same terms.
func (t *Transform) Inverse(dst, src []float64) []float64 {
	return t.each((*plane).inverse, dst, src)
}

// grain is the number of pixels that a worker takes at a time: so many that taking them costs nothing.
const grain = 1 << 15

// each applies op to every channel of every image.
func (t *Transform) each(op func(p *plane, dst, src []float64), dst, src []float64) []float64 {
	if dst == nil {
		dst = make([]float64, len(src))
	}
	if len(dst) != len(src) || len(src)%t.layout.Len() != 0 {
		panic(LengthError{t.layout, len(dst), len(src)})
	}
	leader := t.workers.Get().(*worker)
	j := &leader.own
	j.op, j.dst, j.src, j.size = op, dst, src, t.layout.Height*t.layout.Width
	j.next.Store(0)
	for range min(runtime.GOMAXPROCS(0), (len(src)+grain-1)/grain) - 1 {
		w := t.workers.Get().(*worker)
		w.job = j
		j.helpers.Add(1)
		go w.help()
	}
	j.work(leader.plane)
	j.helpers.Wait()
	j.dst, j.src = nil, nil // the pool must not hold on to the caller's memory
	t.workers.Put(leader)
	return dst
}

// worker is what one goroutine needs to take part in a job. Workers are pooled, and hold all that a call needs, so that a
// call allocates nothing.
type worker struct {
	plane *plane
	own   job    // the job of a call that this worker leads
	job   *job   // the job that this worker helps with
	help  func() // works on job, then goes back to the pool
}

// job is one call of Forward or Inverse.
type job struct {
	op       func(p *plane, dst, src []float64)
	dst, src []float64
	size     int          // of one channel of one image
	next     atomic.Int64 // the first of the grains that no worker has taken
	helpers  sync.WaitGroup
}

// work takes grains of the job until none is left.
func (j *job) work(p *plane) {
	step := max(1, grain/j.size) * j.size
	for {
		from := (int(j.next.Add(1)) - 1) * step
		if from >= len(j.src) {
			return
		}
		for to := min(from+step, len(j.src)); from < to; from += j.size {
			j.op(p, j.dst[from:from+j.size], j.src[from:from+j.size])
		}
	}
}
