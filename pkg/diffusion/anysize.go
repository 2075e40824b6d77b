package diffusion

import (
	"context"
	"fmt"
	"sync"
)

// AnySize is a denoiser that does not depend on the place in the image, and so serves images of any
// size.
type AnySize interface {
	Denoiser

	// At returns the denoiser of images of a shape. The error is for a shape that it is not for.
	At(shape Shape) (Denoiser, error)

	// Reach returns how far a denoised pixel looks, in pixels, along rows and columns: it is the
	// same wherever the image ends beyond them. It is also the same where the image begins a
	// multiple of some rows and columns earlier or later, and pixels is such a multiple.
	Reach() (pixels, multiple int)
}

// Tiles returns the denoiser of images of a shape that denoises them tile by tile, and so takes
// memory for one tile of about side x side pixels and for what is told to progress, unless that is
// nil: how many tiles are done, of how many. Tiles overlap by the reach of d, so that the denoised
// image is that of d.At(shape).
//
// The error is that of At, or for a side that is not positive.
func Tiles(d AnySize, shape Shape, side int, progress func(done, total int)) (Denoiser, error) {
	if side < 1 {
		return nil, fmt.Errorf("diffusion: tiles of %d pixels: want 1 or more", side)
	}
	if _, err := d.At(shape); err != nil {
		return nil, err
	}
	_, multiple := d.Reach()
	return &tiled{AnySize: d, shape: shape, side: (side + multiple - 1) / multiple * multiple, progress: progress}, nil
}

type tiled struct {
	AnySize
	shape    Shape
	side     int
	progress func(done, total int)
	mu       sync.Mutex // of progress
}

func (t *tiled) Shape() Shape { return t.shape }

// span is a part [from, to) of rows or columns, in the part [first, last) that determines it.
type span struct{ from, to, first, last int }

// spans returns the parts of n rows or columns.
func (t *tiled) spans(n int) (spans []span) {
	reach, _ := t.Reach()
	for from := 0; from < n; from += t.side {
		to := min(from+t.side, n)
		spans = append(spans, span{from, to, max(from-reach, 0), min(to+reach, n)})
	}
	return spans
}

// Denoise implements Denoiser.
func (t *tiled) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := Check(t.shape, dst, src, sigma); err != nil {
		return err
	}
	if len(src) > 0 && &dst[0] == &src[0] {
		src = append([]float64(nil), src...)
	}
	size := t.shape.Size()
	rows, columns := t.spans(t.shape.H), t.spans(t.shape.W)
	done, total := 0, len(rows)*len(columns)*(len(src)/size)
	for from := 0; from < len(src); from += size {
		for _, r := range rows {
			for _, c := range columns {
				if err := t.tile(ctx, dst[from:from+size], src[from:from+size], sigma, r, c); err != nil {
					return err
				}
				done++
				if t.progress != nil {
					t.mu.Lock()
					t.progress(done, total)
					t.mu.Unlock()
				}
			}
		}
	}
	return nil
}

// tile denoises one tile of an image.
func (t *tiled) tile(ctx context.Context, dst, src []float64, sigma float64, r, c span) error {
	shape := Shape{C: t.shape.C, H: r.last - r.first, W: c.last - c.first}
	d, err := t.At(shape)
	if err != nil {
		return err
	}
	part := make([]float64, 0, shape.Size())
	for channel := range shape.C {
		for row := r.first; row < r.last; row++ {
			at := (channel*t.shape.H + row) * t.shape.W
			part = append(part, src[at+c.first:at+c.last]...)
		}
	}
	if err := d.Denoise(ctx, part, part, sigma); err != nil {
		return err
	}
	for channel := range shape.C {
		for row := r.from; row < r.to; row++ {
			at := (channel*t.shape.H + row) * t.shape.W
			line := part[(channel*shape.H+row-r.first)*shape.W:]
			copy(dst[at+c.from:at+c.to], line[c.from-c.first:c.to-c.first])
		}
	}
	return nil
}
