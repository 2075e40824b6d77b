package experiment

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
)

// A SampleSet is a set of images that are judged as samples. It has a name and is known by where
// its images come from. It costs nothing: a Quality draws or reads the images. Pixels are clipped
// to [-1, 1] and rounded to 8 bits, as the data are.
type SampleSet struct {
	Name string
	source
}

// A source says where samples come from. Its dynamic type can be compared.
type source interface {
	// images returns n images, or fewer where there are no more.
	images(run lab.Run, name string, n int) *dataset.Images

	// key is what n images depend on besides n.
	key(run lab.Run) any

	// origin says in words where n images come from, and of which seed.
	origin(run lab.Run, n int) string

	// there tells whether the run has what the source needs.
	there(run lab.Run) bool
}

// Part returns the machine of a family whose moments are part of another machine's, from which
// they are read. It panics unless the denoiser is a machine.
func (d Denoiser) Part(name string, family moments.Family) Denoiser {
	m := d.Recipe.(machine)
	m.Mimic.Family = family
	return Denoiser{name, m}
}

// Drawn returns the samples that a denoiser draws, from the noise of the run's seed: in 30 steps of
// DPM-Solver++(2M) along Karras' noise levels from 80 down to 0.02, as environment/quality draws
// the stored ones. Machines are guarded.
func Drawn(d Denoiser) SampleSet { return SampleSet{d.Name, drawnSource{d}} }

type drawnSource struct{ by Denoiser }

func (s drawnSource) images(run lab.Run, name string, n int) *dataset.Images {
	return eightBits(run.Shape(), drawnBy(run, s.by, n))
}

func (s drawnSource) key(run lab.Run) any { return []any{"drawn", s.by.Key(run), run.Seed} }

func (s drawnSource) origin(run lab.Run, n int) string {
	return fmt.Sprintf("drawn here, seed %d, by a denoiser of %d train images", run.Seed, s.by.Images(run))
}

func (s drawnSource) there(run lab.Run) bool { return s.by.Available(run) }

// The walk that samples are drawn by.
const (
	walkSteps = 30
	walkHigh  = 80
	walkLow   = 0.02
)

// drawnBy returns the pixels of n samples that a denoiser draws, neither clipped nor rounded.
func drawnBy(run lab.Run, d Denoiser, n int) []float64 {
	levels := lab.Must1(diffusion.Karras{}.Levels(walkSteps, walkLow, walkHigh))
	return lab.Must1(lab.Cached("drawn", []any{d.Key(run), run.Seed, n, levels}, func() (*batch, error) {
		report := lab.Progress("walks of " + d.Name)
		walk := diffusion.Run{Seed: run.Seed, Each: func(s diffusion.State) { report(s.Step, walkSteps) }}
		pixels, err := diffusion.Draw(context.Background(), d.Sampler(run, d.Name), diffusion.DPMSolver2M{}, n, levels, walk)
		return &batch{pixels}, err
	})).pixels
}

// eightBits returns images of which every pixel is the nearest of the 256 grey levels.
func eightBits(shape diffusion.Shape, pixels []float64) *dataset.Images {
	images := &dataset.Images{Channels: shape.C, Height: shape.H, Width: shape.W, Pixels: make([]float32, len(pixels))}
	for i, v := range pixels {
		images.Pixels[i] = float32(math.Round((max(-1, min(1, v))+1)*127.5)/127.5 - 1)
	}
	return images
}

// Stored returns the samples of a kind of the run's images in data/samples, which
// environment/quality draws as Drawn does, with seed 1: "unet", "cnn-circular" or "conditional".
func Stored(name, kind string) SampleSet { return SampleSet{name, storedSource(kind)} }

type storedSource string

// storedSeed is that of environment/quality.
const storedSeed = 1

// path returns where the samples lie, and whether they are there. All are grey, of 32 x 32.
func (s storedSource) path(run lab.Run) (path string, found bool) {
	path, found = run.Reference("samples", string(s), ".idx.gz")
	return path, found && run.Shape() == diffusion.Shape{C: 1, H: 32, W: 32}
}

func (s storedSource) images(run lab.Run, name string, n int) *dataset.Images {
	path, _ := s.path(run)
	f := lab.Must1(os.Open(path))
	defer f.Close()
	all := lab.Must1(dataset.ReadIDX(f, name))
	return all.Slice(0, min(n, all.Len()))
}

func (s storedSource) key(run lab.Run) any {
	path, _ := s.path(run)
	return "stored " + digest(path)
}

func (s storedSource) origin(run lab.Run, n int) string {
	return fmt.Sprintf("data/samples/%s-%s, seed %d", string(s), run.Name(), storedSeed)
}

func (s storedSource) there(run lab.Run) bool {
	_, found := s.path(run)
	return found
}

// Remembered returns train images of the run drawn at random, with replacement, from its seed: the
// samples of their ideal score.
func Remembered(name string) SampleSet { return SampleSet{name, rememberedSource{}} }

type rememberedSource struct{}

func (rememberedSource) images(run lab.Run, name string, n int) *dataset.Images {
	train, random := run.TrainImages(), rand.New(rand.NewPCG(run.Seed, 0))
	var pixels []float64
	for range n {
		i := random.IntN(train.Len())
		pixels = append(pixels, train.Batch(nil, i, i+1)...)
	}
	return eightBits(run.Shape(), pixels)
}

func (rememberedSource) key(run lab.Run) any { return []any{"remembered", run.TrainSet(), run.Seed} }

func (rememberedSource) origin(run lab.Run, n int) string {
	train, _ := run.Counts()
	return fmt.Sprintf("drawn with seed %d from %d train images", run.Seed, train)
}

func (rememberedSource) there(lab.Run) bool { return true }

// HeldOut returns images of the set that nothing has learnt from, as lab.Run's HeldOutImages does:
// what perfect samples would be.
func HeldOut(name string) SampleSet { return SampleSet{name, heldOutSource{}} }

type heldOutSource struct{}

func (heldOutSource) images(run lab.Run, name string, n int) *dataset.Images {
	return run.HeldOutImages(n)
}

func (heldOutSource) key(run lab.Run) any { return []any{"held out", run.Data, run.Files, run.Side} }

func (heldOutSource) origin(run lab.Run, n int) string {
	from, to := run.HeldOut(n)
	return fmt.Sprintf("train images %d to %d of %s, which nothing learnt from", from, to-1, run.Name())
}

func (heldOutSource) there(run lab.Run) bool {
	from, to := run.HeldOut(1)
	return from < to
}
