package conditional

import (
	"context"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// lloyd is how many rounds of k-means there are: enough for what EM or a covariance needs to start from.
const lloyd = 8

// cluster returns k centres of the points by k-means, from random points; a centre that loses all its points starts again from
// another random one.
func cluster(ctx context.Context, points blas64.General, k int, random *rand.Rand) (blas64.General, error) {
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
	count := make([]float64, k)
	for range lloyd {
		if err := assign(ctx, nearest, points, centres); err != nil {
			return blas64.General{}, err
		}
		clear(centres.Data)
		clear(count)
		for i, c := range nearest {
			count[c]++
			floats.Add(centres.Data[c*r:(c+1)*r], points.Data[i*r:(i+1)*r])
		}
		for c, n := range count {
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
	half := make([]float64, k)
	for c := range half {
		centre := centres.Data[c*r : (c+1)*r]
		half[c] = floats.Dot(centre, centre) / 2
	}
	product := make([]float64, min(points.Rows, pointsAtOnce)*k)
	return eachBlock(ctx, points, func(from int, block blas64.General) {
		// |x - c|^2 / 2 is |c|^2 / 2 - x . c and what does not depend on c.
		near := blas64.General{Rows: block.Rows, Cols: k, Stride: k, Data: product[:block.Rows*k]}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, block, centres, 0, near)
		for i := range block.Rows {
			row := near.Data[i*k : (i+1)*k]
			best := 0
			for c, near := range row {
				row[c] = near - half[c]
				if row[c] > row[best] {
					best = c
				}
			}
			dst[from+i] = best
		}
	})
}

// pointsAtOnce is how many points a matrix product takes: enough for its speed, few enough for the cache.
const pointsAtOnce = 256

// eachBlock calls do with the points, pointsAtOnce at a time, in order. A cancelled ctx ends it with ctx's error.
func eachBlock(ctx context.Context, points blas64.General, do func(from int, block blas64.General)) error {
	for from := 0; from < points.Rows; from += pointsAtOnce {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(pointsAtOnce, points.Rows-from)
		do(from, blas64.General{Rows: n, Cols: points.Cols, Stride: points.Stride, Data: points.Data[from*points.Stride : (from+n-1)*points.Stride+points.Cols]})
	}
	return nil
}
