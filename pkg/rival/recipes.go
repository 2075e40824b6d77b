package rival

import (
	"context"
	"fmt"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/shrinkage"
)

// A Theory is a score of a training set whose pixels see patches.
type Theory string

const (
	LocalScore            Theory = "LS"   // the local score: empirical.NewLocal
	EquivariantLocalScore Theory = "ELS"  // the equivariant local score: empirical.NewEquivariant, with borders told apart
	PatchPosterior        Theory = "PSPC" // the patch posterior composite: empirical.NewComposition
)

// Theories are all of them.
var Theories = []Theory{LocalScore, EquivariantLocalScore, PatchPosterior}

// newDenoiser returns a denoiser of patches of the sides, of all train images of a run.
func (t Theory) newDenoiser(run lab.Run, sides empirical.Sides) (diffusion.Denoiser, error) {
	set := run.TrainImages()
	switch t {
	case LocalScore:
		return empirical.NewLocal(run.Shape(), set, sides)
	case EquivariantLocalScore:
		return empirical.NewEquivariant(run.Shape(), set, sides, empirical.Border)
	case PatchPosterior:
		return empirical.NewComposition(run.Shape(), set, sides)
	}
	panic(fmt.Sprintf("rival: theory %q is none of %q", t, Theories))
}

// A TheorySize is a theory and of how many train images it is.
type TheorySize struct {
	Theory Theory
	Images int
}

// Patches returns a theory of the first train images of a run, with the sides of a choice. It has
// the theory's name.
func Patches(theory Theory, images int, choice *Choice) experiment.Denoiser {
	return experiment.Denoiser{Name: string(theory), Recipe: patches{theory, images, 0, choice}}
}

type patches struct {
	Theory Theory
	Train  int
	side   int // of all patches, or
	choice *Choice
}

func (p patches) sides(run lab.Run) empirical.Sides {
	if p.choice == nil {
		return empirical.Side(p.side)
	}
	return p.choice.Choose(run, p.Theory, p.train(run).Train)
}

// train returns the run with the theory's train images: none of those that its sides are chosen on.
func (p patches) train(run lab.Run) lab.Run {
	n := p.Train
	if p.choice != nil {
		available, _ := run.Counts()
		n = min(n, available-p.choice.Images)
	}
	return first(run, n)
}

func (p patches) Make(run lab.Run, _ string) diffusion.Denoiser {
	return lab.Must1(p.Theory.newDenoiser(p.train(run), p.sides(run)))
}

func (p patches) Sampler(run lab.Run, name string) diffusion.Denoiser { return p.Make(run, name) }

func (p patches) Key(run lab.Run) any {
	return []any{string(p.Theory), p.train(run).TrainSet(), p.sides(run)}
}

func (p patches) Images(run lab.Run) int { return p.train(run).Train }

func (patches) Available(lab.Run) bool { return true }

// PCALocality returns the machine that sees what the Wiener filter of the first train images
// listens to: "PCA locality".
func PCALocality(images int, locality empirical.Locality) experiment.Denoiser {
	return experiment.Denoiser{Name: "PCA locality", Recipe: principal{trained(images), locality}}
}

// trained is what recipes of so many train images, the first, have in common.
type trained int

func (n trained) run(run lab.Run) lab.Run { return first(run, int(n)) }

// Images implements experiment.Recipe.
func (n trained) Images(run lab.Run) int { return n.run(run).Train }

// Available implements experiment.Recipe.
func (trained) Available(lab.Run) bool { return true }

type principal struct {
	trained
	locality empirical.Locality
}

// Make keeps the machine, or at least what takes longest of it: the eigenvectors.
func (p principal) Make(run lab.Run, _ string) diffusion.Denoiser {
	return lab.Must1(lab.Cached("PCA locality", p.Key(run), func() (*empirical.Principal, error) {
		return empirical.NewPrincipal(context.Background(), run.Shape(), p.run(run).TrainImages(), p.locality)
	}))
}

func (p principal) Sampler(run lab.Run, name string) diffusion.Denoiser { return p.Make(run, name) }

func (p principal) Key(run lab.Run) any {
	return []any{"PCA locality", p.run(run).TrainSet(), p.locality}
}

// Smoothed returns the smoothed score of the first train images of a run: "smoothed".
func Smoothed(images int, smoothing empirical.Smoothing) experiment.Denoiser {
	return experiment.Denoiser{Name: "smoothed", Recipe: smoothed{trained(images), smoothing}}
}

type smoothed struct {
	trained
	smoothing empirical.Smoothing
}

func (s smoothed) Make(run lab.Run, name string) diffusion.Denoiser {
	ideal := experiment.Ideal(int(s.trained)).Make(run, name).(*empirical.Ideal)
	return lab.Must1(empirical.NewSmoothed(ideal, s.smoothing))
}

func (s smoothed) Sampler(run lab.Run, name string) diffusion.Denoiser { return s.Make(run, name) }

func (s smoothed) Key(run lab.Run) any {
	return []any{"smoothed", s.run(run).TrainSet(), s.smoothing}
}

// Preselected returns a score of a training set that compares each noisy image with so many of its
// train images alone, those nearest to it in means over blocks of 4 x 4 pixels. Its name says how
// many. The score is one of Patches, of PCALocality or experiment.Ideal; making another panics.
func Preselected(score experiment.Denoiser, images int) experiment.Denoiser {
	return experiment.Denoiser{Name: fmt.Sprintf("%s, nearest %d", score.Name, images), Recipe: preselected{score, images}}
}

const selectionBlock = 4 // pixels along a side

type preselected struct {
	score    experiment.Denoiser
	selected int
}

func (p preselected) Make(run lab.Run, _ string) diffusion.Denoiser {
	score := p.score.Make(run, p.score.Name).(empirical.Score)
	return lab.Must1(empirical.NewPreselected(score, empirical.Select(p.selected, selectionBlock)))
}

func (p preselected) Sampler(run lab.Run, name string) diffusion.Denoiser { return p.Make(run, name) }

func (p preselected) Key(run lab.Run) any {
	return []any{"preselected", p.score.Key(run), p.selected, selectionBlock}
}

func (p preselected) Images(run lab.Run) int { return p.score.Images(run) }

func (p preselected) Available(run lab.Run) bool { return p.score.Available(run) }

// Classic returns a denoiser that needs no training set, by the name that shrinkage.Method knows,
// averaged over shrinkage.Spin rows and columns of shifts.
func Classic(name string) experiment.Denoiser {
	return experiment.Denoiser{Name: name, Recipe: classic{name, shrinkage.Spin}}
}

// Decimated returns a classic without its average over shifts.
func Decimated(name string) experiment.Denoiser {
	return experiment.Denoiser{Name: name + ", decimated", Recipe: classic{name, 1}}
}

type classic struct {
	method string
	spin   int
}

func (c classic) Make(run lab.Run, _ string) diffusion.Denoiser {
	return lab.Must1(shrinkage.Method(c.method, run.Shape(), c.spin))
}

func (c classic) Sampler(run lab.Run, name string) diffusion.Denoiser { return c.Make(run, name) }

func (c classic) Key(lab.Run) any { return []any{"classic", c.method, c.spin} }

func (classic) Images(lab.Run) int { return 0 }

// Memory says that a classic has learnt nothing.
func (classic) Memory() experiment.Memory { return experiment.Memory{Holds: "nothing"} }

func (classic) Available(lab.Run) bool { return true }

// first returns the run with so many train images, the first; all where there are fewer. It panics
// for fewer than 1.
func first(run lab.Run, images int) lab.Run {
	if images < 1 {
		panic(fmt.Sprintf("rival: a score of %d train images; there is at least 1", images))
	}
	available, _ := run.Counts()
	run.Train = min(images, available)
	return run
}
