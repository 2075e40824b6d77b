package metrics

import (
	"context"
	"math"

	"wavescore/pkg/diffusion"
)

// Edge says what lies beyond the edge of an image, and so what the offset of two pixels is.
type Edge int

const (
	Wraps Edge = iota // the opposite edge: offsets are the shortest on the torus
	Ends              // nothing: offsets are differences of rows and of columns
)

// Field is a receptive field: the squared Jacobian of a denoiser by the offset of output and input
// pixel.
type Field struct {
	// Map is the mean of the squared Jacobian (dD_p / dy_q)^2 over images and output pixels p, at
	// every offset q - p. It is Height x Width, with the offset 0 in row Height/2 and column
	// Width/2. Where the pixel q of an offset does not exist for some p, its square is taken to be
	// 0.
	Map           []float64
	Height, Width int

	rings [][]float64 // images x Chebyshev distances: the sum of the squares
}

// ReceptiveField measures the receptive field of d on rows of its Jacobian. For every noisy image
// of the set these are the rows of so many pixels (and channels) of the output, chosen at random
// with replacement. Squares are summed over input channels.
func ReceptiveField(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64, pixels int, edge Edge) (*Field, error) {
	shape := d.Shape()
	size := shape.Size()
	f := &Field{Height: shape.H, Width: shape.W}
	if edge == Ends {
		f.Height, f.Width = 2*shape.H-1, 2*shape.W-1
	}
	f.Map = make([]float64, f.Height*f.Width)
	rows := float64(pixels * set.Images.Len())
	chosen := make(map[int][]int) // image -> output pixels
	inputs := func(i int, noisy, points, cotangents []float64) {
		rnd := set.random(probeStream, i)
		for k := range pixels {
			copy(points[k*size:], noisy)
			p := rnd.IntN(size)
			cotangents[k*size+p] = 1
			chosen[i] = append(chosen[i], p)
		}
	}
	collect := func(i int, products []float64) {
		rings := make([]float64, max(f.Height, f.Width)/2+1)
		for k, p := range chosen[i] {
			for q, slope := range products[k*size : (k+1)*size] {
				down, right := q/shape.W%shape.H-p/shape.W%shape.H, q%shape.W-p%shape.W
				if edge == Wraps {
					down, right = around(down, shape.H), around(right, shape.W)
				}
				rings[max(down, -down, right, -right)] += slope * slope
				f.Map[(down+f.Height/2)*f.Width+right+f.Width/2] += slope * slope / rows
			}
		}
		f.rings = append(f.rings, rings)
	}
	probe := jacobianProbe{perImage: pixels, inputs: inputs, collect: collect}
	if err := probe.run(ctx, Differentiate(d), set, sigma); err != nil {
		return nil, err
	}
	return f, nil
}

// around returns the offset in [-n/2, n-n/2) that is the same modulo n.
func around(offset, n int) int { return (offset+n/2+n)%n - n/2 }

// Radius returns the radius that holds the given share, usually 0.9, of the squared Jacobian,
// summed over images and pixels. Distances are Chebyshev distances, so that a 3 x 3 kernel has a
// radius of at most 1. Radius 0 holds the pixel itself. The share is interpolated linearly between
// whole radii. The result is NaN where the Jacobian is 0.
func (f *Field) Radius(share float64) Statistic {
	return NewStatistic(f.rings, func(means []float64) float64 {
		var total, within float64
		for _, ring := range means {
			total += ring
		}
		if total == 0 {
			return math.NaN()
		}
		for r, ring := range means {
			if within += ring; within >= share*total {
				if r == 0 {
					return 0
				}
				return float64(r) - (within-share*total)/ring
			}
		}
		return float64(len(means) - 1) // a share of 1, up to rounding
	})
}
