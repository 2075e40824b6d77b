package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

type fitCommand struct {
	Data        string  `default:"mnist" help:"Image set (see 'wavescore data list') or a folder of images."`
	Train       int     `default:"0" placeholder:"N" help:"Use the first N train images; 0 is all."`
	Wavelet     string  `default:"haar" help:"Orthonormal wavelet: haar, db1-db10, sym2-sym10, coif1-coif5."`
	Levels      int     `default:"5" help:"Levels of the transform; 0 is the pixel basis."`
	Family      string  `default:"local-coupled" enum:"independent,band-tied,local-coupled,cross-scale,combined,linear,conditional" help:"What a coefficient's score depends on: independent, band-tied, local-coupled, cross-scale, combined, or linear (which is of degree 1). Or conditional, on the kind of patch, with the flags of its own below."`
	Radius      int     `default:"1" help:"Reach of a local-coupled or combined family, in coefficients."`
	Parents     int     `default:"4" help:"Coarser levels of ancestors in a cross-scale or combined family."`
	Channels    bool    `help:"The same place of the other colour channels too."`
	Context     int     `default:"0" placeholder:"LEVELS" help:"All coefficients of this many of the coarsest levels enter linearly too."`
	Terms       string  `default:"gated" enum:"powers,gated,full" help:"Monomials of those coefficients: ${enum}."`
	Degree      int     `default:"3" help:"Highest power."`
	Share       string  `default:"coefficient" enum:"coefficient,band" help:"What has weights of its own: each ${enum}."`
	Ridge       float64 `default:"${ridge}" help:"Penalty on terms of degree 2 and more, relative to their second moment."`
	RidgeLinear float64 `default:"${ridgeLinear}" help:"Penalty on the linear neighbours, relative to their second moment."`
	RidgeSelf   float64 `default:"0" help:"Penalty on the coefficient itself."`
	Target      string  `default:"clean" enum:"clean,score" help:"What is regressed, and so what --ridge-self shrinks towards: the centre or the noisy coefficient (${enum})."`
	Out         string  `short:"o" required:"" type:"path" placeholder:"FILE" help:"The machine's file."`

	Conditional conditionalFlags `embed:"" group:"Of --family conditional:"`
}

func (c *fitCommand) Run(ctx context.Context) error {
	if c.Family == "conditional" {
		images, err := openFirst(c.Data, dataset.Train, c.Train)
		if err != nil {
			return err
		}
		if images, err = images.Pad(padded(images.Height), padded(images.Width)); err != nil {
			return err
		}
		return c.Conditional.fit(ctx, images, c.Out)
	}
	neighbourhood, err := moments.ParseNeighbourhood(c.Family, c.Radius, c.Parents)
	if err != nil {
		return err
	}
	if c.Family == "linear" {
		c.Degree = 1
	}
	neighbourhood.Channels = c.Channels
	neighbourhood.Context = max(neighbourhood.Context, c.Context)
	family := moments.Family{
		Neighbourhood: neighbourhood,
		Terms:         moments.Terms(c.Terms), Degree: c.Degree,
		Sharing: moments.Sharing(c.Share),
	}
	if err := family.Check(); err != nil {
		return err
	}
	settings := analytic.Settings{Ridge: analytic.Ridge{Self: c.RidgeSelf, Linear: c.RidgeLinear, Nonlinear: c.Ridge}, Target: analytic.Target(c.Target)}
	if err := settings.Check(); err != nil {
		return err
	}
	if _, err := wavelet.ParseFilter(c.Wavelet); err != nil {
		return err
	}
	images, err := openFirst(c.Data, dataset.Train, c.Train)
	if err != nil {
		return err
	}
	images, err = images.Pad(padded(images.Height), padded(images.Width))
	if err != nil {
		return err
	}
	layout, err := wavelet.NewLayout(images.Channels, images.Height, images.Width, c.Levels)
	if err != nil {
		return err
	}

	start := time.Now()
	spec := moments.Spec{Family: family, Filter: c.Wavelet, Layout: layout}
	cost, err := spec.Cost()
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%v\n%v; about %v for %d images\n", family, cost, cost.Time(images.Len()).Round(100*time.Millisecond), images.Len())
	done, report := progressBar("moments", "images")
	table, err := moments.Collect(ctx, spec, images, images.Name, report)
	done()
	if err != nil {
		return err
	}
	machine, err := analytic.NewMachine(table, settings)
	if err != nil {
		return err
	}
	if err := machine.Save(c.Out); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d images of %s in %.1f s: %s\n", table.Images(), images.Name, time.Since(start).Seconds(), c.Out)
	return nil
}

// padded returns the side to which images of a side are padded, the next multiple of 32: 28 x 28 images become 32 x 32, and
// machines of any number of levels see the same images.
func padded(side int) int { return (side + 31) / 32 * 32 }

// openFirst opens the first n images of a set, or for 0 all.
func openFirst(name string, split dataset.Split, n int) (*dataset.Images, error) {
	images, err := dataset.Open(name, split)
	if err != nil {
		return nil, err
	}
	if n < 0 || n > images.Len() {
		return nil, fmt.Errorf("%s has %d images; asked for %d", images.Name, images.Len(), n)
	}
	if n > 0 {
		images = images.Slice(0, n)
	}
	return images, nil
}
