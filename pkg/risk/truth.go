package risk

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/field"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

// A Truth is where machines meet a score that is known: that of a field of package field. Machines
// are fitted to the moments of images of the field, and their scores at fresh images, with noise,
// are compared with the field's own. It is neither copied nor changed once it is used.
type Truth struct {
	Field  *field.Field
	Spec   moments.Spec // of the largest family of the machines, with a centre
	Images int          // drawn for the fit
	Seed   uint64       // of all images and noise

	tables sync.Map // func() *moments.Moments by drawn
}

// drawn says which images of the field a table is of.
type drawn struct {
	images int
	seed   uint64
}

// table returns the moments of images of the field.
func (t *Truth) table(of drawn) *moments.Moments {
	table, _ := t.tables.LoadOrStore(of, sync.OnceValue(func() *moments.Moments {
		return lab.Must1(lab.Cached("truth", []any{t.Field, t.Spec, of.images, of.seed}, func() (*moments.Moments, error) {
			source := fmt.Sprintf("field, seed %d", of.seed)
			return moments.Collect(context.Background(), t.Spec, t.Field.Draw(of.images, of.seed), source, lab.Progress("moments"))
		}))
	}))
	return table.(func() *moments.Moments)()
}

// Moments returns the moments of the images that machines are fitted to.
func (t *Truth) Moments() *moments.Moments { return t.table(drawn{t.Images, t.Seed}) }

// Machine returns the machine of a family that is part of the spec's, with the default settings.
func (t *Truth) Machine(family moments.Family) *analytic.Machine {
	return lab.Must1(analytic.NewMachine(lab.Must1(t.Moments().Restrict(family)), analytic.Default()))
}

// Noisy returns n fresh images of the field with noise, and the known scores there. More images
// begin with the same ones.
func (t *Truth) Noisy(n int, sigma float64) (noisy, scores []float64) {
	noisy = t.fresh(n).Batch(nil, 0, n)
	rnd := rand.New(rand.NewPCG(t.Seed, 2))
	for i := range noisy {
		noisy[i] += sigma * rnd.NormFloat64()
	}
	scores = make([]float64, len(noisy))
	lab.Must(t.Field.Score(context.Background(), scores, noisy, sigma))
	return noisy, scores
}

// fresh returns images that no machine is fitted to.
func (t *Truth) fresh(n int) *dataset.Images { return t.Field.Draw(n, t.Seed+2) }

// errors returns the scores of a denoiser at noisy images, and the known ones subtracted from them.
func (t *Truth) errors(d diffusion.Denoiser, noisy, known []float64, sigma float64) (scores, errors []float64) {
	scores = lab.Must1(diffusion.ScoreOf(context.Background(), d, noisy, sigma))
	return scores, floats.SubTo(make([]float64, len(known)), scores, known)
}

// Scores draws the score at a fresh noisy image of each component of the field, a row each: the
// known one, and that of each candidate and its error. Squares are the mean squared errors there,
// components x candidates.
func (t *Truth) Scores(sigma float64, candidates ...metrics.Candidate) (figure viz.Grid, squares [][]float64) {
	channels, height, width := t.Field.Dims()
	figure = viz.Grid{Channels: channels, Height: height, Width: width, Columns: 1 + 2*len(candidates), Diverging: true, ColumnLabels: []string{"known"}}
	for _, c := range candidates {
		figure.ColumnLabels = append(figure.ColumnLabels, c.Name, "its error")
	}
	for _, i := range t.firsts() {
		noisy, known := t.Noisy(i+1, sigma)
		at := len(known) - channels*height*width
		figure.Images = append(figure.Images, known[at:]...)
		var row []float64
		for _, c := range candidates {
			score, miss := t.errors(c.Denoiser, noisy[at:], known[at:], sigma)
			figure.Images = append(append(figure.Images, score...), miss...)
			row = append(row, meanSquare(miss))
		}
		squares = append(squares, row)
	}
	return figure, squares
}

// searched is among how many fresh images each component of a field is looked for.
const searched = 1 << 16

// firsts returns the indices of the first fresh images of each component. A component so rare that
// none of the images searched is of it stops the cell.
func (t *Truth) firsts() (indices []int) {
	for n := 64; n <= searched; n *= 2 {
		labels := t.fresh(n).Labels
		indices = indices[:0]
		for k := range t.Field.Components() {
			if i := slices.Index(labels, k); i >= 0 {
				indices = append(indices, i)
			}
		}
		if len(indices) == t.Field.Components() {
			return indices
		}
	}
	lab.Must(fmt.Errorf("experiment: a component of the field is of none of its first %d images: give it more weight", searched))
	return nil
}

func meanSquare(x []float64) float64 { return floats.Dot(x, x) / float64(len(x)) }

// A Gain is by how much one machine's score is closer to the known one than another's, in mean
// squared error per pixel.
type Gain struct {
	Before    metrics.Mean // error of the other machine
	Predicted metrics.Mean // by the moments of ten fresh tables of 1000 images: the difference of the risks over sigma^4
	Measured  metrics.Mean // against the known score of 4000 fresh images with noise
}

// Gain predicts without a score, and measures with the known one, what a machine gains on another.
func (t *Truth) Gain(machine, other *analytic.Machine, sigma float64) Gain {
	const fresh, tables, images = 4000, 10, 1000
	risk := func(m *analytic.Machine, k int) float64 {
		probe := t.table(drawn{images, t.Seed + 99 + uint64(k)})
		return lab.Must1(m.Risk(context.Background(), probe, sigma, sigma)).PerPixel
	}
	noisy, known := t.Noisy(fresh, sigma)
	_, before := t.errors(other, noisy, known, sigma)
	_, after := t.errors(machine, noisy, known, sigma)
	size := len(known) / fresh
	square := func(errors []float64, i int) float64 { return meanSquare(errors[i*size : (i+1)*size]) }
	return Gain{
		Before:    metrics.MeanOf(fresh, func(i int) float64 { return square(before, i) }),
		Predicted: metrics.MeanOf(tables, func(k int) float64 { return (risk(other, k) - risk(machine, k)) / math.Pow(sigma, 4) }),
		Measured:  metrics.MeanOf(fresh, func(i int) float64 { return square(before, i) - square(after, i) }),
	}
}
