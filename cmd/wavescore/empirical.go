package main

import (
	"context"
	"encoding"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/empirical"
	"wavescore/pkg/metrics"
	"wavescore/pkg/model"
)

// The families of 'wavescore fit' that are scores of the training set.
var (
	ofPatches   = []string{"local-score", "equivariant-local-score", "patch-posterior"}
	ofTraining  = append(append([]string{}, ofPatches...), "pca-locality", "smoothed", "ideal")
	equivariant = []string{"equivariant-local-score"}
	locality    = []string{"pca-locality"}
	smoothed    = []string{"smoothed"}
	selectable  = append(append([]string{}, ofPatches...), "pca-locality", "ideal")
)

// empiricalFlags are those of the scores of the training set; nil where they are not given.
type empiricalFlags struct {
	Patch     *string  `placeholder:"auto" help:"Side of the patches, in pixels: a number, or SIGMA:SIDE,... by noise level. Else, at each of some noise levels, the one of least error on the last images, which are then not kept."`
	Edge      *string  `placeholder:"border" help:"What patches meet at the edges of an image: border (nothing; only those cut alike are compared) or round (the opposite edge)."`
	Threshold *float64 `placeholder:"0.005" help:"Share of the largest weight of the Wiener filter from which on a pixel is seen; .05 by default in colour."`
	Batch     *int     `placeholder:"0" help:"Average the means of batches of so many images, as the authors' program does; 0 is the mean over all, as in the theory."`
	Spread    *float64 `placeholder:"0.2" help:"Standard deviation of a perturbation, of pixels in [-1, 1]."`
	Draws     *int     `placeholder:"16" help:"Perturbations that are averaged over."`
	Nearest   *int     `placeholder:"0" help:"Compare a noisy image with so many training images only, those with the nearest means over blocks of 4 x 4 pixels; 0 is all. The search takes time for every training image, and the error grows by what the others would have weighed."`
}

// chosenAt are the noise levels at which sides are chosen, and chosenAmong the sides.
var (
	chosenAt    = []float64{0.05, 0.1, 0.2, 0.5, 1, 2, 5}
	chosenAmong = []int{1, 3, 5, 7, 9, 11, 15, 19, 25, 31, 45, 63}
)

// chosenOn is how many images sides are chosen on, at most.
const chosenOn = 4

// check returns an error for values of flags that cannot be used, before images are opened.
func (c *empiricalFlags) check() error {
	if _, err := c.sides(); err != nil {
		return err
	}
	if edge := or(c.Edge, "border"); edge != "border" && edge != "round" {
		return fmt.Errorf("--edge %s: want border or round", edge)
	}
	if err := c.locality(1).Check(); err != nil {
		return err
	}
	if n := or(c.Nearest, 0); n < 0 {
		return fmt.Errorf("--nearest %d: want 1 or more training images, or 0 for all", n)
	}
	return c.smoothing().Check()
}

// locality is that of pca-locality, for images of so many channels.
func (c *empiricalFlags) locality(channels int) empirical.Locality {
	threshold := 0.005
	if channels > 1 {
		threshold = 0.05
	}
	return empirical.Locality{Threshold: or(c.Threshold, threshold), Batch: or(c.Batch, 0)}
}

func (c *empiricalFlags) smoothing() empirical.Smoothing {
	return empirical.Smoothing{Spread: or(c.Spread, 0.2), Draws: or(c.Draws, 16), Seed: 1}
}

// fit makes a score of the images, and writes it to path.
func (c *empiricalFlags) fit(ctx context.Context, family string, images *dataset.Images, path string) error {
	start := time.Now()
	shape := diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}
	d, err := c.denoiser(ctx, family, shape, images)
	if err != nil {
		return err
	}
	if n := or(c.Nearest, 0); n > 0 {
		const block = 4 // pixels along a side
		if d, err = empirical.NewPreselected(d.(empirical.Score), empirical.Select(n, block)); err != nil {
			return err
		}
	}
	if err := model.Save(path, d); err != nil {
		return err
	}
	bytes := int64(0)
	if info, err := os.Stat(path); err == nil {
		bytes = info.Size()
	}
	fmt.Fprintf(os.Stderr, "%d images of %s are kept, %.1f MB, in %.1f s: %s\n",
		d.Images().Len(), images.Name, float64(bytes)/1e6, time.Since(start).Seconds(), path)
	return nil
}

// trainingScore is a denoiser that keeps its training images.
type trainingScore interface {
	diffusion.Denoiser
	encoding.BinaryMarshaler
	Images() diffusion.Images
}

// denoiser makes the denoiser of a family.
func (c *empiricalFlags) denoiser(ctx context.Context, family string, shape diffusion.Shape, images *dataset.Images) (trainingScore, error) {
	switch family {
	case "ideal":
		return empirical.NewIdeal(shape, images)
	case "smoothed":
		ideal, err := empirical.NewIdeal(shape, images)
		if err != nil {
			return nil, err
		}
		return empirical.NewSmoothed(ideal, c.smoothing())
	case "pca-locality":
		return empirical.NewPrincipal(ctx, shape, images, c.locality(shape.C))
	}
	if given, err := c.sides(); err != nil || given.Pixels != nil {
		if err != nil {
			return nil, err
		}
		return c.ofPatches(family, shape, images, given)
	}
	if images.Len() < 2 {
		return nil, errors.New("of one image there is no other to choose the side of patches on: give it with --patch")
	}
	at := images.Len() - min(heldOut(images.Len()), chosenOn)
	train, validation := images.Slice(0, at), images.Slice(at, images.Len())
	sides, err := c.chosen(ctx, family, shape, train, validation)
	if err != nil {
		return nil, err
	}
	return c.ofPatches(family, shape, train, sides)
}

// ofPatches makes the denoiser of a family of patches.
func (c *empiricalFlags) ofPatches(family string, shape diffusion.Shape, images *dataset.Images, sides empirical.Sides) (trainingScore, error) {
	switch family {
	case "patch-posterior":
		return empirical.NewComposition(shape, images, sides)
	case "equivariant-local-score":
		edge := empirical.Border
		if or(c.Edge, "border") == "round" {
			edge = empirical.Round
		}
		return empirical.NewEquivariant(shape, images, sides, edge)
	}
	return empirical.NewLocal(shape, images, sides)
}

// chosen returns the sides of least error on validation images.
func (c *empiricalFlags) chosen(ctx context.Context, family string, shape diffusion.Shape, train, validation *dataset.Images) (empirical.Sides, error) {
	var candidates []int
	for _, side := range chosenAmong {
		if side <= max(shape.H, shape.W) {
			candidates = append(candidates, side)
		}
	}
	done, report := progressBar("sides of patches", "noise levels")
	defer done()
	sides, err := empirical.ChooseSides(ctx, chosenAt, candidates, func(ctx context.Context, side int, sigma float64) (float64, error) {
		d, err := c.ofPatches(family, shape, train, empirical.Side(side))
		if err != nil {
			return 0, err
		}
		trial, err := metrics.Run(ctx, d, metrics.Set{Images: validation, Seed: noiseSeed}, sigma)
		if err != nil {
			return 0, err
		}
		return trial.Error().Value(), nil
	}, report)
	if err != nil {
		return sides, err
	}
	var text []string
	for i, sigma := range sides.Sigmas {
		text = append(text, fmt.Sprintf("%v:%d", sigma, sides.Pixels[i]))
	}
	fmt.Fprintf(os.Stderr, "sides of patches of least error: --patch %s\n", strings.Join(text, ","))
	return sides, nil
}

// sides returns the sides that --patch names, and none where they are to be chosen.
func (c *empiricalFlags) sides() (sides empirical.Sides, err error) {
	text := or(c.Patch, "auto")
	if text == "auto" {
		return sides, nil
	}
	wrong := fmt.Errorf("--patch %s: want auto, a side in pixels, or SIGMA:SIDE,SIGMA:SIDE,... with ascending noise levels", text)
	if side, err := strconv.Atoi(text); err == nil {
		sides = empirical.Side(side)
	} else {
		for _, pair := range strings.Split(text, ",") {
			level, pixels, _ := strings.Cut(pair, ":")
			sigma, errSigma := strconv.ParseFloat(level, 64)
			side, errSide := strconv.Atoi(pixels)
			if errSigma != nil || errSide != nil {
				return sides, wrong
			}
			sides.Sigmas, sides.Pixels = append(sides.Sigmas, sigma), append(sides.Pixels, side)
		}
	}
	if err := sides.Check(); err != nil {
		return sides, fmt.Errorf("%w: %w", wrong, err)
	}
	return sides, nil
}
