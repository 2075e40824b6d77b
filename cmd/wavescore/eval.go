package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"text/tabwriter"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/metrics"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/shrinkage"
)

type evalCommand struct {
	File   string    `arg:"" optional:"" type:"existingfile" help:"A machine that 'wavescore fit' wrote, or a network that 'wavescore train' wrote. Left out with --method."`
	Method string    `placeholder:"NAME" help:"Measure a denoiser that needs no training set: ${methods}."`
	Data   string    `default:"mnist" help:"Image set (see 'wavescore data list') or a folder of images."`
	Split  string    `default:"test" enum:"train,test" help:"Images to measure the error on: ${enum}."`
	Images int       `short:"n" default:"0" placeholder:"N" help:"Use the first N images; 0 is all."`
	Sigma  []float64 `default:"0.02,0.1,0.5,1,20" help:"Standard deviations of the noise, of pixels in [-1, 1]."`
	JSON   bool      `help:"Print one JSON object a line."`
}

// evaluation is one line of the output of eval.
type evaluation struct {
	Sigma     float64  `json:"sigma"`
	MSE       float64  `json:"mse"`    // per pixel, in [-1, 1] units squared
	Method    string   `json:"method"` // "exact": the expectation over the noise, from moments; "noise": one draw an image
	Images    int      `json:"images"`
	Condition *float64 `json:"condition"` // greatest condition number of a fit; null where it is infinite or there is none
	Truncated int      `json:"truncated"` // fits whose smallest eigenvalues were cut off
	Low       float64  `json:"low"`       // 95 % bootstrap interval over the images of a measurement with noise
	High      float64  `json:"high"`
}

// noiseSeed is that of the noise of measurements.
const noiseSeed = 1

func (c *evalCommand) Run(ctx context.Context) error {
	if len(c.Sigma) == 0 {
		return errors.New("--sigma names no noise level")
	}
	for _, sigma := range c.Sigma {
		if err := diffusion.CheckSigma(sigma); err != nil {
			return err
		}
	}
	if err := c.checkArguments(); err != nil {
		return err
	}
	var denoiser diffusion.Denoiser
	if c.Method == "" {
		var err error
		if denoiser, err = model.Open(c.File); err != nil {
			return err
		}
	}
	split, err := dataset.ParseSplit(c.Split)
	if err != nil {
		return err
	}
	images, err := openFirst(c.Data, split, c.Images)
	if err != nil {
		return err
	}
	if c.Method != "" { // padded as images are that machines are measured on
		if images, err = pad(images); err != nil {
			return err
		}
		d, err := shrinkage.Method(c.Method, diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}, shrinkage.Spin)
		if err != nil {
			return err
		}
		return c.withNoise(ctx, d, images)
	}
	images, err = fitting(images, denoiser.Shape())
	if err != nil {
		return err
	}
	if machine, ok := denoiser.(*analytic.Machine); ok {
		return c.exact(ctx, machine, images)
	}
	return c.withNoise(ctx, denoiser, images)
}

// checkArguments returns an error unless there is a machine, or the name of a method.
func (c *evalCommand) checkArguments() error {
	switch {
	case c.Method == "" && c.File == "":
		return errors.New("want a machine, or --method")
	case c.Method != "" && c.File != "":
		return fmt.Errorf("--method %s takes no machine; there is %s", c.Method, c.File)
	case c.Method != "":
		return shrinkage.CheckMethod(c.Method)
	}
	return nil
}

// withNoise prints the errors of any denoiser on noisy images.
func (c *evalCommand) withNoise(ctx context.Context, d diffusion.Denoiser, images *dataset.Images) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if !c.JSON {
		fmt.Fprintf(os.Stdout, "%d images of %s, %d x %d; error per pixel, one draw of noise an image\n", images.Len(), images.Name, images.Height, images.Width)
		fmt.Fprintln(table, "sigma\tmse\t95 % interval\t")
	}
	done, report := progressBar("denoising", "images")
	defer done()
	for _, sigma := range c.Sigma {
		trial, err := metrics.Run(ctx, d, metrics.Set{Images: images, Seed: noiseSeed, Progress: report}, sigma)
		if err != nil {
			return err
		}
		estimate := trial.Error().Estimate(noiseSeed)
		e := evaluation{Sigma: sigma, MSE: estimate.Value, Method: "noise", Images: images.Len(), Low: estimate.Low, High: estimate.High}
		if c.JSON {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			fmt.Println(string(line))
			continue
		}
		fmt.Fprintf(table, "%v\t%.7f\t%.7f to %.7f\t\n", e.Sigma, e.MSE, e.Low, e.High)
	}
	return table.Flush()
}

// exact prints the exact risks of a machine.
func (c *evalCommand) exact(ctx context.Context, machine *analytic.Machine, images *dataset.Images) error {
	done, report := progressBar("moments", "images")
	probe, err := moments.Collect(ctx, machine.Moments().Spec(), images, images.Name, report)
	done()
	if err != nil {
		return err
	}

	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	if !c.JSON {
		fmt.Fprintf(os.Stdout, "%v; %d images of %s; error per pixel, exact over the noise\n", machine.Moments().Spec().Family, images.Len(), images.Name)
		fmt.Fprintln(table, "sigma\tmse\tcondition\ttruncated\t")
	}
	for _, sigma := range c.Sigma {
		risk, err := machine.Risk(ctx, probe, sigma, sigma)
		if err != nil {
			return err
		}
		level, err := machine.Level(ctx, sigma)
		if err != nil {
			return err
		}
		e := evaluation{Sigma: sigma, MSE: risk.PerPixel, Method: "exact", Images: images.Len(), Truncated: level.Truncated, Low: risk.PerPixel, High: risk.PerPixel}
		if !math.IsInf(level.Condition, 1) {
			e.Condition = &level.Condition
		}
		if c.JSON {
			line, err := json.Marshal(e)
			if err != nil {
				return err
			}
			fmt.Println(string(line))
			continue
		}
		fmt.Fprintf(table, "%v\t%.7f\t%.2g\t%d\t\n", e.Sigma, e.MSE, level.Condition, e.Truncated)
	}
	return table.Flush()
}
