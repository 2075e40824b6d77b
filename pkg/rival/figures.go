package rival

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/experiment"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// correlations returns the squared correlation of the pixels of each image of a with those of the
// image of b. That of an image without contrast is 0.
func correlations(a, b []float64, size int) (squares []float64) {
	for at := 0; at < len(a); at += size {
		x, y := a[at:at+size], b[at:at+size]
		r := 0.0
		if stat.Variance(x, nil) > 0 && stat.Variance(y, nil) > 0 {
			r = stat.Correlation(x, y, nil)
		}
		squares = append(squares, r*r)
	}
	return squares
}

// A Group is some denoisers that one panel shows.
type Group struct {
	Title     string
	Denoisers []experiment.Denoiser
}

// Members returns the denoisers of groups, each once, in the order of the groups.
func Members(groups ...Group) (all []experiment.Denoiser) {
	for _, g := range groups {
		for _, d := range g.Denoisers {
			if !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	return all
}

// ErrorPanels draws the errors of groups of denoisers as multiples of a reference's, a panel for
// each group, over one scale.
func ErrorPanels(study *experiment.Study, reference experiment.Denoiser, groups ...Group) viz.Panels {
	panels := viz.Panels{Columns: len(groups), Title: "Error on test images"}
	return onOneScale(panels, groups, func(g Group) viz.Lines { return study.Errors(reference, g.Denoisers...) })
}

// UnexplainedPanels draws what denoisers leave unexplained of the variance of networks' outputs, a
// panel for each network that the study has, over one scale. The title of a group is the network's
// name, and its first denoiser is the network.
func UnexplainedPanels(study *experiment.Study, output metrics.Output, groups ...Group) viz.Panels {
	groups = slices.DeleteFunc(slices.Clone(groups), func(g Group) bool { return !g.Denoisers[0].Available(study.Run) })
	panels := viz.Panels{Columns: len(groups), Title: "Variance that is not explained: " + output.String()}
	return onOneScale(panels, groups, func(g Group) viz.Lines { return study.Unexplained(g.Denoisers[0], output, g.Denoisers[1:]...) })
}

// onOneScale appends a panel for each group, all over the range that the widest needs.
func onOneScale(panels viz.Panels, groups []Group, draw func(g Group) viz.Lines) viz.Panels {
	var all []viz.Lines
	low, high := math.Inf(1), 0.0
	for _, g := range groups {
		lines := draw(g)
		lines.Title = g.Title
		for _, s := range lines.Series {
			for k := range s.Y {
				if s.Low[k] > 0 { // as a logarithmic axis needs it
					low = min(low, s.Low[k])
				}
				high = max(high, s.High[k])
			}
		}
		all = append(all, lines)
	}
	for _, lines := range all {
		lines.Y.Min, lines.Y.Max = low, high
		panels.Figures = append(panels.Figures, lines)
	}
	return panels
}

// ErrorAgainstNumbers draws the errors of denoisers at noise level i of a study, per pixel, against
// the numbers that they hold. Denoisers that hold none are left out.
func ErrorAgainstNumbers(study *experiment.Study, i int, denoisers ...experiment.Denoiser) viz.Scatter {
	figure := viz.Scatter{Title: "Error at σ = " + viz.Labels(study.Sigmas)[i] + " against what a denoiser holds",
		X: viz.Axis{Label: "numbers that it holds", Log: true}, Y: viz.Axis{Label: "mean squared error per pixel", Log: true}}
	for _, d := range study.Available(denoisers...) {
		held := study.Memory(d).Numbers
		if held == 0 {
			continue
		}
		e := study.Trials(d)[i].Error().Estimate(study.Run.Seed)
		figure.Series = append(figure.Series, viz.Series{Name: d.Name, X: []float64{float64(held)},
			Y: []float64{e.Value}, Low: []float64{e.Low}, High: []float64{e.High}})
	}
	return figure
}
