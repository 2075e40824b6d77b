package experiment

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// A Study is where denoisers meet: the first test images of a run, with noise of several levels
// that depends on the run's seed and the image alone. It is neither copied nor changed once it is
// used.
type Study struct {
	Run    lab.Run
	Sigmas []float64 // noise levels, in pixels of [-1, 1]
	Images int       // test images that denoisers are compared on

	Shifts []int        // of the equivariance errors: rows down and columns to the right; nil is 1
	Edge   metrics.Edge // whether distances in a receptive field go around the edges

	denoisers sync.Map // func() diffusion.Denoiser by Denoiser
	trials    sync.Map // func() []*metrics.Trial by Denoiser
}

// Available returns those of some denoisers that the run's images have, in their order: a network
// may be missing.
func (s *Study) Available(some ...Denoiser) []Denoiser {
	return slices.DeleteFunc(slices.Clone(some), func(d Denoiser) bool { return !d.Available(s.Run) })
}

// First returns the first of some denoisers that the run's images have. It panics if there is none.
func (s *Study) First(some ...Denoiser) Denoiser { return s.Available(some...)[0] }

// Make returns the denoiser itself, which is made once in a program.
func (s *Study) Make(d Denoiser) diffusion.Denoiser {
	made, _ := s.denoisers.LoadOrStore(d, sync.OnceValue(func() diffusion.Denoiser { return d.Make(s.Run, d.Name) }))
	return made.(func() diffusion.Denoiser)()
}

// set is the first n test images.
func (s *Study) set(n int) metrics.Set {
	test := s.Run.TestImages()
	return metrics.Set{Images: test.Slice(0, min(n, test.Len())), Seed: s.Run.Seed}
}

// inputs returns what a measurement of a denoiser depends on, with what else counts.
func (s *Study) inputs(d Denoiser, more ...any) []any {
	return append([]any{s.Run.TestSet(), s.Run.Seed, d.Key(s.Run)}, more...)
}

// Trials returns what a denoiser makes of the noisy test images, a trial for each noise level.
func (s *Study) Trials(d Denoiser) []*metrics.Trial {
	trials, _ := s.trials.LoadOrStore(d, sync.OnceValue(func() (trials []*metrics.Trial) {
		set, report := s.set(s.Images), lab.Progress(d.Name+" denoises")
		for i, sigma := range s.Sigmas {
			trial := lab.Must1(set.Trial(s.Run.Shape(), sigma))
			denoised := lab.Must1(lab.Cached("denoised", s.inputs(d, s.Images, sigma), func() (*batch, error) {
				trial, err := trial.Again(context.Background(), s.Make(d))
				if err != nil {
					return nil, err
				}
				return &batch{trial.Denoised}, nil
			}))
			trial.Denoised = denoised.pixels
			trials = append(trials, trial)
			report(i+1, len(s.Sigmas))
		}
		return trials
	}))
	return trials.(func() []*metrics.Trial)()
}

// Explained returns how much of one denoiser's outputs another explains, at noise level i.
func (s *Study) Explained(explained, by Denoiser, output metrics.Output, i int) metrics.Statistic {
	return metrics.Explained(s.Trials(explained)[i], s.Trials(by)[i], output)
}

// Lead returns by how much the variance of the target's score that one denoiser explains exceeds
// what another one does, in percentage points, at noise level i. The difference is paired: both
// have met the same noisy images.
func (s *Study) Lead(target, one, other Denoiser, i int) metrics.Estimate {
	difference := s.Explained(target, one, metrics.Score, i).Minus(s.Explained(target, other, metrics.Score, i))
	return scaled(difference.Estimate(s.Run.Seed), 100)
}

// Leads returns the noise levels at which one denoiser explains more of the target's score than
// another, the whole interval of the paired difference being above 0.
func (s *Study) Leads(target, one, other Denoiser) Levels {
	return s.Where(func(i int) bool { return s.Lead(target, one, other, i).Above(0) })
}

// Closest returns the candidate that explains most of the target's score at noise level i, no
// network being one, nor the target itself.
func (s *Study) Closest(target Denoiser, candidates []Denoiser, i int) Denoiser {
	machines := slices.DeleteFunc(s.Available(candidates...), func(d Denoiser) bool {
		_, isNetwork := d.Recipe.(network)
		return isNetwork || d == target
	})
	return slices.MaxFunc(machines, func(a, b Denoiser) int {
		return cmp.Compare(s.Explained(target, a, metrics.Score, i).Value(), s.Explained(target, b, metrics.Score, i).Value())
	})
}

// Samples returns n images that a denoiser draws by Heun's method, in 8 steps from sigma = 20 down
// to 0.02, from the noise of the run's seed. Machines are guarded.
func (s *Study) Samples(d Denoiser, n int) []float64 {
	return lab.Must1(lab.Cached("samples", s.inputs(d, n), func() (*batch, error) {
		levels, err := diffusion.Karras{}.Levels(8, 0.02, 20)
		if err != nil {
			return nil, err
		}
		pixels, err := diffusion.Draw(context.Background(), d.Sampler(s.Run, d.Name), diffusion.Heun{}, n, levels, diffusion.Run{Seed: s.Run.Seed})
		return &batch{pixels}, err
	})).pixels
}

// Levels are some noise levels of a study.
type Levels []float64

// Where returns the noise levels at which something holds.
func (s *Study) Where(holds func(i int) bool) (levels Levels) {
	for i, sigma := range s.Sigmas {
		if holds(i) {
			levels = append(levels, sigma)
		}
	}
	return levels
}

// String lists the levels: "σ = 0.1, 0.5", or "no level".
func (l Levels) String() string {
	if len(l) == 0 {
		return "no level"
	}
	return "σ = " + strings.Join(viz.Labels(l), ", ")
}

// scaled returns an estimate of a multiple.
func scaled(e metrics.Estimate, by float64) metrics.Estimate {
	return metrics.Estimate{Value: by * e.Value, Low: by * e.Low, High: by * e.High}
}

// batch is pixels that stay in the file of the cache until they are looked at.
type batch struct{ pixels []float64 }

// MarshalMapped implements cache.Mapped.
func (b *batch) MarshalMapped() (head, mapped []byte, err error) {
	if len(b.pixels) == 0 {
		return nil, nil, nil
	}
	return nil, unsafe.Slice((*byte)(unsafe.Pointer(&b.pixels[0])), 8*len(b.pixels)), nil
}

// UnmarshalMapped implements cache.Mapped.
func (b *batch) UnmarshalMapped(_, mapped []byte) error {
	if len(mapped) > 0 {
		b.pixels = unsafe.Slice((*float64)(unsafe.Pointer(&mapped[0])), len(mapped)/8)
	}
	return nil
}
