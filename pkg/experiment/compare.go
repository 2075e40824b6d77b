package experiment

import (
	"fmt"

	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// ErrorRatio returns the error of one denoiser as a multiple of another's, at noise level i. It is
// paired: both have met the same noisy images.
func (s *Study) ErrorRatio(one, other Denoiser, i int) metrics.Estimate {
	return s.Trials(one)[i].Error().Over(s.Trials(other)[i].Error()).Estimate(s.Run.Seed)
}

// Better returns the noise levels at which one denoiser has a smaller error on the test images than
// another, the whole interval of the paired difference being below 0.
func (s *Study) Better(one, other Denoiser) Levels {
	a, b := s.Trials(one), s.Trials(other)
	return s.Where(func(i int) bool { return a[i].Error().Minus(b[i].Error()).Estimate(s.Run.Seed).Below(0) })
}

// Distance returns the mean squared distance per pixel of what two denoisers make of the same noisy
// images, at noise level i.
func (s *Study) Distance(one, other Denoiser, i int) metrics.Estimate {
	a, b := s.Trials(one)[i], s.Trials(other)[i]
	apart := metrics.Trial{Shape: a.Shape, Sigma: a.Sigma, Clean: a.Denoised, Noisy: a.Noisy, Denoised: b.Denoised}
	return apart.Error().Estimate(s.Run.Seed)
}

// A Row is a line of a table over the noise levels of a study: its name, and what stands at level
// i.
type Row struct {
	Name string
	At   func(i int) string
}

// LevelTable returns a table with a column for each noise level.
func (s *Study) LevelTable(first string, rows ...Row) Table {
	t := s.table(first)
	for _, row := range rows {
		s.row(&t, row.Name, row.At)
	}
	return t
}

// RatioTable lists the errors of denoisers as multiples of a reference's, with their paired
// intervals.
func (s *Study) RatioTable(reference Denoiser, denoisers ...Denoiser) Table {
	t := s.table("error / error of the " + reference.Name)
	for _, d := range s.Available(denoisers...) {
		s.row(&t, d.Name, func(i int) string { return interval(s.ErrorRatio(d, reference, i), 2) })
	}
	return t
}

// ErrorsAgainst returns the series of the errors per pixel, at noise level i, of denoisers that
// differ in a number.
func (s *Study) ErrorsAgainst(name string, i int, numbers []int, with func(n int) Denoiser) viz.Series {
	series := viz.Series{Name: name}
	for _, n := range numbers {
		e := s.Trials(with(n))[i].Error().Estimate(s.Run.Seed)
		series.X, series.Y = append(series.X, float64(n)), append(series.Y, e.Value)
		series.Low, series.High = append(series.Low, e.Low), append(series.High, e.High)
	}
	return series
}

// OneImageThrough draws a test image with noise of every level, what each denoiser makes of it, and
// the clean image.
func (s *Study) OneImageThrough(index int, denoisers ...Denoiser) viz.Grid {
	grid, size := s.grid(), s.Run.Shape().Size()
	grid.Title = fmt.Sprintf("Test image %d, and what each makes of it", index)
	row := func(name string, batch func(i int) []float64) {
		grid.RowLabels = append(grid.RowLabels, name)
		for i := range s.Sigmas {
			grid.Images = append(grid.Images, batch(i)[index*size:(index+1)*size]...)
		}
	}
	denoisers = s.Available(denoisers...)
	row("noisy", func(i int) []float64 { return s.Trials(denoisers[0])[i].Noisy })
	for _, d := range denoisers {
		row(d.Name, func(i int) []float64 { return s.Trials(d)[i].Denoised })
	}
	row("clean", func(i int) []float64 { return s.Trials(denoisers[0])[i].Clean })
	return grid
}

// Outside returns the share of the squared Jacobian that lies more than a distance of rows or
// columns from the pixel: of the window of 7 x 7 pixels, more than 3.
func (f Fingerprint) Outside(distance int) float64 {
	var outside, all float64
	for row, values := range f.Field {
		for column, v := range values {
			down, right := row-len(f.Field)/2, column-len(values)/2
			if max(down, -down, right, -right) > distance {
				outside += v
			}
			all += v
		}
	}
	return outside / all
}
