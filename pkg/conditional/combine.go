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

// Level is how the families of a combined machine share one noise level. What an answer counts for is here what it counts for on the average
// of images: in one of them it counts for that over the variance of its posterior.
type Level struct {
	Sigma   float64
	Weights []float64   // family: what its answer counts for; they are not negative and sum to 1
	Within  [][]float64 // family, value of a window: what it counts for; not negative, and those of all windows that cover a pixel sum to 1
	Errors  []float64   // family: its own mean squared error per pixel on the validation images, with one draw of noise each
	Error   float64     // the same of the weighted answer
}

// Best returns the index of the family of least error.
func (l Level) Best() int { return floats.MinIdx(l.Errors) }

// Weigh returns, for every noise level of sigmas in ascending order, the weights under which a plain mean errs least on the validation
// images, found in closed form from covariances of errors: first, family by family, of the windows that cover a pixel, which depend on where
// in a block the pixel lies; then of the families' averages. A machine divides them by the variances of its answers, which errs less still
// but has no closed form. Every family costs time, so one without which the error is less than half a per cent greater counts
// for nothing. The images must be neither train images nor any that the machines are judged on; the noise of
// image i is that of seed and i, the same for all machines.
//
// Progress, unless nil, is told how many machines at how many levels are measured.
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
		errors, variances := make([][]float64, len(locals)), make([][]float64, len(locals))
		noisy := make([]float64, len(clean))
		floats.AddScaledTo(noisy, clean, sigma, noise)
		for f, l := range locals {
			if level.Within[f], errors[f], variances[f], err = l.average(ctx, clean, noisy, sigma); err != nil {
				return nil, err
			}
			if progress != nil {
				progress(k*len(locals)+f+1, len(sigmas)*len(locals))
			}
		}
		level.Weights, level.Errors = weighFew(errors)
		level.Error = together(level.Weights, errors, variances)
		levels = append(levels, level)
	}
	return levels, nil
}

// together returns the mean squared error of the average of families' answers, each counting for its weight over its variance.
func together(weights []float64, errors, variances [][]float64) float64 {
	var sum float64
	for i := range errors[0] {
		var e, total float64
		for f, w := range weights {
			e += w / variances[f][i] * errors[f][i]
			total += w / variances[f][i]
		}
		sum += e / total * e / total
	}
	return sum / float64(len(errors[0]))
}

// average returns what each value of a window counts for in the average over windows, each over its variance, of clean images, and the
// errors and variances of that average, pixel by pixel.
func (l *local) average(ctx context.Context, clean, noisy []float64, sigma float64) (within, errors, variances []float64, err error) {
	size, block, sites, d := l.shape.Size(), l.family.Block, l.family.sites(l.shape), l.family.dimensions(l.shape)
	n := len(clean) / size
	kept := make([]int, d)
	windows := make([][]int, sites)
	for site := range windows {
		windows[site], _ = l.family.window(l.shape, site)
	}
	// Pixels at the same place in their blocks are covered by windows in the same ways.
	ways := make(map[[3]int][]int)
	place := func(pixel int) [3]int {
		return [3]int{pixel / (l.shape.H * l.shape.W), pixel / l.shape.W % l.shape.H % block, pixel % l.shape.W % block}
	}
	for j, pixel := range windows[0] {
		kept[j] = j
		ways[place(pixel)] = append(ways[place(pixel)], j)
	}
	var said answers
	if err := l.answers(ctx, &said, noisy, sigma, kept); err != nil {
		return nil, nil, nil, err
	}
	within, errors, variances = make([]float64, d), make([]float64, len(clean)), make([]float64, len(clean))
	for _, values := range ways {
		apart := make([][]float64, len(values)) // value: the errors for all pixels at the place, in the order of their blocks and images
		for a, j := range values {
			apart[a] = make([]float64, sites*n)
			for site, pixels := range windows {
				at := l.family.site(l.shape, pixels[j])
				for i := range n {
					apart[a][at*n+i] = said.mean[(site*n+i)*d+j] - clean[i*size+pixels[j]]
				}
			}
		}
		weights, _, _ := weigh(apart)
		for a, j := range values {
			within[j] = weights[a]
			for site, pixels := range windows {
				at := l.family.site(l.shape, pixels[j])
				for i := range n {
					counts := weights[a] / said.variance[(site*n+i)*d+j]
					errors[i*size+pixels[j]] += counts * apart[a][at*n+i]
					variances[i*size+pixels[j]] += counts
				}
			}
		}
	}
	for i, total := range variances {
		errors[i] /= total
		variances[i] = 1 / total
	}
	return within, errors, variances, nil
}

// Combine joins machines of images of one shape to one whose answer at every noise level is a weighted mean of theirs, with the weights
// of the nearest of the levels, as Weigh returns them for these machines in this order.
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

// checkLevels returns an error unless every level has a weight for every family, and there are levels if there are several families.
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

// dispensable is how much greater an error may become for each answer that is left out.
const dispensable = 0.005

// weighFew is weigh without the answers that hardly matter, the least of them first.
func weighFew(errors [][]float64) (weights, own []float64) {
	weights, own, together := weigh(errors)
	in := make([]int, len(errors))
	for i := range in {
		in[i] = i
	}
	for len(in) > 1 {
		least := slices.MinFunc(in, func(a, b int) int { return cmp.Compare(weights[a], weights[b]) })
		rest := slices.DeleteFunc(slices.Clone(in), func(i int) bool { return i == least })
		chosen := make([][]float64, len(rest))
		for a, i := range rest {
			chosen[a] = errors[i]
		}
		w, _, e := weigh(chosen)
		if e > together*(1+dispensable) {
			break
		}
		in, together = rest, e
		clear(weights)
		for a, i := range rest {
			weights[i] = w[a]
		}
	}
	return weights, own
}

// weigh returns the weights, not negative and of sum 1, under which the sum of several answers has the least mean squared error, with
// the mean squared error of each answer and of their weighted sum, given all their errors.
func weigh(errors [][]float64) (weights, own []float64, together float64) {
	n := len(errors)
	weights, own = make([]float64, n), make([]float64, n)
	covariance := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			covariance.SetSym(i, j, floats.Dot(errors[i], errors[j])/float64(len(errors[i])))
		}
		own[i] = covariance.At(i, i)
	}
	// The least of w^T C w under sum w = 1 is at w ~ C^-1 1. An answer whose weight is negative there goes, and the rest are weighed
	// again; where the covariance is singular, as for two copies of one machine, the best is alone.
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	best := floats.MinIdx(own)
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
			together += weights[i] * weights[j] * covariance.At(i, j)
		}
	}
	return weights, own, together
}
