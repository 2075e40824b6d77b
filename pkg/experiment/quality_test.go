package experiment

import (
	"bytes"
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
	"wavescore/pkg/wavelet"
)

// testQuality judges few samples of small procedural digits, with a cache of its own.
func testQuality(t *testing.T) *Quality {
	t.Helper()
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	t.Setenv("WAVESCORE_HEADLESS", "1")
	return &Quality{Run: lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 200, Test: 150, Seed: 3}), Images: 100, Looked: 20}
}

// A drawn set is what the guarded machine draws, clipped and rounded as an IDX file's pixels are.
func TestDrawn(t *testing.T) {
	q := testQuality(t)
	d := small(100)
	m, err := analytic.NewMachine(d.Recipe.(machine).table(q.Run, ""), d.Recipe.(machine).Mimic.Settings)
	if err != nil {
		t.Fatal(err)
	}
	levels, err := diffusion.Karras{}.Levels(30, 0.02, 80)
	if err != nil {
		t.Fatal(err)
	}
	pixels, err := diffusion.Draw(context.Background(), m.Guard(), diffusion.DPMSolver2M{}, q.Images, levels, diffusion.Run{Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	drawn := &dataset.Images{Channels: 1, Height: 16, Width: 16}
	for _, v := range pixels {
		drawn.Pixels = append(drawn.Pixels, float32(v))
	}
	var file bytes.Buffer
	if err := dataset.WriteIDX(&file, drawn); err != nil {
		t.Fatal(err)
	}
	want, err := dataset.ReadIDX(&file, "samples")
	if err != nil {
		t.Fatal(err)
	}
	got := q.Samples(Drawn(d))
	if !slices.Equal(got.Pixels, want.Pixels) {
		t.Error("these are not the machine's samples in 8 bits")
	}
}

// A machine that is read from a larger one's moments draws as the one that is fitted alone.
func TestPart(t *testing.T) {
	q := testQuality(t)
	whole := small(100)
	structure, _ := whole.Structure()
	structure.Family.Neighbourhood = moments.Neighbourhood{}
	part, alone := whole.Part("part", structure.Family), Machine("alone", structure, 100)
	a, b := q.Samples(Drawn(part)).Pixels, q.Samples(Drawn(alone)).Pixels
	different := 0
	for i := range a {
		if a[i] != b[i] {
			different++
		}
	}
	if different > len(a)/1000 { // where rounding decides between two grey levels
		t.Errorf("%d of %d pixels differ", different, len(a))
	}
	if got, _ := part.Structure(); got != structure {
		t.Errorf("the part is %+v", got)
	}
}

// What a Quality says of a set is what package metrics says of its images' features.
func TestQualityMeasures(t *testing.T) {
	q, ctx := testQuality(t), context.Background()
	if spaces := q.Spaces(); !slices.Equal(spaces, []Space{Pixels, Bands}) {
		t.Fatalf("images of 16 x 16, which have no classifier, have the spaces %v", spaces)
	}
	haar, err := wavelet.ParseFilter("haar")
	if err != nil {
		t.Fatal(err)
	}
	set := Drawn(Wiener(100))
	features := map[Space]func(*dataset.Images) *metrics.Points{
		Pixels: func(images *dataset.Images) *metrics.Points { // means over 2 x 2 pixels, times 2
			p := &metrics.Points{Dim: 64}
			for i := range images.Len() {
				x := images.Batch(nil, i, i+1)
				for k := range 64 {
					at := k/8*32 + k%8*2
					p.Values = append(p.Values, (x[at]+x[at+1]+x[at+16]+x[at+17])/2)
				}
			}
			return p
		},
		Bands: func(images *dataset.Images) *metrics.Points {
			extractor := metrics.BandEnergies{Transform: wavelet.NewTransform(haar, q.Run.Layout(5))}
			p, err := metrics.Extract(ctx, extractor, images, nil)
			if err != nil {
				t.Fatal(err)
			}
			return p
		},
	}
	for space, of := range features {
		samples, tests := of(q.Samples(set)), of(q.Run.TestImages())
		want, err := metrics.Frechet(ctx, samples, tests)
		if got := q.Frechet(set, space); err != nil || math.Abs(got.Value-want.Value) > 1e-9*want.Value {
			t.Errorf("%s: Fréchet distance %v, want %v (%v)", space, got.Value, want.Value, err)
		}
		kernel, err := metrics.Kernel(ctx, samples, tests)
		if got := q.Kernel(set, space); err != nil || math.Abs(got.Value-kernel.Value) > 1e-9 {
			t.Errorf("%s: kernel distance %v, want %v (%v)", space, got, kernel, err)
		}
	}
	overlap, err := metrics.NewOverlap(ctx, features[Pixels](q.Samples(set)), features[Pixels](q.Run.TestImages()), 5)
	if err != nil {
		t.Fatal(err)
	}
	if got := q.Overlap(set, Pixels); math.Abs(got.Density.Value-overlap.Density.Value()) > 0.01 || math.Abs(got.Coverage.Value-overlap.Coverage.Value()) > 0.01 {
		t.Errorf("overlap %+v, want a density of %v and a coverage of %v", got, overlap.Density.Value(), overlap.Coverage.Value())
	}
}

// Samples of the ideal score are copies, and those of a Gaussian are not; on the way from one set
// to another the first has gone nothing and the other all.
func TestNovelty(t *testing.T) {
	q := testQuality(t)
	remembered, gaussian := Remembered("ideal"), Drawn(Wiener(200))
	if n := q.Novelty(remembered); n.Copies.Value != 1 || n.Copies.Low > 0.9 || n.Distance.Value > 0.1 {
		t.Errorf("of the ideal score: %+v", n)
	}
	if n := q.Novelty(gaussian); n.Copies.Value != 0 || n.Copies.High < 0.1 || n.Distance.Low < 1 {
		t.Errorf("of a Gaussian: %+v", n)
	}
	if from, to := q.Way(Pixels, gaussian, remembered, gaussian).Value, q.Way(Pixels, gaussian, remembered, remembered).Value; from != 0 || math.Abs(to-1) > 1e-12 {
		t.Errorf("the ends of the way are at %v and %v", from, to)
	}
	a, b := q.inputs(remembered), q.inputs(gaussian)
	if reflect.DeepEqual(a, b) {
		t.Error("two sets are one")
	}
}

// Stored samples belong to a set of images of 32 x 32; held-out ones to runs that leave some.
func TestSources(t *testing.T) {
	q := testQuality(t)
	small, large := q.Run, lab.Setup(lab.Run{Data: "digits", Train: 200, Test: 150, Seed: 3})
	everything := lab.Setup(lab.Run{Data: "digits", Side: 16, Seed: 3})
	for _, test := range []struct {
		set  SampleSet
		run  lab.Run
		want bool
	}{
		{Stored("U-Net", "unet"), large, true}, {Stored("U-Net", "unet"), small, false}, {Stored("none", "none"), large, false},
		{HeldOut("held-out"), small, true}, {HeldOut("held-out"), everything, false},
	} {
		if got := test.set.there(test.run); got != test.want {
			t.Errorf("%s of %+v: %t", test.set.Name, test.run, got)
		}
	}
	images := Stored("U-Net", "unet").images(large, "U-Net", 7)
	if images.Len() != 7 || images.Size() != 32*32 {
		t.Errorf("%d stored images of %d pixels", images.Len(), images.Size())
	}
	if testing.Short() {
		return // makes all digits
	}
	digits, err := dataset.Open("digits", dataset.Train)
	if err != nil {
		t.Fatal(err)
	}
	// Images that are cut are in an order of their own.
	held, want := q.Samples(HeldOut("held-out")), slices.Sorted(slices.Values(digits.Labels[dataset.DigitsTrain-q.Images:]))
	if got := slices.Sorted(slices.Values(held.Labels)); !slices.Equal(got, want) {
		t.Errorf("%d held-out images of classes %v, want %v", held.Len(), got, want)
	}
}

// Figures can be drawn and tables have a cell for each column, with a classifier and without.
func TestQualityFigures(t *testing.T) {
	q := testQuality(t)
	sets := []SampleSet{Drawn(Wiener(100)), Stored("none", "none"), Remembered("ideal")}
	classified := &Quality{Run: lab.Setup(lab.Run{Data: "digits", Train: 200, Test: 400, Seed: 3}), Images: 400, Looked: 3}
	for _, test := range []struct {
		*Quality
		sets []SampleSet
	}{{q, sets}, {classified, []SampleSet{Stored("U-Net", "unet"), Remembered("ideal")}}} {
		q, sets := test.Quality, test.sets
		from, to := q.Available(sets...)[0], q.Available(sets...)[1]
		for name, figure := range map[string]viz.Figure{
			"samples": q.SampleGrid(3, sets...), "distances": q.DistanceBars(q.Spaces()[0], sets...), "overlap": q.OverlapBars(Bands, sets...),
		} {
			if _, err := viz.NewDrawing(figure); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		for _, table := range []Table{
			q.SourceTable(sets...), q.DistanceTable(sets...), q.OverlapTable(q.Spaces()[0], sets...), q.WayTable(Pixels, from, to, sets...), q.NoveltyTable(sets...),
		} {
			if len(table.Rows) != len(q.Available(sets...)) {
				t.Errorf("%q: %d rows", table.Header, len(table.Rows))
			}
			for _, row := range table.Rows {
				if len(row) != len(table.Header) {
					t.Errorf("%q: a row of %d cells in %d columns", table.Header, len(row), len(table.Header))
				}
			}
		}
		way := q.WayTable(q.Spaces()[0], from, to, from, to).Rows
		if way[0][2] != "worse" || way[1][2] != "neither worse nor better" {
			t.Errorf("a Gaussian is %s than train images, and these than themselves %s", way[0][2], way[1][2])
		}
	}
	tests := classified.Run.TestImages()
	accuracy, err := classified.Classifier().Accuracy(context.Background(), tests, tests.Labels)
	if got := classified.Accuracy(); err != nil || math.Abs(got-accuracy) > 1e-12 {
		t.Errorf("the classifier is right on a share of %v, want %v (%v)", got, accuracy, err)
	}
	p := classified.Probabilities(Remembered("ideal"))
	if p.Dim != 10 || p.Len() != 400 || metrics.Confidence(p).Value() < 0.9 {
		t.Errorf("the classifier is %.2f sure of %d digits in %d classes", metrics.Confidence(p).Value(), p.Len(), p.Dim)
	}
}
