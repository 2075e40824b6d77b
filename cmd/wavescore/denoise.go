package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image/jpeg"
	"image/png"
	"math/rand/v2"
	"os"

	"wavescore/internal/wholefile"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/shrinkage"
)

type denoiseCommand struct {
	File   string  `arg:"" type:"existingfile" help:"A machine that 'wavescore fit' wrote, or a network that 'wavescore train' wrote. Left out with --method."`
	In     string  `arg:"" optional:"" type:"existingfile" help:"A PNG or JPEG image, no larger than the machine's or the network's own; smaller ones are padded with black."`
	Method string  `placeholder:"NAME" help:"Denoise without a machine an image of any size, by what it shows itself: ${methods}."`
	Sigma  float64 `required:"" help:"Standard deviation of the image's noise, of pixels in [-1, 1]."`
	Seed   *uint64 `help:"Add noise of that standard deviation first, drawn from this seed."`
	Out    string  `short:"o" required:"" type:"path" placeholder:"FILE" help:"The denoised image, a .png or a .jpg."`
}

// jpegQuality is high, as what is looked at is what was denoised.
const jpegQuality = 95

func (c *denoiseCommand) Run(ctx context.Context) error {
	if err := diffusion.CheckSigma(c.Sigma); err != nil {
		return err
	}
	format, err := extension(c.Out, ".png", ".jpg", ".jpeg")
	if err != nil {
		return err
	}
	if err := c.checkArguments(); err != nil {
		return err
	}
	inputs := []string{c.In}
	if c.Method == "" {
		inputs = append(inputs, c.File)
	}
	if err := checkOutputs([]string{c.Out}, inputs); err != nil {
		return err
	}
	image, d, err := c.open()
	if err != nil {
		return err
	}
	shape := d.Shape()
	whole, err := fitting(image, shape)
	if err != nil {
		return err
	}
	pixels := whole.Batch(nil, 0, 1)
	if c.Seed != nil {
		rnd := rand.New(rand.NewPCG(*c.Seed, 0))
		for i := range pixels {
			pixels[i] += c.Sigma * rnd.NormFloat64()
		}
	}
	done := working("denoising")
	err = d.Denoise(ctx, pixels, pixels, c.Sigma)
	done()
	if err != nil {
		return err
	}

	// The padding is cut off again: it is split as Pad splits it.
	top, left := (shape.H-image.Height)/2, (shape.W-image.Width)/2
	for p := range image.Pixels {
		channel, row, col := p/(image.Height*image.Width), p/image.Width%image.Height, p%image.Width
		image.Pixels[p] = float32(pixels[(channel*shape.H+top+row)*shape.W+left+col])
	}
	var out bytes.Buffer
	if format == ".png" {
		err = png.Encode(&out, image.Image(0))
	} else {
		err = jpeg.Encode(&out, image.Image(0), &jpeg.Options{Quality: jpegQuality})
	}
	if err != nil {
		return err
	}
	return wholefile.Write(c.Out, out.Bytes())
}

// checkArguments moves the picture to its place where there is no machine.
func (c *denoiseCommand) checkArguments() error {
	switch {
	case c.Method == "" && c.In == "":
		return errors.New("want a machine and an image, or --method and an image")
	case c.Method != "" && c.In != "":
		return fmt.Errorf("--method %s takes an image and no machine; there are %s and %s", c.Method, c.File, c.In)
	case c.Method != "":
		c.File, c.In = "", c.File
		return shrinkage.CheckMethod(c.Method)
	}
	return nil
}

// open returns the image, and the denoiser for it.
func (c *denoiseCommand) open() (image *dataset.Images, d diffusion.Denoiser, err error) {
	if c.Method == "" {
		if d, err = model.Open(c.File); err != nil {
			return nil, nil, err
		}
	}
	in, err := os.Open(c.In)
	if err != nil {
		return nil, nil, err
	}
	defer in.Close()
	if image, err = dataset.ReadPicture(in, c.In); err != nil {
		return nil, nil, err
	}
	if c.Method != "" {
		d, err = shrinkage.Method(c.Method, diffusion.Shape{C: image.Channels, H: image.Height, W: image.Width}, shrinkage.Spin)
		return image, d, err
	}
	if d.Shape().C == 1 {
		image = image.Grey()
	}
	return image, d, nil
}

// fitting returns images as a machine takes them: padded to its height and width.
func fitting(images *dataset.Images, shape diffusion.Shape) (*dataset.Images, error) {
	if images.Channels != shape.C {
		return nil, fmt.Errorf("%s has %d channels; the machine takes %v images (channels x height x width)", images.Name, images.Channels, shape)
	}
	if images.Height > shape.H || images.Width > shape.W {
		return nil, fmt.Errorf("%s is %dx%d (width x height), larger than the machine's %dx%d: take smaller images, or a machine that was "+
			"fitted to images of this size", images.Name, images.Width, images.Height, shape.W, shape.H)
	}
	return images.Pad(shape.H, shape.W)
}
