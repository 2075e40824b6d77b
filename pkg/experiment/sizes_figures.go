package experiment

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// leastShown is the number below which there is but rounding, which a logarithmic axis leaves out.
const leastShown = 1e-6

// curves draws a quantity of learners against the number of images, without values of which the
// interval reaches below 1e-6.
func (s *Sizes) curves(title, label string, of func(l Learner, n int) metrics.Estimate, learners []Learner) viz.Lines {
	lines := viz.Lines{Title: title, X: viz.Axis{Label: "train images", Log: true}, Y: viz.Axis{Label: label, Log: true}}
	for _, l := range learners {
		series := viz.Series{Name: l.Name}
		for _, n := range s.numbers() {
			if !s.has(l, n) {
				continue
			}
			if e := of(l, n); e.Low > leastShown {
				series.X, series.Y = append(series.X, float64(n)), append(series.Y, e.Value)
				series.Low, series.High = append(series.Low, e.Low), append(series.High, e.High)
			}
		}
		if series.X != nil {
			lines.Series = append(lines.Series, series)
		}
	}
	return lines
}

// Errors draws the errors of learners on images that they have seen and on test images, at noise
// level i, over one scale. Errors that reach below 1e-6, as those of the ideal score on what it has
// seen, are left out.
func (s *Sizes) Errors(i int, learners ...Learner) viz.Panels {
	seen := func(l Learner, n int) metrics.Estimate { return s.Seen(l, n, i) }
	unseen := func(l Learner, n int) metrics.Estimate { return s.Unseen(l, n, i).Estimate(s.Study.Run.Seed) }
	one := s.curves("on images that it has seen", "mean squared error per pixel", seen, learners)
	other := s.curves("on test images", "mean squared error per pixel", unseen, learners)
	lowest, highest := math.Inf(1), 0.0
	for _, series := range slices.Concat(one.Series, other.Series) {
		lowest, highest = min(lowest, slices.Min(series.Low)), max(highest, slices.Max(series.High))
	}
	if highest > 0 {
		one.Y.Min, one.Y.Max = lowest/1.2, highest*1.2
		other.Y = one.Y
	}
	return viz.Panels{Columns: 2, Title: fmt.Sprintf("Error at σ = %s against the number of train images", viz.Labels(s.Study.Sigmas)[i]),
		Figures: []viz.Figure{one, other}}
}

// Disagreement draws what one half leaves unexplained of the variance of the other's score, at
// noise level i.
func (s *Sizes) Disagreement(i int, learners ...Learner) viz.Lines {
	return s.curves("Do two halves agree? What the score of one half leaves unexplained of the other's",
		"1 - explained variance at σ = "+viz.Labels(s.Study.Sigmas)[i], func(l Learner, n int) metrics.Estimate {
			e := s.Agreement(l, n, i)
			return metrics.Estimate{Value: 1 - e.Value, Low: 1 - e.High, High: 1 - e.Low}
		}, learners)
}

// table returns a table with a row for each learner and a column for each number of images, whose
// cell is empty where the run has no two halves.
func (s *Sizes) table(first string, learners []Learner, cell func(l Learner, n int) string) Table {
	t := Table{Header: []string{first}}
	for _, n := range s.numbers() {
		t.Header = append(t.Header, fmt.Sprintf("%d images", n))
	}
	for _, l := range s.Available(learners...) {
		row := []any{l.Name}
		for _, n := range s.numbers() {
			text := ""
			if s.has(l, n) {
				text = cell(l, n)
			}
			row = append(row, text)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// AgreementTable lists how much of the variance of each other's scores two halves explain, at noise
// level i.
func (s *Sizes) AgreementTable(i int, learners ...Learner) Table {
	first := fmt.Sprintf("variance explained by the other half, σ = %s", viz.Labels(s.Study.Sigmas)[i])
	return s.table(first, learners, func(l Learner, n int) string { return interval(s.Agreement(l, n, i), 3) })
}

// NoveltyTable lists the shares of copies among the samples of half 0.
func (s *Sizes) NoveltyTable(learners ...Learner) Table {
	first := fmt.Sprintf("share of copies among %d samples", s.Samples)
	return s.table(first, learners, func(l Learner, n int) string { return interval(s.Novelty(l, n).Copies, 2) })
}

// NetworkTable describes those of the learners' networks that the run has: how many images each
// half was trained on, how many it was shown in all, repeats counted, and the seeds of its first
// weights, the order of the images and the noise.
func (s *Sizes) NetworkTable(learners ...Learner) Table {
	t := Table{Header: []string{"network", "trained on images", "noisy images shown to each half", "seeds of the halves"}}
	for _, l := range s.Available(learners...) {
		kind, ok := l.method.(networkMethod)
		for _, n := range s.numbers() {
			if !ok || !s.has(l, n) {
				continue
			}
			one, other := kind.load(s.Study.Run, 0, n).Training().Settings, kind.load(s.Study.Run, n, n).Training().Settings
			shown := fmt.Sprint(one.Images)
			if other.Images != one.Images {
				shown += fmt.Sprintf(", %d", other.Images)
			}
			t.Rows = append(t.Rows, []any{l.Name, fmt.Sprint(n), shown, fmt.Sprintf("%d, %d", one.Seed, other.Seed)})
		}
	}
	return t
}

// BestTable names, for each number of images, the learner that errs least on the test images at
// noise level i, and by how much less than the next, the difference being paired.
func (s *Sizes) BestTable(i int, learners ...Learner) Table {
	t := Table{Header: []string{"train images", "errs least on test images, σ = " + viz.Labels(s.Study.Sigmas)[i], "next", "error / error of the next [95 %]"}}
	for _, n := range s.numbers() {
		there := slices.DeleteFunc(slices.Clone(learners), func(l Learner) bool { return !s.has(l, n) })
		if len(there) < 2 {
			continue
		}
		slices.SortStableFunc(there, func(a, b Learner) int { return cmp.Compare(s.Unseen(a, n, i).Value(), s.Unseen(b, n, i).Value()) })
		ratio := s.Unseen(there[0], n, i).Over(s.Unseen(there[1], n, i)).Estimate(s.Study.Run.Seed)
		t.Rows = append(t.Rows, []any{fmt.Sprint(n), there[0].Name, there[1].Name, interval(ratio, 3)})
	}
	return t
}

// Enough says from how many images on the halves of a learner explain more than a share of each
// other's scores at noise level i, by the whole interval at every number from there on:
// "from 1000 images on", or "at no number of images tried here".
func (s *Sizes) Enough(l Learner, share float64, i int) string {
	first := "at no number of images tried here"
	for _, n := range slices.Backward(s.numbers()) {
		if !s.has(l, n) {
			continue
		}
		if !s.Agreement(l, n, i).Above(share) {
			break
		}
		first = fmt.Sprintf("from %d images on", n)
	}
	return first
}

// Copying names the learners among whose samples there are copies, and at which numbers of images:
// "ideal (100, 1000 images)", or "none".
func (s *Sizes) Copying(learners ...Learner) string {
	var all []string
	for _, l := range learners {
		var numbers []string
		for _, n := range s.numbers() {
			if s.has(l, n) && s.Novelty(l, n).Copies.Value > 0 {
				numbers = append(numbers, fmt.Sprint(n))
			}
		}
		if numbers != nil {
			all = append(all, fmt.Sprintf("%s (%s images)", l.Name, strings.Join(numbers, ", ")))
		}
	}
	if all == nil {
		return "none"
	}
	return strings.Join(all, "; ")
}
