package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
)

// conditionalFlags are those of 'wavescore fit --family conditional'; nil where they are not given.
type conditionalFlags struct {
	Window     []int   `placeholder:"4,8,16,32" help:"Sides of the windows. The posterior means of all windows of all sides that cover a pixel are averaged, each weighted by the inverse of its posterior variance and, at each noise level, by weights from the errors on the last images."`
	Components *int    `placeholder:"400" help:"Gaussians of a mixture."`
	Sites      *string `placeholder:"own" help:"Whether each place has a mixture of its own (own), or all share one (shared)."`
	Rounds     *int    `placeholder:"1" help:"Rounds of EM after k-means; of a conditional machine for the windows whose every value is in the mixture, as the others do not gain by it. 8 by default of patch-mixture."`
	Seed       *uint64 `placeholder:"1" help:"Of the first clusters, and of the choice of windows."`
	Windows    *int    `placeholder:"800000" help:"Windows of 8x8 pixels that a patch-mixture is fitted to, at random places."`
}

// weighedOn is how many of the images that are not fitted to weigh the windows, at most.
const weighedOn = 300

// weighedAt are the noise levels at which windows are weighed.
var weighedAt = []float64{0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10}

// families returns the families that the flags describe, one for every window.
func (c *conditionalFlags) families(shape diffusion.Shape) ([]conditional.Family, error) {
	sharing := conditional.PerSite
	switch sites := or(c.Sites, "own"); sites {
	case "own":
	case "shared":
		sharing = conditional.Everywhere
	default:
		return nil, fmt.Errorf("--sites %s: want own or shared", sites)
	}
	windows := c.Window
	if windows == nil {
		windows = []int{4, 8, 16, 32}
	}
	var families []conditional.Family
	for _, window := range windows {
		family, err := conditional.Around(window, shape, or(c.Components, 400), sharing)
		if err != nil {
			return nil, err
		}
		families = append(families, family)
	}
	if families == nil {
		return nil, errors.New("--window names no window")
	}
	return families, nil
}

// fit fits a machine to the images and writes it to path. The last twelfth of the images are not
// fitted to, and weigh the windows.
func (c *conditionalFlags) fit(ctx context.Context, images *dataset.Images, path string) error {
	start := time.Now()
	shape := diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}
	families, err := c.families(shape)
	if err != nil {
		return err
	}
	kept := heldOut(images.Len())
	if kept < 1 {
		return fmt.Errorf("%s is one image; a conditional machine needs at least two, one of them to weigh its windows", images.Name)
	}
	train, validation := images.Slice(0, images.Len()-kept), images.Slice(images.Len()-kept, images.Len())
	settings := conditional.Default()
	settings.Seed = or(c.Seed, settings.Seed)
	var machines []*conditional.Machine
	for _, family := range families {
		fmt.Fprintln(os.Stderr, family)
		done, report := progressBar("mixtures", "mixtures")
		settings.Rounds = or(c.Rounds, 1)
		if family.Rank > 0 {
			settings.Rounds = 0
		}
		machine, err := conditional.Fit(ctx, family, shape, train, settings, report)
		done()
		if err != nil {
			return err
		}
		machines = append(machines, machine)
	}
	done, report := progressBar("windows", "errors")
	levels, err := conditional.Weigh(ctx, machines, validation.Slice(0, min(validation.Len(), weighedOn)), weighedAt, settings.Seed, report)
	done()
	if err != nil {
		return err
	}
	machine, err := conditional.Combine(machines, levels)
	if err != nil {
		return err
	}
	for _, level := range levels {
		fmt.Fprintf(os.Stderr, "sigma %v:", level.Sigma)
		for f, family := range families {
			fmt.Fprintf(os.Stderr, " window %d %.0f %%", family.Window, 100*level.Weights[f])
		}
		fmt.Fprintln(os.Stderr)
	}
	for _, level := range levels {
		if ratio := level.Error / (level.Sigma * level.Sigma); ratio > 1 {
			fmt.Fprintf(os.Stderr, "warning: at sigma %v the machine errs %.1f times as much as leaving the noise would, on %d images kept from it: "+
				"fit more images, or take --sites shared or fewer --components\n", level.Sigma, ratio, min(validation.Len(), weighedOn))
			break
		}
	}
	if err := model.Save(path, machine); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d images of %s in %.1f s: %s\n", train.Len(), images.Name, time.Since(start).Seconds(), path)
	return nil
}
