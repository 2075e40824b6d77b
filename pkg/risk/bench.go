package risk

import (
	"context"
	"fmt"
	"sync"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// A Bench is where dependency families meet: the images of a run, a wavelet basis, and the table of
// moments of the largest family, from which those of all families within it are read. The errors of
// their machines are exact risks on all test images: no noise is sampled. It is neither copied nor
// changed once it is used.
type Bench struct {
	Run     lab.Run
	Filter  string         // of the wavelet transform, as wavelet.ParseFilter takes it
	Levels  int            // of the wavelet transform; 0 is the pixels themselves
	Largest moments.Family // a family that is not within it has a table of its own
	Sigmas  []float64      // noise levels, in pixels of [-1, 1]

	// Penalties are ridges on the terms of degree 2 and more. A machine chooses one of them at
	// every noise level, by its exact risk on the last fifth of the train images, and is fitted to
	// the others. With nil all train images are fitted to, with the default settings.
	Penalties []float64

	resized bool // images are interpolated to the side of the run, not padded

	tables, machines sync.Map // of this program
}

// In returns the bench in another basis.
func (b *Bench) In(filter string, levels int, largest moments.Family) *Bench {
	return &Bench{Run: b.Run, Filter: filter, Levels: levels, Largest: largest, Sigmas: b.Sigmas, Penalties: b.Penalties, resized: b.resized}
}

// At returns the bench with other noise levels.
func (b *Bench) At(sigmas ...float64) *Bench {
	other := b.In(b.Filter, b.Levels, b.Largest)
	other.Sigmas = sigmas
	return other
}

// Also returns the bench, and the benches on those of other image sets that are on this machine.
func (b *Bench) Also(sets ...string) []*Bench {
	all := []*Bench{b}
	for _, data := range sets {
		if run, found := b.Run.On(data); found && data != b.Run.Data {
			other := b.In(b.Filter, b.Levels, b.Largest)
			other.Run = run
			all = append(all, other)
		}
	}
	return all
}

// Layout returns the layout of the coefficients of the bench.
func (b *Bench) Layout() wavelet.Layout { return b.Run.Layout(b.Levels) }

// Basis names the basis of the bench.
func (b *Bench) Basis() string {
	if levels := b.Layout().Levels; levels > 0 {
		return fmt.Sprintf("%s, J = %d", b.Filter, levels)
	}
	return "pixels"
}

// A part is some images of a run, in per cent.
type part struct {
	Split    dataset.Split
	From, To int
}

var (
	validation = part{dataset.Train, 80, 100}
	allTest    = part{dataset.Test, 0, 100}
)

// fit is the images that machines are fitted to.
func (b *Bench) fit() part {
	if len(b.Penalties) > 0 {
		return part{dataset.Train, 0, validation.From}
	}
	return part{dataset.Train, 0, 100}
}

// bounds returns the images of a part, of its split's.
func (b *Bench) bounds(p part) (from, to int) {
	n, test := b.Run.Counts()
	if p.Split == dataset.Test {
		n = test
	}
	return n * p.From / 100, max(1, n*p.To/100)
}

// images returns the images of a part. Test images come in a mixed order: MNIST has the cleaner
// ones first.
func (b *Bench) images(p part) *dataset.Images {
	run := b.Run
	if b.resized {
		run.Side = unpadded
	}
	var set *dataset.Images
	if p.Split == dataset.Test {
		set = run.TestImages().Shuffle(run.Seed)
	} else {
		set = run.TrainImages()
	}
	if set = set.Slice(b.bounds(p)); b.resized {
		return set.Resize(b.Run.Side, b.Run.Side)
	}
	return set
}

// of says which images a part has.
func (b *Bench) of(p part) []any {
	from, to := b.bounds(p)
	if p.Split == dataset.Test {
		return []any{b.Run.TestSet(), b.Run.Seed, b.resized, from, to}
	}
	first := b.Run.TrainSet()
	first.Number = 0 // the first train images are the same however many there are
	return []any{first, b.resized, from, to}
}

// key is what a machine of a family depends on.
func (b *Bench) key(f moments.Family) []any {
	return []any{f, b.Filter, b.Layout(), b.Penalties, b.of(b.fit())}
}

// once returns what compute returns, which it does once in a program for a key.
func once[T any](known *sync.Map, key any, compute func() T) T {
	value, _ := known.LoadOrStore(key, sync.OnceValue(compute))
	return value.(func() T)()
}

// within tells that the moments of a family are in the table of another. It may be false where they
// are.
func within(f, whole moments.Family) bool {
	n, all := f.Neighbourhood, whole.Neighbourhood
	return f.Sharing == whole.Sharing && f.Degree <= whole.Degree &&
		(f.Terms == whole.Terms || f.Terms == moments.Powers || f.Degree == 1) &&
		all.Contains(n) && (n.Context == 0 || n.Context == all.Context)
}

// Train returns the moments of a family of the images that its machine is fitted to, and Test those
// of the test images, both with one centre.
func (b *Bench) Train(f moments.Family) *moments.Moments { return b.table(f, b.fit()) }

// Test returns the moments of a family of the test images: see Train.
func (b *Bench) Test(f moments.Family) *moments.Moments { return b.table(f, allTest) }

func (b *Bench) table(f moments.Family, p part) *moments.Moments {
	type key struct {
		moments.Family
		part
	}
	return once(&b.tables, key{f, p}, func() *moments.Moments {
		if f != b.Largest && within(f, b.Largest) {
			return lab.Must1(b.table(b.Largest, p).Restrict(f))
		}
		inputs := []any{f, b.Filter, b.Layout(), b.of(p), b.of(b.fit())}
		return lab.Must1(lab.Cached("moments", inputs, func() (*moments.Moments, error) {
			return b.collect(b.spec(f, p), b.images(p), p)
		}))
	})
}

// spec is that of the moments of a family: of other images than those of fit, with their centre.
func (b *Bench) spec(f moments.Family, p part) moments.Spec {
	if p == b.fit() {
		return moments.Spec{Family: f, Filter: b.Filter, Layout: b.Layout()}
	}
	return b.table(f, b.fit()).Spec()
}

func (b *Bench) collect(spec moments.Spec, images *dataset.Images, p part) (*moments.Moments, error) {
	label := fmt.Sprintf("moments of %s, %v, %s", b.Run.Name(), p.Split, b.Basis())
	return moments.Collect(context.Background(), spec, images, fmt.Sprint(p.Split), lab.Progress(label))
}

// Machine returns the machine of a family.
func (b *Bench) Machine(f moments.Family) *analytic.Machine {
	return once(&b.machines, f, func() *analytic.Machine {
		if len(b.Penalties) == 0 || f.Degree == 1 {
			return lab.Must1(analytic.NewMachine(b.Train(f), analytic.Default()))
		}
		return lab.Must1(analytic.Tune(b.Train(f), b.table(f, validation), analytic.Grid(b.Penalties...)))
	})
}

// Risks returns the exact errors of the machine of a family on the test images, one a noise level.
func (b *Bench) Risks(f moments.Family) (risks []analytic.Risk) {
	report := lab.Progress(fmt.Sprintf("errors of %v, %s", f, b.Basis()))
	for i, sigma := range b.Sigmas {
		risks = append(risks, b.risk(f, allTest, sigma, sigma))
		report(i+1, len(b.Sigmas))
	}
	return risks
}

// Errors returns the mean squared errors per pixel of the machine of a family on the test images,
// one a noise level.
func (b *Bench) Errors(f moments.Family) []float64 { return perPixel(b.Risks(f)) }

func perPixel(risks []analytic.Risk) (errors []float64) {
	for _, r := range risks {
		errors = append(errors, r.PerPixel)
	}
	return errors
}

// risk returns the exact error of the machine of a family on the images of a part, of which it is
// told another noise level than the true one.
func (b *Bench) risk(f moments.Family, p part, told, truth float64) analytic.Risk {
	return lab.Must1(lab.Cached("risk", []any{b.key(f), b.of(p), told, truth}, func() (analytic.Risk, error) {
		return b.Machine(f).Risk(context.Background(), b.table(f, p), told, truth)
	}))
}

// Denoiser returns the machine of a family as a denoiser of the run's images.
func (b *Bench) Denoiser(name string, f moments.Family) experiment.Denoiser {
	return experiment.Denoiser{Name: name, Recipe: benched{b, f}}
}

type benched struct {
	bench  *Bench
	family moments.Family
}

func (d benched) Make(lab.Run, string) diffusion.Denoiser { return d.bench.Machine(d.family) }

func (d benched) Sampler(lab.Run, string) diffusion.Denoiser {
	return d.bench.Machine(d.family).Guard()
}

func (d benched) Key(lab.Run) any { return d.bench.key(d.family) }

func (d benched) Images(lab.Run) int {
	from, to := d.bench.bounds(d.bench.fit())
	return to - from
}

func (d benched) Available(run lab.Run) bool { return run.Shape() == d.bench.Run.Shape() }
