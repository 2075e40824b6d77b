package conditional

import (
	"context"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
)

// posteriors are the posterior means and variances of the kept values of all windows.
type posteriors struct {
	mean     []float64 // sites x images x kept values
	variance []float64 // sites x images x kept values
}

// posteriors computes the posteriors of the kept values of every window of noisy images, on all
// cores.
func (l *local) posteriors(ctx context.Context, dst *posteriors, noisy []float64, sigma float64, kept []int) error {
	sites := l.family.sites(l.shape)
	perSite := len(noisy) / l.shape.Size() * len(kept)
	dst.mean, dst.variance = linalg.Grow(dst.mean, sites*perSite), linalg.Grow(dst.variance, sites*perSite)
	newEvaluator := func() *windowEvaluator {
		return &windowEvaluator{local: l, noisy: noisy, noiseVariance: sigma * sigma, kept: kept}
	}
	return parallel.For(ctx, sites, newEvaluator, func(e *windowEvaluator, site int) error {
		from, to := site*perSite, (site+1)*perSite
		e.evaluate(dst.mean[from:to], dst.variance[from:to], site)
		return nil
	})
}

// windowEvaluator computes the posterior of the windows that one site has in n noisy images. One
// evaluator serves many sites, one after another: it keeps its memory. It is for one goroutine.
// Shapes are in terms of n images, d values of a window, r leading principal coordinates, K
// components and w kept values.
type windowEvaluator struct {
	local         *local
	noisy         []float64 // n x pixels
	noiseVariance float64
	kept          []int // w: which values of the window are wanted

	centred            []float64 // n x d: the noisy windows less their mean
	coordinates        []float64 // n x d: their principal coordinates, noisy and then denoised
	leading            []float64 // n x r: noisy
	leadingMeans       []float64 // n x r: the posterior means of the leading coordinates
	columns            []float64 // d x w: the principal axes at the kept values
	componentVariances []float64 // K: of a window whose component is known
	mixtureEvaluator   evaluator
}

// evaluate writes the posterior means and variances at a site to mean and variance (n x w). The
// variance between components is exact for every value, up to the components that it leaves out.
// The variance within components is averaged over the values of the window.
func (e *windowEvaluator) evaluate(mean, variance []float64, site int) {
	model := &e.local.models[site%len(e.local.models)]
	pixels, _ := e.local.family.window(e.local.shape, site)
	size, d, r, w := e.local.shape.Size(), len(pixels), model.mixture.rank, len(e.kept)
	n := len(e.noisy) / size
	e.rotate(model, pixels)
	e.leading, e.leadingMeans = linalg.Grow(e.leading, n*r), linalg.Grow(e.leadingMeans, n*r)
	for i := range n {
		copy(e.leading[i*r:(i+1)*r], e.coordinates[i*d:i*d+r])
	}
	e.columns = linalg.Grow(e.columns, d*w)
	for a := range d {
		for b, j := range e.kept {
			e.columns[a*w+b] = model.axes[a*d+j]
		}
	}
	e.mixtureEvaluator.set(model.mixture, e.noiseVariance)
	e.mixtureEvaluator.condition(linalg.Matrix(e.leading, n, r))
	e.mixtureEvaluator.betweenVariance(variance, linalg.Matrix(e.columns, r, w))
	e.mixtureEvaluator.posteriorMean(linalg.Matrix(e.leadingMeans, n, r))
	e.rotateBack(mean, model)
	e.addWithinVariance(variance, model)
}

// rotate writes the principal coordinates of the noisy windows to e.coordinates.
func (e *windowEvaluator) rotate(model *windowModel, pixels []int) {
	size, d := e.local.shape.Size(), len(pixels)
	n := len(e.noisy) / size
	e.centred, e.coordinates = linalg.Grow(e.centred, n*d), linalg.Grow(e.coordinates, n*d)
	for i := range n {
		for j, pixel := range pixels {
			e.centred[i*d+j] = e.noisy[i*size+pixel] - model.mean[j]
		}
	}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, linalg.Matrix(e.centred, n, d), linalg.Matrix(model.axes, d, d), 0, linalg.Matrix(e.coordinates, n, d))
}

// rotateBack writes the posterior means of the kept values to mean (n x w): those of the mixture
// in the leading coordinates, and of the Wiener filter s_a / (s_a + v) in the trailing ones.
func (e *windowEvaluator) rotateBack(mean []float64, model *windowModel) {
	d, r, w := len(model.mean), model.mixture.rank, len(e.kept)
	n := len(e.coordinates) / d
	for i := range n {
		row := e.coordinates[i*d : (i+1)*d]
		copy(row, e.leadingMeans[i*r:(i+1)*r])
		for a := r; a < d; a++ {
			row[a] *= model.variances[a] / (model.variances[a] + e.noiseVariance)
		}
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(e.coordinates, n, d), linalg.Matrix(e.columns, d, w), 0, linalg.Matrix(mean, n, w))
	for i := range n {
		for b, j := range e.kept {
			mean[i*w+b] += model.mean[j]
		}
	}
}

// addWithinVariance adds to variance (n x w) what remains of a window's variance where its
// component is known, averaged over components and over the d values of the window.
func (e *windowEvaluator) addWithinVariance(variance []float64, model *windowModel) {
	d, r, k, w := len(model.mean), model.mixture.rank, model.mixture.components(), len(e.kept)
	e.componentVariances = e.mixtureEvaluator.conditionalVariances(e.componentVariances)
	trailing := posteriorVariance(model.variances[r:], e.noiseVariance)
	for i := range len(e.coordinates) / d {
		responsibilities := e.mixtureEvaluator.responsibilities[i*k : (i+1)*k]
		within := (trailing + floats.Dot(responsibilities, e.componentVariances)) / float64(d)
		for b := range e.kept {
			// Where the data do not vary at all no variance remains, and all windows have the same
			// weight.
			variance[i*w+b] = max(variance[i*w+b]+within, 1e-9*e.noiseVariance)
		}
	}
}
