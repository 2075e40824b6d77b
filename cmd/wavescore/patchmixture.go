package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/patchmixture"
)

// patchMixture returns the settings of a patch-mixture that the flags describe.
func (c *conditionalFlags) patchMixture() patchmixture.Settings {
	s := patchmixture.Default()
	s.Components, s.Rounds, s.Seed = or(c.Components, s.Components), or(c.Rounds, s.Rounds), or(c.Seed, s.Seed)
	s.Windows = or(c.Windows, s.Windows)
	return s
}

// fitPatchMixture fits a mixture of patches to the images and writes it to path.
func fitPatchMixture(ctx context.Context, images *dataset.Images, settings patchmixture.Settings, path string) error {
	start := time.Now()
	shape := diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}
	done, report := progressBar("mixture", "rounds")
	machine, err := patchmixture.Fit(ctx, shape, images, settings, report)
	done()
	if err != nil {
		return err
	}
	if err := model.Save(path, machine); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%v\n%d images of %s in %.1f s: %s\n", machine, images.Len(), images.Name, time.Since(start).Seconds(), path)
	return nil
}
