package experiment

import (
	"context"
	"fmt"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// SourceTable says where the images of sets come from, how many they are, and their seeds.
func (q *Quality) SourceTable(sets ...SampleSet) Table {
	t := Table{Header: []string{"samples", "images", "where they come from"}}
	for _, s := range q.Available(sets...) {
		n := q.Samples(s).Len()
		t.Rows = append(t.Rows, []any{s.Name, n, s.origin(q.Run, n)})
	}
	return t
}

// SampleGrid draws the first images of sets, as many as columns says, each set above the train
// images that are nearest to them.
func (q *Quality) SampleGrid(columns int, sets ...SampleSet) viz.Grid {
	shape, train := q.Run.Shape(), q.Run.TrainImages()
	grid := viz.Grid{Title: "Samples, and under each the train image nearest to it", Channels: shape.C, Height: shape.H, Width: shape.W, Columns: columns}
	for _, s := range q.Available(sets...) {
		some := q.Samples(s).Batch(nil, 0, columns)
		grid.Images = append(grid.Images, some...)
		for _, n := range lab.Must1(metrics.Nearest(context.Background(), some, diffusion.Images(train))) {
			grid.Images = append(grid.Images, train.Batch(nil, n.Index, n.Index+1)...)
		}
		grid.RowLabels = append(grid.RowLabels, s.Name, "nearest")
	}
	return grid
}

// DistanceTable lists the squared distances of sets from the test images: Fréchet's in every space,
// of the samples there are and extrapolated to infinitely many, and the kernel distance in the
// first space. An interval that too few samples make unsound has a star.
func (q *Quality) DistanceTable(sets ...SampleSet) Table {
	spaces := q.Spaces()
	t := Table{Header: []string{"d² to test images"}}
	for _, space := range spaces {
		t.Header = append(t.Header, string(space), "n → ∞")
	}
	t.Header = append(t.Header, "kernel, "+string(spaces[0]))
	for _, s := range q.Available(sets...) {
		row := []any{s.Name}
		for _, space := range spaces {
			d := q.Frechet(s, space)
			row = append(row, fmt.Sprintf("%.3g", d.Value), plusMinus(d.Extrapolated)+map[bool]string{false: " *"}[d.Sound])
		}
		t.Rows = append(t.Rows, append(row, plusMinus(q.Kernel(s, spaces[0]))))
	}
	return t
}

// plusMinus writes an estimate with half of its interval.
func plusMinus(e metrics.Estimate) string {
	return fmt.Sprintf("%.3g ± %.2g", e.Value, (e.High-e.Low)/2)
}

// leastDistance is the squared distance at which a logarithmic axis ends: what is less is drawn
// there.
const leastDistance = 1e-3

// DistanceBars draws the extrapolated squared Fréchet distances of sets from the test images. Where
// an interval reaches below 0.001, as it may for held-out images, the axis begins there.
func (q *Quality) DistanceBars(space Space, sets ...SampleSet) viz.Bars {
	bars := viz.Bars{Title: "Fréchet distance to test images: " + string(space), Groups: []viz.Group{{}},
		Y: viz.Axis{Label: "d², extrapolated to infinitely many samples", Log: true}}
	var highest float64
	for _, s := range q.Available(sets...) {
		e := q.Frechet(s, space).Extrapolated
		highest = max(highest, e.High)
		if e.Low < leastDistance {
			bars.Y.Min = leastDistance
		}
		bar(&bars.Groups[0], metrics.Estimate{Value: max(e.Value, leastDistance), Low: max(e.Low, leastDistance), High: max(e.High, leastDistance)})
		bars.Categories = append(bars.Categories, s.Name)
	}
	if bars.Y.Min > 0 {
		bars.Y.Max = 2 * max(highest, leastDistance)
	}
	return bars
}

// bar appends a bar with its error bar.
func bar(g *viz.Group, e metrics.Estimate) {
	g.Values, g.Low, g.High = append(g.Values, e.Value), append(g.Low, e.Low), append(g.High, e.High)
}

// OverlapBars draws the density and coverage of sets in a space.
func (q *Quality) OverlapBars(space Space, sets ...SampleSet) viz.Bars {
	bars := viz.Bars{Title: "Are samples like the data, and are all data among the samples? In the space: " + string(space), Y: viz.Axis{Label: "density; share covered"},
		Groups: []viz.Group{{Name: "density"}, {Name: "coverage"}}}
	for _, s := range q.Available(sets...) {
		o := q.Overlap(s, space)
		bar(&bars.Groups[0], o.Density)
		bar(&bars.Groups[1], o.Coverage)
		bars.Categories = append(bars.Categories, s.Name)
	}
	return bars
}

// OverlapTable lists the overlap of sets in a space and, where there is a classifier, its
// confidence and the imbalance of its classes.
func (q *Quality) OverlapTable(space Space, sets ...SampleSet) Table {
	t := Table{Header: []string{"in the space: " + string(space), "density", "coverage", "precision", "recall"}}
	if q.HasClassifier() {
		t.Header = append(t.Header, "classifier's confidence", "class imbalance")
	}
	for _, s := range q.Available(sets...) {
		o := q.Overlap(s, space)
		row := []any{s.Name, plusMinus(o.Density), plusMinus(o.Coverage), plusMinus(o.Precision), plusMinus(o.Recall)}
		if q.HasClassifier() {
			p := q.Probabilities(s)
			imbalance := lab.Must1(metrics.Imbalance(p, q.TestProbabilities()))
			row = append(row, plusMinus(metrics.Confidence(p).Estimate(q.Run.Seed)), plusMinus(imbalance.Estimate(q.Run.Seed)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// WayTable compares the extrapolated Fréchet distances of sets in a space with that of a rival: as
// ratios, and as shares of the way from a set to the rival. A set is worse or better where the
// intervals do not meet.
func (q *Quality) WayTable(space Space, from, rival SampleSet, sets ...SampleSet) Table {
	t := Table{Header: []string{"in the space: " + string(space), fmt.Sprintf("d² / that of the %s", rival.Name), fmt.Sprintf("than the %s", rival.Name),
		fmt.Sprintf("share of the way from %s", from.Name)}}
	for _, s := range q.Available(sets...) {
		ofRival, e := q.Frechet(rival, space).Extrapolated, q.Frechet(s, space).Extrapolated
		verdict := "neither worse nor better"
		if apart(e, ofRival) {
			verdict = map[bool]string{true: "worse", false: "better"}[e.Value > ofRival.Value]
		}
		way := q.Way(space, from, rival, s)
		t.Rows = append(t.Rows, []any{s.Name, fmt.Sprintf("%.3g", e.Value/ofRival.Value), verdict, fmt.Sprintf("%.3f ± %.3f", way.Value, (way.High-way.Low)/2)})
	}
	return t
}

// NoveltyTable lists the shares of copies among sets, and how far their images are from the train
// images.
func (q *Quality) NoveltyTable(sets ...SampleSet) Table {
	t := Table{Header: []string{"samples", "looked for", "share of copies [95 %]", "median distance to the nearest train image [95 %]"}}
	for _, s := range q.Available(sets...) {
		n := q.Novelty(s)
		t.Rows = append(t.Rows, []any{s.Name, min(q.Looked, q.Samples(s).Len()), interval(n.Copies, 4), interval(n.Distance, 1)})
	}
	return t
}
