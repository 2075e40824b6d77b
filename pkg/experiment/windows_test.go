package experiment

import (
	"context"
	"math"
	"reflect"
	"testing"

	"wavescore/pkg/conditional"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/viz"
)

// testWindows are windows of two sizes in images of 16 x 16, fitted to 100 of 120.
func testWindows(s *Study) *Windows {
	return &Windows{Sides: []int{4, 8}, Components: 3, Settings: conditional.Settings{Shrink: 3, Floor: 1e-4, Seed: 1},
		Sigmas: s.Sigmas, Validation: 20}
}

// same fails unless two denoisers make the same of the study's noisy images.
func same(t *testing.T, s *Study, what string, got, want diffusion.Denoiser) {
	t.Helper()
	for _, sigma := range s.Sigmas {
		trial, err := s.set(s.Images).Trial(s.Run.Shape(), sigma)
		if err != nil {
			t.Fatal(err)
		}
		a, b := make([]float64, len(trial.Noisy)), make([]float64, len(trial.Noisy))
		for d, dst := range map[diffusion.Denoiser][]float64{got: a, want: b} {
			if err := d.Denoise(context.Background(), dst, trial.Noisy, sigma); err != nil {
				t.Fatal(err)
			}
		}
		for p := range a {
			if math.Abs(a[p]-b[p]) > 1e-9 {
				t.Fatalf("%s at sigma %v: pixel %d is %v, want %v", what, sigma, p, a[p], b[p])
			}
		}
	}
}

// The denoisers of windows are those that package conditional makes of the first and the last train
// images.
func TestWindows(t *testing.T) {
	s := testStudy(t)
	w, ctx := testWindows(s), context.Background()
	var fits []*conditional.Machine
	train, validation := s.Run.TrainImages().Slice(0, 100), s.Run.TrainImages().Slice(100, 120)
	for _, side := range w.Sides {
		family, err := conditional.Around(side, s.Run.Shape(), 3, conditional.PerSite)
		if err != nil {
			t.Fatal(err)
		}
		fit, err := conditional.Fit(ctx, family, s.Run.Shape(), train, w.Settings, nil)
		if err != nil {
			t.Fatal(err)
		}
		same(t, s, "blocks alone", s.Make(w.Blocks(side)), fit)
		fits = append(fits, fit)
	}
	levels, err := conditional.Weigh(ctx, fits, validation, s.Sigmas, s.Run.Seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := w.Levels(s.Run); !reflect.DeepEqual(got, levels) {
		t.Errorf("the weights are %+v, want %+v", got, levels)
	}
	all, err := conditional.Combine(fits, levels)
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, "all windows", s.Make(w.Average("all")), all)
	levels, err = conditional.Weigh(ctx, fits[1:], validation, s.Sigmas, s.Run.Seed, nil)
	if err != nil {
		t.Fatal(err)
	}
	one, err := conditional.Combine(fits[1:], levels)
	if err != nil {
		t.Fatal(err)
	}
	same(t, s, "one size", s.Make(w.Only(8)), one)

	part, err := conditional.Fit(ctx, fits[0].Families()[0], s.Run.Shape(), s.Run.TrainImages().Slice(30, 60), w.Settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	fitted := Fitted("part", fits[0].Families()[0], w.Settings, 30, 60)
	same(t, s, "images 30 to 60", s.Make(fitted), part)
	if fitted.Images(s.Run) != 30 || w.Only(4).Images(s.Run) != 100 {
		t.Error("another number of train images")
	}
}

// Weights of sizes sum to 1 at every level; so do those of the windows that cover a pixel, and with
// them all of a window to as many as its block has pixels.
func TestWindowFigures(t *testing.T) {
	s := testStudy(t)
	w := testWindows(s)
	lines := w.Weights(s.Run)
	for i := range s.Sigmas {
		var sum float64
		for _, series := range lines.Series {
			sum += series.Y[i]
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Errorf("the weights at level %d sum to %v", i, sum)
		}
	}
	within := w.Within(s.Run, 8)
	if len(within.Figures) != len(s.Sigmas) {
		t.Fatalf("%d panels for %d levels", len(within.Figures), len(s.Sigmas))
	}
	for _, figure := range within.Figures {
		var sum float64
		for _, row := range figure.(viz.HeatMap).Values {
			for _, v := range row {
				sum += v
			}
		}
		if block := 4.0; math.Abs(sum-100*block*block) > 32 { // 64 numbers, each rounded by at most a half
			t.Errorf("the weights in a window sum to %v %%, want %v", sum, 100*block*block)
		}
	}
	for _, figure := range []viz.Figure{lines, within} {
		if _, err := viz.NewDrawing(figure); err != nil {
			t.Error(err)
		}
	}
	want := [][]any{{"4 × 4", "2 × 2", 64, 16, 16}, {"8 × 8", "4 × 4", 16, 48, 24}}
	if got := w.Table(s.Run).Rows; !reflect.DeepEqual(got, want) {
		t.Errorf("the table has %v, want %v", got, want)
	}
}

// What windows are kept by tells apart all that they depend on, and no more: the blocks of one size
// are kept whatever the levels are.
func TestWindowKeys(t *testing.T) {
	s := testStudy(t)
	w := testWindows(s)
	more := *w
	more.Sigmas = []float64{0.5}
	if !reflect.DeepEqual(w.Blocks(4).Key(s.Run), more.Blocks(4).Key(s.Run)) {
		t.Error("blocks alone depend on the levels of weights")
	}
	less, harder := *w, *w
	less.Train, harder.Settings.Rounds = 50, 1
	all := []Denoiser{w.Average("a"), w.Only(4), w.Only(8), w.Blocks(4), w.Blocks(8), more.Average("a"), less.Average("a"), harder.Average("a"),
		Spun(w.Only(4), 2), Spun(w.Only(4), 4), small(100), small(100).Unspun()}
	for i, a := range all {
		for _, b := range all[:i] {
			if reflect.DeepEqual(a.Key(s.Run), b.Key(s.Run)) {
				t.Errorf("%s and %s are one", a.Name, b.Name)
			}
		}
	}
	for what, do := range map[string]func(){
		"a side that is none": func() { w.Only(6) },
		"no train images":     func() { (&Windows{Sides: []int{4}, Components: 1, Validation: 120}).Blocks(4).Key(s.Run) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s is no panic", what)
				}
			}()
			do()
		}()
	}
}
