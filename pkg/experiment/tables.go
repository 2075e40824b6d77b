package experiment

import (
	"fmt"
	"slices"

	"wavescore/pkg/analytic"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// A Table is a header and rows below it, as lab.Table takes them.
type Table struct {
	Header []string
	Rows   [][]any
}

// Show shows the table.
func (t Table) Show() { lab.Table(t.Header, t.Rows...) }

// table returns a table with a column for each noise level.
func (s *Study) table(first string) Table { return LevelTable(s.Sigmas, first) }

// row appends a row with a cell for each noise level.
func (s *Study) row(t *Table, first string, cell func(i int) string) {
	row := []any{first}
	for i := range s.Sigmas {
		row = append(row, cell(i))
	}
	t.Rows = append(t.Rows, row)
}

// interval writes an estimate with a number of decimals.
func interval(e metrics.Estimate, decimals int) string {
	return fmt.Sprintf("%.*f [%.*f, %.*f]", decimals, e.Value, decimals, e.Low, decimals, e.High)
}

// Networks describes those of some denoisers that are networks of these images: their padding,
// numbers of parameters, windows and training.
func (s *Study) Networks(denoisers ...Denoiser) Table {
	t := Table{Header: []string{"network", "padding", "parameters", "window of a pixel", "trained on images", "images shown"}}
	for _, d := range s.Available(denoisers...) {
		kind, ok := d.Recipe.(network)
		if !ok {
			continue
		}
		n := kind.load(s.Run)
		training, window := n.Training(), n.ReceptiveField()
		t.Rows = append(t.Rows, []any{d.Name, string(n.Architecture().Padding), fmt.Sprint(n.Parameters()), fmt.Sprintf("%d × %d", window, window),
			fmt.Sprint(training.TrainImages), fmt.Sprint(training.Settings.Images)})
	}
	return t
}

// ErrorTable lists the errors of denoisers per pixel, with half of their 95 % intervals.
func (s *Study) ErrorTable(denoisers ...Denoiser) Table {
	t := s.table("mean squared error per pixel")
	for _, d := range s.Available(denoisers...) {
		s.row(&t, d.Name, func(i int) string {
			e := s.Trials(d)[i].Error().Estimate(s.Run.Seed)
			return fmt.Sprintf("%.5f ± %.5f", e.Value, (e.High-e.Low)/2)
		})
	}
	return t
}

// ExplainedTable lists the shares of the variance of the target's score that candidates explain,
// and how many train images each is of. A star marks the closest at each noise level, networks
// left out.
func (s *Study) ExplainedTable(target Denoiser, candidates ...Denoiser) Table {
	t := s.table("explained variance of the score: " + target.Name)
	t.Header = slices.Insert(t.Header, 1, "train images")
	var closest []Denoiser
	for i := range s.Sigmas {
		closest = append(closest, s.Closest(target, candidates, i))
	}
	for _, d := range s.Available(candidates...) {
		s.row(&t, d.Name, func(i int) string {
			star := map[bool]string{true: " ★"}[d == closest[i]]
			return interval(s.Explained(target, d, metrics.Score, i).Estimate(s.Run.Seed), 3) + star
		})
		last := len(t.Rows) - 1
		t.Rows[last] = slices.Insert(t.Rows[last], 1, any(d.Images(s.Run)))
	}
	return t
}

// LeadTable says at which noise levels one denoiser explains more of the target's score than
// another, in percentage points.
func (s *Study) LeadTable(target, one, other Denoiser) Table {
	t := Table{Header: []string{"noise", fmt.Sprintf("points by which the %s leads the %s", one.Name, other.Name), "the " + one.Name + " explains"}}
	for i, label := range viz.Labels(s.Sigmas) {
		e := s.Lead(target, one, other, i)
		verdict := "neither more nor less: the interval holds 0"
		if e.Above(0) {
			verdict = "more"
		} else if e.Below(0) {
			verdict = "less"
		}
		t.Rows = append(t.Rows, []any{"σ = " + label, interval(e, 2), verdict})
	}
	return t
}

// IngredientTable lists, in percentage points of the variance of the target's score, what a whole
// machine explains, what each of its ingredients adds to that, and what is left. ▲ marks an
// ingredient that makes the machine more like the target, ▼ one that makes it less so, the whole
// interval being on one side of 0.
func (s *Study) IngredientTable(target, whole Denoiser) Table {
	t := s.table(target.Name)
	explained := func(i int) metrics.Estimate {
		return scaled(s.Explained(target, whole, metrics.Score, i).Estimate(s.Run.Seed), 100)
	}
	s.row(&t, fmt.Sprintf("explained by the %s, %%", whole.Name), func(i int) string { return interval(explained(i), 1) })
	for _, ingredient := range whole.Ingredients() {
		s.row(&t, "of that, by "+string(ingredient), func(i int) string {
			e := s.Lead(target, whole, whole.Without(ingredient), i)
			return map[bool]string{true: "▲ "}[e.Above(0)] + map[bool]string{true: "▼ "}[e.Below(0)] + interval(e, 1)
		})
	}
	s.row(&t, "not explained, %", func(i int) string { return fmt.Sprintf("%.1f", 100-explained(i).Value) })
	return t
}

// Ingredients returns the ingredients of a machine, and nil of another denoiser.
func (d Denoiser) Ingredients() []analytic.Ingredient {
	structure, ok := d.Structure()
	if !ok {
		return nil
	}
	return structure.Ingredients()
}

// IngredientLevels says at which noise levels each ingredient of a machine makes it more like the
// target, and at which less.
func (s *Study) IngredientLevels(target, whole Denoiser) Table {
	t := Table{Header: []string{"ingredient", fmt.Sprintf("makes the %s more like the %s at", whole.Name, target.Name), "less like it at"}}
	for _, ingredient := range whole.Ingredients() {
		lead := func(i int) metrics.Estimate { return s.Lead(target, whole, whole.Without(ingredient), i) }
		t.Rows = append(t.Rows, []any{string(ingredient),
			s.Where(func(i int) bool { return lead(i).Above(0) }).String(), s.Where(func(i int) bool { return lead(i).Below(0) }).String()})
	}
	return t
}

// ClosestTable names the closest candidate to the target at each noise level, and how far it leads
// a rival.
func (s *Study) ClosestTable(target, rival Denoiser, candidates ...Denoiser) Table {
	t := Table{Header: []string{"noise", "closest to the " + target.Name, fmt.Sprintf("points by which it leads the %s", rival.Name)}}
	for i, label := range viz.Labels(s.Sigmas) {
		closest := s.Closest(target, candidates, i)
		t.Rows = append(t.Rows, []any{"σ = " + label, closest.Name, interval(s.Lead(target, closest, rival, i), 1)})
	}
	return t
}

// ApartTable says at which noise levels the intervals of the fingerprints of a target do not meet
// those of others.
func (s *Study) ApartTable(target Denoiser, others ...Denoiser) Table {
	others = s.Available(others...)
	t := Table{Header: []string{"the interval of the " + target.Name + " does not meet that of the"}}
	for _, d := range others {
		t.Header = append(t.Header, d.Name)
	}
	for _, q := range Quantities() {
		row := []any{q.Name}
		for _, d := range others {
			row = append(row, s.Apart(q, target, d).String())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}
