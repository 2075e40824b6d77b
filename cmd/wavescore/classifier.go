package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/neural"
)

type classifierCommand struct {
	Data string `default:"mnist" help:"Image set with labels (see 'wavescore data list'). The last twelfth of its train images is kept for validation."`
	Show int    `default:"${classifierImages}" placeholder:"N" help:"Images to show in all, repeats counted."`
	Seed uint64 `default:"1" help:"Of the first weights and the order of the images."`
	Out  string `short:"o" required:"" type:"path" placeholder:"FILE" help:"The classifier's file. Its loss curve is written beside it, as .csv."`
}

func (c *classifierCommand) Run(ctx context.Context) error {
	settings := neural.ClassifierDefault()
	settings.Images, settings.Seed = c.Show, c.Seed
	if err := checkOutputs([]string{c.Out, curve(c.Out)}, []string{imageFolder(c.Data)}); err != nil {
		return err
	}
	images, err := openPadded(c.Data, dataset.Train, 0)
	if err != nil {
		return err
	}
	if images.Labels == nil {
		return fmt.Errorf("%s has no labels to learn", images.Name)
	}
	train, validation := split(images)
	done, report := progressBar("training", "images")
	shape := diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}
	classifier, err := neural.TrainClassifier(ctx, shape, slices.Max(images.Labels)+1, train, train.Labels, train.Name, settings,
		func(shown, total int, _ float64) { report(shown, total) })
	done()
	if err != nil {
		return err
	}
	accuracy, err := classifier.Accuracy(ctx, validation, validation.Labels)
	if err != nil {
		return err
	}
	record := classifier.Training()
	if err := writeLog(curve(c.Out), record.Log); err != nil {
		return err
	}
	if err := model.Save(c.Out, classifier); err != nil {
		return err
	}
	fmt.Printf("right on %.2f %% of %d images that it was not trained on\n", 100*accuracy, validation.Len())
	fmt.Fprintf(os.Stderr, "%d images of %s in %.0f s (%.0f s of CPU): %s\n", settings.Images, train.Name, record.Seconds, record.CPUSeconds, c.Out)
	return nil
}
