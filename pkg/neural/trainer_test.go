package neural

import (
	"context"
	"errors"
	"math"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

// few are images of random bright bars on black.
type few struct{ pixels []float64 }

var fewShape = diffusion.Shape{C: 1, H: 8, W: 8}

func newFew(n int) few {
	f := few{pixels: make([]float64, n*fewShape.Size())}
	for i := range f.pixels {
		f.pixels[i] = -1
	}
	for i := range n {
		for r := range 8 {
			f.pixels[i*64+r*8+(i*3+r*(i%3))%8] = 1
		}
	}
	return f
}

func (f few) Size() int { return fewShape.Size() }
func (f few) Len() int  { return len(f.pixels) / fewShape.Size() }

func (f few) Batch(dst []float64, from, to int) []float64 {
	return append(dst[:0], f.pixels[from*fewShape.Size():to*fewShape.Size()]...)
}

var (
	fewArch     = Architecture{Kind: UNet, Padding: Zero, Channels: []int{4, 8}, Blocks: 1, Group: 2, Embedding: 8}
	fewSettings = Settings{Images: 900, Batch: 20, Seed: 5, Rate: 1e-2, Warmup: 3, Clip: 1, Average: 0.9, Sigma: 0.5, Deviation: 1}
)

func newTestTrainer(t *testing.T, settings Settings) *Trainer {
	t.Helper()
	n, err := New(fewArch, fewShape, 1)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := NewTrainer(n, newFew(13), "bars", settings)
	if err != nil {
		t.Fatal(err)
	}
	return trainer
}

func steps(t *testing.T, trainer *Trainer, n int) {
	t.Helper()
	for range n {
		if _, err := trainer.Step(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOverfit: on 8 images the error falls far below that of the best linear filter of white
// data, with which training begins.
func TestOverfit(t *testing.T) {
	n, err := New(fewArch, fewShape, 1)
	if err != nil {
		t.Fatal(err)
	}
	images := newFew(8)
	settings := fewSettings
	settings.Images, settings.Average = 8000, 0.98
	calls := 0
	trained, err := Train(context.Background(), n, images, "bars", settings, func(shown, total int, loss float64) {
		calls++
		if shown != 20*calls || total != 8000 {
			t.Errorf("call %d: %d of %d", calls, shown, total)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	log := trained.Training().Log
	if first, last := log[0].Loss, log[len(log)-1].Loss; last > first/3 {
		t.Errorf("the loss fell from %v to %v", first, last)
	}
	errors, err := Measure(t.Context(), trained, images, []float64{0.5, 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range errors {
		variance := trained.deviation * trained.deviation
		if linear := variance * e.Sigma * e.Sigma / (variance + e.Sigma*e.Sigma); e.MSE > linear/4 {
			t.Errorf("sigma %v: error %v, that of a linear filter is %v", e.Sigma, e.MSE, linear)
		}
	}
}

// TestTrainingSameBits on any number of cores.
func TestTrainingSameBits(t *testing.T) {
	var want []float32
	for _, cores := range []int{1, 2, 3, 8} {
		before := runtime.GOMAXPROCS(cores)
		trainer := newTestTrainer(t, fewSettings)
		steps(t, trainer, 5)
		runtime.GOMAXPROCS(before)
		if want == nil {
			want = trainer.Network().weights
		}
		if !slices.Equal(trainer.Network().weights, want) {
			t.Errorf("other bits on %d cores", cores)
		}
	}
}

// TestResume: a checkpoint changes nothing, wherever it is made.
func TestResume(t *testing.T) {
	straight := newTestTrainer(t, fewSettings)
	steps(t, straight, 40)
	for _, at := range []int{1, 20, 30} {
		first := newTestTrainer(t, fewSettings)
		steps(t, first, at)
		file := t.TempDir() + "/part"
		checkpoint, err := first.MarshalBinary()
		if err == nil {
			err = os.WriteFile(file, checkpoint, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
		second, err := LoadTrainer(file, newFew(13), "bars")
		if err != nil {
			t.Fatal(err)
		}
		steps(t, second, 40-at)
		for name, v := range second.vectors() {
			if !slices.Equal(v, straight.vectors()[name]) {
				t.Errorf("resumed after step %d: other %s", at, name)
			}
		}
		for i, r := range second.Network().Training().Log {
			want := straight.history.log[i]
			want.Seconds = r.Seconds
			if r != want {
				t.Errorf("resumed after step %d: line %d of the log is %v, want %v", at, i, r, want)
			}
		}
	}
}

// TestEndOfTraining: the last batch may go beyond the images asked for; the log ends with it.
func TestEndOfTraining(t *testing.T) {
	settings := fewSettings
	settings.Images = 50
	trainer := newTestTrainer(t, settings)
	steps(t, trainer, 2)
	if trainer.Done() {
		t.Error("done after 40 of 50 images")
	}
	steps(t, trainer, 1)
	if shown, total := trainer.Shown(); !trainer.Done() || shown != 50 || total != 50 {
		t.Errorf("after 3 steps: %d of %d shown", shown, total)
	}
	if log := trainer.Network().Training().Log; len(log) != 1 || log[0].Images != 50 {
		t.Errorf("log %v", log)
	}
}

// TestDiverged: a loss that is not finite ends training with an error that names the step.
func TestDiverged(t *testing.T) {
	trainer := newTestTrainer(t, fewSettings)
	steps(t, trainer, 2)
	trainer.net.weights[3] = float32(math.NaN())
	if _, err := trainer.Step(t.Context()); !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "step 3") {
		t.Errorf("got %v", err)
	}
}

func TestTrainerErrors(t *testing.T) {
	n, err := New(fewArch, fewShape, 1)
	if err != nil {
		t.Fatal(err)
	}
	for says, change := range map[string]func(s *Settings){
		"batches of 0":  func(s *Settings) { s.Batch = 0 },
		"got 0":         func(s *Settings) { s.Images = 0 },
		"learning rate": func(s *Settings) { s.Rate = math.NaN() },
		"warm-up":       func(s *Settings) { s.Warmup = -1 },
		"gradient":      func(s *Settings) { s.Clip = 0 },
		"average":       func(s *Settings) { s.Average = 1 },
		"median":        func(s *Settings) { s.Sigma = -1 },
		"deviation":     func(s *Settings) { s.Deviation = math.Inf(1) },
	} {
		settings := fewSettings
		change(&settings)
		if _, err := NewTrainer(n, newFew(3), "bars", settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	bad := newFew(3)
	bad.pixels[70] = math.NaN()
	grey := few{pixels: make([]float64, 128)}
	for says, images := range map[string]diffusion.Images{"no images": newFew(0), "image 1 has NaN": bad, "the same": grey} {
		if _, err := NewTrainer(n, images, "bars", fewSettings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	large, err := New(fewArch, diffusion.Shape{C: 1, H: 16, W: 16}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := NewTrainer(large, newFew(3), "bars", fewSettings); err == nil || !strings.Contains(err.Error(), "1x16x16") {
		t.Errorf("small images: %v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Train(cancelled, n, newFew(3), "bars", fewSettings, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestMeasure: a denoiser that returns its input makes the error of the noise.
func TestMeasure(t *testing.T) {
	got, err := Measure(t.Context(), identity{}, newFew(300), []float64{0.1, 2}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range got {
		// 19200 squares of normal numbers: their mean is within 5 deviations, of sqrt(2/19200)
		// each.
		if ratio := e.MSE / (e.Sigma * e.Sigma); math.Abs(ratio-1) > 0.05 {
			t.Errorf("sigma %v: error %v", e.Sigma, e.MSE)
		}
	}
}

type identity struct{}

func (identity) Shape() diffusion.Shape { return fewShape }
func (identity) Denoise(_ context.Context, dst, src []float64, _ float64) error {
	copy(dst, src)
	return nil
}

// A checkpoint goes on with the images that it was made of and with no others, of the same name
// and number as they may be.
func TestResumeKnowsItsImages(t *testing.T) {
	set := dataset.Digits(40, 1).Resize(8, 8)
	net, err := New(testArchitectures[0], fewShape, 1)
	if err != nil {
		t.Fatal(err)
	}
	trainer, err := NewTrainer(net, set.Slice(0, 20), "digits", fewSettings)
	if err != nil {
		t.Fatal(err)
	}
	checkpoint, err := trainer.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ParseTrainer(checkpoint, dataset.Digits(30, 1).Resize(8, 8).Slice(0, 20), "digits"); err != nil {
		t.Errorf("the same images: %v", err)
	}
	for name, images := range map[string]*dataset.Images{"the other half": set.Slice(20, 40), "another set": dataset.Digits(20, 2).Resize(8, 8)} {
		if _, err := ParseTrainer(checkpoint, images, "digits"); err == nil || !strings.Contains(err.Error(), "other images") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// An architecture that a network was made of may be changed, and a reference too: neither changes
// the network or the next reference.
func TestArchitecturesAreValues(t *testing.T) {
	arch := ReferenceUNet()
	n, err := New(arch, diffusion.Shape{C: 1, H: 8, W: 8}, 1)
	if err != nil {
		t.Fatal(err)
	}
	arch.Channels[0] = 32
	n.Architecture().Channels[1] = 1
	if got := n.Architecture().Channels; !slices.Equal(got, []int{16, 32, 64}) {
		t.Errorf("the network has channels %v now", got)
	}
	if got := ReferenceUNet().Channels; !slices.Equal(got, []int{16, 32, 64}) {
		t.Errorf("the reference has channels %v now", got)
	}
}
