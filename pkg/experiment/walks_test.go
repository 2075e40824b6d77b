package experiment

import (
	"math"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// testWalks are few walks of few procedural digits.
func testWalks(t *testing.T) Walks {
	t.Helper()
	return Walks{Run: testStudy(t).Run, Images: 6, Seed: 5, Tests: 10,
		Sampler: diffusion.Heun{}, Schedule: diffusion.Karras{}, Steps: 6, Low: 0.02, High: 80}
}

func near(t *testing.T, what string, got, want []float64, off float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= off) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}

// Machines of families that are read from the table of the combined one are those that are fitted
// to their own.
func TestFamilyMachine(t *testing.T) {
	s := testStudy(t)
	for _, d := range []Denoiser{FamilyMachine("band-tied", 2, 3, 100), FamilyMachine("combined", 3, 3, 100), FamilyMachine("local-coupled", 3, 0, 100), FamilyMachine("linear", 1, 3, 100)} {
		structure, _ := d.Structure()
		for i, trial := range s.Trials(Machine("alone", structure, 100)) {
			near(t, d.Name, s.Trials(d)[i].Denoised, trial.Denoised, 1e-6)
		}
	}
	if d := FamilyMachine("linear", 1, 3, 100); d.Name != "linear" || Suffixed(", 1", d)[0].Name != "linear, 1" || d.Named("x").Recipe != d.Recipe {
		t.Error("names")
	}
}

// A machine that is tuned over one candidate is the machine of these settings, and over two that of
// one of them.
func TestTuned(t *testing.T) {
	s := testStudy(t)
	d := FamilyMachine("band-tied", 3, 2, 100)
	candidates := analytic.Grid(1e-4, 10)
	one := d.Tuned(20, candidates[1:])
	for i, trial := range s.Trials(d.WithSettings(candidates[1])) {
		near(t, "one candidate", s.Trials(one)[i].Denoised, trial.Denoised, 1e-9)
	}
	run, both := s.Run, d.Tuned(20, candidates)
	for i, trial := range s.Trials(both) {
		if !slices.ContainsFunc(candidates, func(settings analytic.Settings) bool {
			return floats.EqualApprox(trial.Denoised, s.Trials(d.WithSettings(settings))[i].Denoised, 1e-9)
		}) {
			t.Errorf("at sigma %v a tuned machine is that of neither candidate", s.Sigmas[i])
		}
	}
	if reflect.DeepEqual(one.Key(run), both.Key(run)) || reflect.DeepEqual(one.Key(run), d.Tuned(10, candidates[1:]).Key(run)) {
		t.Error("machines tuned over other candidates or images are one")
	}
	if !reflect.DeepEqual(one.Key(run), d.Tuned(20, candidates[1:]).Key(run)) {
		t.Error("the same tuned machine is two")
	}
}

// Samples are those of package diffusion, states end there, and a handover beyond the walk's levels
// is one of the two denoisers.
func TestWalks(t *testing.T) {
	w := testWalks(t)
	d, line := FamilyMachine("cross-scale", 3, 4, 100), FamilyMachine("independent", 1, 4, 100)
	m := d.Recipe.(machine).guarded(w.Run, "")
	want, err := diffusion.Draw(t.Context(), m, diffusion.Heun{}, 6, w.Levels(), diffusion.Run{Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "samples", w.Samples(d), want, 1e-9)
	if !reflect.DeepEqual(w.GuardUses(d), m.Uses()) || w.GuardUses(Ideal(5)) != nil {
		t.Errorf("the guard acts %v, want %v", w.GuardUses(d), m.Uses())
	}
	states := w.States(d)
	if len(states) != 7 || states[0].Sigma != w.Levels()[0] || states[6].Denoised != nil {
		t.Fatalf("%d states", len(states))
	}
	near(t, "the end", states[6].X, want, 1e-9)
	near(t, "below all levels", w.Samples(Handover("", d, line, 0.001)), want, 1e-9)
	near(t, "above all levels", w.Samples(Handover("", line, d, 100)), want, 0) // but the mean, which is the same
	half := w.Samples(Handover("", line, d, 1))
	if slices.Equal(half, want) || slices.Equal(half, w.Samples(line)) {
		t.Error("a handover at 1 is one of the two denoisers")
	}
	euler := w
	euler.Sampler = diffusion.Euler{}
	if slices.Equal(euler.Samples(d), want) {
		t.Error("samples by Euler's method are those by Heun's")
	}
	if by := w.By(Method{"Heun", diffusion.Heun{}, 2}, 11); by.Steps != 6 {
		t.Errorf("11 evaluations are %d steps", by.Steps)
	}
}

// What an ideal score expects of all images at much noise it expects of one at little; its walks
// end at train images, where what is expected is settled.
func TestIdealWalks(t *testing.T) {
	w := testWalks(t)
	d := Ideal(50)
	for _, counts := range w.Possible(d, 4) {
		if last := len(counts) - 1; counts[0] < 40 || counts[0] > 50 || math.Abs(counts[last]-1) > 1e-6 || last != 5 {
			t.Errorf("possible images %v of 50", counts)
		}
	}
	for _, n := range w.Nearest(d, 50) {
		if n.First > 1e-6 {
			t.Errorf("a walk ends %v away from all train images", n.First)
		}
	}
	for level, shares := range w.Settled(d) {
		if first, last := shares[0].Value(), shares[5].Value(); last != 1 || first > 0.5 {
			t.Errorf("level %d: from %v to %v are settled", level, first, last)
		}
	}
	if table := w.NearestTable(50, d); len(table.Rows) != 2 || table.Rows[1][2] != "0.0000" {
		t.Errorf("nearest %v", table.Rows)
	}
}

// A coefficient that is denoised alone, and linearly, moves as a Gaussian does: its deviation is
// short by sigma / sqrt(s^2 + sigma^2) where a walk begins around the mean at sigma, and around 0
// it is too bright.
func TestGaussianWalks(t *testing.T) {
	w := testWalks(t)
	w.Steps, w.Images = 100, 4
	d := FamilyMachine("independent", 1, 4, 100)
	for _, row := range w.BeginTable(d, 2, 20).Rows {
		var v [3]float64
		for i := range v {
			v[i], _ = strconv.ParseFloat(row[1+i].(string), 64)
		}
		if math.Abs(v[0]-v[1]) > 2e-3 || v[0] < 0.01 || v[2] != 0 {
			t.Errorf("walks begin at %v: too bright by %v", row[0], v)
		}
	}
	images := first(w.Run, 100)
	s2 := metrics.LevelVariances(w.transform(), images.Batch(nil, 0, 100))[0].Value() * 99 / 100
	shrunk := func(sigma float64) float64 { return sigma * sigma / (s2 + sigma*sigma) }
	got := w.From(10).Variances(d)[0].Value() / w.Variances(d)[0].Value()
	if want := shrunk(10) / shrunk(80); math.Abs(got-want) > 0.01*want {
		t.Errorf("from 10 the variance of the mean pixel is %v of that from 80, want %v", got, want)
	}
}

// Linear machines lose no walk, and what is lost of others stays lost.
func TestLost(t *testing.T) {
	w := testWalks(t)
	w.Steps = 12
	for _, s := range w.Lost(FamilyMachine("combined", 1, 4, 100)) {
		if s.Value != 0 {
			t.Errorf("a linear machine loses %v of its walks", s.Value)
		}
	}
	// Of 100 images a cubic machine without a ridge loses walks.
	wild := FamilyMachine("band-tied", 3, 4, 100).WithSettings(analytic.Grid(1e-9)[0])
	lost := w.Lost(wild)
	before := 0.0
	for i, s := range lost {
		if s.Value < before || s.Value > 1 {
			t.Errorf("of level %d %v are lost, and %v before", i, s.Value, before)
		}
		before = s.Value
	}
	if before == 0 || len(lost) != 12 {
		t.Errorf("%v are lost at the last of %d levels", before, len(lost))
	}
	figure := w.Losses("", wild)
	if y := figure.Series[0].Y; y[0] != 0 || y[len(y)-1] != before || figure.Series[0].X[0] > 1 {
		t.Errorf("losses are drawn as %v", y)
	}
}

// The distances of train images are less than those of machines, which are less than 1.
func TestDistances(t *testing.T) {
	w := testWalks(t)
	w.Images = 40
	machine := w.Distances(FamilyMachine("combined", 1, 4, 100))
	for k, d := range w.TrainDistances(120) {
		if !(d < machine[k] && machine[k] < 1) {
			t.Errorf("at %d pixels a side train images are at %v, samples at %v", w.Sides()[k], d, machine[k])
		}
	}
}

// Every figure of walks can be drawn, and every table has a cell for each column.
func TestWalkFigures(t *testing.T) {
	w := testWalks(t)
	line, cube := FamilyMachine("independent", 1, 4, 100), FamilyMachine("independent", 3, 4, 100).Named("cubic")
	methods := []Method{{"Heun", diffusion.Heun{}, 2}, {"Euler", diffusion.Euler{}, 1}}
	missing := Network("U-Net", "none")
	grid := w.Grid(2, line, missing, cube)
	if !slices.Equal(grid.RowLabels, []string{"independent", "cubic"}) {
		t.Errorf("rows %q", grid.RowLabels)
	}
	grid = w.WithNearest(grid, cube, 100)
	figures := map[string]viz.Figure{
		"trajectory": w.Trajectory(cube, 1, 4), "settled": w.SettledByLevel(cube), "grid": grid,
		"side by side": w.SideBySide(2, []Denoiser{line, cube}, []Denoiser{cube, line}), "distances": w.DistanceMap(100, line, cube),
		"variances": w.VarianceBars(line, cube), "losses": w.Losses("lost", line, cube), "guard": w.GuardRates(line, cube, Ideal(5)),
		"errors": w.IntegrationErrors(line, w.By(methods[0], 80), []int{8, 16}, methods...), "quality": w.MethodDistances(line, []int{8, 16}, methods...),
		"possible": w.PossibleImages(Ideal(20), 3),
	}
	for name, figure := range figures {
		if _, err := viz.NewDrawing(figure); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	size := w.Run.Shape().Size()
	side := figures["side by side"].(viz.Grid)
	if !slices.Equal(side.Images[2*size:3*size], w.Samples(line)[size:2*size]) || side.Columns != 4 {
		t.Error("the third image is not the second sample of the first denoiser")
	}
	if n := len(figures["trajectory"].(viz.Grid).ColumnLabels); n != 2 {
		t.Errorf("%d of 7 states by fours", n)
	}
	errors := figures["errors"].(viz.Lines)
	for _, s := range errors.Series {
		if s.Y[1] >= s.Y[0] {
			t.Errorf("%s: errors %v of more and more evaluations", s.Name, s.Y)
		}
	}
	for _, table := range []Table{w.BeginTable(line, 2), w.MeanPixelTable(line), w.LossTable("machine", line, cube), w.MethodTable(line, 8, methods...), w.NearestTable(100, line)} {
		for _, row := range table.Rows {
			if len(row) != len(table.Header) || len(table.Rows) == 0 {
				t.Errorf("%q: a row of %d cells in %d columns", table.Header, len(row), len(table.Header))
			}
		}
	}
}
