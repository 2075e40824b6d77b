package rival

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/empirical"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// A Choice is how the side of patches is chosen at each noise level: by the least mean squared
// distance from a target's outputs to the theory's, which is the least that the theory leaves
// unexplained of the target. It is measured on the last train images of the run, of which the
// theory has none. A Choice is known by its pointer, and not changed once it is used.
type Choice struct {
	Sigmas []float64 // ascending
	Sides  []int     // to choose among, in pixels, ascending
	Images int       // train images that the choice is made on, the last of the run; at least 1

	// Target is what is to be explained. The zero value, or a network that the run does not have,
	// is the clean image: the side is then that of the least error.
	Target experiment.Denoiser

	chosen sync.Map // func() empirical.Sides by choosing
}

// choosing is what sides are chosen for.
type choosing struct {
	run    lab.Run
	theory Theory
	images int
}

// For returns the same choice for another target.
func (c *Choice) For(target experiment.Denoiser) *Choice {
	return &Choice{Sigmas: c.Sigmas, Sides: c.Sides, Images: c.Images, Target: target}
}

// name says what the choice is for.
func (c *Choice) name(run lab.Run) string {
	if c.explains(run) {
		return "for the " + c.Target.Name
	}
	return "of least error"
}

func (c *Choice) explains(run lab.Run) bool {
	return c.Target.Recipe != nil && c.Target.Available(run)
}

// images returns the images that the choice is made on, and says which these are.
func (c *Choice) images(run lab.Run) (set metrics.Set, inputs []any) {
	train := run.TrainImages()
	if c.Images < 1 || c.Images >= train.Len() {
		panic(fmt.Sprintf("rival: sides are chosen on %d of %d train images; want 1 or more, and fewer than all", c.Images, train.Len()))
	}
	return metrics.Set{Images: train.Slice(train.Len()-c.Images, train.Len()), Seed: run.Seed}, []any{run.TrainSet(), run.Seed, c.Images}
}

// Choose returns the sides for a theory of the first train images of a run. A program chooses them
// once.
func (c *Choice) Choose(run lab.Run, theory Theory, images int) empirical.Sides {
	sides, _ := c.chosen.LoadOrStore(choosing{run, theory, images}, sync.OnceValue(func() empirical.Sides { return c.choose(run, theory, images) }))
	return sides.(func() empirical.Sides)()
}

func (c *Choice) choose(run lab.Run, theory Theory, images int) empirical.Sides {
	set, _ := c.images(run)
	report := lab.Progress(fmt.Sprintf("sides of the %s %s", theory, c.name(run)))
	return lab.Must1(empirical.ChooseSides(context.Background(), c.Sigmas, c.Sides, func(_ context.Context, side int, sigma float64) (float64, error) {
		trial := lab.Must1(set.Trial(run.Shape(), sigma))
		want := trial.Clean
		if c.explains(run) {
			want = c.outputs(run, c.Target, sigma)
		}
		tried := experiment.Denoiser{Name: string(theory), Recipe: patches{theory, images, side, nil}} // of one side
		distance := floats.Distance(want, c.outputs(run, tried, sigma), 2)
		return distance * distance, nil
	}, report))
}

// outputs returns what a denoiser makes of the noisy images of the choice.
func (c *Choice) outputs(run lab.Run, d experiment.Denoiser, sigma float64) []float64 {
	set, inputs := c.images(run)
	return lab.Must1(lab.Cached("chosen on", append(inputs, d.Key(run), sigma), func() ([]float64, error) {
		trial, err := metrics.Run(context.Background(), d.Make(run, d.Name), set, sigma)
		if err != nil {
			return nil, err
		}
		return trial.Denoised, nil
	}))
}

// SidesFigure draws the side of the patches that each theory of so many images wants for a target,
// against the noise level, a panel for each target, and beside them the target's receptive field
// where it is a network that a study has: the side of the square that holds 90 % of the squared
// Jacobian of a pixel. Targets that the run does not have are left out.
func (c *Choice) SidesFigure(study *experiment.Study, sizes []TheorySize, targets ...experiment.Denoiser) viz.Panels {
	targets = slices.DeleteFunc(slices.Clone(targets), func(d experiment.Denoiser) bool { return d.Recipe != nil && !d.Available(study.Run) })
	panels := viz.Panels{Columns: len(targets), Title: "Side of the patches that each theory wants"}
	highest := 0.0
	var all []viz.Lines
	for _, target := range targets {
		choice := c.For(target)
		lines := viz.Lines{Title: choice.name(study.Run), X: experiment.NoiseAxis(), Y: viz.Axis{Label: "side, pixels"}}
		for _, s := range sizes {
			series := viz.Series{Name: string(s.Theory), X: c.Sigmas}
			for _, side := range (patches{s.Theory, s.Images, 0, choice}).sides(study.Run).Pixels {
				series.Y = append(series.Y, float64(side))
			}
			lines.Series = append(lines.Series, series)
		}
		if choice.explains(study.Run) {
			lines.Series = append(lines.Series, fieldOf(study, target))
		}
		for _, series := range lines.Series {
			highest = max(highest, floats.Max(series.Y))
		}
		all = append(all, lines)
	}
	for _, lines := range all {
		lines.Y.Max = highest + 1
		panels.Figures = append(panels.Figures, lines)
	}
	return panels
}

// How many test images a receptive field is measured on, and pixels of each. Fingerprints of a Study
// measure more of a network than the field, and take ten times as long.
const fieldImages, fieldPixels = 16, 6

// fieldOf returns the side of the receptive field of a denoiser against the noise level.
func fieldOf(study *experiment.Study, d experiment.Denoiser) viz.Series {
	run := study.Run
	test := run.TestImages()
	set := metrics.Set{Images: test.Slice(0, min(fieldImages, test.Len())), Seed: run.Seed}
	return study.Curve("receptive field", func(i int) metrics.Estimate {
		inputs := []any{run.TestSet(), run.Seed, d.Key(run), study.Sigmas[i], study.Edge}
		r := lab.Must1(lab.Cached("field", inputs, func() (metrics.Estimate, error) {
			field, err := metrics.ReceptiveField(context.Background(), study.Make(d), set, study.Sigmas[i], fieldPixels, study.Edge)
			if err != nil {
				return metrics.Estimate{}, err
			}
			return field.Radius(0.9).Estimate(run.Seed), nil
		}))
		return metrics.Estimate{Value: 2*r.Value + 1, Low: 2*r.Low + 1, High: 2*r.High + 1}
	})
}
