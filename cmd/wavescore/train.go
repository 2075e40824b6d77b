package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"wavescore/internal/wholefile"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/neural"
)

type trainCommand struct {
	Arch     string  `default:"unet" enum:"unet,cnn" help:"Kind of network: ${enum}."`
	Padding  string  `default:"zero" enum:"zero,circular" help:"What convolutions see beyond the edges: ${enum}."`
	Channels []int   `placeholder:"N,..." help:"Channels at each resolution of a U-Net, finest first (16,32,64), or of a CNN (24)."`
	Blocks   int     `placeholder:"N" help:"Residual blocks, of each resolution of a U-Net (2) or of a CNN (3)."`
	Data     string  `default:"mnist" help:"Image set (see 'wavescore data list') or a folder of images. The last twelfth of its train images is kept for validation."`
	Use      span    `placeholder:"FROM:TO" help:"Train on images FROM to TO-1 of the train images alone; all but those kept for validation otherwise."`
	Show     int     `default:"${trainImages}" placeholder:"N" help:"Images to show in all, repeats counted."`
	Batch    int     `default:"${trainBatch}" help:"Images of a step."`
	Rate     float64 `default:"${trainRate}" help:"Highest learning rate; it falls to 0 as half a cosine."`
	Seed     uint64  `default:"1" help:"Of the first weights, the order of the images and the noise."`
	Keep     []int   `placeholder:"N,..." help:"Also keep the network as it is after N images shown, one more file for each, as FILE-N with the ending of FILE."`
	Resume   bool    `help:"Go on from the checkpoint FILE.part, with the settings it began with."`
	Out      string  `short:"o" required:"" type:"path" placeholder:"FILE" help:"The network's file. Its loss curve is written beside it, as .csv."`

	begun atomic.Bool // the training, after which there is something to save
}

// How often training shows how far it is, and saves a checkpoint.
const (
	showEvery = 15 * time.Second
	saveEvery = 3 * time.Minute
)

// validationSigmas are the noise levels at which a trained network is measured.
var validationSigmas = []float64{0.1, 0.2, 0.5, 1, 2}

func (c *trainCommand) Run(ctx context.Context) error {
	settings := neural.Default()
	settings.Images, settings.Batch, settings.Rate, settings.Seed = c.Show, c.Batch, c.Rate, c.Seed
	if err := settings.Check(); err != nil {
		return err
	}
	if err := c.checkKeep(c.Show); err != nil && !c.Resume { // which has a number of its own
		return err
	}
	outputs := []string{c.Out, curve(c.Out), c.part()}
	for _, shown := range c.Keep {
		outputs = append(outputs, c.kept(shown))
	}
	if err := checkOutputs(outputs, []string{imageFolder(c.Data)}); err != nil {
		return err
	}
	images, err := openPadded(c.Data, dataset.Train, 0)
	if err != nil {
		return err
	}
	train, validation := split(images)
	if c.Use != (span{}) {
		if c.Use.To > train.Len() {
			return fmt.Errorf("--use %v: there are %d images to train on; the others are kept for validation", c.Use, train.Len())
		}
		train = train.Slice(c.Use.From, c.Use.To)
	}

	trainer, err := c.trainer(train, settings)
	if err != nil {
		return err
	}
	_, total := trainer.Shown()
	if err := c.checkKeep(total); err != nil {
		return err
	}
	if err := c.train(ctx, trainer); err != nil {
		return err
	}
	network := trainer.Network()
	if err := network.Validate(ctx, validation, validationSigmas, 1); err != nil {
		return err
	}
	record := network.Training()
	if err := writeLog(curve(c.Out), record.Log); err != nil {
		return err
	}
	if err := model.Save(c.Out, network); err != nil {
		return err
	}
	if err := os.Remove(c.part()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	table := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(table, "sigma\tmse\t")
	for _, e := range record.Validation {
		fmt.Fprintf(table, "%v\t%.3g\t\n", e.Sigma, e.MSE)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d images of %s in %.0f s (%.0f s of CPU); error per pixel on %d others: %s\n",
		settings.Images, train.Name, record.Seconds, record.CPUSeconds, validation.Len(), c.Out)
	return nil
}

// saving is how long an interrupted training may take to write its checkpoint, once it has begun. A
// second signal ends it at once.
func (c *trainCommand) saving() time.Duration {
	if c.begun.Load() {
		return time.Minute
	}
	return grace
}

// split returns the images to train on and the last twelfth, which is kept for validation.
func split(images *dataset.Images) (train, validation *dataset.Images) {
	kept := (images.Len() + 11) / 12
	return images.Slice(0, images.Len()-kept), images.Slice(images.Len()-kept, images.Len())
}

// span is the images From to To-1.
type span struct{ From, To int }

func (s span) String() string { return fmt.Sprintf("%d:%d", s.From, s.To) }

// UnmarshalText reads what String returns.
func (s *span) UnmarshalText(text []byte) error {
	from, to, _ := strings.Cut(string(text), ":")
	var err [2]error
	s.From, err[0] = strconv.Atoi(from)
	s.To, err[1] = strconv.Atoi(to)
	if err[0] != nil || err[1] != nil || s.From < 0 || s.To <= s.From {
		return fmt.Errorf("%q is not FROM:TO with 0 <= FROM < TO", text)
	}
	return nil
}

// checkKeep returns an error unless copies are asked for after ascending numbers of images, fewer
// than are shown in all.
func (c *trainCommand) checkKeep(total int) error {
	for i, shown := range c.Keep {
		if shown < 1 || shown >= total || i > 0 && shown <= c.Keep[i-1] {
			return fmt.Errorf("--keep %d: want ascending numbers of images, from 1 to less than the %d that are shown", shown, total)
		}
	}
	return nil
}

// kept is where the network after so many images shown lies.
func (c *trainCommand) kept(shown int) string {
	ending := filepath.Ext(c.Out)
	return fmt.Sprintf("%s-%d%s", strings.TrimSuffix(c.Out, ending), shown, ending)
}

// part is where the checkpoint lies.
func (c *trainCommand) part() string { return c.Out + ".part" }

// trainer returns a new trainer, or the one whose checkpoint is there.
func (c *trainCommand) trainer(images *dataset.Images, settings neural.Settings) (*neural.Trainer, error) {
	if c.Resume {
		return neural.LoadTrainer(c.part(), images, images.Name)
	}
	if _, err := os.Stat(c.part()); err == nil {
		return nil, fmt.Errorf("%s is the checkpoint of a training that was not finished: go on with --resume, or remove it", c.part())
	}
	arch := neural.ReferenceUNet()
	if c.Arch == "cnn" {
		arch = neural.ReferenceCNN()
	}
	arch.Padding = neural.Padding(c.Padding)
	if c.Channels != nil {
		arch.Channels = c.Channels
	}
	if c.Blocks != 0 {
		arch.Blocks = c.Blocks
	}
	network, err := neural.New(arch, diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}, c.Seed)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(os.Stderr, "%s, %s padding, %d parameters\n", arch.Kind, arch.Padding, network.Parameters())
	return neural.NewTrainer(network, images, images.Name, settings)
}

// train does all steps that are left. Where ctx ends first it leaves a checkpoint.
func (c *trainCommand) train(ctx context.Context, t *neural.Trainer) error {
	c.begun.Store(true)
	first, total := t.Shown()
	start, shownAt, savedAt := time.Now(), time.Now(), time.Now()
	keep := slices.DeleteFunc(slices.Clone(c.Keep), func(shown int) bool { return shown <= first }) // before the checkpoint
	for !t.Done() {
		loss, err := t.Step(ctx)
		if ctx.Err() != nil {
			if err := model.Save(c.part(), t); err != nil {
				return err
			}
			return interrupted{fmt.Sprintf("interrupted; go on with --resume from the checkpoint %s", c.part())}
		}
		if err != nil {
			return err
		}
		shown, _ := t.Shown()
		for len(keep) > 0 && shown >= keep[0] {
			if err := model.Save(c.kept(keep[0]), t.Network()); err != nil {
				return err
			}
			keep = keep[1:]
		}
		if time.Since(shownAt) > showEvery || t.Done() {
			shownAt = time.Now()
			speed := float64(shown-first) / time.Since(start).Seconds()
			left := time.Duration(float64(total-shown) / speed * float64(time.Second))
			fmt.Fprintf(os.Stderr, "%d of %d images, %.0f a second, loss %.4f, %v left\n", shown, total, speed, loss, left.Round(time.Second))
		}
		if time.Since(savedAt) > saveEvery {
			savedAt = time.Now()
			if err := model.Save(c.part(), t); err != nil {
				return err
			}
		}
	}
	return nil
}

// curve is where the loss curve of a network or a classifier lies.
func curve(path string) string { return strings.TrimSuffix(path, filepath.Ext(path)) + ".csv" }

// writeLog writes the loss curve.
func writeLog(path string, log []neural.Record) error {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	rows := [][]string{{"images", "seconds", "loss", "gradient", "rate"}}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 5, 64) }
	for _, r := range log {
		rows = append(rows, []string{strconv.Itoa(r.Images), number(r.Seconds), number(r.Loss), number(r.Gradient), number(r.Rate)})
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return wholefile.Write(path, b.Bytes())
}
