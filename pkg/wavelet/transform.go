package wavelet

import (
	"context"
	"sync"

	"wavescore/internal/length"
	"wavescore/internal/parallel"
)

// Transform is the orthonormal wavelet transform W of batches of images of one layout by one
// filter. It is safe for concurrent use. A large batch is spread over GOMAXPROCS cores; the
// result is the same bits whatever their number.
type Transform struct {
	filter Filter
	layout Layout
	planes sync.Pool // of *plane
}

// NewTransform returns the transform of images of the layout. It panics with a LayoutError if the
// layout is not one that NewLayout returns.
func NewTransform(f Filter, l Layout) *Transform {
	if _, err := NewLayout(l.Channels, l.Height, l.Width, l.Levels); err != nil {
		panic(err)
	}
	t := &Transform{filter: f, layout: l}
	t.planes.New = func() any { return newPlane(f, l) }
	return t
}

// Filter returns the filter.
func (t *Transform) Filter() Filter { return t.filter }

// Layout returns the layout of the images and their coefficients.
func (t *Transform) Layout() Layout { return t.layout }

// Forward computes the coefficients W x of each image x in src into dst, and returns dst. The
// images follow each other, each of Layout().Len() pixels row-major in channel, row and column;
// so do their coefficients, in the order of the layout.
//
// If dst is nil, a new slice is allocated; otherwise nothing is, but for the working memory of
// the first calls and the goroutines of a large batch. dst may be src, but must not overlap it in
// any other way. Forward panics with a LengthError if src is not a whole number of images or dst
// has another length than src.
func (t *Transform) Forward(dst, src []float64) []float64 {
	return t.each((*plane).forward, dst, src)
}

// Inverse computes the image W^-1 w = W^T w of each vector of coefficients w in src into dst, and
// returns dst. It is the inverse of Forward and works on the same terms.
func (t *Transform) Inverse(dst, src []float64) []float64 {
	return t.each((*plane).inverse, dst, src)
}

// grain is the number of pixels that a goroutine takes at a time: so many that taking them costs
// nothing.
const grain = 1 << 15

// each applies op to every channel of every image.
func (t *Transform) each(op func(p *plane, dst, src []float64), dst, src []float64) []float64 {
	if dst == nil {
		dst = make([]float64, len(src))
	}
	length.Batches(dst, src, t.layout.Len())
	step := max(1, grain/t.size()) * t.size()
	if len(src) <= step {
		t.some(op, dst, src)
		return dst
	}
	// A second for the largest sets: too short to be interrupted.
	_ = parallel.Each(context.Background(), (len(src)+step-1)/step, func(k int) error {
		from, to := k*step, min((k+1)*step, len(src))
		t.some(op, dst[from:to], src[from:to])
		return nil
	})
	return dst
}

// size returns the number of pixels of one channel of one image.
func (t *Transform) size() int { return t.layout.Height * t.layout.Width }

// some applies op to some channels, one after the other.
func (t *Transform) some(op func(p *plane, dst, src []float64), dst, src []float64) {
	p := t.planes.Get().(*plane)
	defer t.planes.Put(p)
	for from := 0; from < len(src); from += t.size() {
		op(p, dst[from:from+t.size()], src[from:from+t.size()])
	}
}
