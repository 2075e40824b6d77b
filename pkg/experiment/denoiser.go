package experiment

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"sync"

	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/lab"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
)

// A Denoiser is a denoiser of a run's images that has a name and is known by what it is made of.
// It costs nothing: a Study makes the denoiser itself. Denoisers can be compared with ==.
type Denoiser struct {
	Name string
	Recipe
}

// Named returns the denoiser with another name.
func (d Denoiser) Named(name string) Denoiser { return Denoiser{name, d.Recipe} }

// A Recipe makes a denoiser of the images of a run. Its dynamic type can be compared. The name is
// that of the denoiser, for progress lines.
type Recipe interface {
	Make(run lab.Run, name string) diffusion.Denoiser

	// Sampler returns the form of it that samplers walk with, which is guarded where it can be.
	Sampler(run lab.Run, name string) diffusion.Denoiser

	// Key is what the outputs depend on besides the run's images: a part of the key of a cached
	// call.
	Key(run lab.Run) any

	// Images returns how many train images it is of.
	Images(run lab.Run) int

	// Available tells whether the run has what the recipe needs.
	Available(run lab.Run) bool
}

// Network returns the reference network of the run's images of a kind, as lab.Run's Network knows
// it: "unet", "cnn-circular" or "cnn-zero".
func Network(name, kind string) Denoiser { return Denoiser{name, network(kind)} }

type network string

func (n network) Make(run lab.Run, _ string) diffusion.Denoiser { return n.load(run) }

func (n network) Sampler(run lab.Run, _ string) diffusion.Denoiser { return n.load(run) }

func (n network) load(run lab.Run) *neural.Network {
	path, _ := run.Network(string(n))
	return loadNetwork(path)
}

// loadNetwork returns the network of a file, which a program reads once.
func loadNetwork(path string) *neural.Network {
	loaded, _ := networks.LoadOrStore(path, sync.OnceValue(func() *neural.Network { return lab.Must1(model.Load[neural.Network](path)) }))
	return loaded.(func() *neural.Network)()
}

var networks sync.Map // of this program, by the path of the file

func (n network) Key(run lab.Run) any {
	path, _ := run.Network(string(n))
	return "network " + digest(path)
}

// digest returns what a file is known by.
func digest(path string) string {
	return fmt.Sprintf("%x", sha256.Sum256(lab.Must1(os.ReadFile(path))))
}

func (n network) Images(run lab.Run) int { return n.load(run).Training().TrainImages }

func (n network) Available(run lab.Run) bool {
	_, found := run.Network(string(n))
	return found && n.load(run).Shape() == run.Shape()
}

// Ideal returns the exact score of the first train images of the run: the one that remembers.
func Ideal(images int) Denoiser { return Denoiser{"ideal", ideal(images)} }

type ideal int

func (n ideal) Make(run lab.Run, _ string) diffusion.Denoiser {
	return lab.Must1(empirical.NewIdeal(run.Shape(), first(run, int(n))))
}

func (n ideal) Sampler(run lab.Run, name string) diffusion.Denoiser { return n.Make(run, name) }

func (n ideal) Key(run lab.Run) any { return []any{"ideal", firstOf(run, int(n))} }

func (n ideal) Images(run lab.Run) int { return first(run, int(n)).Len() }

func (ideal) Available(lab.Run) bool { return true }

// Mixture returns the local mixture of a family, fitted to the first train images of the run with
// the default settings.
func Mixture(name string, family conditional.Family, images int) Denoiser {
	return Denoiser{name, mixture{family, images}}
}

type mixture struct {
	Family conditional.Family
	Train  int
}

func (m mixture) Make(run lab.Run, name string) diffusion.Denoiser {
	return lab.Must1(lab.Cached("mixture", []any{firstOf(run, m.Train), m.Family}, func() (*conditional.Machine, error) {
		return conditional.Fit(context.Background(), m.Family, run.Shape(), first(run, m.Train), conditional.Default(), lab.Progress(name))
	}))
}

func (m mixture) Sampler(run lab.Run, name string) diffusion.Denoiser { return m.Make(run, name) }

func (m mixture) Key(run lab.Run) any { return []any{m.Family, firstOf(run, m.Train)} }

func (m mixture) Images(run lab.Run) int { return first(run, m.Train).Len() }

func (mixture) Available(lab.Run) bool { return true }

// firstOf says which images first returns. It panics where there is none.
func firstOf(run lab.Run, images int) lab.Selection {
	if images < 1 {
		panic(fmt.Sprintf("experiment: a denoiser of %d train images; there is at least 1", images))
	}
	train := run.TrainSet()
	if available, _ := run.Counts(); images < available {
		train.Number = images
	}
	return train
}

// first returns the first train images of a run, all where there are fewer.
func first(run lab.Run, images int) *dataset.Images {
	run.Train = firstOf(run, images).Number
	return run.TrainImages()
}

// Wiener returns the Wiener filter of the first train images of the run: the best linear
// denoiser, which is that of a Gaussian with their mean and covariance.
func Wiener(images int) Denoiser {
	gaussian := moments.Family{Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels},
		Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	return Machine("Wiener filter", analytic.Mimic{Family: gaussian, Filter: "haar", Period: 1, Settings: analytic.Default()}, images).Kept()
}
