package risk

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

var (
	alone   = moments.Neighbourhood{}
	turned  = moments.Neighbourhood{Orientations: true}
	local   = moments.Neighbourhood{Radius: 1}
	joined  = moments.Neighbourhood{Orientations: true, Radius: 1, Parents: 1}
	lines   = moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	cubes   = moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerCoefficient}
	gates   = moments.Family{Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	ofKinds = []moments.Family{lines, cubes, gates}
)

// testRun is a run of few procedural digits, with a cache of its own.
func testRun(t *testing.T, train, test int) lab.Run {
	t.Helper()
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	t.Setenv("WAVESCORE_HEADLESS", "1")
	return lab.Setup(lab.Run{Data: "digits", Side: 16, Train: train, Test: test, Seed: 3})
}

// testBench is a bench of a test's run.
func testBench(t *testing.T, penalties ...float64) *Bench {
	t.Helper()
	run := testRun(t, 100, 50)
	return &Bench{Run: run, Filter: "haar", Levels: 2, Largest: gates.With(joined), Sigmas: []float64{0.2, 1}, Penalties: penalties}
}

// The errors of a bench are the exact risks of machines that are fitted to the images themselves.
func TestBenchErrors(t *testing.T) {
	for _, penalties := range [][]float64{nil, {0.01, 1}} {
		b := testBench(t, penalties...)
		tables := func(f moments.Family, from, to int) *moments.Moments {
			spec := moments.Spec{Family: f, Filter: "haar", Layout: b.Run.Layout(2)}
			if from > 0 {
				spec = b.Train(f).Spec()
			}
			return lab.Must1(moments.Collect(t.Context(), spec, b.Run.TrainImages().Slice(from, to), "train", nil))
		}
		for _, f := range []moments.Family{lines.With(local), gates.With(turned), gates.With(joined), cubes.With(moments.Neighbourhood{Radius: 2})} {
			machine := lab.Must1(analytic.NewMachine(tables(f, 0, 100), analytic.Default()))
			if penalties != nil {
				machine = lab.Must1(analytic.NewMachine(tables(f, 0, 80), analytic.Default()))
			}
			if penalties != nil && f.Degree > 1 {
				machine = lab.Must1(analytic.Tune(tables(f, 0, 80), tables(f, 80, 100), analytic.Grid(penalties...)))
			}
			probe := lab.Must1(moments.Collect(t.Context(), machine.Moments().Spec(), b.Run.TestImages(), "test", nil))
			for i, got := range b.Errors(f) {
				want := lab.Must1(machine.Risk(t.Context(), probe, b.Sigmas[i], b.Sigmas[i])).PerPixel
				if math.Abs(got/want-1) > 1e-6 {
					t.Errorf("penalties %v: (%v) at sigma %v: error %v, want %v", penalties, f, b.Sigmas[i], got, want)
				}
			}
		}
	}
}

// As a denoiser the machine of a family has the errors that the bench computes, up to the noise.
func TestBenchDenoiser(t *testing.T) {
	b := testBench(t)
	s := &experiment.Study{Run: b.Run, Sigmas: b.Sigmas, Images: 50}
	d := b.Denoiser("gated", gates.With(turned)).Named("band-tied")
	if d.Name != "band-tied" {
		t.Errorf("it is called %q", d.Name)
	}
	for i, want := range b.Errors(gates.With(turned)) {
		if got := s.Trials(d)[i].Error().Value(); math.Abs(got/want-1) > 0.05 {
			t.Errorf("at sigma %v the error is %v, the exact risk %v", b.Sigmas[i], got, want)
		}
	}
	wiener := experiment.Wiener(100)
	if better, worse := s.Better(d, wiener), s.Better(wiener, d); len(better)+len(worse) > len(s.Sigmas) || len(s.Better(d, d)) > 0 {
		t.Errorf("one is better at %v and the other at %v; it is better than itself at %v", better, worse, s.Better(d, d))
	}
	if got := d.Images(b.Run); got != 100 {
		t.Errorf("a denoiser of %d images, want 100", got)
	}
	if !d.Available(b.Run) || d.Available(lab.Run{Data: "digits", Side: 32}) {
		t.Error("a denoiser of images of another size is there, or one of this size is not")
	}
}

// Of a family that is within another the moments are read from its table.
func TestWithin(t *testing.T) {
	var families []moments.Family
	for _, n := range []moments.Neighbourhood{alone, turned, joined, {Context: moments.AllLevels}, {Orientations: true, Context: moments.AllLevels}} {
		for _, f := range append(slices.Clone(ofKinds), moments.Family{Terms: moments.Powers, Degree: 2, Sharing: moments.PerBand}) {
			families = append(families, f.With(n))
		}
	}
	b := testBench(t)
	for _, whole := range families {
		table := b.Test(whole)
		for _, f := range families {
			if _, err := table.Restrict(f); within(f, whole) && err != nil {
				t.Errorf("(%v) is within (%v), but %v", f, whole, err)
			}
		}
		if u := union(whole, gates.With(turned)); whole.Sharing == moments.PerCoefficient && (!within(whole, u) || !within(gates.With(turned), u)) {
			t.Errorf("(%v) does not hold (%v) and (%v)", u, whole, gates.With(turned))
		}
	}
}

// The lead of one family over another is that of their errors on all images, its interval has it
// inside, and the other lags behind as much.
func TestLead(t *testing.T) {
	b := testBench(t)
	one, other := gates.With(turned), gates.With(alone)
	for i := range b.Sigmas {
		e := b.Lead(one, other, i)
		want := 100 * (1 - b.Errors(one)[i]/b.Errors(other)[i])
		if math.Abs(e.Value-want) > 1e-6*math.Abs(want) || e.Low >= want || e.High <= want {
			t.Errorf("a lead of %v, want %v", e, want)
		}
		if back := b.Lead(other, one, i); (back.Value < 0) != (e.Value > 0) || back.Above(0) != e.Below(0) {
			t.Errorf("a lead of %v one way and of %v the other", e, back)
		}
		if self := b.Lead(one, one, i); self.Low != 0 || self.High != 0 {
			t.Errorf("a lead of %v over itself", self)
		}
	}
	if got := cuts(12); len(got) != 13 {
		t.Errorf("12 images make %d groups", len(got)-1)
	}
	if got := cuts(50); got[0] != 0 || got[groupsOfTest] != 50 || !slices.IsSorted(got) {
		t.Errorf("the edges of the groups of 50 images are %v", got)
	}
}

// Each case has one winner, which has the least error; the tally counts every win once.
func TestWins(t *testing.T) {
	b := testBench(t)
	wins := b.Wins(ofKinds, alone, turned, local)
	if len(wins.Of) != len(ofKinds)*len(b.Sigmas) {
		t.Fatalf("%d wins", len(wins.Of))
	}
	sum := 0
	for k, win := range wins.Of {
		kind, i := ofKinds[k/len(b.Sigmas)], k%len(b.Sigmas)
		errors := map[moments.Neighbourhood]float64{}
		for _, n := range wins.Neighbourhoods {
			errors[n] = b.Errors(kind.With(n))[i]
		}
		for n, e := range errors {
			if e < errors[win.Best.Neighbourhood] || n != win.Best.Neighbourhood && e < errors[win.Next.Neighbourhood] {
				t.Errorf("%v wins before %v, but %v has a smaller error", win.Best, win.Next, n)
			}
			if n != win.Best.Neighbourhood && win.Sure && !b.Lead(win.Best, kind.With(n), i).Above(0) {
				t.Errorf("%v is sure, but its lead over %v is not", win.Best, n)
			}
		}
		if win.Lead != b.Lead(win.Best, win.Next, i) || win.Best != b.Best(i, kind.With(alone), kind.With(turned), kind.With(local)).Best {
			t.Errorf("%+v: another lead or another winner than of this case alone", win)
		}
		if win.Sure {
			sum++
		}
	}
	counted, cases := 0, 0
	for _, n := range wins.Neighbourhoods {
		counted += wins.Count(n, 0)
	}
	for _, row := range wins.Tally(1).Rows {
		var n int
		fmt.Sscan(row[1].(string), &n)
		cases += n
	}
	if counted != sum || cases != len(wins.Of) {
		t.Errorf("%d of %d wins and %d of %d cases are counted", counted, sum, cases, len(wins.Of))
	}
	for _, table := range []experiment.Table{wins.Table(), wins.Tally(1), b.FamilyTable(gates.With(alone), gates.With(local))} {
		for _, row := range table.Rows {
			if len(row) != len(table.Header) {
				t.Errorf("%q: a row of %d cells in %d columns", table.Header, len(row), len(table.Header))
			}
		}
	}
}

// Figures can be drawn, and show what they are of: a family is as good as itself, and what is saved
// in all bands is what is saved.
func TestBenchFigures(t *testing.T) {
	b := testBench(t)
	pixels := b.In("haar", 0, gates.With(local))
	ratios := b.Ratios(lines.With(alone), []moments.Family{lines, gates}, alone, local)
	for _, y := range ratios.Figures[0].(viz.Lines).Series[0].Y {
		if y != 1 {
			t.Errorf("the error of a family is %v of its own", y)
		}
	}
	saved := Saved(gates.With(alone), b.Also("no such set", "digits"), gates.With(local))
	for i, y := range saved.Figures[0].(viz.Lines).Series[0].Y {
		if want := 100 * (1 - b.Errors(gates.With(local))[i]/b.Errors(gates.With(alone))[i]); math.Abs(y-want) > 1e-9 {
			t.Errorf("saved %v %%, want %v", y, want)
		}
	}
	for _, figure := range []viz.Panels{ratios, saved, InBases(lines.With(moments.Neighbourhood{Context: moments.AllLevels}), []*Bench{b, pixels}, gates.With(local)),
		b.SavedByBand(gates.With(alone), gates.With(local), gates.With(joined))} {
		if _, err := viz.NewDrawing(figure); err != nil {
			t.Errorf("%s: %v", figure.Title, err)
		}
	}
	risk := b.Risks(gates.With(local))[0]
	var sum float64
	for _, set := range BandSets(b.Layout()) {
		sum += set.Error(b.Layout(), risk)
	}
	if math.Abs(sum/floats.Sum(risk.Coefficients)-1) > 1e-9 {
		t.Errorf("the bands hold %v of %v", sum, floats.Sum(risk.Coefficients))
	}
	if b.Basis() != "haar, J = 2" || pixels.Basis() != "pixels" {
		t.Errorf("bases are called %q and %q", b.Basis(), pixels.Basis())
	}
}

// Under the published protocol a machine that is told the true noise level has the smaller error on
// images that it was fitted to, and all rows have the columns of the table.
func TestPublished(t *testing.T) {
	b := testBench(t)
	rows := b.PublishedRows(lines.With(moments.Neighbourhood{Context: moments.AllLevels}))
	table := PublishedTable(rows...)
	if len(table.Rows) != len(publishedErrors)+3 || b.HasPublished() {
		t.Errorf("%d rows; published errors are of digits: %t", len(table.Rows), b.HasPublished())
	}
	for _, row := range table.Rows {
		if len(row) != len(table.Header) {
			t.Errorf("a row of %d cells in %d columns", len(row), len(table.Header))
		}
	}
	for i := range publishedSigmas {
		if told, matched := rows[0][3+i].(float64), rows[1][3+i].(float64); matched >= told {
			t.Errorf("sigma %v: told the true level the error is %v, else %v", publishedSigmas[i], matched, told)
		}
	}
	if rows[0][1] != fmt.Sprint(dataset.Train) || rows[2][1] != fmt.Sprint(dataset.Test) {
		t.Errorf("rows of %v and %v images", rows[0][1], rows[2][1])
	}
}
