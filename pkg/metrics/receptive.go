package metrics

import (
	"context"
	"math"

	"wavescore/pkg/diffusion"
)

// Edge says what is beyond an image's edge, and so how far apart two pixels are.
type Edge int

const (
	Wraps Edge = iota // the opposite edge: offsets are the shortest way round
	Ends              // nothing: offsets are differences of rows and of columns
)

// Field is a receptive field: how much an answer's pixel depends on the noisy pixels around it.
type Field struct {
	// Map is the mean of the squared Jacobian (dD_p / dy_q)^2 over images and answered pixels p, at every offset q - p: Height x Width,
	// row-major, the offset 0 in row Height/2 and column Width/2. An offset that some p cannot have counts 0 there.
	Map           []float64
	Height, Width int

	rings [][]float64 // image, Chebyshev distance: the sum of the squares
}

// ReceptiveField measures the receptive field of d on rows of its Jacobian: for every noisy image of the set, those of some pixels (and
// channels) of the answer, chosen at random with replacement. Input channels are added.
func ReceptiveField(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64, pixels int, edge Edge) (*Field, error) {
	shape := d.Shape()
	size := shape.Size()
	f := &Field{Height: shape.H, Width: shape.W}
	if edge == Ends {
		f.Height, f.Width = 2*shape.H-1, 2*shape.W-1
	}
	f.Map = make([]float64, f.Height*f.Width)
	rows := float64(pixels * set.Images.Len())
	chosen := make(map[int][]int) // image: answered pixels
	ask := func(i int, noisy, at, cotangents []float64) {
		rnd := set.random(probeStream, i)
		for k := range pixels {
			copy(at[k*size:], noisy)
			p := rnd.IntN(size)
			cotangents[k*size+p] = 1
			chosen[i] = append(chosen[i], p)
		}
	}
	told := func(i int, back []float64) {
		rings := make([]float64, max(f.Height, f.Width)/2+1)
		for k, p := range chosen[i] {
			for q, slope := range back[k*size : (k+1)*size] {
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
	if err := pullBacks(ctx, Differentiate(d), set, sigma, pixels, ask, told); err != nil {
		return nil, err
	}
	return f, nil
}

// around returns the offset in [-n/2, n-n/2) that is the same modulo n.
func around(offset, n int) int { return (offset+n/2+n)%n - n/2 }

// Radius returns the radius within which the given share of the squared Jacobian lies, summed over images and pixels: 0.9 is the usual one.
// Distances are Chebyshev's, so that a 3 x 3 kernel has radius 1 at most; between two whole radii the share is taken to grow
// evenly, and within radius 0 there is the pixel itself. It is NaN where the Jacobian is 0.
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
