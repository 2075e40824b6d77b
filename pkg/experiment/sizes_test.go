package experiment

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/metrics"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
	"wavescore/pkg/viz"
)

// testSizes is of 20, 50 and, of which there are no two halves, 100 digits.
func testSizes(t *testing.T) *Sizes {
	return &Sizes{Study: testStudy(t), Numbers: []int{20, 50, 100}, Samples: 4}
}

// linearMachines learns the Gaussian score.
func linearMachines() Learner {
	structure, _ := Wiener(1).Structure()
	return Machines("linear", structure)
}

// A half knows its images and no others, and what is measured of it is what package metrics says.
func TestHalf(t *testing.T) {
	s, ctx := testSizes(t), context.Background()
	structure, _ := Wiener(1).Structure()
	for half := range 2 {
		images := s.Study.Run.TrainImages().Slice(20*half, 20*half+20)
		clean, err := moments.Collect(ctx, structure.Spec(s.Study.Run.Shape()), images, "train", nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := analytic.NewMachine(clean, structure.Settings)
		if err != nil {
			t.Fatal(err)
		}
		want, err := metrics.Run(ctx, m.Guard(), s.Study.set(10), s.Study.Sigmas[1])
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Study.Trials(s.Half(linearMachines(), 20, half))[1]; !close(got.Denoised, want.Denoised) {
			t.Errorf("half %d is not the machine of its images", half)
		}
		if half == 0 {
			seen, err := metrics.Run(ctx, m.Guard(), metrics.Set{Images: images.Slice(0, 10), Seed: 3}, s.Study.Sigmas[1])
			if err != nil {
				t.Fatal(err)
			}
			if got, want := s.Seen(linearMachines(), 20, 1), seen.Error().Estimate(3); math.Abs(got.Value-want.Value) > 1e-9 {
				t.Errorf("an error of %v on images that it has seen, want %v", got, want)
			}
			if got := s.Unseen(linearMachines(), 20, 1).Value(); math.Abs(got-want.Error().Value()) > 1e-9 {
				t.Errorf("an error of %v on test images, want %v", got, want.Error().Value())
			}
		}
	}
	ideal, err := empirical.NewIdeal(s.Study.Run.Shape(), s.Study.Run.TrainImages().Slice(50, 100))
	if err != nil {
		t.Fatal(err)
	}
	want, err := metrics.Run(ctx, ideal, s.Study.set(10), s.Study.Sigmas[0])
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Study.Trials(s.Half(Ideals("ideal"), 50, 1))[0]; !close(got.Denoised, want.Denoised) {
		t.Error("half 1 of an ideal score is not that of its images")
	}
}

func close(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-9 })
}

// The ideal score remembers: no error on what it has seen, nothing but copies, and halves that
// agree less than a Gaussian's.
func TestSizes(t *testing.T) {
	s := testSizes(t)
	gaussian, ideal, mixture := linearMachines(), Ideals("ideal"), Mixtures("conditional", 4, 10)
	all := []Learner{gaussian, ideal, mixture}
	if got := s.numbers(); !slices.Equal(got, []int{20, 50}) {
		t.Errorf("of 120 images there are two halves of %v", got)
	}
	if e := s.Seen(ideal, 50, 0); e.Value > 1e-6 {
		t.Errorf("the ideal score's error on images that it has seen is %v", e)
	}
	if s.Novelty(ideal, 50).Copies.Value != 1 || s.Novelty(gaussian, 50).Copies.Value != 0 {
		t.Error("samples of the ideal score are not copies, or those of a Gaussian are")
	}
	if got := s.Copying(all...); got != "ideal (20, 50 images)" {
		t.Errorf("copies: %s", got)
	}
	if s.Copying(gaussian) != "none" {
		t.Error("a Gaussian copies")
	}
	if a, b := s.Agreement(gaussian, 50, 0), s.Agreement(ideal, 50, 0); a.Value <= b.Value {
		t.Errorf("two halves of a Gaussian explain %v of each other's scores, of the ideal score %v", a, b)
	}
	if got := s.Enough(gaussian, -100, 0); got != "from 20 images on" {
		t.Errorf("enough for less than nothing: %s", got)
	}
	if got := s.Enough(gaussian, 1, 0); got != "at no number of images tried here" {
		t.Errorf("enough for more than all: %s", got)
	}
	for name, figure := range map[string]viz.Figure{"errors": s.Errors(1, all...), "disagreement": s.Disagreement(1, all...)} {
		if _, err := viz.NewDrawing(figure); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, table := range []Table{s.AgreementTable(0, all...), s.NoveltyTable(all...), s.BestTable(0, all...)} {
		if len(table.Rows) == 0 {
			t.Errorf("%q: no rows", table.Header)
		}
		for _, row := range table.Rows {
			if len(row) != len(table.Header) {
				t.Errorf("%q: a row of %d cells in %d columns", table.Header, len(row), len(table.Header))
			}
		}
	}
	for _, row := range s.BestTable(0, gaussian, ideal).Rows {
		if row[1] == row[2] || !strings.HasPrefix(fmt.Sprint(row[3]), "0.") {
			t.Errorf("the least error is %v", row)
		}
	}
}

// Networks of few images are found by their numbers and halves, and tell how they were trained.
func TestSmallNetworks(t *testing.T) {
	s := testSizes(t)
	root := t.TempDir()
	t.Setenv("WAVESCORE_ROOT", root)
	folder := filepath.Join(root, "data", "networks", "sizes")
	if err := os.MkdirAll(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	arch := neural.ReferenceUNet()
	arch.Channels, arch.Blocks = []int{4}, 1
	for half := range 2 {
		network, err := neural.New(arch, diffusion.Shape{C: 1, H: 16, W: 16}, uint64(half))
		if err != nil {
			t.Fatal(err)
		}
		settings := neural.Default()
		settings.Images, settings.Batch, settings.Seed = 8, 4, uint64(6+half)
		trainer, err := neural.NewTrainer(network, s.Study.Run.TrainImages().Slice(20*half, 20*half+20), "digits", settings)
		if err != nil {
			t.Fatal(err)
		}
		for !trainer.Done() {
			if _, err := trainer.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		if err := model.Save(filepath.Join(folder, fmt.Sprintf("unet-digits-20-%d.safetensors", half)), trainer.Network()); err != nil {
			t.Fatal(err)
		}
	}
	networks := Networks("U-Net", "unet")
	if !s.has(networks, 20) || s.has(networks, 50) || s.has(Networks("CNN", "cnn"), 20) {
		t.Error("there are other networks than those of 20 images")
	}
	if got := s.Available(Networks("CNN", "cnn"), networks); !slices.Equal(got, []Learner{networks}) {
		t.Errorf("there are %v", got)
	}
	rows := s.NetworkTable(linearMachines(), networks).Rows
	if len(rows) != 1 || fmt.Sprint(rows[0]) != "[U-Net 20 8 6, 7]" {
		t.Errorf("networks: %v", rows)
	}
	for half := range 2 {
		got, ok := s.Study.Make(s.Half(networks, 20, half)).(*neural.Network)
		if !ok || got.Training().Settings.Seed != uint64(6+half) {
			t.Errorf("half %d is %v", half, got)
		}
	}
}
