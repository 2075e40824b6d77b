package risk

import (
	"math"
	"slices"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

// Over all bands the worth of a term is that of the risks of analytic.Machine.Ablate per pixel; the
// levels of the transform hold each band once.
func TestWorths(t *testing.T) {
	b, f := testBench(t), gates.With(joined)
	for _, sigma := range b.Sigmas {
		shares, whole, least, err := b.Machine(f).Ablate(t.Context(), b.Test(f), sigma)
		if err != nil {
			t.Fatal(err)
		}
		worths := b.Worths(f, sigma, BandSets(b.Layout())...)
		if len(worths) != len(shares)-1 { // without y_c itself
			t.Errorf("%d of %d terms", len(worths), len(shares))
		}
		for _, w := range worths {
			k := slices.IndexFunc(shares, func(s analytic.Share) bool { return s.Term == w.Term })
			left, added := 100*(shares[k].LeftOut.PerPixel/whole.PerPixel-1), 100*(1-shares[k].AddedIn.PerPixel/least.PerPixel)
			if math.Abs(left-w.Left) > 1e-6 || math.Abs(added-w.Added) > 1e-6 {
				t.Errorf("%v is worth %v and %v, want %v and %v", w, w.Left, w.Added, left, added)
			}
		}
		if !slices.IsSortedFunc(worths, func(v, w Worth) int { return kindOrder(v.Term.Kind) - kindOrder(w.Term.Kind) }) {
			t.Errorf("the order of terms is %v", worths)
		}
	}
	levels := b.byLevel()
	if len(levels) != b.Layout().Levels+1 {
		t.Fatalf("%d levels", len(levels))
	}
	for l, level := range levels {
		want := map[bool]int{true: 1, false: 3}[l == 0]
		if len(level) != want {
			t.Errorf("level %d has %d sets of bands, want %d", l, len(level), want)
		}
	}
}

func kindOrder(k moments.Kind) int {
	return slices.Index([]moments.Kind{moments.Self, moments.OtherOrientation, moments.SpatialNeighbour, moments.Ancestor}, k)
}

// A reversal is the smallest share that the best term of one level has of the best at another.
func TestReversal(t *testing.T) {
	b, f := testBench(t), gates.With(joined)
	r, share := b.Reversal(f), 1.0
	for _, sigma := range b.Sigmas {
		here := b.Worths(f, sigma, BandSets(b.Layout())...)
		best := slices.MaxFunc(here, func(v, w Worth) int { return int(1e9 * (v.Added - w.Added)) })
		for _, other := range b.Sigmas {
			var there, top float64
			for _, w := range b.Worths(f, other, BandSets(b.Layout())...) {
				if top = max(top, w.Added); w.Term == best.Term {
					there = w.Added
				}
			}
			share = min(share, there/top)
		}
	}
	if math.Abs(r.Share-share) > 1e-9 {
		t.Errorf("%+v: want the share %v", r, share)
	}
	if one := b.At(0.5).Reversal(f); one.Share != 1 || one.Most != 0.5 {
		t.Errorf("at one level the reversal is %+v", one)
	}
}

// Terms of order 1 make the linear machine, and those of all orders the whole one, but for what the
// ridge penalises.
func TestOrderErrors(t *testing.T) {
	b, f := testBench(t), gates.With(turned)
	for _, c := range []struct {
		order     int
		want      []float64
		tolerance float64
	}{{1, b.Errors(lines.With(turned)), 1e-6}, {3, b.Errors(f), 0.05}} {
		for i, got := range b.OrderErrors(f, c.order) {
			if math.Abs(got/c.want[i]-1) > c.tolerance {
				t.Errorf("order %d at sigma %v: error %v, want %v", c.order, b.Sigmas[i], got, c.want[i])
			}
		}
	}
}

// With cumulants up to order 2 the machine is the linear one, whatever its terms, and with all of
// them it is itself. Under strong noise no coefficient is impossible.
func TestTruncate(t *testing.T) {
	b := testBench(t)
	for _, f := range []moments.Family{cubes.With(alone), cubes.With(turned)} {
		machine := lab.Must1(analytic.NewMachine(b.Train(f), analytic.Default()))
		for i, sigma := range b.Sigmas {
			whole := lab.Must1(machine.Risk(t.Context(), b.Test(f), sigma, sigma)).PerPixel
			for order, want := range map[int]float64{2: b.Errors(lines.With(f.Neighbourhood))[i], 6: whole} {
				c := b.Truncate(f, order, sigma)
				if math.Abs(c.Error/want-1) > 1e-4 || c.Impossible > 0 || c.Coefficients != b.Layout().Len() {
					t.Errorf("%v with cumulants up to %d at sigma %v: %+v, want the error %v", f, order, sigma, c, want)
				}
			}
		}
		weak, strong := b.Truncate(f, 3, 0.2), b.Truncate(f, 3, 20)
		if weak.Impossible == 0 || strong.Impossible > 0 {
			t.Errorf("%v with cumulants up to 3: %d impossible coefficients at sigma 0.2 and %d at 20", f, weak.Impossible, strong.Impossible)
		}
	}
}

// The figures and tables of ablations can be drawn.
func TestAblationFigures(t *testing.T) {
	b, f := testBench(t), gates.With(joined)
	strong := b.At(0.05, 2, 5)
	shares := strong.CumulantShares([]int{3, 4}, cubes.With(alone), cubes.With(turned))
	for _, figure := range []viz.Panels{b.Worth(f), b.WorthByLevel(f, 0.2, 0.5, 1), b.Orders(f, cubes.With(alone)), shares} {
		if _, err := viz.NewDrawing(figure); err != nil {
			t.Errorf("%s: %v", figure.Title, err)
		}
	}
	for _, panel := range shares.Figures {
		for _, series := range panel.(viz.Lines).Series {
			if last := len(series.X) - 1; series.X[last] != 5 || math.Abs(series.Y[last]-1) > 0.5 {
				t.Errorf("%s of %s at sigma %v is %v", series.Name, panel.(viz.Lines).Title, series.X[last], series.Y[last])
			}
		}
	}
	for _, table := range []experiment.Table{b.WorthTable(f), strong.ImpossibleTable([]int{3, 4}, cubes.With(alone))} {
		if len(table.Rows) < 2 {
			t.Errorf("%q: %d rows", table.Header, len(table.Rows))
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Header) {
				t.Errorf("%q: a row of %d cells in %d columns", table.Header, len(row), len(table.Header))
			}
		}
	}
}
