package conditional

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

)

// Level is the choice at one noise level.
type Level struct {
	Sigma  float64
	Choice int       // index into Families
	Errors []float64 // family: the mean squared error per pixel on the validation images, with one draw of noise each
}

// Choose joins machines of images of one shape to one that denoises, at every noise level, with the family of least error on the
// validation images at the nearest of the levels sigmas. The images must be neither train images nor any that the machine is
// judged on; the noise of image i is that of seed and i, the same for all families.
//
// Progress, unless nil, is told how many errors of how many are measured.
func Choose(ctx context.Context, machines []*Machine, validation Images, sigmas []float64, seed uint64, progress func(done, total int)) (*Machine, error) {
	if len(machines) == 0 || len(sigmas) == 0 {
		return nil, fmt.Errorf("conditional: a choice among %d machines at %d noise levels; there is at least one of each", len(machines), len(sigmas))
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
		return nil, fmt.Errorf("conditional: no validation images to choose by")
	}
	clean, err := load(validation, shape)
	if err != nil {
		return nil, err
	}
	size := shape.Size()
	noise := make([]float64, len(clean))
	for i := range validation.Len() {
		random := rand.New(rand.NewPCG(seed, uint64(i)))
		for k := range size {
			noise[i*size+k] = random.NormFloat64()
		}
	}
	for k, sigma := range slices.Sorted(slices.Values(sigmas)) {
		level := Level{Sigma: sigma}
		for c, l := range joined.locals {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			e, err := (&Machine{locals: []*local{l}}).measure(clean, noise, sigma)
			if err != nil {
				return nil, err
			}
			level.Errors = append(level.Errors, e)
			if progress != nil {
				progress(k*len(joined.locals)+c+1, len(sigmas)*len(joined.locals))
			}
		}
		level.Choice = slices.Index(level.Errors, slices.MinFunc(level.Errors, cmp.Compare[float64]))
		joined.levels = append(joined.levels, level)
	}
	return joined, nil
}

// measure returns the mean squared error per pixel of the machine on clean images with sigma times the noise.
func (m *Machine) measure(clean, noise []float64, sigma float64) (float64, error) {
	noisy := make([]float64, len(clean))
	for i, x := range clean {
		noisy[i] = x + sigma*noise[i]
	}
	if err := m.Denoise(noisy, noisy, sigma); err != nil {
		return math.NaN(), err
	}
	var sum float64
	for i, d := range noisy {
		sum += (d - clean[i]) * (d - clean[i])
	}
	return sum / float64(len(clean)), nil
}
