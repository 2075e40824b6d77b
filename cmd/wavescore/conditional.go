package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

// conditionalFlags are those of 'wavescore fit --family conditional'.
type conditionalFlags struct {
	Window     []int  `default:"4,8,16,32" help:"Sides of the windows. The answers of all windows of all sides that cover a pixel are averaged, each over the variance of its posterior, at each noise level with weights from the errors on the last images."`
	Components int    `default:"400" help:"Gaussians of a mixture."`
	Sites      string `default:"own" enum:"own,shared" help:"Whether each place has a mixture of its own, or all share one (${enum})."`
	Rounds     int    `default:"1" help:"Rounds of EM after k-means, of the windows whose every value is in the mixture; the others do not gain by it."`
	Seed       uint64 `default:"1" help:"Of the first clusters."`
}

// The last twelfth of the images are not fitted to, and the first 300 of those weigh the windows.
const (
	held      = 12
	weighedOn = 300
)

// weighedAt are the noise levels at which windows are weighed.
var weighedAt = []float64{0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1, 1.4, 2, 3, 5, 10}

// fit fits a machine to the images and writes it to path.
func (c *conditionalFlags) fit(ctx context.Context, images *dataset.Images, path string) error {
	start := time.Now()
	shape := diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}
	sharing := conditional.PerSite
	if c.Sites == "shared" {
		sharing = conditional.Everywhere
	}
	families := make([]conditional.Family, len(c.Window))
	for i, window := range c.Window {
		var err error
		if families[i], err = conditional.Around(window, shape, c.Components, sharing); err != nil {
			return err
		}
	}
	settings := conditional.Default
	settings.Seed = c.Seed
	at := images.Len() - images.Len()/held
	train, validation := images.Slice(0, at), images.Slice(at, images.Len())
	var machines []*conditional.Machine
	for _, family := range families {
		fmt.Fprintln(os.Stderr, family)
		done, report := progressBar("mixtures", "mixtures")
		settings.Rounds = c.Rounds
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
	levels, err := conditional.Weigh(ctx, machines, validation.Slice(0, min(validation.Len(), weighedOn)), weighedAt, c.Seed, report)
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
	if err := machine.Save(path); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d images of %s in %.1f s: %s\n", train.Len(), images.Name, time.Since(start).Seconds(), path)
	return nil
}
