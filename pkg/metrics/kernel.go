package metrics

import (
	"context"
	"wavescore/internal/parallel"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// Kernel returns the squared kernel distance (maximum mean discrepancy) of samples and references,
// with the polynomial kernel
//
//	k(x, y) = (x . y / dim + 1)^3
//
// of Binkowski, Sutherland, Arbel and Gretton, "Demystifying MMD GANs" (2018). The estimate is
// unbiased: its expectation is 0 for samples of the references' distribution, and a single
// estimate may be negative. It is the mean of the estimates from ten parts of the samples, each
// with a part of the references, in the order given. The interval is from the variance of these
// ten.
//
// It returns an error for points of different dimensions or that are not finite, for fewer than 20
// of either, and ctx's once that is cancelled.
func Kernel(ctx context.Context, samples, reference *Points) (Estimate, error) {
	const parts = 10
	if err := checkPair(samples, reference, 2*parts); err != nil {
		return Estimate{}, err
	}
	part := func(p *Points, i int) *Points { return p.Slice(i*p.Len()/parts, (i+1)*p.Len()/parts) }
	values := make([]float64, parts)
	err := parallel.Each(ctx, parts, func(i int) error {
		values[i] = discrepancy(part(samples, i), part(reference, i))
		return nil
	})
	if err != nil {
		return Estimate{}, err
	}
	return spreadOf(values), nil
}

// discrepancy returns the unbiased squared maximum mean discrepancy.
func discrepancy(a, b *Points) float64 {
	n, m := float64(a.Len()), float64(b.Len())
	return within(a)/(n*(n-1)) + within(b)/(m*(m-1)) - 2*between(a, b)/(n*m)
}

// between sums the kernel over all pairs.
func between(a, b *Points) (sum float64) {
	products := inner(a, b)
	for _, p := range products {
		k := p/float64(a.Dim) + 1
		sum += k * k * k
	}
	return sum
}

// within sums the kernel over all pairs of different points.
func within(a *Points) float64 {
	sum := between(a, a)
	for i := range a.Len() {
		k := squaredNorm(a.at(i))/float64(a.Dim) + 1
		sum -= k * k * k
	}
	return sum
}

// inner returns the inner products of all points of a with all of b, a row for each of a.
func inner(a, b *Points) []float64 {
	n, m := a.Len(), b.Len()
	products := make([]float64, n*m)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: n, Cols: a.Dim, Stride: a.Dim, Data: a.Values},
		blas64.General{Rows: m, Cols: b.Dim, Stride: b.Dim, Data: b.Values}, 0, blas64.General{Rows: n, Cols: m, Stride: m, Data: products})
	return products
}
