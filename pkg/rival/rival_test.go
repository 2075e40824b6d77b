package rival

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/shrinkage"
	"wavescore/pkg/viz"
)

// digits is a run on small procedural digits, with a cache of its own.
func digits(t *testing.T) lab.Run {
	t.Helper()
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	return lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 100, Test: 20, Seed: 1})
}

// theories are all of them, with few images.
func theories(choice *Choice) (all []experiment.Denoiser) {
	for _, theory := range Theories {
		all = append(all, Patches(theory, 20, choice))
	}
	return all
}

// TestChoiceFindsTheSide: of what is itself a theory of one side, that side explains all at every
// noise level.
func TestChoiceFindsTheSide(t *testing.T) {
	run := digits(t)
	for _, theory := range Theories {
		for _, side := range []int{3, 5} {
			target := experiment.Denoiser{Name: "target", Recipe: patches{theory, 20, side, nil}}
			choice := &Choice{Sigmas: []float64{0.2, 0.5, 1}, Sides: []int{1, 3, 5, 7}, Images: 3, Target: target}
			if got := choice.Choose(run, theory, 20).Pixels; !slices.Equal(got, []int{side, side, side}) {
				t.Errorf("%s: sides %v explain one of side %d", theory, got, side)
			}
		}
	}
}

// TestChoiceOfLeastError is that of errors that are measured one after another, on images that the
// theory does not have, however many it is asked to have.
func TestChoiceOfLeastError(t *testing.T) {
	run := digits(t)
	choice := &Choice{Sigmas: []float64{0.5}, Sides: []int{1, 5, 9, 15}, Images: 4}
	train := run.TrainImages()
	validation := metrics.Set{Images: train.Slice(96, 100), Seed: run.Seed}
	least, want := math.Inf(1), 0
	for _, side := range choice.Sides {
		local, err := empirical.NewLocal(run.Shape(), train.Slice(0, 96), empirical.Side(side))
		if err != nil {
			t.Fatal(err)
		}
		trial, err := metrics.Run(t.Context(), local, validation, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		if e := trial.Error().Value(); e < least {
			least, want = e, side
		} else {
			break
		}
	}
	d := Patches(LocalScore, 1000, choice)
	made := d.Make(run, d.Name).(*empirical.Local)
	if made.Sides().At(0.5) != want || made.Images().Len() != 96 || d.Images(run) != 96 {
		t.Fatalf("side %d of %d images, want %d of 96", made.Sides().At(0.5), made.Images().Len(), want)
	}
	if !slices.Equal(made.Images().Batch(nil, 0, 96), train.Batch(nil, 0, 96)) {
		t.Error("the theory has other images than the first 96")
	}
}

// TestRecipes: denoisers are known by what they are made of, and make what they say.
func TestRecipes(t *testing.T) {
	run := digits(t)
	choice := &Choice{Sigmas: []float64{0.5}, Sides: []int{3}, Images: 2}
	all := append(theories(choice), Patches(LocalScore, 21, choice),
		PCALocality(20, empirical.Locality{Threshold: 0.1}), PCALocality(20, empirical.Locality{Threshold: 0.1, Batch: 4}),
		Smoothed(20, empirical.Smoothing{Spread: 0.1, Draws: 2}), Smoothed(20, empirical.Smoothing{Spread: 0.2, Draws: 2}),
		Preselected(experiment.Ideal(20), 5), Preselected(experiment.Ideal(20), 6), Classic("bayes"), Decimated("bayes"), Classic("bm3d"))
	for k, d := range all {
		known := lab.Must1(lab.Cached("key", []any{d.Key(run)}, func() (int, error) { return k, nil }))
		if known != k {
			t.Errorf("%s is taken for %s", d.Name, all[known].Name)
		}
		if made := d.Make(run, d.Name); made.Shape() != run.Shape() || d.Sampler(run, d.Name).Shape() != run.Shape() {
			t.Errorf("%s is of %v images", d.Name, made.Shape())
		}
		images := 20
		if _, is := d.Recipe.(classic); is {
			images = 0
		} else if d == all[3] {
			images = 21
		}
		if !d.Available(run) || d.Images(run) != images {
			t.Errorf("%s: of %d images", d.Name, d.Images(run))
		}
	}
}

// TestPreselectedOfAll is the score itself.
func TestPreselectedOfAll(t *testing.T) {
	run := digits(t)
	study := &experiment.Study{Run: run, Sigmas: []float64{0.3}, Images: 5}
	for _, score := range []experiment.Denoiser{experiment.Ideal(30), PCALocality(30, empirical.Locality{Threshold: 0.1})} {
		if got := study.Trials(Preselected(score, 30))[0].Denoised; !slices.Equal(got, study.Trials(score)[0].Denoised) {
			t.Errorf("%s of all images, preselected, is another denoiser", score.Name)
		}
		table := PreselectionTable(study, score, 2, 10, 30)
		if rows := len(table.Rows); rows != 3 || table.Rows[1][1] != "1.00 [1.00, 1.00]" || table.Rows[2][1] != table.Rows[1][1] {
			t.Errorf("%s: %v", score.Name, table.Rows)
		}
		if got, want := table.Rows[0][1], interval(study.ErrorRatio(Preselected(score, 10), score, 0)); got != want {
			t.Errorf("%s of 10 images: %v, want %v", score.Name, got, want)
		}
	}
}

// gain is a denoiser that multiplies what it sees.
type gain float64

func (g gain) Make(run lab.Run, _ string) diffusion.Denoiser    { return gaining{run.Shape(), float64(g)} }
func (g gain) Sampler(run lab.Run, _ string) diffusion.Denoiser { return g.Make(run, "") }
func (g gain) Key(lab.Run) any                                  { return []any{"gain", float64(g)} }
func (gain) Images(lab.Run) int                                 { return 0 }
func (g gain) Available(lab.Run) bool                           { return g >= 0 }

// TestTables: a gain of another denoiser has the squared correlation 1 with it, and explains what
// its gain leaves; the best and the next are in the order of their errors, whatever order they are
// given in.
func TestTables(t *testing.T) {
	run := digits(t)
	study := &experiment.Study{Run: run, Sigmas: []float64{0.1, 2}, Images: 6}
	most, half := experiment.Denoiser{Name: "most", Recipe: gain(0.9)}, experiment.Denoiser{Name: "half", Recipe: gain(0.5)}
	nothing, missing := experiment.Denoiser{Name: "nothing", Recipe: gain(0)}, experiment.Denoiser{Name: "missing", Recipe: gain(-1)}
	table := ExplainedTable(study, 0, half, most, half, missing)
	if len(table.Rows) != 1 || len(table.Header) != 5 {
		t.Fatalf("%v", table)
	}
	trial := study.Trials(most)[0]
	left, all := 0.0, 0.0 // of half the noisy image, where .9 of it stand for it; around its mean image
	size := run.Shape().Size()
	mean := metrics.MeanImage(trial.Noisy, size)
	for i, y := range trial.Noisy {
		left += (0.9*y - 0.5*y) * (0.9*y - 0.5*y)
		all += 0.25 * (y - mean[i%size]) * (y - mean[i%size])
	}
	const perfect = "1.000 [1.000, 1.000]"
	if r := table.Rows[0]; r[2] != perfect || r[4] != perfect || !strings.HasPrefix(r[3].(string), fmt.Sprintf("%.3f [", 1-left/all)) {
		t.Errorf("nine tenths of the noisy image explain %v of half of it, want %.3f of the image", r, 1-left/all)
	}
	for _, order := range [][]experiment.Denoiser{{most, half, nothing}, {nothing, missing, half, most}, {half, nothing, most}} {
		best, next := Best(study, 0, order...)
		if best != most || next != half {
			t.Errorf("in little noise the best are %s and %s", best.Name, next.Name)
		}
		if rows := WinnersTable(study, order...).Rows; rows[0][1] != "most" || rows[1][1] != "nothing" || rows[1][2] != "half" {
			t.Errorf("winners %v", rows)
		}
	}
}

// TestGroups: members are there once; the best of a group is not the reference.
func TestGroups(t *testing.T) {
	run := digits(t)
	study := &experiment.Study{Run: run, Sigmas: []float64{0.1}, Images: 6}
	reference := experiment.Denoiser{Name: "whole", Recipe: gain(1)}
	most, half, nothing := reference.Named("most"), reference.Named("half"), reference.Named("nothing")
	most.Recipe, half.Recipe, nothing.Recipe = gain(0.9), gain(0.5), gain(0)
	one, other := Group{"one", []experiment.Denoiser{nothing, most, reference}}, Group{"other", []experiment.Denoiser{half, nothing, reference}}
	if all := Members(one, other); !slices.Equal(all, []experiment.Denoiser{nothing, most, reference, half}) {
		t.Errorf("members are %v", all)
	}
	ratio := study.ErrorRatio(half, reference, 0)
	rows := GroupTable(study, reference, one, other).Rows
	if !strings.HasPrefix(rows[0][1].(string), "most, ") || rows[1][1] != "half, "+interval(ratio) {
		t.Errorf("%v", rows)
	}
	panels := ErrorPanels(study, reference, one, other)
	for k, figure := range panels.Figures {
		lines := figure.(viz.Lines)
		if len(lines.Series) != 3 || lines.Y.Max < floats.Max(lines.Series[0].Y) || lines.Y != panels.Figures[0].(viz.Lines).Y {
			t.Errorf("panel %d: %d series, axis %v", k, len(lines.Series), lines.Y)
		}
	}
}

// TestSidesFigure: there is a panel for each target that the run has, with a line for each theory,
// and the side of the receptive field of the target: of a gain, which sees the pixel alone, 1.
func TestSidesFigure(t *testing.T) {
	run := digits(t)
	study := &experiment.Study{Run: run, Sigmas: []float64{0.5, 1}, Images: 4}
	choice := &Choice{Sigmas: study.Sigmas, Sides: []int{1, 3}, Images: 2}
	half, missing := experiment.Denoiser{Name: "half", Recipe: gain(0.5)}, experiment.Denoiser{Name: "missing", Recipe: gain(-1)}
	figure := choice.SidesFigure(study, []TheorySize{{LocalScore, 10}, {PatchPosterior, 10}}, half, missing, experiment.Denoiser{})
	if len(figure.Figures) != 2 {
		t.Fatalf("%d panels", len(figure.Figures))
	}
	for k, title := range []string{"for the half", "of least error"} {
		lines := figure.Figures[k].(viz.Lines)
		if lines.Title != title || len(lines.Series) != 3-k {
			t.Errorf("panel %d is %q with %d lines", k, lines.Title, len(lines.Series))
		}
	}
	if field := figure.Figures[0].(viz.Lines).Series[2]; field.Name != "receptive field" || !slices.Equal(field.Y, []float64{1, 1}) {
		t.Errorf("%+v", field)
	}
	unexplained := UnexplainedPanels(study, metrics.Denoised, Group{"half", []experiment.Denoiser{half, experiment.Ideal(10)}}, Group{"missing", []experiment.Denoiser{missing, half}})
	if len(unexplained.Figures) != 1 || len(unexplained.Figures[0].(viz.Lines).Series) != 1 {
		t.Errorf("%+v", unexplained)
	}
	samples := SampleTable(study, 3, []experiment.Denoiser{half, missing}, half, experiment.Ideal(10))
	if len(samples.Header) != 2 || samples.Rows[0][1] != "1.00 [1.00, 1.00]" || samples.Rows[1][1] == samples.Rows[0][1] {
		t.Errorf("%v", samples)
	}
}

// gaining is made by gain.
type gaining struct {
	shape diffusion.Shape
	by    float64
}

func (g gaining) Shape() diffusion.Shape { return g.shape }

func (g gaining) Denoise(_ context.Context, dst, src []float64, _ float64) error {
	floats.ScaleTo(dst, g.by, src)
	return nil
}

// TestMemory: a score of images holds their pixels, a classic nothing.
func TestMemory(t *testing.T) {
	run := digits(t)
	study := &experiment.Study{Run: run, Sigmas: []float64{0.5}, Images: 3}
	choice := &Choice{Sigmas: []float64{0.5}, Sides: []int{3}, Images: 2}
	for _, d := range append(theories(choice), experiment.Ideal(20)) {
		if m := study.Memory(d); m.Holds != "train images" || m.Numbers != 20*run.Shape().Size() || m.Bytes < float64(m.Numbers) {
			t.Errorf("%s holds %+v", d.Name, m)
		}
	}
	if m := study.Memory(Classic("sure-let")); m.Holds != "nothing" || m.Numbers != 0 {
		t.Errorf("sure-let holds %+v", m)
	}
	figure := ErrorAgainstNumbers(study, 0, experiment.Ideal(20), Classic("sure-let"))
	if len(figure.Series) != 1 || figure.Series[0].X[0] != float64(20*run.Shape().Size()) {
		t.Errorf("drawn are %v", figure.Series)
	}
	table := CostTable(study, 0, 2, experiment.Ideal(20), Classic("sure-let"))
	for _, row := range table.Rows {
		if ms, err := strconv.ParseFloat(row[5].(string), 64); err != nil || !(ms > 0) {
			t.Errorf("%v takes %v ms", row[0], row[5])
		}
	}
}

// TestCorrelations are gonum's, squared, and 0 for an image without contrast.
func TestCorrelations(t *testing.T) {
	a := []float64{1, 2, 4, 8, 1, 1, 1, 1}
	b := []float64{3, 1, 0, -5, 1, 2, 3, 4}
	r := stat.Correlation(a[:4], b[:4], nil)
	if got := correlations(a, b, 4); math.Abs(got[0]-r*r) > 1e-15 || got[1] != 0 {
		t.Errorf("%v, want %v and 0", got, r*r)
	}
}

// TestPhotographs: every method takes off noise, more of it where it is spun; published values
// stand where they are known.
func TestPhotographs(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	leaves, err := dataset.NewDeadLeaves(48, 48, 3, 40)
	if err != nil {
		t.Fatal(err)
	}
	p := Photographs{Pictures: leaves.Draw(2, 1), Levels: []float64{15, 50}, Seed: 1}
	for _, method := range []string{"bayes", "sure-let", "bm3d"} {
		for i, noisy := range []float64{24.6, 14.1} { // 20 log10(255 / sigma), before clipping
			decimated, spun := p.Quality(method, 1, i).Mean(), p.Quality(method, shrinkage.Spin, i).Mean()
			if decimated < noisy+1 || method != "bm3d" && spun < decimated {
				t.Errorf("%s, sigma %v: %.2f dB decimated, %.2f spun", method, p.Levels[i], decimated, spun)
			}
		}
	}
	table := p.Table([]string{"bayes", "bm3d"}, OnBSD68...)
	if len(table.Rows) != 2+len(OnBSD68) || table.Rows[1][1] != "–" || table.Rows[2][2] != "31.07" || table.Rows[2][4] != "25.62" {
		t.Errorf("%v", table.Rows)
	}
}
