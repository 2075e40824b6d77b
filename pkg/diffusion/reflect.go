package diffusion

import (
	"context"
	"fmt"
)

// Reflect returns a denoiser of images of a smaller shape: it extends them by reflection at their
// edges to the shape of d, denoises these, and cuts the middle out again. A denoiser that goes
// around the edges, as wavelet machines do, then meets at them what is there and not what is on the
// opposite side. Only images that go around the edges themselves lose by it.
//
// The images have d's channels, and no more rows and columns than d's: anything else is an error.
func Reflect(d Denoiser, shape Shape) (Denoiser, error) {
	outer := d.Shape()
	if shape.C != outer.C || shape.H < 1 || shape.W < 1 || shape.H > outer.H || shape.W > outer.W {
		return nil, fmt.Errorf("diffusion: images of %v cannot be extended to %v: want as many channels, and no more rows and columns", shape, outer)
	}
	return &reflected{d, shape}, nil
}

type reflected struct {
	denoiser Denoiser
	shape    Shape
}

func (r *reflected) Shape() Shape { return r.shape }

// Denoise implements Denoiser.
func (r *reflected) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := Check(r.shape, dst, src, sigma); err != nil {
		return err
	}
	inner, outer := r.shape, r.denoiser.Shape()
	top, left := (outer.H-inner.H)/2, (outer.W-inner.W)/2
	planes := len(src) / (inner.H * inner.W)
	extended := make([]float64, planes*outer.H*outer.W)
	for p := range planes {
		from := src[p*inner.H*inner.W:]
		for row := range outer.H {
			line := from[Mirror(row-top, inner.H)*inner.W:][:inner.W]
			to := extended[(p*outer.H+row)*outer.W:][:outer.W]
			for column := range to {
				to[column] = line[Mirror(column-left, inner.W)]
			}
		}
	}
	if err := r.denoiser.Denoise(ctx, extended, extended, sigma); err != nil {
		return err
	}
	for p := range planes {
		for row := range inner.H {
			copy(dst[(p*inner.H+row)*inner.W:][:inner.W], extended[(p*outer.H+top+row)*outer.W+left:])
		}
	}
	return nil
}

// Mirror returns the index of [0, n) that i is reflected to at the edges, which are between pixels.
func Mirror(i, n int) int {
	i = modulo(i, 2*n)
	return min(i, 2*n-1-i)
}
