package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"wavescore/internal/parallel"
)

// Distance is a distance between the distributions of samples and references.
type Distance struct {
	Value        float64  // of all samples
	Extrapolated Estimate // without the bias of order 1/n in the samples, with its 95 % interval
	Sound        bool     // whether the interval is to be trusted; see Frechet
}

// groups is into how many parts samples are split to see how far a distance varies.
const groups = 20

// leastSamples returns how many samples Frechet takes at least: without any one of the groups more
// than dim of them must be left, or their covariance is singular.
func leastSamples(dim int) int {
	return max(2*groups, dim+1+(dim+groups-1)/(groups-1))
}

// sound returns whether the bias that the jackknife leaves is small against the interval. What it
// removes is of order 1/n, what it leaves about dim/(6n) times that, as measured for Gaussians of
// 16 to 256 dimensions of equal variance: up to a third of the interval's half width.
func (d Distance) sound(n, dim int) bool {
	removed := d.Value - d.Extrapolated.Value
	return removed*float64(dim)/float64(n) <= d.Extrapolated.High-d.Extrapolated.Low
}

// Frechet returns the squared Fréchet distance between the Gaussians of the samples' and of the
// references' mean and covariance,
//
//	|m - m'|^2 + tr(C + C' - 2 (C'^1/2 C C'^1/2)^1/2)
//
// (Dowson and Landau, 1982; of the features of a classifier: Heusel, Ramsauer, Unterthiner,
// Nessler and Hochreiter, "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
// Equilibrium", 2017), with covariances that divide by n - 1. With C' = U^T U, a Cholesky factor,
// the trace of the root is the sum of the roots of the eigenvalues of U C U^T, which is symmetric:
// there is no inverse and no complex number on the way, and features that never vary are no
// trouble.
//
// This plug-in estimate from n samples is biased upwards by a term of order 1/n (Chong and
// Forsyth, "Effectively Unbiased FID and Inception Score and Where to Find Them", 2020).
// Extrapolated removes the term by a jackknife over 20 groups of samples. Its interval is from the
// variance of the groups' pseudo-values. The bias and variance of the references remain: compare
// distances to the same references, and compare them with the distance of held-out data.
//
// The jackknife leaves a bias of order 1/n^2, which can exceed the interval where samples are few
// and dimensions many. Sound tells whether it is small against the interval. Features of equal
// variance need the most samples: 40 of 16 dimensions, some 7 for each of 64 dimensions, and 20
// for each of 256. Features whose variances fall off steeply, as those of images do, need little
// more samples than dimensions.
//
// Samples that equal the references, value for value, are at distance 0, which is not
// extrapolated.
//
// It returns an error for points of different dimensions or that are not finite, for fewer than 40
// of either, for so few samples that their covariance is singular without a twentieth of them, for
// eigenvalues that do not converge, and ctx's once that is cancelled. Results do not depend on
// GOMAXPROCS.
func Frechet(ctx context.Context, samples, reference *Points) (Distance, error) {
	if err := checkPair(samples, reference, 2*groups); err != nil {
		return Distance{}, err
	}
	if err := ctx.Err(); err != nil {
		return Distance{}, err
	}
	if slices.Equal(samples.Values, reference.Values) {
		return Distance{Sound: true}, nil
	}
	if n, least := samples.Len(), leastSamples(samples.Dim); n < least {
		return Distance{}, fmt.Errorf("metrics: %d samples of %d features: their covariance is singular without a twentieth of them; "+
			"the Fréchet distance needs at least %d samples, or fewer features", n, samples.Dim, least)
	}
	target := newTarget(reference)
	parts := make([]*gaussian, groups)
	all := newGaussian(target.mean)
	for g := range parts {
		parts[g] = newGaussian(target.mean)
		parts[g].add(samples.Slice(g*samples.Len()/groups, (g+1)*samples.Len()/groups))
		all.merge(parts[g], 1)
	}
	values := make([]float64, groups+1) // without each group, and with all
	err := parallel.Each(ctx, groups+1, func(g int) error {
		rest := newGaussian(target.mean)
		rest.merge(all, 1)
		if g < groups {
			rest.merge(parts[g], -1)
		}
		var err error
		values[g], err = target.distance(rest)
		return err
	})
	if err != nil {
		return Distance{}, err
	}
	pseudo := make([]float64, groups)
	for g := range pseudo {
		pseudo[g] = groups*values[groups] - (groups-1)*values[g]
	}
	d := Distance{Value: values[groups], Extrapolated: spreadOf(pseudo)}
	d.Sound = d.sound(samples.Len(), samples.Dim)
	return d, nil
}

// spreadOf returns the mean of independent values with its 95 % interval by Student's
// distribution.
func spreadOf(values []float64) Estimate {
	n := float64(len(values))
	mean := floats.Sum(values) / n
	var squares float64
	for _, v := range values {
		squares += (v - mean) * (v - mean)
	}
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(squares/(n-1)/n)
	return Estimate{Value: mean, Low: mean - half, High: mean + half}
}

// gaussian holds the first two moments of points around a centre: those of different points are
// merged by addition.
type gaussian struct {
	dim     int
	centre  []float64
	n       float64
	sums    []float64
	squares *mat.SymDense
}

func newGaussian(centre []float64) *gaussian {
	dim := len(centre)
	return &gaussian{dim: dim, centre: centre, sums: make([]float64, dim), squares: mat.NewSymDense(dim, nil)}
}

func (g *gaussian) add(p *Points) {
	const block = 512
	rows := make([]float64, block*g.dim)
	for from := 0; from < p.Len(); from += block {
		to := min(from+block, p.Len())
		for i := from; i < to; i++ {
			row := rows[(i-from)*g.dim : (i-from+1)*g.dim]
			floats.SubTo(row, p.at(i), g.centre)
			floats.Add(g.sums, row)
		}
		blas64.Syrk(blas.Trans, 1, blas64.General{Rows: to - from, Cols: g.dim, Stride: g.dim, Data: rows}, 1, g.squares.RawSymmetric())
	}
	g.n += float64(p.Len())
}

// merge adds another's moments, of the same centre, times a factor.
func (g *gaussian) merge(o *gaussian, times float64) {
	g.n += times * o.n
	floats.AddScaled(g.sums, times, o.sums)
	floats.AddScaled(g.squares.RawSymmetric().Data, times, o.squares.RawSymmetric().Data)
}

// moments returns the mean and the covariance.
func (g *gaussian) moments() ([]float64, *mat.SymDense) {
	mean := make([]float64, g.dim)
	covariance := mat.NewSymDense(g.dim, nil)
	for i := range g.dim {
		for j := i; j < g.dim; j++ {
			covariance.SetSym(i, j, (g.squares.At(i, j)-g.sums[i]*g.sums[j]/g.n)/(g.n-1))
		}
	}
	floats.AddScaledTo(mean, g.centre, 1/g.n, g.sums)
	return mean, covariance
}

// target is the Gaussian that distances are measured to.
type target struct {
	mean  []float64
	trace float64
	root  *mat.Dense // U, r x dim: U^T U is the covariance, of rank r to rounding
}

func newTarget(reference *Points) *target {
	// A mean of its own, so that the squares are of small numbers.
	centre := make([]float64, reference.Dim)
	for i := range reference.Len() {
		floats.AddScaled(centre, 1/float64(reference.Len()), reference.at(i))
	}
	all := newGaussian(centre)
	all.add(reference)
	mean, covariance := all.moments()
	// P^T C' P = U^T U. Where features depend on each other U has no more rows than the rank, and
	// Factorize says so: no error here.
	var cholesky mat.PivotedCholesky
	cholesky.Factorize(covariance, -1)
	var upper mat.TriDense
	cholesky.UTo(&upper)
	t := &target{mean: mean, trace: mat.Trace(covariance), root: mat.NewDense(max(cholesky.Rank(), 1), reference.Dim, nil)}
	for column, feature := range cholesky.ColumnPivots(nil) {
		for row := range min(cholesky.Rank(), column+1) {
			t.root.Set(row, feature, upper.At(row, column))
		}
	}
	return t
}

// distance returns the squared Fréchet distance to a Gaussian.
func (t *target) distance(g *gaussian) (float64, error) {
	mean, covariance := g.moments()
	r, dim := t.root.Dims()
	half := mat.NewDense(r, dim, nil)
	blas64.Symm(blas.Right, 1, covariance.RawSymmetric(), t.root.RawMatrix(), 0, half.RawMatrix())
	product := mat.NewDense(r, r, nil)
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, half.RawMatrix(), t.root.RawMatrix(), 0, product.RawMatrix())
	symmetric := mat.NewSymDense(r, nil)
	for i := range r {
		for j := i; j < r; j++ {
			symmetric.SetSym(i, j, (product.At(i, j)+product.At(j, i))/2)
		}
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(symmetric, false) {
		return 0, fmt.Errorf("metrics: the eigenvalues of a product of covariances of %d features did not converge", dim)
	}
	d := squaredDistance(mean, t.mean) + mat.Trace(covariance) + t.trace
	for _, v := range eigen.Values(nil) {
		d -= 2 * math.Sqrt(max(v, 0)) // below 0 by rounding only
	}
	return max(d, 0), nil
}
