package experiment

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

// testStudy is a study of few procedural digits, with a cache of its own.
func testStudy(t *testing.T) *Study {
	t.Helper()
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	t.Setenv("WAVESCORE_HEADLESS", "1")
	run := lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 120, Test: 12, Seed: 3})
	return &Study{Run: run, Sigmas: []float64{0.2, 1}, Images: 10}
}

// small is a machine of a small neighbourhood on one level of Haar.
func small(images int) Denoiser {
	structure := analytic.UNetMimic()
	structure.Family.Neighbourhood = moments.Neighbourhood{Orientations: true, Parents: 1}
	return Machine("small", structure, images)
}

var (
	kinds   = conditional.Family{Block: 4, Window: 4, Components: 3, Sharing: conditional.Everywhere}
	several = []Denoiser{small(100), Wiener(100), Ideal(50), Mixture("mixture", kinds, 100)}
)

// What a study keeps of a denoiser is what the denoiser itself makes of the same noisy images.
func TestTrials(t *testing.T) {
	s := testStudy(t)
	for _, d := range several {
		for i, trial := range s.Trials(d) {
			want, err := metrics.Run(context.Background(), s.Make(d), metrics.Set{Images: s.Run.TestImages().Slice(0, 10), Seed: 3}, s.Sigmas[i])
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(trial, want) {
				t.Errorf("%s at sigma %v: another trial than that of metrics.Run", d.Name, s.Sigmas[i])
			}
		}
		again := &Study{Run: s.Run, Sigmas: []float64{1}, Images: 10} // reads what is kept
		if !slices.Equal(again.Trials(d)[0].Denoised, s.Trials(d)[1].Denoised) {
			t.Errorf("%s: what is read is not what was computed", d.Name)
		}
		if _, made := again.denoisers.Load(d); made {
			t.Errorf("%s is made although all that was asked for is kept", d.Name)
		}
	}
}

// Two denoisers share what is kept if and only if they are made of the same.
func TestInputs(t *testing.T) {
	s := testStudy(t)
	renamed := small(100)
	renamed.Name = "another name"
	if !reflect.DeepEqual(s.inputs(renamed), s.inputs(small(100))) {
		t.Error("a name counts")
	}
	if !reflect.DeepEqual(s.inputs(small(100).Kept()), s.inputs(small(100))) {
		t.Error("it counts whether the moments are kept")
	}
	// A network is known by its weights.
	root := t.TempDir()
	t.Setenv("WAVESCORE_ROOT", root)
	run := lab.Run{Data: "digits", Side: 16}
	path, _ := run.Network("unet")
	var keys []any
	for _, weights := range []string{"one", "other", "one"} {
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(weights), 0o644)); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, Network("U-Net", "unet").Key(run))
	}
	if keys[0] == keys[1] || keys[0] != keys[2] {
		t.Errorf("the keys of three files of which the first and the last are equal: %q", keys)
	}
	different := append(slices.Clone(several), small(99), Ideal(49), small(100).Without(analytic.Scales),
		Mixture("mixture", conditional.Family{Block: 4, Window: 6, Components: 3}, 100))
	for i, a := range different {
		for _, b := range different[:i] {
			if reflect.DeepEqual(s.inputs(a), s.inputs(b)) {
				t.Errorf("%+v and %+v are one", a, b)
			}
		}
	}
	if !reflect.DeepEqual(s.inputs(small(120)), s.inputs(small(500))) {
		t.Error("machines of all 120 images are two")
	}
}

// A machine without an ingredient, whose moments are read from the whole one's, is the machine that
// is fitted to its own.
func TestWithout(t *testing.T) {
	s := testStudy(t)
	whole := small(100)
	for _, ingredient := range whole.Ingredients() {
		part := whole.Without(ingredient)
		structure, ok := part.Structure()
		if whole, _ := whole.Structure(); !ok || structure != whole.Without(ingredient) {
			t.Fatalf("without %s: %+v", ingredient, structure)
		}
		alone := Machine("alone", structure, 100)
		for i, trial := range s.Trials(alone) {
			y := trial.Noisy
			a, b := make([]float64, len(y)), make([]float64, len(y))
			for d, dst := range map[Denoiser][]float64{part: a, alone: b} {
				if err := s.Make(d).Denoise(context.Background(), dst, y, s.Sigmas[i]); err != nil {
					t.Fatal(err)
				}
			}
			for p := range a {
				if math.Abs(a[p]-b[p]) > 1e-6 {
					t.Fatalf("without %s at sigma %v: pixel %d is %v, of a fit alone %v", ingredient, s.Sigmas[i], p, a[p], b[p])
				}
			}
		}
	}
	if Ideal(3).Ingredients() != nil {
		t.Error("the ideal score has ingredients")
	}
	tied := Machine("tied", analytic.CNNMimic(), 100).Without(analytic.Sharing)
	if m := tied.Recipe.(machine); m.Train != 3000 || m.Mimic.Settings != analytic.UNetMimic().Settings {
		t.Errorf("without shared weights a machine is fitted as %+v", m)
	}
}

// A denoiser leads another by as much as that one lags behind, explains all of itself, and is the
// closest to itself but for itself.
func TestComparisons(t *testing.T) {
	s := testStudy(t)
	target, a, b := several[0], several[1], several[2]
	for i := range s.Sigmas {
		if e := s.Explained(target, target, metrics.Score, i).Value(); e != 1 {
			t.Errorf("a denoiser explains %v of itself", e)
		}
		ab, ba := s.Lead(target, a, b, i), s.Lead(target, b, a, i)
		if math.Abs(ab.Value+ba.Value) > 1e-9 || math.Abs(ab.Low+ba.High) > 0.05*(ab.High-ab.Low) {
			t.Errorf("a lead of %v one way and %v the other", ab, ba)
		}
		want := 100 * (s.Explained(target, a, metrics.Score, i).Value() - s.Explained(target, b, metrics.Score, i).Value())
		if math.Abs(ab.Value-want) > 1e-9 {
			t.Errorf("a lead of %v points, want %v", ab.Value, want)
		}
		closest := s.Closest(target, several, i)
		for _, d := range several[1:] {
			if s.Explained(target, d, metrics.Score, i).Value() > s.Explained(target, closest, metrics.Score, i).Value() {
				t.Errorf("%s is closer than the closest, %s", d.Name, closest.Name)
			}
		}
		if closest == target {
			t.Error("a denoiser is the closest to itself")
		}
		if leads := s.Leads(target, target, b); !slices.Equal(leads, s.Sigmas) {
			t.Errorf("a denoiser explains more of itself than another at %v only", leads)
		}
	}
}

func TestLevels(t *testing.T) {
	s := &Study{Sigmas: []float64{0.1, 0.5, 2}}
	for want, holds := range map[string]func(i int) bool{
		"no level":        func(int) bool { return false },
		"σ = 0.1, 0.5, 2": func(int) bool { return true },
		"σ = 0.5":         func(i int) bool { return i == 1 },
	} {
		if got := fmt.Sprint(s.Where(holds)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// Networks that the images have none of are left out everywhere, and what is asked for of a target
// falls to the next.
func TestAvailable(t *testing.T) {
	t.Setenv("WAVESCORE_ROOT", t.TempDir()) // without networks
	s := &Study{Run: lab.Run{Data: "digits"}}
	net, ideal := Network("U-Net", "unet"), Ideal(3)
	if got := s.Available(net, ideal); !slices.Equal(got, []Denoiser{ideal}) {
		t.Errorf("there are %v", got)
	}
	if s.First(net, ideal) != ideal {
		t.Error("the first is not there")
	}
	if n := len(s.Networks(net).Rows); n != 0 {
		t.Errorf("%d rows of networks", n)
	}
}

// Fingerprints are those of package metrics, of the first images; the mimic of a CNN commutes with
// shifts, and the ideal score does not.
func TestFingerprints(t *testing.T) {
	s := testStudy(t)
	mimic := Machine("CNN mimic", analytic.CNNMimic(), 100)
	if got := s.Commutes(mimic); !slices.Equal(got, s.Sigmas) {
		t.Errorf("a spun machine commutes with shifts at %v", got)
	}
	if got := s.Commutes(Ideal(50)); len(got) > 0 {
		t.Errorf("the ideal score commutes with shifts at %v", got)
	}
	set := metrics.Set{Images: s.Run.TestImages(), Seed: 3}
	for i, f := range s.Fingerprints(mimic) {
		place, err := metrics.PositionDependence(context.Background(), s.Make(mimic), set, s.Sigmas[i], placeShifts)
		if err != nil || place.Estimate(3) != f.Place {
			t.Errorf("position dependence %v, want %v (%v)", f.Place, place.Estimate(3), err)
		}
		for j, row := range f.Shares {
			var sum float64
			for _, share := range row {
				sum += share
			}
			if math.Abs(sum-1) > 1e-9 {
				t.Errorf("the shares of level %s sum to %v", f.Levels[j], sum)
			}
		}
	}
	if got := s.Apart(EquivarianceError, mimic, Ideal(50)); !slices.Equal(got, s.Sigmas) {
		t.Errorf("the intervals of a denoiser that commutes with shifts and of one that does not meet except at %v", got)
	}
}

// A receptive field is drawn around its middle, whether it goes around the edges or ends there, and
// no further than images reach.
func TestReceptiveFields(t *testing.T) {
	s := testStudy(t)
	for _, edge := range []metrics.Edge{metrics.Wraps, metrics.Ends} {
		s := &Study{Run: s.Run, Sigmas: s.Sigmas, Images: 4, Edge: edge}
		for distance, want := range map[int]int{3: 3, 100: 7} {
			values := s.ReceptiveFields(0, distance, several[1]).Figures[0].(viz.HeatMap).Values
			if len(values) != 2*want+1 || len(values[0]) != 2*want+1 {
				t.Fatalf("edge %v, up to %d: %d x %d offsets", edge, distance, len(values), len(values[0]))
			}
			for _, row := range values {
				for _, v := range row {
					if v > values[want][want] {
						t.Errorf("edge %v: another pixel counts more than the pixel itself at sigma 0.2", edge)
					}
				}
			}
		}
	}
}

// Every figure can be drawn, shows the denoisers that it is given, in their order.
func TestFigures(t *testing.T) {
	s := testStudy(t)
	target, wiener := several[0], several[1]
	figures := map[string]viz.Figure{
		"errors": s.Errors(wiener, several...), "error and explained": s.ErrorAndExplained(target, wiener, several...),
		"image": s.OneImage(1, target, wiener), "samples": s.SampleGrid(2, target, wiener),
		"equivariance": s.Equivariance(target, wiener), "fields": s.ReceptiveFields(0, 3, target, wiener),
		"couplings": s.Couplings(1, target, wiener), "quantities": s.QuantityPanels(Quantities(), target, wiener),
	}
	changed, moved := s.Changed(wiener, target, target.Without(analytic.Products), 1)
	figures["changed"] = changed
	for name, figure := range figures {
		if _, err := viz.NewDrawing(figure); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(changed.Figures) != 1+len(Quantities()) || len(moved) > len(changed.Figures) {
		t.Errorf("%d quantities are drawn and %d moved", len(changed.Figures), len(moved))
	}
	for i, series := range s.Errors(wiener, several...).Series {
		if series.Name != several[i].Name {
			t.Errorf("series %d is %s", i, series.Name)
		}
	}
	for _, y := range s.Errors(wiener, wiener).Series[0].Y {
		if y != 1 {
			t.Errorf("a denoiser's error is %v of its own", y)
		}
	}
	unexplained := s.Unexplained(target, metrics.Score, several...)
	if len(unexplained.Series) != len(several)-1 {
		t.Errorf("%d of %d denoisers beside the target", len(unexplained.Series), len(several))
	}
	curves := s.ErrorAndExplained(target, wiener, several...).Figures[0].(viz.Lines).Series
	if curves[len(curves)-1].Name != target.Name || len(curves) != len(several) {
		t.Error("the target is not the last of the errors")
	}
}

// Every table has a cell for each column.
func TestTables(t *testing.T) {
	s := testStudy(t)
	target, wiener := several[0], several[1]
	for _, table := range []Table{
		s.ErrorTable(several...), s.ExplainedTable(target, several...), s.LeadTable(target, wiener, several[2]),
		s.IngredientTable(wiener, target), s.IngredientLevels(wiener, target), s.ClosestTable(target, wiener, several...),
		s.ApartTable(target, wiener, several[2]),
	} {
		if len(table.Rows) == 0 {
			t.Errorf("%q: no rows", table.Header)
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Header) {
				t.Errorf("%q: a row of %d cells in %d columns", table.Header, len(row), len(table.Header))
			}
		}
	}
	stars := 0
	for _, row := range s.ExplainedTable(target, several...).Rows {
		for _, cell := range row {
			if text, ok := cell.(string); ok && len(text) > 3 && text[len(text)-3:] == "★" {
				stars++
			}
		}
	}
	if stars != len(s.Sigmas) {
		t.Errorf("%d stars at %d levels", stars, len(s.Sigmas))
	}
}

// Samples of a machine are those of its guarded form, from the noise of the run's seed.
func TestSamples(t *testing.T) {
	s := testStudy(t)
	d := small(100)
	m, err := analytic.NewMachine(d.Recipe.(machine).table(s.Run, ""), d.Recipe.(machine).Mimic.Settings)
	if err != nil {
		t.Fatal(err)
	}
	levels, err := diffusion.Karras{}.Levels(8, 0.02, 20)
	if err != nil {
		t.Fatal(err)
	}
	want, err := diffusion.Draw(context.Background(), m.Guard(), diffusion.Heun{}, 2, levels, diffusion.Run{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range s.Samples(d, 2) {
		if math.Abs(v-want[k]) > 1e-9 {
			t.Fatalf("pixel %d is %v, want %v", k, v, want[k])
		}
	}
}
