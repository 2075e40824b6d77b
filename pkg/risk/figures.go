package risk

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/analytic"
	"wavescore/pkg/experiment"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
	"wavescore/pkg/wavelet"
)

// familyName is what a family is called in legends and tables: by its neighbourhood.
func familyName(f moments.Family) string {
	if f.Degree == 1 && f.Neighbourhood == (moments.Neighbourhood{Context: moments.AllLevels}) {
		return "Wiener filter"
	}
	return f.Neighbourhood.Name()
}

// termsName names the terms of a family.
func termsName(f moments.Family) string {
	if f.Degree == 1 {
		return "linear terms"
	}
	return fmt.Sprintf("%s, degree %d", f.Terms, f.Degree)
}

// Families returns the families of a kind of terms and several neighbourhoods.
func Families(kind moments.Family, neighbourhoods ...moments.Neighbourhood) (families []moments.Family) {
	for _, n := range neighbourhoods {
		families = append(families, kind.With(n))
	}
	return families
}

// Ratio returns the errors of a family as a series of shares of others, one a noise level.
func (b *Bench) Ratio(name string, f moments.Family, reference []float64) viz.Series {
	return viz.Series{Name: name, X: b.Sigmas, Y: floats.DivTo(make([]float64, len(b.Sigmas)), b.Errors(f), reference)}
}

// Ratios draws the errors of neighbourhoods as shares of those of a reference, a panel for each
// kind of terms.
func (b *Bench) Ratios(reference moments.Family, kinds []moments.Family, neighbourhoods ...moments.Neighbourhood) viz.Panels {
	var panels []viz.Lines
	errors := b.Errors(reference)
	for _, kind := range kinds {
		panel := viz.Lines{Title: termsName(kind), X: experiment.NoiseAxis(), Y: viz.Axis{Label: "relative error"}}
		for _, n := range neighbourhoods {
			panel.Series = append(panel.Series, b.Ratio(n.Name(), kind.With(n), errors))
		}
		panels = append(panels, panel)
	}
	return oneScale("Test error as a share of that of the "+familyName(reference), panels)
}

// InBases draws the errors of families in several bases as shares of those of a reference in the
// first, a panel for each family.
func InBases(reference moments.Family, benches []*Bench, families ...moments.Family) viz.Panels {
	var panels []viz.Lines
	errors := benches[0].Errors(reference)
	for _, f := range families {
		panel := viz.Lines{Title: familyName(f) + ", " + termsName(f), X: experiment.NoiseAxis(), Y: viz.Axis{Label: "relative error", Log: true}}
		for _, b := range benches {
			panel.Series = append(panel.Series, b.Ratio(b.Basis(), f, errors))
		}
		panels = append(panels, panel)
	}
	return oneScale("Test error as a share of that of the "+familyName(reference), panels)
}

// Saved draws by how many per cent the errors of families are below that of a base, a panel for
// each image set.
func Saved(base moments.Family, benches []*Bench, families ...moments.Family) viz.Panels {
	var panels []viz.Lines
	for _, b := range benches {
		panel := viz.Lines{Title: b.Run.Name(), X: experiment.NoiseAxis(), Y: viz.Axis{Label: "below " + familyName(base) + ", %"}}
		errors := b.Errors(base)
		for _, f := range families {
			series := b.Ratio(familyName(f), f, errors)
			for i, ratio := range series.Y {
				series.Y[i] = 100 * (1 - ratio)
			}
			panel.Series = append(panel.Series, series)
		}
		panels = append(panels, panel)
	}
	return oneScale("Error saved by neighbours: "+termsName(families[0]), panels)
}

// oneScale puts panels side by side, with one range of errors.
func oneScale(title string, panels []viz.Lines) viz.Panels {
	low, high := math.Inf(1), math.Inf(-1)
	for _, panel := range panels {
		for _, series := range panel.Series {
			low, high = min(low, floats.Min(series.Y)), max(high, floats.Max(series.Y))
		}
	}
	figure := viz.Panels{Title: title, Columns: len(panels)}
	for _, panel := range panels {
		if panel.Y.Log {
			panel.Y.Min, panel.Y.Max = low/1.1, 1.1*high
		} else {
			margin := 0.05 * (high - low)
			panel.Y.Min, panel.Y.Max = low-margin, high+margin
		}
		figure.Figures = append(figure.Figures, panel)
	}
	return figure
}

// Header returns the header of a table with a column for each noise level after the first ones.
func (b *Bench) Header(first ...string) []string {
	for _, label := range viz.Labels(b.Sigmas) {
		first = append(first, "σ = "+label)
	}
	return first
}

// FamilyTable lists the errors of a reference and of families per pixel, and how many variables a
// coefficient sees at most.
func (b *Bench) FamilyTable(reference moments.Family, families ...moments.Family) experiment.Table {
	t := experiment.Table{Header: b.Header("family", "variables")}
	for _, f := range append([]moments.Family{reference}, families...) {
		row := []any{familyName(f), fmt.Sprint(f.Neighbourhood.Variables(b.Layout()))}
		for _, e := range b.Errors(f) {
			row = append(row, e)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// A BandSet is the bands of one level and orientation, one a channel.
type BandSet []wavelet.Band

// BandSets returns the bands of a layout, coarse to fine, those of all channels together.
func BandSets(l wavelet.Layout) (sets []BandSet) {
	for _, band := range l.Bands() {
		if band.Channel > 0 {
			continue
		}
		var set BandSet
		for band.Channel = range l.Channels {
			set = append(set, band)
		}
		sets = append(sets, set)
	}
	return sets
}

// String names the bands by their level and the first letter of their orientation.
func (s BandSet) String() string { return fmt.Sprintf("%d %.1s", s[0].Level, s[0].Orientation) }

// Error returns the part of a risk that is in the bands, summed over coefficients.
func (s BandSet) Error(l wavelet.Layout, r analytic.Risk) (sum float64) {
	for _, band := range s {
		from, to := l.Range(band)
		sum += floats.Sum(r.Coefficients[from:to])
	}
	return sum
}

// SavedByBand draws by how many per cent the errors of families are below that of a base, band by
// band, a panel for each family. Colours end at the largest of them; losses beyond that are cut
// off.
func (b *Bench) SavedByBand(base moments.Family, families ...moments.Family) viz.Panels {
	figure := viz.Panels{Columns: min(2, len(families)), Title: fmt.Sprintf("Error saved band by band, in per cent of that of %s (%s)", familyName(base), termsName(base))}
	sets, layout, without := BandSets(b.Layout()), b.Layout(), b.Risks(base)
	var maps []viz.HeatMap
	most := 10.0
	for _, f := range families {
		drawn := viz.HeatMap{Title: familyName(f), X: "noise level σ", Y: "level and orientation, coarse to fine", Columns: viz.Labels(b.Sigmas), Diverging: true}
		if termsName(f) != termsName(base) {
			drawn.Title += ", " + termsName(f)
		}
		with := b.Risks(f)
		for _, set := range sets {
			row := make([]float64, len(b.Sigmas))
			for i := range row {
				row[i] = math.Round(100*(1-set.Error(layout, with[i])/set.Error(layout, without[i]))) + 0 // no negative zero
			}
			drawn.Rows, drawn.Values, most = append(drawn.Rows, set.String()), append(drawn.Values, row), max(most, 10*math.Ceil(floats.Max(row)/10))
		}
		maps = append(maps, drawn)
	}
	for _, drawn := range maps {
		drawn.Colour = viz.Axis{Label: "%", Min: -most, Max: most}
		figure.Figures = append(figure.Figures, drawn)
	}
	return figure
}
