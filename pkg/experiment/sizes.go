package experiment

import (
	"context"
	"fmt"
	"slices"

	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
)

// A Learner makes denoisers of some of the train images, however few. It has a name and is known
// by how it learns. Learners can be compared with ==.
type Learner struct {
	Name string
	method
}

// A method is how a Learner learns. Its dynamic type can be compared.
type method interface {
	// learn returns the denoiser of the images from to from+n-1 of the train images of the run.
	learn(run lab.Run, name string, from, n int) diffusion.Denoiser

	// key is what the denoiser depends on besides these images.
	key(run lab.Run, from, n int) any

	// there tells whether the run has what the method needs.
	there(run lab.Run, from, n int) bool
}

// Sizes asks how much data denoisers need. Each Learner makes two denoisers of as many train images
// as each of the numbers says, without a common image: of half 0, the first n, and of half 1, the
// next n. They are measured as a Study measures, on its test images and at its noise levels. It is
// neither copied nor changed once it is used.
type Sizes struct {
	Study   *Study
	Numbers []int // of train images of a half, from few to many
	Samples int   // drawn of each denoiser to look for copies
}

// numbers returns those numbers of which there are two halves.
func (s *Sizes) numbers() (numbers []int) {
	available, _ := s.Study.Run.Counts()
	for _, n := range s.Numbers {
		if 2*n <= available {
			numbers = append(numbers, n)
		}
	}
	return numbers
}

// Half returns a learner's denoiser of n images, of half 0 or 1.
func (s *Sizes) Half(l Learner, n, half int) Denoiser {
	return Denoiser{l.Name, learnt{l.method, half * n, n}}
}

// Available returns those of some learners that the run has two halves of, of some number of
// images.
func (s *Sizes) Available(some ...Learner) []Learner {
	return slices.DeleteFunc(slices.Clone(some), func(l Learner) bool {
		return !slices.ContainsFunc(s.numbers(), func(n int) bool { return s.has(l, n) })
	})
}

// has tells whether the run has both halves of n images.
func (s *Sizes) has(l Learner, n int) bool {
	return len(s.Study.Available(s.Half(l, n, 0), s.Half(l, n, 1))) == 2
}

// Unseen returns the error of half 0 of n images on the test images, at noise level i.
func (s *Sizes) Unseen(l Learner, n, i int) metrics.Statistic {
	return s.Study.Trials(s.Half(l, n, 0))[i].Error()
}

// Seen returns the error of half 0 of n images on these images, as many of them as the study has
// test images, at noise level i.
func (s *Sizes) Seen(l Learner, n, i int) metrics.Estimate {
	d, run, sigma := s.Half(l, n, 0), s.Study.Run, s.Study.Sigmas[i]
	return lab.Must1(lab.Cached("seen", []any{d.Key(run), run.Seed, s.Study.Images, sigma}, func() (metrics.Estimate, error) {
		seen := metrics.Set{Images: run.TrainImages().Slice(0, min(n, s.Study.Images)), Seed: run.Seed}
		trial, err := metrics.Run(context.Background(), s.Study.Make(d), seen, sigma)
		if err != nil {
			return metrics.Estimate{}, err
		}
		return trial.Error().Estimate(run.Seed), nil
	}))
}

// Agreement returns how much of the variance of the score of half 0 of n images half 1 explains,
// on the test images at noise level i.
func (s *Sizes) Agreement(l Learner, n, i int) metrics.Estimate {
	return s.Study.Explained(s.Half(l, n, 0), s.Half(l, n, 1), metrics.Score, i).Estimate(s.Study.Run.Seed)
}

// Novelty looks for samples of half 0 of n images, drawn as Drawn does, among these images.
func (s *Sizes) Novelty(l Learner, n int) Novelty {
	d, run := s.Half(l, n, 0), s.Study.Run
	return lab.Must1(lab.Cached("learnt novelty", []any{d.Key(run), run.Seed, s.Samples}, func() (Novelty, error) {
		return novelty(drawnBy(run, d, s.Samples), run.TrainImages().Slice(0, n))
	}))
}

// learnt is the recipe of what a method makes of the Number train images from From on.
type learnt struct {
	method
	From, Number int
}

func (l learnt) Make(run lab.Run, name string) diffusion.Denoiser {
	return l.learn(run, name, l.From, l.Number)
}

func (l learnt) Sampler(run lab.Run, name string) diffusion.Denoiser { return l.Make(run, name) }

func (l learnt) Key(run lab.Run) any {
	return []any{l.method.key(run, l.From, l.Number), firstOf(run, l.From+l.Number), l.From}
}

func (l learnt) Images(lab.Run) int { return l.Number }

func (l learnt) Available(run lab.Run) bool {
	available, _ := run.Counts()
	return l.From+l.Number <= available && l.method.there(run, l.From, l.Number)
}

// some returns n train images of a run from from on.
func some(run lab.Run, from, n int) *dataset.Images { return run.TrainImages().Slice(from, from+n) }

// Machines learns the closed-form machine of a structure without shifts, guarded as samplers need
// it.
func Machines(name string, structure analytic.Mimic) Learner {
	return Learner{name, machineMethod(structure)}
}

type machineMethod analytic.Mimic

func (m machineMethod) learn(run lab.Run, name string, from, n int) diffusion.Denoiser {
	spec := analytic.Mimic(m).Spec(run.Shape())
	table := lab.Must1(lab.Cached("learnt moments", []any{spec, firstOf(run, from+n), from}, func() (*moments.Moments, error) {
		return moments.Collect(context.Background(), spec, some(run, from, n), "train", lab.Progress(fmt.Sprintf("moments of %s, %d images", name, n)))
	}))
	return lab.Must1(analytic.NewMachine(table, m.Settings)).Guard()
}

func (m machineMethod) key(lab.Run, int, int) any { return analytic.Mimic(m) }

func (machineMethod) there(lab.Run, int, int) bool { return true }

// Mixtures learns the local mixture of windows of a side that suits it (conditional.Around), each
// place with a mixture of its own, of a component for so many images and at least one.
func Mixtures(name string, window, imagesPerComponent int) Learner {
	return Learner{name, mixtureMethod{window, imagesPerComponent}}
}

type mixtureMethod struct{ Window, ImagesPerComponent int }

func (m mixtureMethod) learn(run lab.Run, name string, from, n int) diffusion.Denoiser {
	family := lab.Must1(conditional.Around(m.Window, run.Shape(), max(n/m.ImagesPerComponent, 1), conditional.PerSite))
	return lab.Must1(lab.Cached("learnt mixture", []any{family, firstOf(run, from+n), from}, func() (*conditional.Machine, error) {
		return conditional.Fit(context.Background(), family, run.Shape(), some(run, from, n), conditional.Default(), lab.Progress(fmt.Sprintf("%s, %d images", name, n)))
	}))
}

func (m mixtureMethod) key(lab.Run, int, int) any { return m }

func (mixtureMethod) there(lab.Run, int, int) bool { return true }

// Ideals learns the exact score of the images, which remembers them.
func Ideals(name string) Learner { return Learner{name, idealMethod{}} }

type idealMethod struct{}

func (idealMethod) learn(run lab.Run, _ string, from, n int) diffusion.Denoiser {
	return lab.Must1(empirical.NewIdeal(run.Shape(), some(run, from, n)))
}

func (idealMethod) key(lab.Run, int, int) any { return "ideal" }

func (idealMethod) there(lab.Run, int, int) bool { return true }

// Networks reads the networks of a kind that were trained on few of the run's images:
// data/networks/sizes/KIND-SET-N-HALF, which environment/quality trains.
func Networks(name, kind string) Learner { return Learner{name, networkMethod(kind)} }

type networkMethod string

// path returns where the network of half from/n of n images lies.
func (k networkMethod) path(run lab.Run, from, n int) (path string, found bool) {
	return run.Reference("networks/sizes", string(k), fmt.Sprintf("-%d-%d.safetensors", n, from/n))
}

func (k networkMethod) learn(run lab.Run, _ string, from, n int) diffusion.Denoiser {
	return k.load(run, from, n)
}

func (k networkMethod) load(run lab.Run, from, n int) *neural.Network {
	path, _ := k.path(run, from, n)
	return loadNetwork(path)
}

func (k networkMethod) key(run lab.Run, from, n int) any {
	path, _ := k.path(run, from, n)
	return "network " + digest(path)
}

func (k networkMethod) there(run lab.Run, from, n int) bool {
	_, found := k.path(run, from, n)
	return found && k.load(run, from, n).Shape() == run.Shape()
}
