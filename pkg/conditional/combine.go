package conditional

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/diffusion"
)

// Level is how the families of a combined machine share one noise level.
type Level struct {
	Sigma   float64
	Weights []float64 // family: what its answer counts for; they are not negative and sum to 1
	Errors  []float64 // family: its own mean squared error per pixel on the validation images, with one draw of noise each
	Error   float64   // the same of the weighted answer
}

// Best returns the index of the family of least error.
func (l Level) Best() int { return floats.MinIdx(l.Errors) }

// Weigh returns, for every noise level of sigmas in ascending order, the weights under which the mean of the machines' answers has the
// least error on the validation images, found in closed form from the covariance of the machines' errors. The images must be neither
// train images nor any that the machines are judged on; the noise of image i is that of seed and i, the same for all machines.
//
// Progress, unless nil, is told how many machines at how many levels are measured.
func Weigh(ctx context.Context, machines []*Machine, validation Images, sigmas []float64, seed uint64, progress func(done, total int)) ([]Level, error) {
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
		errors := make([][]float64, len(locals))
		for f, l := range locals {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			errors[f] = make([]float64, len(clean))
			floats.AddScaledTo(errors[f], clean, sigma, noise)
			if err := l.denoise(errors[f], errors[f], sigma); err != nil {
				return nil, err
			}
			floats.Sub(errors[f], clean)
			if progress != nil {
				progress(k*len(locals)+f+1, len(sigmas)*len(locals))
			}
		}
		levels = append(levels, weigh(sigma, errors))
	}
	return levels, nil
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
		if len(level.Weights) != len(m.locals) || !(level.Sigma > 0) {
			return fmt.Errorf("conditional: %d weights at sigma %v for %d families", len(level.Weights), level.Sigma, len(m.locals))
		}
	}
	return nil
}

// weigh returns the level whose weights make the least of the mean squared weighted sum of the families' errors.
func weigh(sigma float64, errors [][]float64) Level {
	n := len(errors)
	level := Level{Sigma: sigma, Weights: make([]float64, n), Errors: make([]float64, n)}
	covariance := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			covariance.SetSym(i, j, floats.Dot(errors[i], errors[j])/float64(len(errors[i])))
		}
		level.Errors[i] = covariance.At(i, i)
	}
	// The least of w^T C w under sum w = 1 is at w ~ C^-1 1. A family whose weight is negative there goes, and the rest are weighed
	// again; where the covariance is singular, as for two copies of one machine, the best family is alone.
	in := make([]int, n)
	for i := range in {
		in[i] = i
	}
	best := level.Best()
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
			level.Weights[best] = 1
			break
		}
		weights := w.RawVector().Data
		if least := floats.MinIdx(weights); weights[least] < 0 {
			in = slices.Delete(in, least, least+1)
			continue
		}
		total := floats.Sum(weights)
		for a, i := range in {
			level.Weights[i] = weights[a] / total
		}
		break
	}
	for _, i := range in {
		for _, j := range in {
			level.Error += level.Weights[i] * level.Weights[j] * covariance.At(i, j)
		}
	}
	return level
}
