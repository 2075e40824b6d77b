package risk

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/analytic"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
	"wavescore/pkg/wavelet"
)

// An Ablation is a machine taken apart at one noise level: see analytic.Machine's Ablate.
type Ablation struct {
	Shares       []analytic.Share
	Whole, Least analytic.Risk
}

// Ablate takes the machine of a family apart at a noise level, on the test images. The bench must
// be without penalties to choose from.
func (b *Bench) Ablate(f moments.Family, sigma float64) Ablation {
	return lab.Must1(lab.Cached("ablation", []any{b.key(f), b.of(allTest), sigma}, func() (a Ablation, err error) {
		a.Shares, a.Whole, a.Least, err = b.Machine(f).Ablate(context.Background(), b.Test(f), sigma)
		return a, err
	}))
}

// A Worth is what a term is worth to a machine at a noise level, in per cent.
type Worth struct {
	Term  analytic.Term
	Left  float64 // by which the error of the whole machine grows without it
	Added float64 // by which that of the constant and y_c alone falls with it
}

// String names the term: "neighbour 2" are the terms of order 2 of neighbours.
func (w Worth) String() string { return fmt.Sprintf("%s %d", w.Term.Kind, w.Term.Order) }

// Worths returns what each term but y_c itself is worth in some bands at a noise level, from the
// coefficient's own terms to those of its ancestors.
func (b *Bench) Worths(f moments.Family, sigma float64, bands ...BandSet) (worths []Worth) {
	a, layout := b.Ablate(f, sigma), b.Layout()
	within := func(r analytic.Risk) (sum float64) {
		for _, set := range bands {
			sum += set.Error(layout, r)
		}
		return sum
	}
	for _, s := range a.Shares {
		if s.Term.Kind != moments.Self || s.Term.Order > 1 {
			worths = append(worths, Worth{s.Term, 100 * (within(s.LeftOut)/within(a.Whole) - 1), 100 * (1 - within(s.AddedIn)/within(a.Least))})
		}
	}
	kinds := []moments.Kind{moments.Self, moments.OtherOrientation, moments.SpatialNeighbour, moments.Ancestor, moments.OtherChannel}
	slices.SortStableFunc(worths, func(v, w Worth) int { return slices.Index(kinds, v.Term.Kind) - slices.Index(kinds, w.Term.Kind) })
	return worths
}

// worths returns what each term is worth to the whole image, one list a noise level.
func (b *Bench) worths(f moments.Family) (all [][]Worth) {
	report := lab.Progress("ablation")
	for i, sigma := range b.Sigmas {
		all = append(all, b.Worths(f, sigma, BandSets(b.Layout())...))
		report(i+1, len(b.Sigmas))
	}
	return all
}

func (w Worth) left() float64  { return w.Left }
func (w Worth) added() float64 { return w.Added }

// worthMap draws lists of worths as columns.
func worthMap(title string, columns []string, lists [][]Worth, of func(Worth) float64) viz.HeatMap {
	drawn := viz.HeatMap{Title: title, Y: "kind and order", Columns: columns, Diverging: true}
	most := 1.0
	for t, term := range lists[0] {
		drawn.Rows = append(drawn.Rows, term.String())
		row := make([]float64, len(lists))
		for i, list := range lists {
			row[i] = math.Round(10*of(list[t]))/10 + 0 // no negative zero
		}
		drawn.Values, most = append(drawn.Values, row), max(most, 5*math.Ceil(floats.Max(row)/5))
	}
	drawn.Colour = viz.Axis{Label: "%", Min: -most, Max: most}
	return drawn
}

// Worth draws what each term of the machine of a family is worth at each noise level, left out and
// added in. Colours end at the largest worth; what harms more than that is cut off.
func (b *Bench) Worth(f moments.Family) viz.Panels {
	all, labels := b.worths(f), viz.Labels(b.Sigmas)
	left, added := worthMap("left out: error added, %", labels, all, Worth.left), worthMap("added in: error saved, %", labels, all, Worth.added)
	left.X, added.X = "noise level σ", "noise level σ"
	return viz.Panels{Columns: 2, Title: "What each term is worth at each noise level", Figures: []viz.Figure{left, added}}
}

// WorthByLevel draws the error that leaving a term out adds, in per cent of that of each level of
// the transform, a panel for each of some noise levels. The approximation is "a".
func (b *Bench) WorthByLevel(f moments.Family, sigmas ...float64) viz.Panels {
	levels := b.byLevel()
	labels := []string{"a"}
	for level := b.Layout().Levels; level >= 1; level-- {
		labels = append(labels, fmt.Sprint(level))
	}
	var maps []viz.HeatMap
	most := 0.0
	for k, label := range viz.Labels(sigmas) {
		var lists [][]Worth
		for _, level := range levels {
			lists = append(lists, b.Worths(f, sigmas[k], level...))
		}
		drawn := worthMap("σ = "+label, labels, lists, Worth.left)
		drawn.X, most = "level", max(most, drawn.Colour.Max)
		maps = append(maps, drawn)
	}
	figure := viz.Panels{Columns: min(2, len(sigmas)), Title: "Error added by leaving a term out, level by level, in per cent of the level's"}
	for _, drawn := range maps {
		drawn.Colour.Min, drawn.Colour.Max = -most, most
		figure.Figures = append(figure.Figures, drawn)
	}
	return figure
}

// byLevel returns the bands of the approximation, and then those of each level, coarse to fine.
func (b *Bench) byLevel() (levels [][]BandSet) {
	for _, set := range BandSets(b.Layout()) {
		last := len(levels) - 1
		if set[0].Orientation == wavelet.Approximation || levels[last][0][0].Level != set[0].Level || levels[last][0][0].Orientation == wavelet.Approximation {
			levels = append(levels, nil)
			last++
		}
		levels[last] = append(levels[last], set)
	}
	return levels
}

// mostValuable returns the term that is worth most.
func mostValuable(worths []Worth, of func(Worth) float64) Worth {
	return slices.MaxFunc(worths, func(v, w Worth) int { return cmp.Compare(of(v), of(w)) })
}

// WorthTable names the most valuable term at each noise level, left out and added in, and says how
// much all nonlinear terms take off the error of the linear machine of the neighbourhood.
func (b *Bench) WorthTable(f moments.Family) experiment.Table {
	t := experiment.Table{Header: []string{"most valuable", "left out", "added in", "all nonlinear terms"}}
	linear := f
	linear.Terms, linear.Degree = moments.Powers, 1
	with, without := b.Errors(f), b.Errors(linear)
	for i, label := range viz.Labels(b.Sigmas) {
		worths := b.Worths(f, b.Sigmas[i], BandSets(b.Layout())...)
		left, added := mostValuable(worths, Worth.left), mostValuable(worths, Worth.added)
		t.Rows = append(t.Rows, []any{"σ = " + label, fmt.Sprintf("%v (%.2g %%)", left, left.Left), fmt.Sprintf("%v (%.2g %%)", added, added.Added),
			fmt.Sprintf("%.2g %%", 100*(1-with[i]/without[i]))})
	}
	return t
}

// A Reversal is the term that is worth most, added in, at one noise level, and at another the least
// share of what the best term there is worth.
type Reversal struct {
	Term        Worth
	Most, Least float64 // noise levels
	Share       float64 // of the best at Least
}

// Reversal returns that of the machine of a family. With one noise level the share is 1.
func (b *Bench) Reversal(f moments.Family) Reversal {
	all := b.worths(f)
	r := Reversal{Term: mostValuable(all[0], Worth.added), Most: b.Sigmas[0], Least: b.Sigmas[0], Share: 1}
	for i, here := range all {
		best := mostValuable(here, Worth.added)
		for j, there := range all {
			k := slices.IndexFunc(there, func(w Worth) bool { return w.Term == best.Term })
			if top := mostValuable(there, Worth.added).Added; top > 0 && there[k].Added/top < r.Share {
				r = Reversal{best, b.Sigmas[i], b.Sigmas[j], there[k].Added / top}
			}
		}
	}
	return r
}

// OrderErrors returns the errors of the machine of a family with terms up to an order, one a noise
// level. The bench must be without penalties to choose from.
func (b *Bench) OrderErrors(f moments.Family, order int) (errors []float64) {
	for _, sigma := range b.Sigmas {
		errors = append(errors, lab.Must1(lab.Cached("order-error", []any{b.key(f), b.of(allTest), order, sigma}, func() (float64, error) {
			only := once(&b.machines, [2]any{f, order}, func() *analytic.Machine {
				return lab.Must1(b.Machine(f).Only(func(t analytic.Term) bool { return t.Order <= order }))
			})
			risk, err := only.Risk(context.Background(), b.Test(f), sigma, sigma)
			return risk.PerPixel, err
		})))
	}
	return errors
}

// Orders draws the errors of the machines of families with terms up to each order, as shares of the
// error with those of order 1, a panel for each family. What is above 1.2 is cut off.
func (b *Bench) Orders(families ...moments.Family) viz.Panels {
	var panels []viz.Lines
	low := 1.0
	for _, f := range families {
		panel := viz.Lines{Title: familyName(f) + ", " + termsName(f), X: experiment.NoiseAxis(), Y: viz.Axis{Label: "error / error of order 1"}}
		first := b.OrderErrors(f, 1)
		for order := 2; order <= f.Degree; order++ {
			shares := floats.DivTo(make([]float64, len(first)), b.OrderErrors(f, order), first)
			panel.Series = append(panel.Series, viz.Series{Name: fmt.Sprintf("to order %d", order), X: b.Sigmas, Y: shares})
			low = min(low, floats.Min(shares))
		}
		panels = append(panels, panel)
	}
	figure := viz.Panels{Columns: len(panels), Title: "Error of machines with terms up to an order, as a share of the linear one's"}
	for _, panel := range panels {
		panel.Y.Min, panel.Y.Max = low-0.05, 1.2
		figure.Figures = append(figure.Figures, panel)
	}
	return figure
}
