package main

import (
	"bytes"
	"context"
	"image/png"
	"math/rand/v2"
	"os"

	"wavescore/internal/wholefile"
	"wavescore/pkg/dataset"
)

type denoiseCommand struct {
	File  string  `arg:"" type:"existingfile" help:"A machine that 'wavescore fit' wrote, or a network that 'wavescore train' wrote."`
	In    string  `arg:"" type:"existingfile" help:"A PNG or JPEG image, no larger than the machine's or the network's own; smaller ones are padded with black."`
	Sigma float64 `required:"" help:"Standard deviation of the image's noise, of pixels in [-1, 1]."`
	Seed  *uint64 `help:"Add noise of that standard deviation first, drawn from this seed."`
	Out   string  `short:"o" required:"" type:"path" placeholder:"FILE" help:"The denoised PNG."`
}

func (c *denoiseCommand) Run(context.Context) error {
	d, err := openDenoiser(c.File)
	if err != nil {
		return err
	}
	in, err := os.Open(c.In)
	if err != nil {
		return err
	}
	defer in.Close()
	image, err := dataset.ReadPicture(in, c.In)
	if err != nil {
		return err
	}
	shape := d.Shape()
	if shape.C == 1 {
		image = image.Grey()
	}
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
	if err := d.Denoise(pixels, pixels, c.Sigma); err != nil {
		return err
	}

	// The padding is cut off again: it is split as Pad splits it.
	top, left := (shape.H-image.Height)/2, (shape.W-image.Width)/2
	for p := range image.Pixels {
		channel, row, col := p/(image.Height*image.Width), p/image.Width%image.Height, p%image.Width
		image.Pixels[p] = float32(pixels[(channel*shape.H+top+row)*shape.W+left+col])
	}
	var out bytes.Buffer
	if err := png.Encode(&out, image.Image(0)); err != nil {
		return err
	}
	return wholefile.Write(c.Out, out.Bytes())
}
