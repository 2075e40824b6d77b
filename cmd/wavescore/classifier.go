package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/neural"
)

type classifierCommand struct {
	Data   string `default:"mnist" help:"Image set with labels (see 'wavescore data list'). The last twelfth of its train images is kept for validation."`
	Images int    `default:"${classifierImages}" placeholder:"N" help:"Images to show in all, repeats counted."`
	Seed   uint64 `default:"1" help:"Of the first weights and the order of the images."`
	Out    string `short:"o" required:"" type:"path" placeholder:"FILE" help:"The classifier's file. Its loss curve is written beside it, as .csv."`
}

func (c *classifierCommand) Run(ctx context.Context) error {
	settings := neural.ClassifierDefault
	settings.Images, settings.Seed = c.Images, c.Seed
	if info, err := os.Stat(filepath.Dir(c.Out)); err != nil || !info.IsDir() {
		return fmt.Errorf("no folder %s for the classifier's file", filepath.Dir(c.Out))
	}
	images, err := openFirst(c.Data, dataset.Train, 0)
	if err != nil {
		return err
	}
	if images.Labels == nil {
		return fmt.Errorf("%s has no labels to learn", images.Name)
	}
	if images, err = images.Pad(padded(images.Height), padded(images.Width)); err != nil {
		return err
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
	accuracy, err := classifier.Accuracy(validation, validation.Labels)
	if err != nil {
		return err
	}
	record := classifier.Training()
	if err := writeLog(strings.TrimSuffix(c.Out, filepath.Ext(c.Out))+".csv", record.Log); err != nil {
		return err
	}
	if err := classifier.Save(c.Out); err != nil {
		return err
	}
	fmt.Printf("right on %.2f %% of %d images that it was not trained on\n", 100*accuracy, validation.Len())
	fmt.Fprintf(os.Stderr, "%d images of %s in %.0f s (%.0f s of CPU): %s\n", settings.Images, train.Name, record.Seconds, record.CPUSeconds, c.Out)
	return nil
}
