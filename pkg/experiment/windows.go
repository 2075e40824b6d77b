package experiment

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/viz"
)

// Windows are local mixtures of windows of several sizes, and the weights with which their answers
// are averaged. The mixtures are fitted to the first train images of a run, and the weights to the
// last ones. Windows are not changed once they are used; the denoisers made of them belong to one
// pointer.
type Windows struct {
	Sides      []int // of the windows, in pixels
	Components int   // of a mixture; conditional.Around finds the rest of each family
	Sharing    conditional.Sharing
	Settings   conditional.Settings

	Sigmas     []float64 // noise levels at which weights are found, in pixels of [-1, 1]
	Validation int       // train images that weights are found on, the last of the run; at least 1
	Train      int       // train images that mixtures are fitted to, the first; 0 is all but the last
}

// Average returns the average of all windows of all sizes, each over the variance of its
// posterior.
func (w *Windows) Average(name string) Denoiser { return Denoiser{name, windowed{w, 0, true}} }

// Only returns the average of all windows of one side that cover a pixel: "window 8".
func (w *Windows) Only(side int) Denoiser {
	return Denoiser{fmt.Sprintf("window %d", side), windowed{w, w.index(side), false}}
}

// Blocks returns the mixture of one side whose windows answer for their blocks alone.
func (w *Windows) Blocks(side int) Denoiser {
	return Denoiser{fmt.Sprintf("window %d, blocks alone", side), blocks{w, w.index(side)}}
}

// Levels returns the weights, by noise level and then by size and place in the window.
func (w *Windows) Levels(run lab.Run) (levels []conditional.Level) {
	sigmas, report := slices.Sorted(slices.Values(w.Sigmas)), lab.Progress("weights of windows")
	for i, sigma := range sigmas {
		inputs := []any{w.families(run), w.Settings, w.trainSet(run), run.TrainSet(), w.Validation, run.Seed, sigma}
		levels = append(levels, lab.Must1(lab.Cached("window weights", inputs, func() ([]conditional.Level, error) {
			_, validation := w.split(run)
			return conditional.Weigh(context.Background(), w.machines(run), validation, []float64{sigma}, run.Seed, nil)
		}))...)
		report(i+1, len(sigmas))
	}
	return levels
}

// Table describes the windows: how the run's images are cut into blocks, and the mixture of each
// size.
func (w *Windows) Table(run lab.Run) Table {
	t := Table{Header: []string{"window", "block", "sites", "principal components in the mixture", "axes of a kind"}}
	for _, f := range w.families(run) {
		coordinates := f.Rank
		if f.Rank == 0 {
			coordinates = run.Shape().C * f.Window * f.Window
		}
		axes := f.Axes
		if f.Axes == 0 {
			axes = coordinates
		}
		sites := run.Shape().H / f.Block * (run.Shape().W / f.Block)
		t.Rows = append(t.Rows, []any{fmt.Sprintf("%d × %d", f.Window, f.Window), fmt.Sprintf("%d × %d", f.Block, f.Block), sites, coordinates, axes})
	}
	return t
}

// Weights draws what windows of each size count for in the average, against the noise level.
func (w *Windows) Weights(run lab.Run) viz.Lines {
	lines := viz.Lines{Title: "What each window counts for in the answer", X: NoiseAxis(), Y: viz.Axis{Label: "weight, of a sum of 1", Max: 1}}
	for k, side := range w.Sides {
		series := viz.Series{Name: w.Only(side).Name}
		for _, level := range w.Levels(run) {
			series.X, series.Y = append(series.X, level.Sigma), append(series.Y, level.Weights[k])
		}
		lines.Series = append(lines.Series, series)
	}
	return lines
}

// Within draws what each pixel of a window of one side counts for in the average of the windows
// that cover the pixel, at every noise level. Of images of several channels it is their mean.
func (w *Windows) Within(run lab.Run, side int) viz.Panels {
	panels := viz.Panels{Columns: min(3, len(w.Sigmas)), Title: fmt.Sprintf("What each pixel of a window of %d counts for", side)}
	var labels []string
	for p := range side {
		labels = append(labels, fmt.Sprint(p+1))
	}
	for _, level := range w.Levels(run) {
		values := make([][]float64, side)
		for row := range values {
			values[row] = make([]float64, side)
		}
		within := level.Within[w.index(side)]
		for i, weight := range within {
			values[i/side%side][i%side] += 100 * weight / float64(len(within)/(side*side))
		}
		for _, row := range values {
			for column := range row {
				row[column] = math.Round(row[column])
			}
		}
		panels.Figures = append(panels.Figures, viz.HeatMap{Title: "σ = " + viz.Labels([]float64{level.Sigma})[0], X: "column", Y: "row",
			Columns: labels, Rows: labels, Values: values, Colour: viz.Axis{Label: "% of the pixel's answer", Max: 100}})
	}
	return panels
}

// index returns the place of a side. A side that is none of the windows' is a panic.
func (w *Windows) index(side int) int {
	k := slices.Index(w.Sides, side)
	if k < 0 {
		panic(fmt.Sprintf("experiment: a window of %d; there are those of %s", side, strings.Trim(fmt.Sprint(w.Sides), "[]")))
	}
	return k
}

// families returns the families of the windows, in the order of their sides.
func (w *Windows) families(run lab.Run) (all []conditional.Family) {
	for _, side := range w.Sides {
		all = append(all, lab.Must1(conditional.Around(side, run.Shape(), w.Components, w.Sharing)))
	}
	return all
}

// split returns the images that mixtures are fitted to, and those that weights are found on. It
// panics where there is none of either.
func (w *Windows) split(run lab.Run) (train, validation *dataset.Images) {
	all := run.TrainImages()
	return all.Slice(0, w.trainSet(run).Number), all.Slice(all.Len()-w.Validation, all.Len())
}

func (w *Windows) trainSet(run lab.Run) lab.Selection {
	available, _ := run.Counts()
	left := available - w.Validation
	if w.Validation < 1 || left < 1 {
		panic(fmt.Sprintf("experiment: %d of %d train images to weigh windows by, the others to fit them to; there is at least one of each", w.Validation, available))
	}
	train := run.TrainSet()
	train.Number = left
	if w.Train > 0 {
		train.Number = min(w.Train, left)
	}
	return train
}

// machine returns the mixture of one size, which is fitted once in a program and kept in the cache.
func (w *Windows) machine(run lab.Run, k int) *conditional.Machine {
	set, family := w.trainSet(run), w.families(run)[k]
	type key struct {
		lab.Selection
		conditional.Family
		conditional.Settings
	}
	fitted, _ := mixtures.LoadOrStore(key{set, family, w.Settings}, sync.OnceValue(func() *conditional.Machine {
		return lab.Must1(lab.Cached("window mixture", []any{set, family, w.Settings}, func() (*conditional.Machine, error) {
			train, _ := w.split(run)
			return conditional.Fit(context.Background(), family, run.Shape(), train, w.Settings, lab.Progress(family.String()))
		}))
	}))
	return fitted.(func() *conditional.Machine)()
}

var mixtures sync.Map // of this program

func (w *Windows) machines(run lab.Run) (all []*conditional.Machine) {
	for k := range w.Sides {
		all = append(all, w.machine(run, k))
	}
	return all
}

// windowed averages all windows that cover a pixel: of every size, or of one.
type windowed struct {
	*Windows
	k   int // the index of the size, unless it is of all
	all bool
}

func (w windowed) Make(run lab.Run, _ string) diffusion.Denoiser {
	levels := w.Levels(run)
	if w.all {
		return lab.Must1(conditional.Combine(w.machines(run), levels))
	}
	for i, level := range levels {
		levels[i] = conditional.Level{Sigma: level.Sigma, Weights: []float64{1}, Within: level.Within[w.k : w.k+1]}
	}
	return lab.Must1(conditional.Combine([]*conditional.Machine{w.machine(run, w.k)}, levels))
}

func (w windowed) Sampler(run lab.Run, name string) diffusion.Denoiser { return w.Make(run, name) }

func (w windowed) Key(run lab.Run) any {
	families := w.families(run)
	if !w.all {
		families = families[w.k : w.k+1]
	}
	return []any{"windows", families, w.Settings, w.trainSet(run), run.TrainSet(), w.Validation, run.Seed, w.Sigmas}
}

func (w windowed) Images(run lab.Run) int { return w.trainSet(run).Number }

func (windowed) Available(lab.Run) bool { return true }

// blocks is a mixture of windows of one size that answer for their blocks alone.
type blocks struct {
	*Windows
	k int
}

func (b blocks) Make(run lab.Run, _ string) diffusion.Denoiser { return b.machine(run, b.k) }

func (b blocks) Sampler(run lab.Run, name string) diffusion.Denoiser { return b.Make(run, name) }

func (b blocks) Key(run lab.Run) any {
	return []any{"blocks", b.families(run)[b.k], b.Settings, b.trainSet(run)}
}

func (b blocks) Images(run lab.Run) int { return b.trainSet(run).Number }

func (blocks) Available(lab.Run) bool { return true }

// Fitted returns the local mixture of a family, fitted to the train images of the run from one
// index up to another, whose windows answer for their blocks alone. The mixture itself is not kept
// in the cache.
func Fitted(name string, family conditional.Family, settings conditional.Settings, from, to int) Denoiser {
	return Denoiser{name, fitted{family, settings, from, to}}
}

type fitted struct {
	Family   conditional.Family
	Settings conditional.Settings
	From, To int
}

func (m fitted) Make(run lab.Run, name string) diffusion.Denoiser {
	train := run.TrainImages().Slice(m.From, m.To)
	return lab.Must1(conditional.Fit(context.Background(), m.Family, run.Shape(), train, m.Settings, lab.Progress(name)))
}

func (m fitted) Sampler(run lab.Run, name string) diffusion.Denoiser { return m.Make(run, name) }

func (m fitted) Key(run lab.Run) any {
	return []any{m.Family, m.Settings, firstOf(run, m.To), m.From}
}

func (m fitted) Images(lab.Run) int { return m.To - m.From }

func (fitted) Available(lab.Run) bool { return true }
