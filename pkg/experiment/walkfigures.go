package experiment

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// grid is a grid of the run's images.
func (w Walks) grid(title string, columns int) viz.Grid {
	shape := w.Run.Shape()
	return viz.Grid{Title: title, Channels: shape.C, Height: shape.H, Width: shape.W, Columns: columns}
}

// available returns those of some denoisers that the run's images have.
func (w Walks) available(some []Denoiser) []Denoiser {
	return slices.DeleteFunc(slices.Clone(some), func(d Denoiser) bool { return !d.Available(w.Run) })
}

// Trajectory draws one walk of a denoiser, from the first state on every so many: above the noisy
// image, divided by sqrt(1 + sigma^2) to be seen, below what the denoiser expects behind it.
func (w Walks) Trajectory(d Denoiser, walk, every int) viz.Grid {
	var noisy, expected []float64
	states, size := w.States(d), w.Run.Shape().Size()
	figure := w.grid(fmt.Sprintf("Walk %d of the %s machine, from noise to an image", walk, d.Name), (len(states)-1)/every+1)
	figure.RowLabels = []string{"x", "D(x)"}
	for step := 0; step < len(states); step += every {
		s := states[step]
		x := slices.Clone(s.X[walk*size : (walk+1)*size])
		if s.Denoised == nil { // the end
			s.Denoised = s.X
		}
		expected = append(expected, s.Denoised[walk*size:(walk+1)*size]...)
		floats.Scale(1/math.Hypot(1, s.Sigma), x)
		noisy = append(noisy, x...)
		figure.ColumnLabels = append(figure.ColumnLabels, fmt.Sprintf("σ = %.2g", s.Sigma))
	}
	figure.Images = append(noisy, expected...)
	return figure
}

// curve returns a series of estimates against the first of Levels.
func (w Walks) curve(name string, estimates []metrics.Estimate) viz.Series {
	series := viz.Series{Name: name, X: w.Levels()[:len(estimates)]}
	for _, e := range estimates {
		series.Y, series.Low, series.High = append(series.Y, e.Value), append(series.Low, e.Low), append(series.High, e.High)
	}
	return series
}

// SettledByLevel draws what Settled returns.
func (w Walks) SettledByLevel(d Denoiser) viz.Lines {
	figure := viz.Lines{Title: fmt.Sprintf("How much of the final image is settled, level by level: %s", d.Name),
		X: NoiseAxis(), Y: viz.Axis{Label: "share of the final variance"}}
	names := w.LevelNames()
	for level, shares := range w.Settled(d) {
		var estimates []metrics.Estimate
		for _, s := range shares {
			estimates = append(estimates, s.Estimate(w.Run.Seed))
		}
		figure.Series = append(figure.Series, w.curve(names[level], estimates))
	}
	return figure
}

// Grid draws the first n samples of each denoiser, a row each, from the same noise.
func (w Walks) Grid(n int, denoisers ...Denoiser) viz.Grid {
	var rows [][]Denoiser
	for _, d := range w.available(denoisers) {
		rows = append(rows, []Denoiser{d})
	}
	return w.SideBySide(n, rows...)
}

// SideBySide draws n samples of every denoiser, in rows: the first noise through each denoiser of
// the row, then the second, and so on. Rows are as long as the first, and have its name.
func (w Walks) SideBySide(n int, rows ...[]Denoiser) viz.Grid {
	n = min(n, w.Images)
	size := w.Run.Shape().Size()
	figure := w.grid("Samples from the same noise", n*len(rows[0]))
	for _, row := range rows {
		figure.RowLabels = append(figure.RowLabels, row[0].Name)
		for i := range n {
			for _, d := range row {
				figure.Images = append(figure.Images, w.Samples(d)[i*size:(i+1)*size]...)
			}
		}
	}
	return figure
}

// WithNearest returns a grid of n columns with one more row: of the first train images the nearest
// to each of the first n samples of a denoiser.
func (w Walks) WithNearest(figure viz.Grid, d Denoiser, train int) viz.Grid {
	images := first(w.Run, train)
	for _, n := range w.Nearest(d, train)[:figure.Columns] {
		figure.Images = append(figure.Images, images.Batch(nil, n.Index, n.Index+1)...)
	}
	figure.RowLabels = append(figure.RowLabels, "nearest in train")
	return figure
}

// DistanceMap draws what Distances returns, a row for each denoiser, below that of as many of the
// first train images.
func (w Walks) DistanceMap(train int, denoisers ...Denoiser) viz.HeatMap {
	figure := viz.HeatMap{Title: "Distance of samples from test images, by the size of what is compared",
		X: "pixels along a side: a whole image, ... , strokes", Columns: w.sideLabels(), Rows: []string{"train images"},
		Values: [][]float64{w.TrainDistances(train)}, Colour: viz.Axis{Label: "1 = plain grey"}}
	for _, d := range w.available(denoisers) {
		figure.Rows, figure.Values = append(figure.Rows, d.Name), append(figure.Values, w.Distances(d))
	}
	return figure
}

func (w Walks) sideLabels() (labels []string) {
	for _, side := range w.Sides() {
		labels = append(labels, fmt.Sprint(side))
	}
	return labels
}

// VarianceBars draws the variances of samples, level by level of Haar, as shares of those of the
// test images. Error bars are the 95 % intervals of the samples' variances.
func (w Walks) VarianceBars(denoisers ...Denoiser) viz.Bars {
	figure := viz.Bars{Title: "Variance of samples as a share of the data's, level by level", X: "coarse to fine",
		Y: viz.Axis{Label: "variance / variance of test images"}, Categories: w.LevelNames()}
	test := w.tests()
	whole := metrics.LevelVariances(w.transform(), test.Batch(nil, 0, test.Len()))
	for _, d := range w.available(denoisers) {
		group := viz.Group{Name: d.Name}
		for level, variance := range w.Variances(d) {
			e := scaled(variance.Estimate(w.Run.Seed), 1/whole[level].Value())
			group.Values, group.Low, group.High = append(group.Values, e.Value), append(group.Low, e.Low), append(group.High, e.High)
		}
		figure.Groups = append(figure.Groups, group)
	}
	return figure
}

// Losses draws what Lost returns, at the noise levels below 1 and at those above from the last on
// at which none of the denoisers has lost a walk.
func (w Walks) Losses(title string, denoisers ...Denoiser) viz.Lines {
	figure := viz.Lines{Title: title, X: NoiseAxis(), Y: viz.Axis{Label: "share of the walks"}}
	below := slices.IndexFunc(w.Levels(), func(sigma float64) bool { return sigma < 1 })
	begin := min(below, len(w.Levels())-2)
	for _, d := range w.available(denoisers) {
		series := w.curve(d.Name, w.Lost(d))
		lost := slices.IndexFunc(series.Y, func(share float64) bool { return share > 0 })
		if lost >= 0 {
			begin = min(begin, max(lost-1, 0))
		}
		figure.Series = append(figure.Series, series)
	}
	for i := range figure.Series {
		s := &figure.Series[i]
		s.X, s.Y, s.Low, s.High = s.X[begin:], s.Y[begin:], s.Low[begin:], s.High[begin:]
	}
	return figure
}

// GuardRates draws how many coefficients in a hundred the guards of machines move, at every noise
// level. Denoisers without a guard are left out.
func (w Walks) GuardRates(denoisers ...Denoiser) viz.Lines {
	figure := viz.Lines{Title: "Share of the coefficients that the guard moves", X: NoiseAxis(), Y: viz.Axis{Label: "moved, %"}}
	for _, d := range w.available(denoisers) {
		series := viz.Series{Name: d.Name}
		for _, use := range w.GuardUses(d) {
			series.X, series.Y = append(series.X, use.Sigma), append(series.Y, 100*use.Rate())
		}
		if len(series.X) > 0 {
			figure.Series = append(figure.Series, series)
		}
	}
	return figure
}

// IntegrationErrors draws how far from the ends of a reference, which are walks of the same noise
// in many steps, the walks of a denoiser end by some methods, against the evaluations: the root
// mean square per pixel. Methods that add noise on the way end elsewhere, and do not belong here.
func (w Walks) IntegrationErrors(d Denoiser, reference Walks, evaluations []int, methods ...Method) viz.Lines {
	ends := reference.Samples(d)
	figure := w.byEvaluations(evaluations, methods, func(w Walks) float64 {
		return floats.Distance(w.Samples(d), ends, 2) / math.Sqrt(float64(len(ends)))
	})
	figure.Title = fmt.Sprintf("distance from the end of %d steps", reference.Steps)
	figure.Y = viz.Axis{Label: "rms per pixel", Log: true}
	return figure
}

// MethodDistances draws how far the samples of a denoiser by some methods are from test images, at
// the largest of Sides, against the evaluations.
func (w Walks) MethodDistances(d Denoiser, evaluations []int, methods ...Method) viz.Lines {
	figure := w.byEvaluations(evaluations, methods, func(w Walks) float64 {
		return w.Distances(d)[len(w.Sides())-1]
	})
	figure.Title, figure.Y = "distance from test images (strokes)", viz.Axis{Label: "1 = plain grey"}
	return figure
}

func (w Walks) byEvaluations(evaluations []int, methods []Method, value func(Walks) float64) viz.Lines {
	figure := viz.Lines{X: viz.Axis{Label: "evaluations", Log: true}}
	for _, m := range methods {
		series := viz.Series{Name: m.Name}
		for _, n := range evaluations {
			series.X, series.Y = append(series.X, float64(n)), append(series.Y, value(w.By(m, n)))
		}
		figure.Series = append(figure.Series, series)
	}
	return figure
}

// PossibleImages draws what Possible returns.
func (w Walks) PossibleImages(d Denoiser, walks int) viz.Lines {
	figure := viz.Lines{Title: fmt.Sprintf("Train images still possible on the walks of the %s score", d.Name), X: NoiseAxis(),
		Y: viz.Axis{Label: "effective number", Log: true}}
	for i, counts := range w.Possible(d, walks) {
		figure.Series = append(figure.Series, viz.Series{Name: fmt.Sprintf("walk %d", i), X: w.Levels()[:len(counts)], Y: counts})
	}
	return figure
}
