package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"
	"wavescore/internal/parallel"
)

// Overlap tells how samples and references share their space, by balls around each point that
// reach to its k-th nearest of its own kind. Precision and density judge the samples, recall and
// coverage how much of the references they reach.
type Overlap struct {
	Precision Statistic // share of samples in the ball of some reference
	Recall    Statistic // share of references in the ball of some sample
	Density   Statistic // references' balls per sample, over k: about 1 for equal distributions
	Coverage  Statistic // share of references with a sample in their ball
}

// NewOverlap returns the overlap of samples and references with balls to the k-th nearest
// neighbour. Precision and recall are those of Kynkäänniemi, Karras, Laine, Lehtinen and Aila,
// "Improved Precision and Recall Metric for Assessing Generative Models" (2019); density and
// coverage, which one far-off point cannot spoil, of Naeem, Oh, Uh, Choi and Yoo, "Reliable
// Fidelity and Diversity Metrics for Generative Models" (2020). Intervals are of the statistics
// given the balls.
//
// It returns an error for points of different dimensions or that are not finite, for k < 1, for no
// more than k of either, and ctx's once that is cancelled. Results do not depend on GOMAXPROCS.
func NewOverlap(ctx context.Context, samples, reference *Points, k int) (*Overlap, error) {
	if k < 1 {
		return nil, fmt.Errorf("metrics: balls to the nearest neighbour number %d; the first is 1", k)
	}
	if err := checkPair(samples, reference, k+1); err != nil {
		return nil, err
	}
	ofReference, err := radii(ctx, reference, k)
	if err != nil {
		return nil, err
	}
	ofSamples, err := radii(ctx, samples, k)
	if err != nil {
		return nil, err
	}
	n, m := samples.Len(), reference.Len()
	precision, density, recall, coverage := zeros(n), zeros(n), zeros(m), zeros(m)
	err = eachBlockOf(ctx, samples, reference, func(from int, squared []float64) {
		for i := range len(squared) / m {
			for j, d := range squared[i*m : (i+1)*m] {
				if d <= ofReference[j] {
					precision[from+i][0] = 1
					density[from+i][0] += 1 / float64(k)
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = eachBlockOf(ctx, reference, samples, func(from int, squared []float64) {
		for j := range len(squared) / n {
			for i, d := range squared[j*n : (j+1)*n] {
				if d <= ofSamples[i] {
					recall[from+j][0] = 1
				}
				if d <= ofReference[from+j] {
					coverage[from+j][0] = 1
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	return &Overlap{Precision: mean(precision), Recall: mean(recall), Density: mean(density), Coverage: mean(coverage)}, nil
}

func zeros(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = []float64{0}
	}
	return rows
}

// radii returns the squared distance of each point to its k-th nearest other.
func radii(ctx context.Context, p *Points, k int) ([]float64, error) {
	r := make([]float64, p.Len())
	err := eachBlockOf(ctx, p, p, func(from int, squared []float64) {
		n := p.Len()
		nearest := make([]float64, 0, k+1)
		for i := range len(squared) / n {
			nearest = nearest[:0]
			for j, d := range squared[i*n : (i+1)*n] {
				if j == from+i || len(nearest) == k && d >= nearest[k-1] {
					continue
				}
				at, _ := slices.BinarySearch(nearest, d)
				nearest = slices.Insert(nearest, at, d)[:min(len(nearest)+1, k)]
			}
			r[from+i] = nearest[k-1]
		}
	})
	return r, err
}

// eachBlockOf calls do, on all cores, with the squared distances of points from to ... of a to all
// of b, a row for each of a.
func eachBlockOf(ctx context.Context, a, b *Points, do func(from int, squared []float64)) error {
	const block = 256
	norms := make([]float64, b.Len())
	for j := range norms {
		norms[j] = squaredNorm(b.at(j))
	}
	return parallel.Each(ctx, (a.Len()+block-1)/block, func(at int) error {
		part := a.Slice(at*block, min((at+1)*block, a.Len()))
		squared := inner(part, b)
		for i := range part.Len() {
			norm := squaredNorm(part.at(i))
			row := squared[i*b.Len() : (i+1)*b.Len()]
			for j, p := range row {
				row[j] = math.Max(norm+norms[j]-2*p, 0) // below 0 by rounding only
			}
		}
		do(at*block, squared)
		return nil
	})
}
