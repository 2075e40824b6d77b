package experiment

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// NoiseAxis is the axis of noise levels.
func NoiseAxis() viz.Axis { return viz.Axis{Label: "noise level σ", Log: true} }

// Curve returns a series of estimates against the noise level, with their intervals.
func (s *Study) Curve(name string, at func(i int) metrics.Estimate) viz.Series {
	series := viz.Series{Name: name, X: s.Sigmas}
	for i := range s.Sigmas {
		e := at(i)
		series.Y, series.Low, series.High = append(series.Y, e.Value), append(series.Low, e.Low), append(series.High, e.High)
	}
	return series
}

// Errors draws the errors of denoisers on the test images as shares of a reference's.
func (s *Study) Errors(reference Denoiser, denoisers ...Denoiser) viz.Lines {
	lines := viz.Lines{Title: "error", X: NoiseAxis(), Y: viz.Axis{Label: fmt.Sprintf("error / error of the %s", reference.Name), Log: true}}
	for _, d := range s.Available(denoisers...) {
		lines.Series = append(lines.Series, s.Curve(d.Name, func(i int) metrics.Estimate {
			return s.Trials(d)[i].Error().Over(s.Trials(reference)[i].Error()).Estimate(s.Run.Seed)
		}))
	}
	return lines
}

// Unexplained draws what denoisers leave unexplained of the variance of a target's outputs.
func (s *Study) Unexplained(target Denoiser, output metrics.Output, denoisers ...Denoiser) viz.Lines {
	lines := viz.Lines{Title: "not explained: " + output.String(), X: NoiseAxis(), Y: viz.Axis{Label: "1 - explained variance", Log: true}}
	for _, d := range s.Available(denoisers...) {
		if d == target {
			continue
		}
		lines.Series = append(lines.Series, s.Curve(d.Name, func(i int) metrics.Estimate {
			e := s.Explained(target, d, output, i).Estimate(s.Run.Seed)
			return metrics.Estimate{Value: 1 - e.Value, Low: 1 - e.High, High: 1 - e.Low}
		}))
	}
	return lines
}

// ErrorAndExplained draws three panels: Errors, and Unexplained of the scores and of the denoised
// images. The target stands last among the errors.
func (s *Study) ErrorAndExplained(target, reference Denoiser, denoisers ...Denoiser) viz.Panels {
	return viz.Panels{Columns: 3, Title: "How good, and how unlike the " + target.Name, Figures: []viz.Figure{
		s.Errors(reference, append(without(denoisers, target), target)...),
		s.Unexplained(target, metrics.Score, denoisers...), s.Unexplained(target, metrics.Denoised, denoisers...),
	}}
}

// without returns the denoisers but one.
func without(denoisers []Denoiser, one Denoiser) (others []Denoiser) {
	for _, d := range denoisers {
		if d != one {
			others = append(others, d)
		}
	}
	return others
}

// grid is a grid of the run's images with a column for each noise level.
func (s *Study) grid() viz.Grid {
	grid := s.Run.Grid(len(s.Sigmas), nil)
	for _, label := range viz.Labels(s.Sigmas) {
		grid.ColumnLabels = append(grid.ColumnLabels, "σ = "+label)
	}
	return grid
}

// OneImage draws a test image with noise of every level, what two denoisers make of it, and their
// difference.
func (s *Study) OneImage(index int, one, other Denoiser) viz.Panels {
	denoised, difference := s.grid(), s.grid()
	size := s.Run.Shape().Size()
	part := func(batch []float64) []float64 { return batch[index*size : (index+1)*size] }
	var noisy, a, b []float64
	for i, trial := range s.Trials(one) {
		noisy, a = append(noisy, part(trial.Noisy)...), append(a, part(trial.Denoised)...)
		b = append(b, part(s.Trials(other)[i].Denoised)...)
	}
	for i := range a {
		difference.Images = append(difference.Images, a[i]-b[i])
	}
	denoised.Title, denoised.Images, denoised.RowLabels = "noisy, and denoised", append(append(noisy, a...), b...), []string{"noisy", one.Name, other.Name}
	difference.Title, difference.RowLabels = one.Name+" less "+other.Name, []string{"difference"}
	difference.Diverging = s.Run.Shape().C == 1 // colours have no sign to show
	return viz.Panels{Columns: 1, Title: fmt.Sprintf("One image through the %s and the %s", one.Name, other.Name),
		Figures: []viz.Figure{denoised, difference}}
}

// SampleGrid draws n samples of each denoiser, from the same noise.
func (s *Study) SampleGrid(n int, denoisers ...Denoiser) viz.Grid {
	grid := s.grid()
	grid.Title, grid.Columns, grid.ColumnLabels = "Samples from the same noise", n, nil
	for _, d := range s.Available(denoisers...) {
		grid.RowLabels = append(grid.RowLabels, d.Name)
		grid.Images = append(grid.Images, s.Samples(d, n)...)
	}
	return grid
}

// Quantity draws a quantity of the fingerprints of denoisers.
func (s *Study) Quantity(q Quantity, denoisers ...Denoiser) viz.Lines {
	lines := viz.Lines{Title: q.Name, X: NoiseAxis(), Y: viz.Axis{Label: q.Unit}}
	for _, d := range s.Available(denoisers...) {
		prints := s.Fingerprints(d)
		lines.Series = append(lines.Series, s.Curve(d.Name, func(i int) metrics.Estimate { return q.Of(prints[i]) }))
	}
	return lines
}

// leastError is the equivariance error below which there is but rounding.
const leastError = 1e-15

// Equivariance draws the equivariance errors of denoisers, a panel for each of the study's shifts.
// Errors below 1e-15 are rounding, and drawn there.
func (s *Study) Equivariance(denoisers ...Denoiser) viz.Panels {
	panels := viz.Panels{Columns: len(s.shifts()), Title: "Equivariance error"}
	for k, shift := range s.shifts() {
		lines := s.Quantity(Quantity{fmt.Sprintf("shift by %d", shift), EquivarianceError.Unit, func(f Fingerprint) metrics.Estimate {
			e := f.Shifted[k]
			return metrics.Estimate{Value: max(e.Value, leastError), Low: max(e.Low, leastError), High: max(e.High, leastError)}
		}}, denoisers...)
		lines.Y.Log, lines.Y.Min, lines.Y.Max = true, leastError, 1
		panels.Figures = append(panels.Figures, lines)
	}
	return panels
}

// ReceptiveFields draws the squared Jacobians of denoisers at noise level i up to a distance from
// the pixel, or as far as images reach, as decimal logarithms of shares of their sums, of which
// the last is 1e-6.
func (s *Study) ReceptiveFields(i, distance int, denoisers ...Denoiser) viz.Panels {
	distance = min(distance, (s.Run.Side-1)/2)
	panels := viz.Panels{Columns: 2, Title: "Receptive fields at σ = " + viz.Labels(s.Sigmas)[i]}
	var offsets []string
	for o := -distance; o <= distance; o++ {
		offsets = append(offsets, fmt.Sprint(o))
	}
	for _, d := range s.Available(denoisers...) {
		panels.Figures = append(panels.Figures, viz.HeatMap{Title: d.Name, X: "columns to the right", Y: "rows down", Columns: offsets, Rows: offsets,
			Values: logShares(s.Fingerprints(d)[i].Field, distance), Colour: viz.Axis{Label: "log10 of the share", Min: -6, Max: 0}})
	}
	return panels
}

// logShares returns the middle of a receptive field.
func logShares(field [][]float64, distance int) (rows [][]float64) {
	var sum float64
	for _, row := range field {
		sum += floats.Sum(row)
	}
	middle := len(field) / 2
	for _, row := range field[middle-distance : middle+distance+1] {
		middle := len(row) / 2
		var values []float64
		for _, v := range row[middle-distance : middle+distance+1] {
			values = append(values, math.Log10(max(v/sum, 1e-6)))
		}
		rows = append(rows, values)
	}
	return rows
}

// Couplings draws how the squared Jacobians of denoisers at noise level i are shared out over the
// levels of Haar.
func (s *Study) Couplings(i int, denoisers ...Denoiser) viz.Panels {
	panels := viz.Panels{Columns: 2, Title: "Scale coupling at σ = " + viz.Labels(s.Sigmas)[i]}
	for _, d := range s.Available(denoisers...) {
		f := s.Fingerprints(d)[i]
		levels := append([]string{"approx."}, f.Levels[1:]...)
		values := make([][]float64, len(levels))
		for j, row := range f.Shares {
			for _, share := range row {
				values[j] = append(values[j], math.Round(100*share))
			}
		}
		panels.Figures = append(panels.Figures, viz.HeatMap{Title: d.Name, X: "input level", Y: "output level", Columns: levels, Rows: levels, Values: values,
			Colour: viz.Axis{Label: "% of the row", Min: 0, Max: 100}})
	}
	return panels
}

// Changed draws what a change of a machine does at noise level i: the variance of the target's
// score that it explains and its fingerprints, beside those of the target and of the machine as
// it was. Moved says of each that moved, the intervals not meeting, from where to where.
func (s *Study) Changed(target, whole, changed Denoiser, i int) (figure viz.Panels, moved []string) {
	figure = viz.Panels{Columns: 3, Title: fmt.Sprintf("The %s %s, at σ = %s", whole.Name, changed.Name, viz.Labels(s.Sigmas)[i])}
	for _, m := range s.measures(target, i) {
		bars := viz.Bars{Title: m.name, Y: viz.Axis{Label: m.unit}, Categories: []string{target.Name, "machine", "changed"}, Groups: []viz.Group{{}}}
		ofTarget, before, after := m.of(target), m.of(whole), m.of(changed)
		for _, e := range []metrics.Estimate{ofTarget, before, after} {
			group, value := &bars.Groups[0], math.Round(1e3*e.Value)/1e3
			group.Values = append(group.Values, value)
			group.Low, group.High = append(group.Low, min(e.Low, value)), append(group.High, max(e.High, value))
		}
		figure.Figures = append(figure.Figures, bars)
		if apart(before, after) {
			moved = append(moved, fmt.Sprintf("%s, from %.3f to %.3f (the %s: %.3f)", m.name, before.Value, after.Value, target.Name, ofTarget.Value))
		}
	}
	return figure, moved
}

// A measure is a number that a change of a machine is judged by.
type measure struct {
	name, unit string
	of         func(Denoiser) metrics.Estimate
}

func (s *Study) measures(target Denoiser, i int) []measure {
	all := []measure{{"explained variance of the score", "share", func(d Denoiser) metrics.Estimate {
		return s.Explained(target, d, metrics.Score, i).Estimate(s.Run.Seed)
	}}}
	for _, q := range Quantities() {
		all = append(all, measure{q.Name, q.Unit, func(d Denoiser) metrics.Estimate { return q.Of(s.Fingerprints(d)[i]) }})
	}
	return all
}

// QuantityPanels draws some quantities of the fingerprints of denoisers, two panels side by side,
// or three of an odd number.
func (s *Study) QuantityPanels(quantities []Quantity, denoisers ...Denoiser) viz.Panels {
	panels := viz.Panels{Columns: 2 + len(quantities)%2, Title: "Fingerprints"}
	for _, q := range quantities {
		panels.Figures = append(panels.Figures, s.Quantity(q, denoisers...))
	}
	return panels
}
