package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"math"
	"os"
	"slices"
	"time"

	"wavescore/internal/memory"
	"wavescore/internal/npy"
	"wavescore/internal/wholefile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
)

type sampleCommand struct {
	File     string   `arg:"" type:"existingfile" help:"A machine that 'wavescore fit' wrote, or a network that 'wavescore train' wrote."`
	Images   int      `short:"n" default:"64" placeholder:"N" help:"Images to draw."`
	Steps    int      `default:"40" help:"Steps from noise to image."`
	Sampler  string   `default:"heun" enum:"${samplers}" help:"How a step is made: ${enum}."`
	Schedule string   `default:"karras" enum:"${schedules}" help:"How the steps are spaced: ${enum}."`
	SigmaMax float64  `default:"80" help:"Noise level of the first step, of pixels in [-1, 1]."`
	SigmaMin float64  `default:"0.02" help:"Noise level of the last step, which goes to 0."`
	Seed     uint64   `default:"1" help:"Of the noise. The images of a seed do not depend on N."`
	Guard    string   `default:"clamp" enum:"clamp,none" help:"What keeps a machine near its data (${enum}): clamp moves every denoised coefficient into the range it had in the clean images."`
	JSON     bool     `help:"Print one JSON object."`
	Out      []string `short:"o" required:"" sep:"none" type:"path" placeholder:"FILE" help:"A .png of all images side by side, a .npy of their pixels, float32 of images x channels x height x width, or an .idx.gz as MNIST's, clipped to 8 bits; may be repeated."`
}

// drawn is what sample prints.
type drawn struct {
	Images  int     `json:"images"`
	Low     float64 `json:"low"`     // the least pixel
	High    float64 `json:"high"`    // the greatest pixel
	Clamped float64 `json:"clamped"` // share of all denoised coefficients that the guard moved
	Most    float64 `json:"most"`    // the greatest such share at one noise level
	At      float64 `json:"at"`      // that level
	Seconds float64 `json:"seconds"`
}

// guard says how often the guard acted.
func (d drawn) guard() string {
	if d.Clamped == 0 {
		return "the guard clamped no coefficient"
	}
	return fmt.Sprintf("the guard clamped %.2f %% of the coefficients, and most of them, %.2f %%, at sigma %.3g", 100*d.Clamped, 100*d.Most, d.At)
}

// sampleBatch is how many images are drawn at a time.
const sampleBatch = 1024

// maxSteps is a hundred times what any sampler gains by.
const maxSteps = 10000

// checkShape returns an error unless the outputs can hold images of a shape, and memory as many
// as are asked for.
func (c *sampleCommand) checkShape(shape diffusion.Shape) error {
	for _, path := range c.Out {
		format, err := extension(path, ".png", ".npy", ".idx.gz")
		switch {
		case err != nil:
			return err
		case format == ".idx.gz" && shape.C != 1:
			return fmt.Errorf("-o %s: an IDX file holds grey images, and those of %s are %v (channels x height x width): take .npy", path, c.File, shape)
		case format == ".png" && shape.C != 1 && shape.C != 3:
			return fmt.Errorf("-o %s: a PNG has 1 or 3 channels, and the images of %s are %v: take .npy", path, c.File, shape)
		}
	}
	// Pixels are held as float32, in a file's bytes, and a batch of them in the sampler.
	most := int64(math.MaxInt64)
	if available, known := memory.Available(); known {
		most = available / int64(12*shape.Size())
	}
	if int64(c.Images) > most {
		return fmt.Errorf("asked for %d images; memory holds about %d: draw several files, each with a --seed of its own", c.Images, most)
	}
	return nil
}

func (c *sampleCommand) Run(ctx context.Context) error {
	if c.Images < 1 {
		return fmt.Errorf("asked for %d images; at least 1 can be drawn", c.Images)
	}
	if c.Steps > maxSteps {
		return fmt.Errorf("--steps %d: want at most %d", c.Steps, maxSteps)
	}
	if err := checkOutputs(c.Out, []string{c.File}); err != nil {
		return err
	}
	sampler, err := diffusion.ParseSampler(c.Sampler)
	if err != nil {
		return err
	}
	schedule, err := diffusion.ParseSchedule(c.Schedule)
	if err != nil {
		return err
	}
	levels, err := schedule.Levels(c.Steps, c.SigmaMin, c.SigmaMax)
	if err != nil {
		return err
	}
	d, err := model.Open(c.File)
	if err != nil {
		return err
	}
	if err := c.checkShape(d.Shape()); err != nil {
		return err
	}
	var guard *analytic.Guarded
	if machine, ok := d.(*analytic.Machine); ok && c.Guard == "clamp" {
		guard = machine.Guard()
		d = guard
	}

	start := time.Now()
	images, err := c.draw(ctx, d, sampler, levels)
	if err != nil {
		return err
	}
	facts := drawn{Images: images.Len(), Low: float64(slices.Min(images.Pixels)), High: float64(slices.Max(images.Pixels)), Seconds: time.Since(start).Seconds()}
	if guard != nil {
		facts.Clamped = guard.Rate()
		for _, use := range guard.Uses() {
			if rate := use.Rate(); rate > facts.Most {
				facts.Most, facts.At = rate, use.Sigma
			}
		}
	}
	for _, path := range c.Out {
		if err := writeSample(path, images); err != nil {
			return err
		}
	}
	if c.JSON {
		return json.NewEncoder(os.Stdout).Encode(facts)
	}
	fmt.Printf("%d images in %.1f s, pixels from %.3g to %.3g\n", facts.Images, facts.Seconds, facts.Low, facts.High)
	if guard != nil {
		fmt.Println(facts.guard())
	}
	return nil
}

// draw draws the images batch by batch. As noise belongs to an image's index, the batches are
// those of one walk.
func (c *sampleCommand) draw(ctx context.Context, d diffusion.Denoiser, sampler diffusion.Sampler, levels []float64) (*dataset.Images, error) {
	shape := d.Shape()
	images := &dataset.Images{Name: c.File, Channels: shape.C, Height: shape.H, Width: shape.W}
	done, report := progressBar("samples", "image steps")
	defer done()
	for from := 0; from < c.Images; from += sampleBatch {
		n := min(sampleBatch, c.Images-from)
		run := diffusion.Run{Seed: c.Seed, First: from, Each: func(s diffusion.State) { report(from*c.Steps+n*s.Step, c.Images*c.Steps) }}
		batch, err := diffusion.Draw(ctx, d, sampler, n, levels, run)
		if err != nil {
			return nil, err
		}
		for _, v := range batch {
			images.Pixels = append(images.Pixels, float32(v))
		}
	}
	return images, nil
}

func writeSample(path string, images *dataset.Images) error {
	format, err := extension(path, ".png", ".npy", ".idx.gz")
	if err != nil {
		return err
	}
	if format == ".npy" {
		return wholefile.Write(path, npy.Encode(images.Pixels, images.Len(), images.Channels, images.Height, images.Width))
	}
	var file bytes.Buffer
	if format == ".idx.gz" {
		w := gzip.NewWriter(&file)
		if err := errors.Join(dataset.WriteIDX(w, images), w.Close()); err != nil {
			return err
		}
		return wholefile.Write(path, file.Bytes())
	}
	if err := png.Encode(&file, sideBySide(images)); err != nil {
		return err
	}
	return wholefile.Write(path, file.Bytes())
}

// sideBySide returns the images as one picture, about as many in a row as there are rows, a black
// line between two.
func sideBySide(images *dataset.Images) image.Image {
	const line = 1
	columns := int(math.Ceil(math.Sqrt(float64(images.Len()))))
	rows := (images.Len() + columns - 1) / columns
	height, width := images.Height+line, images.Width+line
	bounds := image.Rect(0, 0, columns*width-line, rows*height-line)
	var all draw.Image = image.NewGray(bounds)
	if images.Channels == 3 {
		all = image.NewNRGBA(bounds)
		draw.Draw(all, bounds, image.Black, image.Point{}, draw.Src)
	}
	for i := range images.Len() {
		at := image.Pt(i%columns*width, i/columns*height)
		draw.Draw(all, image.Rectangle{at, at.Add(image.Pt(images.Width, images.Height))}, images.Image(i), image.Point{}, draw.Src)
	}
	return all
}
