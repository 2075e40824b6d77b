package conditional

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/diffusion"
)

// Level is the weights of the families of a combined machine at one noise level. In an image each
// weight is divided by the posterior variance there.
type Level struct {
	Sigma float64

	// Weights holds the weight of each family. They are not negative, and their sum is 1.
	Weights []float64
	// Within holds the weights of the values of a window, families x values. They are not
	// negative, and their sum over all windows that cover a pixel is 1.
	Within [][]float64

	// Errors holds the mean squared error per pixel of each family alone, on the validation images
	// with one draw of noise each.
	Errors []float64
	// Error is the mean squared error per pixel of the weighted average of all families.
	Error float64
}

// Best returns the index of the family of least error.
func (l Level) Best() int { return floats.MinIdx(l.Errors) }

// Weigh returns the weights for every noise level of sigmas, in ascending order. At each level it
// finds, family by family, the weights of the windows that cover a pixel, which depend on the
// position of the pixel in its block. It then finds the weights of the families' averages. Both
// have a closed form:
//
//	minimise w^T C w  under  sum w = 1,  w >= 0,
//
// where C is the covariance of the errors on the validation images, and the minimum is the mean
// squared error of the plain weighted mean. A machine divides the weights by posterior variances.
// That lowers the error further in practice, but has no closed form.
//
// Every family costs time. A family is therefore left out, with weight 0, if that raises the mean
// squared error by at most half a per cent.
//
// The images must be neither train images nor any that the machines are judged on. The noise of
// image i is that of seed and i, the same for all machines. Progress, unless nil, is told how many
// families are measured, counted at every level, and how many there are.
func Weigh(ctx context.Context, machines []*Machine, validation diffusion.Images, sigmas []float64, seed uint64, progress func(done, total int)) ([]Level, error) {
	locals, err := join(machines)
	if err != nil {
		return nil, err
	}
	if validation.Len() == 0 || len(sigmas) == 0 {
		return nil, fmt.Errorf("conditional: weights by %d images at %d noise levels; there is at least one of each", validation.Len(), len(sigmas))
	}
	shape := locals[0].shape
	clean, err := load(validation, shape)
	if err != nil {
		return nil, err
	}
	noise := make([]float64, len(clean))
	for i := range validation.Len() {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		for k := range shape.Size() {
			noise[i*shape.Size()+k] = random.NormFloat64()
		}
	}
	var levels []Level
	for k, sigma := range slices.Sorted(slices.Values(sigmas)) {
		if err := diffusion.CheckSigma(sigma); err != nil {
			return nil, err
		}
		level := Level{Sigma: sigma, Within: make([][]float64, len(locals))}
		averages := make([]windowAverage, len(locals))
		noisy := make([]float64, len(clean))
		floats.AddScaledTo(noisy, clean, sigma, noise)
		for f, l := range locals {
			if averages[f], err = l.averageWindows(ctx, clean, noisy, sigma); err != nil {
				return nil, err
			}
			level.Within[f] = averages[f].weights
			if progress != nil {
				progress(k*len(locals)+f+1, len(sigmas)*len(locals))
			}
		}
		level.Weights, level.Errors = fewWeights(averages)
		level.Error = combinedError(level.Weights, averages)
		levels = append(levels, level)
	}
	return levels, nil
}

// combinedError returns the mean squared error per pixel of the average of the families, each
// weighted by its weight over its variance.
func combinedError(weights []float64, averages []windowAverage) float64 {
	var sum float64
	pixels := len(averages[0].deviations)
	for i := range pixels {
		var deviation, total float64
		for f, w := range weights {
			deviation += w / averages[f].variances[i] * averages[f].deviations[i]
			total += w / averages[f].variances[i]
		}
		sum += deviation / total * deviation / total
	}
	return sum / float64(pixels)
}

// windowAverage is the average over a family's windows in images with known clean pixels.
type windowAverage struct {
	weights    []float64 // values of a window: the numerators of their weights
	deviations []float64 // images x pixels: the average less the clean pixel
	variances  []float64 // images x pixels: of the average, 1 / sum (weight / posterior variance)
}

// averageWindows finds the weights of the values of a window at a noise level, and averages the
// windows.
func (l *local) averageWindows(ctx context.Context, clean, noisy []float64, sigma float64) (windowAverage, error) {
	size, sites, d := l.shape.Size(), l.family.sites(l.shape), l.family.dimensions(l.shape)
	n := len(clean) / size
	all := make([]int, d)
	for j := range all {
		all[j] = j
	}
	pixels := make([][]int, sites) // sites x d
	for site := range pixels {
		pixels[site], _ = l.family.window(l.shape, site)
	}
	var windows posteriors
	if err := l.posteriors(ctx, &windows, noisy, sigma, all); err != nil {
		return windowAverage{}, err
	}
	average := windowAverage{make([]float64, d), make([]float64, len(clean)), make([]float64, len(clean))}
	precisions := average.variances // until they are inverted
	// The phases have no pixel in common, so that their order does not matter.
	for _, offsets := range l.coverings(pixels[0]) {
		// The errors are offsets x sites x images, where the site is that of the pixel.
		errorsByOffset := make([][]float64, len(offsets))
		for a, j := range offsets {
			errorsByOffset[a] = make([]float64, sites*n)
			for site := range pixels {
				pixel := pixels[site][j]
				home := l.family.site(l.shape, pixel)
				for i := range n {
					errorsByOffset[a][home*n+i] = windows.mean[(site*n+i)*d+j] - clean[i*size+pixel]
				}
			}
		}
		weights, _, _ := optimalWeights(errorsByOffset)
		for a, j := range offsets {
			average.weights[j] = weights[a]
			for site := range pixels {
				pixel := pixels[site][j]
				home := l.family.site(l.shape, pixel)
				for i := range n {
					precision := weights[a] / windows.variance[(site*n+i)*d+j]
					average.deviations[i*size+pixel] += precision * errorsByOffset[a][home*n+i]
					precisions[i*size+pixel] += precision
				}
			}
		}
	}
	for i, precision := range precisions {
		average.deviations[i] /= precision
		average.variances[i] = 1 / precision
	}
	return average, nil
}

// coverings returns, for every phase, the values of a window that fall on pixels of that phase;
// first is the window of site 0. The phase of a pixel is its channel and its position in its
// block. Pixels of one phase are covered by windows at the same offsets.
func (l *local) coverings(first []int) map[[3]int][]int {
	h, w, block := l.shape.H, l.shape.W, l.family.Block
	coverings := make(map[[3]int][]int)
	for j, pixel := range first {
		phase := [3]int{pixel / (h * w), pixel / w % h % block, pixel % w % block}
		coverings[phase] = append(coverings[phase], j)
	}
	return coverings
}

// Combine joins machines for images of one shape. The joint machine averages their windows with
// the weights of the level whose log sigma is nearest. The levels are those that Weigh returns for
// these machines in this order.
func Combine(machines []*Machine, levels []Level) (*Machine, error) {
	locals, err := join(machines)
	if err != nil {
		return nil, err
	}
	m := &Machine{locals: locals, levels: slices.Clone(levels)}
	return m, m.checkLevels()
}

// join returns the families of all machines.
func join(machines []*Machine) ([]*local, error) {
	var locals []*local
	for i, m := range machines {
		if m.Shape() != machines[0].Shape() {
			return nil, fmt.Errorf("conditional: machine %d is for images of %v and machine 0 for %v", i, m.Shape(), machines[0].Shape())
		}
		locals = append(locals, m.locals...)
	}
	if locals == nil {
		return nil, fmt.Errorf("conditional: no machines to combine")
	}
	return locals, nil
}

// checkLevels returns an error unless every level has a weight for every family and for every
// value of its windows. Several families need a level.
func (m *Machine) checkLevels() error {
	if len(m.levels) == 0 && len(m.locals) > 1 {
		return fmt.Errorf("conditional: %d families without weights", len(m.locals))
	}
	for _, level := range m.levels {
		if len(level.Weights) != len(m.locals) || len(level.Within) != len(m.locals) || !(level.Sigma > 0) {
			return fmt.Errorf("conditional: %d weights, and %d within windows, at sigma %v for %d families",
				len(level.Weights), len(level.Within), level.Sigma, len(m.locals))
		}
		for f, l := range m.locals {
			if d := l.family.dimensions(l.shape); len(level.Within[f]) != d {
				return fmt.Errorf("conditional: %d weights within the windows of family %d at sigma %v; they have %d values", len(level.Within[f]), f, level.Sigma, d)
			}
		}
	}
	return nil
}

// maxErrorIncrease is by what share the mean squared error may rise for each family that is left
// out.
const maxErrorIncrease = 0.005

// fewWeights returns the weights of families' averages, and the mean squared error of each
// average. From all families it leaves out the one of least weight, again and again, until that
// would raise the error by more than maxErrorIncrease.
func fewWeights(averages []windowAverage) (weights, ownErrors []float64) {
	deviations := make([][]float64, len(averages))
	in := make([]int, len(averages)) // the families that are not left out
	for f := range averages {
		deviations[f], in[f] = averages[f].deviations, f
	}
	weights, ownErrors, jointError := optimalWeights(deviations)
	for len(in) > 1 {
		least := slices.MinFunc(in, func(a, b int) int { return cmp.Compare(weights[a], weights[b]) })
		fewer := slices.DeleteFunc(slices.Clone(in), func(f int) bool { return f == least })
		chosen := make([][]float64, len(fewer))
		for a, f := range fewer {
			chosen[a] = deviations[f]
		}
		w, _, e := optimalWeights(chosen)
		if e > jointError*(1+maxErrorIncrease) {
			break
		}
		in, jointError = fewer, e
		clear(weights)
		for a, f := range fewer {
			weights[f] = w[a]
		}
	}
	return weights, ownErrors
}

// optimalWeights returns the weights under which the weighted mean of several estimates has the
// least mean squared error, given the deviations of each from the truth (estimates x samples):
//
//	minimise w^T C w  under  sum w = 1,  w >= 0,    C_ij = mean(deviations_i deviations_j).
//
// It also returns the mean squared error of each estimate, and that of the weighted mean.
func optimalWeights(deviations [][]float64) (weights, ownErrors []float64, jointError float64) {
	n := len(deviations)
	weights, ownErrors = make([]float64, n), make([]float64, n)
	covariance := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			covariance.SetSym(i, j, floats.Dot(deviations[i], deviations[j])/float64(len(deviations[i])))
		}
		ownErrors[i] = covariance.At(i, i)
	}
	// Without w >= 0 the minimum is at w ~ C^-1 1. An estimate whose weight there is negative is
	// left out, and the others are solved for again. Where C is singular, as for two copies of one
	// machine, the best estimate has all the weight.
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	best := floats.MinIdx(ownErrors)
	for {
		ones := mat.NewVecDense(len(in), slices.Repeat([]float64{1}, len(in)))
		sub := mat.NewSymDense(len(in), nil)
		for a, i := range in {
			for b, j := range in[:a+1] {
				sub.SetSym(a, b, covariance.At(i, j))
			}
		}
		var chol mat.Cholesky
		var w mat.VecDense
		if !chol.Factorize(sub) || chol.SolveVecTo(&w, ones) != nil {
			in = []int{best}
			weights[best] = 1
			break
		}
		solved := w.RawVector().Data
		if least := floats.MinIdx(solved); solved[least] < 0 {
			in = slices.Delete(in, least, least+1)
			continue
		}
		total := floats.Sum(solved)
		for a, i := range in {
			weights[i] = solved[a] / total
		}
		break
	}
	for _, i := range in {
		for _, j := range in {
			jointError += weights[i] * weights[j] * covariance.At(i, j)
		}
	}
	return weights, ownErrors, jointError
}
