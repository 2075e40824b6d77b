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
	"wavescore/pkg/lab"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
)

// A Denoiser is a denoiser of a run's images that has a name and is known by what it is made of.
// It costs nothing: a Study makes the denoiser itself. Denoisers can be compared with ==.
type Denoiser struct {
	Name string
	recipe
}

// Named returns the denoiser with another name.
func (d Denoiser) Named(name string) Denoiser { return Denoiser{name, d.recipe} }

// A recipe makes a denoiser of the images of a run. Its dynamic type can be compared.
type recipe interface {
	make(run lab.Run, name string) diffusion.Denoiser

	// sampler returns the form of it that samplers walk with, which is guarded where it can be.
	sampler(run lab.Run, name string) diffusion.Denoiser

	// key is what the outputs depend on besides the run's images.
	key(run lab.Run) any

	// images returns how many train images it is of.
	images(run lab.Run) int

	// there tells whether the run has what the recipe needs.
	there(run lab.Run) bool
}

// Network returns the reference network of the run's images of a kind, as lab.Run's Network knows
// it: "unet", "cnn-circular" or "cnn-zero".
func Network(name, kind string) Denoiser { return Denoiser{name, network(kind)} }

type network string

func (n network) make(run lab.Run, _ string) diffusion.Denoiser { return n.load(run) }

func (n network) sampler(run lab.Run, _ string) diffusion.Denoiser { return n.load(run) }

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

func (n network) key(run lab.Run) any {
	path, _ := run.Network(string(n))
	return "network " + digest(path)
}

// digest returns what a file is known by.
func digest(path string) string {
	return fmt.Sprintf("%x", sha256.Sum256(lab.Must1(os.ReadFile(path))))
}

func (n network) images(run lab.Run) int { return n.load(run).Training().TrainImages }

func (n network) there(run lab.Run) bool {
	_, found := run.Network(string(n))
	return found && n.load(run).Shape() == run.Shape()
}

// Ideal returns the exact score of the first train images of the run: the one that remembers.
func Ideal(images int) Denoiser { return Denoiser{"ideal", ideal(images)} }

type ideal int

func (n ideal) make(run lab.Run, _ string) diffusion.Denoiser {
	return lab.Must1(analytic.NewIdeal(run.Shape(), first(run, int(n))))
}

func (n ideal) sampler(run lab.Run, name string) diffusion.Denoiser { return n.make(run, name) }

func (n ideal) key(run lab.Run) any { return []any{"ideal", firstOf(run, int(n))} }

func (n ideal) images(run lab.Run) int { return first(run, int(n)).Len() }

func (ideal) there(lab.Run) bool { return true }

// Mixture returns the local mixture of a family, fitted to the first train images of the run with
// the default settings.
func Mixture(name string, family conditional.Family, images int) Denoiser {
	return Denoiser{name, mixture{family, images}}
}

type mixture struct {
	Family conditional.Family
	Images int
}

func (m mixture) make(run lab.Run, name string) diffusion.Denoiser {
	return lab.Must1(lab.Cached("mixture", []any{firstOf(run, m.Images), m.Family}, func() (*conditional.Machine, error) {
		return conditional.Fit(context.Background(), m.Family, run.Shape(), first(run, m.Images), conditional.Default(), lab.Progress(name))
	}))
}

func (m mixture) sampler(run lab.Run, name string) diffusion.Denoiser { return m.make(run, name) }

func (m mixture) key(run lab.Run) any { return []any{m.Family, firstOf(run, m.Images)} }

func (m mixture) images(run lab.Run) int { return first(run, m.Images).Len() }

func (mixture) there(lab.Run) bool { return true }

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
