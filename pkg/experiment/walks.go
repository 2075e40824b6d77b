package experiment

import (
	"context"
	"slices"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/wavelet"
)

// Walks say how denoisers draw images: along which noise levels, by which sampler, from which
// noise. It is the same noise for every denoiser, so that images differ by the denoiser alone.
// They begin around the mean of the images that the denoiser knows. Machines are guarded unless
// it says otherwise. What has been drawn or measured is kept in the cache of package lab, known by
// all that it depends on.
type Walks struct {
	Run    lab.Run
	Images int    // walks of each denoiser
	Seed   uint64 // of the noise
	Tests  int    // test images to compare samples with, drawn at random by the run's seed

	Sampler   diffusion.Sampler
	Schedule  diffusion.Schedule
	Steps     int
	Low, High float64 // the least noise level but 0, and the one that walks begin at
}

// Levels returns the noise levels of the walks, descending, the last 0.
func (w Walks) Levels() []float64 { return lab.Must1(w.Schedule.Levels(w.Steps, w.Low, w.High)) }

// From returns the same walks begun at another noise level.
func (w Walks) From(high float64) Walks {
	w.High = high
	return w
}

// A Method is a sampler with what it costs.
type Method struct {
	Name    string
	Sampler diffusion.Sampler
	Cost    int // evaluations of the denoiser a step
}

// By returns the same walks by a method, with as many steps as so many evaluations of the denoiser
// make, rounded up.
func (w Walks) By(m Method, evaluations int) Walks {
	w.Sampler, w.Steps = m.Sampler, (evaluations+m.Cost-1)/m.Cost
	return w
}

// inputs returns what walks of a denoiser depend on, with what else counts.
func (w Walks) inputs(d Denoiser, more ...any) []any {
	return append([]any{d.Key(w.Run), w.Images, w.Seed, w.Sampler, w.Levels()}, more...)
}

// meanSigma is the noise level at which a denoiser is asked for the mean of the images it knows.
const meanSigma = 80

// begin returns where the walks of a denoiser begin.
func (w Walks) begin(d diffusion.Denoiser) ([]float64, error) {
	mean, err := diffusion.Mean(context.Background(), d, max(w.High, meanSigma))
	if err != nil {
		return nil, err
	}
	return w.noise("").Start(d.Shape(), w.Images, w.High, mean), nil
}

// noise returns the run of a sampler, which shows how far it is under a label.
func (w Walks) noise(label string) diffusion.Run {
	report, steps := lab.Progress(label), len(w.Levels())
	return diffusion.Run{Seed: w.Seed, Each: func(s diffusion.State) { report(s.Step+1, steps) }}
}

// walkEnds is the end of the walks of a denoiser, and how often the guard of a machine acted.
type walkEnds struct {
	Images []float64
	Uses   []analytic.Use
}

func (w Walks) draw(d Denoiser) walkEnds {
	if _, slow := d.Recipe.(ideal); slow { // and its states are asked for as well
		states := w.States(d)
		return walkEnds{Images: states[len(states)-1].X}
	}
	return lab.Must1(lab.Cached("walks", w.inputs(d), func() (walkEnds, error) {
		denoiser, guard := w.sampler(d)
		x, err := w.begin(denoiser)
		if err == nil {
			err = w.Sampler.Sample(context.Background(), denoiser, x, w.Levels(), w.noise(d.Name+" walks"))
		}
		if err != nil || guard == nil {
			return walkEnds{Images: x}, err
		}
		return walkEnds{x, guard.Uses()}, nil
	}))
}

// sampler returns the form of a denoiser that walks, and the guard if it is a machine.
func (w Walks) sampler(d Denoiser) (diffusion.Denoiser, *analytic.Guarded) {
	m, ok := d.Recipe.(machine)
	if !ok {
		return d.Sampler(w.Run, d.Name), nil
	}
	guard := m.guarded(w.Run, d.Name)
	return diffusion.CycleSpin(guard, m.Mimic.Period), guard
}

// Samples returns the images that the walks of a denoiser end at.
func (w Walks) Samples(d Denoiser) []float64 { return w.draw(d).Images }

// GuardUses returns how often the guard of a machine acted on its walks, at every noise level, and
// nil for another denoiser.
func (w Walks) GuardUses(d Denoiser) []analytic.Use { return w.draw(d).Uses }

// States returns every state of the walks of a denoiser, the ends last.
func (w Walks) States(d Denoiser) (states []diffusion.State) {
	kept := lab.Must1(lab.Cached("walk-states", w.inputs(d), func() (*batch, error) {
		denoiser, _ := w.sampler(d)
		x, err := w.begin(denoiser)
		if err != nil {
			return nil, err
		}
		states, err := diffusion.Record(context.Background(), denoiser, w.Sampler, x, w.Levels(), w.noise(d.Name+" walks"))
		all := new(batch)
		for _, s := range states {
			all.pixels = slices.Concat(all.pixels, []float64{s.Sigma}, s.X, s.Denoised)
		}
		return all, err
	}))
	size := w.Images * w.Run.Shape().Size()
	for rest := kept.pixels; len(rest) > 0; {
		s := diffusion.State{Step: len(states), Sigma: rest[0], X: rest[1 : 1+size]}
		if rest = rest[1+size:]; len(rest) > 0 {
			s.Denoised, rest = rest[:size], rest[size:]
		}
		states = append(states, s)
	}
	return states
}

// lostLimit is the size of a pixel that no walk comes back from.
const lostLimit = 10

// Lost returns the share of the walks of a denoiser that have left the data at each of Levels but
// the last, where a machine walks without its guard: those on which a denoised pixel has become
// greater than 10 in size. Intervals are those of metrics.Proportion.
func (w Walks) Lost(d Denoiser) (lost []metrics.Estimate) {
	counts := lab.Must1(lab.Cached("walks-lost", w.inputs(d, lostLimit), func() (counts []int, err error) {
		fence := diffusion.Fence{Denoiser: d.Make(w.Run, d.Name), Limit: lostLimit}
		x, err := w.begin(fence)
		if err != nil {
			return nil, err
		}
		size, run := fence.Shape().Size(), w.noise(d.Name+" walks without a guard")
		report := run.Each
		run.Each = func(s diffusion.State) {
			report(s)
			count := 0
			for i := 0; i < len(s.Denoised); i += size {
				if fence.Lost(s.Denoised[i : i+size]) {
					count++
				}
			}
			counts = append(counts, count)
		}
		err = w.Sampler.Sample(context.Background(), fence, x, w.Levels(), run)
		return counts, err
	}))
	for _, count := range counts[:len(counts)-1] { // at the end nothing is denoised
		lost = append(lost, metrics.Proportion(count, w.Images))
	}
	return lost
}

// tests returns the test images that samples are compared with.
func (w Walks) tests() *dataset.Images {
	test := w.Run.TestImages().Shuffle(w.Run.Seed)
	return test.Slice(0, min(w.Tests, test.Len()))
}

// comparedWith says what images are compared with by their patches or their neighbours.
func (w Walks) comparedWith() []any { return []any{w.Run.TestSet(), w.Run.Seed, w.Tests} }

// patchTests is how many of the test images patches are compared with at most.
const patchTests = 1000

// Sides returns the pixels along a side that samples are averaged down to when they are compared
// with test images: see metrics.PatchScales.
func (w Walks) Sides() []int { return metrics.PatchSides(w.Run.Shape()) }

// Distances returns how far the samples of a denoiser are from the test images at each of Sides,
// as metrics.PatchScales measures it, with the first 1000 of the test images.
func (w Walks) Distances(d Denoiser) []float64 {
	return lab.Must1(lab.Cached("walks-distances", w.inputs(d, w.comparedWith()), func() ([]float64, error) {
		return w.patchDistances(w.Samples(d))
	}))
}

// TrainDistances returns how far as many images drawn from the first train images are from the test
// images: the least that so few images can show.
func (w Walks) TrainDistances(images int) []float64 {
	train := firstOf(w.Run, images)
	return lab.Must1(lab.Cached("train-distances", []any{train, w.Images, w.comparedWith()}, func() ([]float64, error) {
		some := first(w.Run, images).Shuffle(w.Run.Seed)
		return w.patchDistances(some.Batch(nil, 0, min(w.Images, some.Len())))
	}))
}

func (w Walks) patchDistances(images []float64) ([]float64, error) {
	test := w.tests()
	scales, err := metrics.NewPatchScales(w.Run.Shape(), test.Batch(nil, 0, min(patchTests, test.Len())), w.Run.Seed)
	if err != nil {
		return nil, err
	}
	return scales.Distances(images)
}

// transform returns the Haar transform of the run's images on five levels, or as many as they have.
func (w Walks) transform() *wavelet.Transform {
	return wavelet.NewTransform(lab.Must1(wavelet.ParseFilter("haar")), w.Run.Layout(5))
}

// LevelNames names the approximation and the levels of the run's images, from coarse to fine.
func (w Walks) LevelNames() []string { return metrics.LevelNames(w.Run.Layout(5)) }

// Variances returns the variance of the samples of a denoiser at each of LevelNames.
func (w Walks) Variances(d Denoiser) []metrics.Statistic {
	return metrics.LevelVariances(w.transform(), w.Samples(d))
}

// Settled returns how much of the variance of the images that the walks of a denoiser end at is
// there already in what is expected on the way, by level of Haar,
//
//	1 - sum_c (D_c(x_sigma) - x_c)^2 / sum_c (x_c - mean_c)^2,
//
// x being the ends and mean their mean: for each of LevelNames and each of Levels but the last.
func (w Walks) Settled(d Denoiser) (settled [][]metrics.Statistic) {
	states, transform, size := w.States(d), w.transform(), w.Run.Shape().Size()
	last := len(states) - 1
	end := states[last].X
	final := metrics.LevelEnergies(transform, difference(end, metrics.MeanImage(end, size)))
	settled = make([][]metrics.Statistic, len(w.LevelNames()))
	for _, s := range states[:last] {
		off := metrics.LevelEnergies(transform, difference(s.Denoised, end))
		for level := range settled {
			var rows [][]float64
			for i := range off {
				rows = append(rows, []float64{off[i][level], final[i][level]})
			}
			settled[level] = append(settled[level], metrics.NewStatistic(rows, func(means []float64) float64 { return 1 - means[0]/means[1] }))
		}
	}
	return settled
}

// difference returns images less others, or less one.
func difference(images, less []float64) []float64 {
	d := slices.Clone(images)
	for i := range d {
		d[i] -= less[i%len(less)]
	}
	return d
}

// Nearest returns the two nearest of the first train images of each sample of a denoiser.
func (w Walks) Nearest(d Denoiser, train int) []metrics.Neighbours {
	return nearest(w.Run, train, w.inputs(d), func() []float64 { return w.Samples(d) })
}

// NearestToTests returns the two nearest of the first train images of as many test images as there
// are walks.
func (w Walks) NearestToTests(train int) []metrics.Neighbours {
	return nearest(w.Run, train, []any{w.comparedWith(), w.Images}, func() []float64 {
		test := w.tests()
		return test.Batch(nil, 0, min(w.Images, test.Len()))
	})
}

// Possible returns how many train images an ideal denoiser still holds possible on each of its
// walks at each of Levels but the last: the effective number 1 / sum_i w_i^2 of its weights. The
// first walks are followed. It panics unless the denoiser is ideal.
func (w Walks) Possible(d Denoiser, walks int) [][]float64 {
	walks = min(walks, w.Images)
	return lab.Must1(lab.Cached("walks-possible", w.inputs(d, walks), func() ([][]float64, error) {
		score := d.Recipe.(ideal).Make(w.Run, d.Name).(*empirical.Ideal)
		counts, states := make([][]float64, walks), w.States(d)
		for _, s := range states[:len(states)-1] {
			weights, err := score.Posterior(context.Background(), s.X[:walks*score.Shape().Size()], s.Sigma)
			if err != nil {
				return nil, err
			}
			each := len(weights) / walks
			for i := range counts {
				var squares float64
				for _, v := range weights[i*each : (i+1)*each] {
					squares += v * v
				}
				counts[i] = append(counts[i], 1/squares)
			}
		}
		return counts, nil
	}))
}
