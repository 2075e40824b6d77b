package risk

import (
	"context"
	"fmt"

	"wavescore/pkg/dataset"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

// A Win says which of some families has the least error at a noise level.
type Win struct {
	Sigma float64
	Best  moments.Family
	Next  moments.Family   // the one of the others with the least error
	Lead  metrics.Estimate // per cent of the error of Next by which that of Best is smaller
	Sure  bool             // beyond chance: its lead over each of the others has an interval above 0
}

// Wins are those of several noise levels and kinds of terms, and of some neighbourhoods.
type Wins struct {
	Bench          *Bench
	Kinds          []moments.Family // with any neighbourhood
	Neighbourhoods []moments.Neighbourhood
	Of             []Win // kind after kind, one a noise level
}

// groupsOfTest is how many groups the test images are cut into for intervals. The errors of a group
// are exact over the noise, and the groups are drawn with replacement in the place of the images.
const groupsOfTest = 20

// Lead returns by how much the error of one family is below that of another, in per cent of the
// other's, at noise level i. The difference is paired: both are measured on the same images. Its
// interval is that of a bootstrap over 20 groups of test images. It covers the choice of these, and
// not that of the train images.
func (b *Bench) Lead(one, other moments.Family, i int) metrics.Estimate {
	return b.lead(one, other, union(one, other), i)
}

// lead is Lead, with the moments of the groups read from tables of a family that holds both.
func (b *Bench) lead(one, other, both moments.Family, i int) metrics.Estimate {
	from, to := b.bounds(allTest)
	edges := cuts(to - from)
	of, than := b.groupErrors(one, both)[i], b.groupErrors(other, both)[i]
	rows := make([][]float64, len(of))
	for g := range rows {
		images := float64(edges[g+1] - edges[g])
		rows[g] = []float64{of[g] * images, than[g] * images}
	}
	return metrics.NewStatistic(rows, func(sums []float64) float64 { return 100 * (1 - sums[0]/sums[1]) }).Estimate(b.Run.Seed)
}

// cuts returns the edges of the groups of n images.
func cuts(n int) []int {
	groups := min(groupsOfTest, n)
	edges := make([]int, groups+1)
	for g := range edges {
		edges[g] = n * g / groups
	}
	return edges
}

// groupErrors returns the errors per pixel of the machine of a family, noise level by noise level,
// on each group of test images, from tables of a family that holds it.
func (b *Bench) groupErrors(f, whole moments.Family) [][]float64 {
	type key struct{ moments.Family }
	return once(&b.machines, key{f}, func() [][]float64 {
		return lab.Must1(lab.Cached("group-errors", []any{b.key(f), b.of(allTest), groupsOfTest, b.Sigmas}, func() ([][]float64, error) {
			errors := make([][]float64, len(b.Sigmas))
			for _, table := range b.groupTables(whole) {
				table, err := table.Restrict(f)
				if err != nil {
					return nil, err
				}
				for i, sigma := range b.Sigmas {
					risk, err := b.Machine(f).Risk(context.Background(), table, sigma, sigma)
					if err != nil {
						return nil, err
					}
					errors[i] = append(errors[i], risk.PerPixel)
				}
			}
			return errors, nil
		}))
	})
}

// groupTables returns the moments of a family of each group of test images.
func (b *Bench) groupTables(f moments.Family) []*moments.Moments {
	type key struct{ moments.Family }
	return once(&b.tables, key{f}, func() (tables []*moments.Moments) {
		spec, images := b.spec(f, allTest), b.images(allTest)
		edges, report := cuts(images.Len()), lab.Progress("moments of groups of test images")
		for g := range len(edges) - 1 {
			group := images.Slice(edges[g], edges[g+1])
			tables = append(tables, lab.Must1(moments.Collect(context.Background(), spec, group, fmt.Sprint(dataset.Test), nil)))
			report(g+1, len(edges)-1)
		}
		return tables
	})
}

// union returns a family that holds others, which are of one sharing and of powers or gated terms.
func union(families ...moments.Family) moments.Family {
	all := families[0]
	for _, f := range families[1:] {
		n, m := &all.Neighbourhood, f.Neighbourhood
		n.Orientations, n.Channels = n.Orientations || m.Orientations, n.Channels || m.Channels
		n.Radius, n.Parents, n.Context = max(n.Radius, m.Radius), max(n.Parents, m.Parents), max(n.Context, m.Context)
		if f.Degree > 1 && f.Terms != moments.Powers || all.Degree == 1 {
			all.Terms = f.Terms
		}
		all.Degree = max(all.Degree, f.Degree)
	}
	return all
}

// Best returns which of some families has the least error at noise level i.
func (b *Bench) Best(i int, families ...moments.Family) Win {
	return b.best(i, union(families...), families)
}

func (b *Bench) best(i int, whole moments.Family, families []moments.Family) Win {
	win := Win{Sigma: b.Sigmas[i], Best: families[0], Next: families[0], Sure: true}
	risk := func(f moments.Family) float64 { return b.risk(f, allTest, win.Sigma, win.Sigma).PerPixel }
	for _, f := range families[1:] {
		if risk(f) < risk(win.Best) {
			win.Best = f
		}
	}
	for _, f := range families {
		if f != win.Best && (win.Next == win.Best || risk(f) < risk(win.Next)) {
			win.Next = f
		}
	}
	for _, f := range families {
		win.Sure = win.Sure && (f == win.Best || b.lead(win.Best, f, whole, i).Above(0))
	}
	win.Lead = b.lead(win.Best, win.Next, whole, i)
	return win
}

// Wins compares neighbourhoods with each kind of terms at each noise level.
func (b *Bench) Wins(kinds []moments.Family, neighbourhoods ...moments.Neighbourhood) Wins {
	all := Wins{Bench: b, Kinds: kinds, Neighbourhoods: neighbourhoods}
	families := make([][]moments.Family, len(kinds))
	var every []moments.Family
	for k, kind := range kinds {
		families[k] = Families(kind, neighbourhoods...)
		every = append(every, families[k]...)
	}
	whole := union(every...)
	for k := range kinds {
		for i := range b.Sigmas {
			all.Of = append(all.Of, b.best(i, whole, families[k]))
		}
	}
	return all
}

// Table names the family of least error at each noise level, with each kind of terms, and by how
// many per cent it is below the next. A question mark stands where that is not beyond chance.
func (w Wins) Table() experiment.Table {
	t := experiment.Table{Header: []string{"least error, and how far below the next"}}
	for _, kind := range w.Kinds {
		t.Header = append(t.Header, termsName(kind))
	}
	levels := len(w.Bench.Sigmas)
	for i, label := range viz.Labels(w.Bench.Sigmas) {
		row := []any{"σ = " + label}
		for k := range w.Kinds {
			win := w.Of[k*levels+i]
			row = append(row, fmt.Sprintf("%s%s, %s %%", familyName(win.Best), map[bool]string{false: " (?)"}[win.Sure], rounded(win.Lead)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// rounded writes an estimate with its interval to three significant digits.
func rounded(e metrics.Estimate) string {
	labels := viz.Labels([]float64{e.Value, e.Low, e.High})
	return fmt.Sprintf("%s [%s, %s]", labels[0], labels[1], labels[2])
}

// Count returns how often a neighbourhood wins beyond chance and by so many per cent or more.
func (w Wins) Count(n moments.Neighbourhood, least float64) (wins int) {
	for _, win := range w.Of {
		if win.Best.Neighbourhood == n && win.Sure && win.Lead.Value >= least {
			wins++
		}
	}
	return wins
}

// Tally counts the wins of each neighbourhood: all, those beyond chance, and those of them by so
// many per cent or more.
func (w Wins) Tally(least float64) experiment.Table {
	t := experiment.Table{Header: []string{fmt.Sprintf("%s, %d cases", w.Bench.Run.Name(), len(w.Of)), "least error", "beyond chance", fmt.Sprintf("and by %v %% or more", least)}}
	for _, n := range w.Neighbourhoods {
		all := 0
		for _, win := range w.Of {
			if win.Best.Neighbourhood == n {
				all++
			}
		}
		t.Rows = append(t.Rows, []any{n.Name(), fmt.Sprint(all), fmt.Sprint(w.Count(n, -1e9)), fmt.Sprint(w.Count(n, least))})
	}
	return t
}
