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

// Combine joins machines of images of one shape to one whose answer, at every noise level, is a weighted mean of theirs. The
// weights at each of the levels sigmas are those of least error on the validation images, found in closed form from the
// covariance of the machines' errors; other levels take those of the nearest. The images must be neither train images nor any that
// the machine is judged on; the noise of image i is that of seed and i, the same for all families.
//
// Progress, unless nil, is told how many families at how many levels are measured.
func Combine(ctx context.Context, machines []*Machine, validation Images, sigmas []float64, seed uint64, progress func(done, total int)) (*Machine, error) {
	if len(machines) == 0 || len(sigmas) == 0 {
		return nil, fmt.Errorf("conditional: %d machines combined at %d noise levels; there is at least one of each", len(machines), len(sigmas))
	}
	shape := machines[0].Shape()
	joined := new(Machine)
	for i, m := range machines {
		if m.Shape() != shape {
			return nil, fmt.Errorf("conditional: machine %d is for images of %v and machine 0 for %v", i, m.Shape(), shape)
		}
		joined.locals = append(joined.locals, m.locals...)
	}
	if validation.Len() == 0 {
		return nil, fmt.Errorf("conditional: no validation images to combine by")
	}
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
	families := len(joined.locals)
	for k, sigma := range slices.Sorted(slices.Values(sigmas)) {
		if err := diffusion.CheckSigma(sigma); err != nil {
			return nil, err
		}
		errors := make([][]float64, families)
		for f, l := range joined.locals {
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
				progress(k*families+f+1, len(sigmas)*families)
			}
		}
		joined.levels = append(joined.levels, weigh(sigma, errors))
	}
	return joined, nil
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
