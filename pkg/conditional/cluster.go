package conditional

import (
	"context"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// lloydRounds is how many rounds of Lloyd's algorithm k-means takes: enough for EM to start from.
const lloydRounds = 8

// kMeans returns k centres of the points (k x coordinates), found from random points by Lloyd's
// algorithm. A centre that loses all its points starts again from another random point.
func kMeans(ctx context.Context, points blas64.General, k int, random *rand.Rand) (blas64.General, error) {
	r := points.Cols
	centres := blas64.General{Rows: k, Cols: r, Stride: r, Data: make([]float64, k*r)}
	seed := func(c int) {
		i := random.IntN(points.Rows)
		copy(centres.Data[c*r:(c+1)*r], points.Data[i*r:(i+1)*r])
	}
	for c := range k {
		seed(c)
	}
	nearest := make([]int, points.Rows)
	counts := make([]float64, k)
	for range lloydRounds {
		if err := assign(ctx, nearest, points, centres); err != nil {
			return blas64.General{}, err
		}
		clear(centres.Data)
		clear(counts)
		for i, c := range nearest {
			counts[c]++
			floats.Add(centres.Data[c*r:(c+1)*r], points.Data[i*r:(i+1)*r])
		}
		for c, n := range counts {
			if n == 0 {
				seed(c)
			} else {
				floats.Scale(1/n, centres.Data[c*r:(c+1)*r])
			}
		}
	}
	return centres, nil
}

// assign writes the index of each point's nearest centre to dst.
func assign(ctx context.Context, dst []int, points, centres blas64.General) error {
	r, k := points.Cols, centres.Rows
	halfSquares := make([]float64, k)
	for c := range halfSquares {
		centre := centres.Data[c*r : (c+1)*r]
		halfSquares[c] = floats.Dot(centre, centre) / 2
	}
	memory := make([]float64, min(points.Rows, pointsAtOnce)*k)
	return eachBlock(ctx, points, func(from int, block blas64.General) {
		// The nearest centre maximises x . c - |c|^2 / 2, which is (|x|^2 - |x - c|^2) / 2.
		products := blas64.General{Rows: block.Rows, Cols: k, Stride: k, Data: memory[:block.Rows*k]}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, block, centres, 0, products)
		for i := range block.Rows {
			row := products.Data[i*k : (i+1)*k]
			best := 0
			for c, product := range row {
				row[c] = product - halfSquares[c]
				if row[c] > row[best] {
					best = c
				}
			}
			dst[from+i] = best
		}
	})
}

// pointsAtOnce is how many points a matrix product takes: enough for its speed, few enough for the
// cache.
const pointsAtOnce = 256

// eachBlock calls do with blocks of at most pointsAtOnce points, in order; from is the index of
// the first point of the block. A cancelled ctx ends it with ctx's error.
func eachBlock(ctx context.Context, points blas64.General, do func(from int, block blas64.General)) error {
	for from := 0; from < points.Rows; from += pointsAtOnce {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(pointsAtOnce, points.Rows-from)
		data := points.Data[from*points.Stride : (from+n-1)*points.Stride+points.Cols]
		do(from, blas64.General{Rows: n, Cols: points.Cols, Stride: points.Stride, Data: data})
	}
	return nil
}
