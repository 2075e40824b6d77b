package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"text/tabwriter"

	"wavescore/internal/openblas"
	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/neural"
	"wavescore/pkg/patchmixture"
)

// version is that of the program: the one that comes after the last in CHANGELOG.md.
const version = "0.2.0-dev"

// versionText is what --version prints.
func versionText() string {
	return fmt.Sprintf("wavescore %s, %s, matrix products by %s", version, runtime.Version(), openblas.Name)
}

type infoCommand struct {
	File string `arg:"" help:"A machine that 'wavescore fit' wrote, a network that 'wavescore train' wrote, or photo."`
}

func (c *infoCommand) Run() error {
	d, err := openMachine(c.File)
	if err != nil {
		return err
	}
	if info, err := os.Stat(c.File); err == nil {
		fmt.Printf("%s, %s\n", c.File, megabytes(info.Size()))
	}
	return describe(os.Stdout, d)
}

// describe prints what a denoiser is.
func describe(w io.Writer, d diffusion.Denoiser) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(name string, value any) { fmt.Fprintf(table, "%s\t%v\n", name, value) }
	switch m := d.(type) {
	case *analytic.Machine:
		spec := m.Moments().Spec()
		line("kind", "polynomial scores, fitted in closed form to moments")
		line("family", spec.Family)
		line("wavelet", fmt.Sprintf("%s, %d levels", spec.Filter, spec.Layout.Levels))
		line("fitted to", fmt.Sprintf("%d images", m.Moments().Images()))
	case *conditional.Machine:
		line("kind", "conditional moments: mixtures of windows")
		for _, f := range m.Families() {
			line("family", f)
		}
	case *patchmixture.Machine:
		s := m.Settings()
		line("kind", m)
		line("fitted to", fmt.Sprintf("%d windows, by k-means and %d rounds of EM, seed %d", s.Windows, s.Rounds, s.Seed))
	case *neural.Network:
		line("kind", fmt.Sprintf("neural network, %s, of %d parameters", m.Architecture().Kind, m.Parameters()))
		line("trained on", fmt.Sprintf("%d images of %s", m.Training().TrainImages, m.Training().Data))
	case trainingScore:
		line("kind", fmt.Sprintf("score of a training set (%T)", m))
		line("keeps", fmt.Sprintf("%d images", m.Images().Len()))
	default:
		line("kind", fmt.Sprintf("%T", d))
	}
	shape := d.Shape()
	if _, ok := d.(diffusion.AnySize); ok {
		line("images", fmt.Sprintf("%d channels, of any size; fitted to %dx%d (height x width)", shape.C, shape.H, shape.W))
	} else {
		line("images", fmt.Sprintf("%v (channels x height x width); smaller ones are padded with black", shape))
	}
	line("pixels", "[-1, 1], black to white; sigma is the standard deviation of the noise in these units")
	return table.Flush()
}
