package main

import (
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/neural"
)

// TestTrain is the life of a network on a folder of one's own pictures: it is trained, stopped
// and resumed; its file, its loss curve and its validation error are there, its checkpoint is
// not, and it is better than at the start.
func TestTrain(t *testing.T) {
	dir := blobs(t, 60, 28)
	file := filepath.Join(t.TempDir(), "net.safetensors")
	args := []string{"train", "--arch", "cnn", "--channels", "4", "--blocks", "1", "--data", dir, "--show", "3600", "--batch", "12", "-o", file}

	// A folder of 60 pictures has 50 to train on, of which 5 are kept for validation. A context
	// that ends at once leaves a checkpoint.
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if err := runIn(t, stopped, args...); err == nil || !strings.Contains(err.Error(), "--resume") {
		t.Fatalf("interrupted: %v", err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("an interrupted training wrote its network")
	}
	if _, err := wavescore(t, args...); err == nil || !strings.Contains(err.Error(), file+".part") {
		t.Fatalf("a second training beside a checkpoint: %v", err)
	}
	out, err := wavescore(t, append(args, "--resume")...)
	if err != nil {
		t.Fatal(err)
	}
	for _, sigma := range validationSigmas {
		if !strings.Contains(out, strconv.FormatFloat(sigma, 'g', -1, 64)) {
			t.Errorf("no error at sigma %v in\n%s", sigma, out)
		}
	}
	if _, err := os.Stat(file + ".part"); err == nil {
		t.Error("the checkpoint was left behind")
	}

	network, err := model.Load[neural.Network](file)
	if err != nil {
		t.Fatal(err)
	}
	record := network.Training()
	if record.TrainImages != 45 || record.Settings.Images != 3600 || len(record.Validation) != len(validationSigmas) {
		t.Errorf("record %+v", record)
	}
	if arch := network.Architecture(); arch.Kind != neural.CNN || arch.Padding != neural.Zero || !slices.Equal(arch.Channels, []int{4}) {
		t.Errorf("architecture %+v", arch)
	}
	if first, last := record.Log[0].Loss, record.Log[len(record.Log)-1].Loss; last > first/2 {
		t.Errorf("the loss fell from %v to %v", first, last)
	}
	log, err := os.Open(strings.TrimSuffix(file, ".safetensors") + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	rows, err := csv.NewReader(log).ReadAll()
	if err != nil || len(rows) != 1+len(record.Log) || rows[len(rows)-1][0] != "3600" {
		t.Errorf("%d lines of the loss curve, %v", len(rows), err)
	}
}

// runIn runs a command line in a context.
func runIn(t *testing.T, ctx context.Context, args ...string) error {
	t.Helper()
	parser, err := newParser(ctx)
	if err != nil {
		t.Fatal(err)
	}
	command, err := parser.Parse(args)
	if err != nil {
		t.Fatal(err)
	}
	return command.Run()
}

// TestTrainOnFew: --use trains on the images that it names and no others.
func TestTrainOnFew(t *testing.T) {
	file := filepath.Join(t.TempDir(), "net")
	args := []string{"train", "--arch", "cnn", "--channels", "4", "--blocks", "1", "--data", blobs(t, 60, 28), "--show", "24", "--batch", "12", "-o", file}
	if _, err := wavescore(t, append(args, "--use", "10:17")...); err != nil {
		t.Fatal(err)
	}
	network, err := model.Load[neural.Network](file)
	if err != nil {
		t.Fatal(err)
	}
	if n := network.Training().TrainImages; n != 7 {
		t.Errorf("trained on %d images", n)
	}
}

// TestTrainKeeps: copies on the way are the networks that as many steps make, also where the
// training was interrupted, and the last network is what it is without copies.
func TestTrainKeeps(t *testing.T) {
	dir, folder := blobs(t, 60, 28), t.TempDir()
	args := []string{"train", "--arch", "cnn", "--channels", "4", "--blocks", "1", "--data", dir, "--show", "60", "--batch", "12"}
	weights := func(file string) []float64 {
		t.Helper()
		network, err := model.Load[neural.Network](filepath.Join(folder, file))
		if err != nil {
			t.Fatal(err)
		}
		pixels := make([]float64, network.Shape().Size())
		if err := network.Denoise(t.Context(), pixels, pixels, 0.5); err != nil {
			t.Fatal(err)
		}
		return pixels
	}
	if _, err := wavescore(t, append(args, "-o", filepath.Join(folder, "plain.net"))...); err != nil {
		t.Fatal(err)
	}
	keeping := append(args, "--keep", "12,30", "-o", filepath.Join(folder, "kept.net"))
	stopped, stop := context.WithCancel(context.Background())
	stop()
	if err := runIn(t, stopped, keeping...); err == nil {
		t.Fatal("it was not interrupted")
	}
	if _, err := wavescore(t, append(keeping, "--resume")...); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(weights("kept.net"), weights("plain.net")) {
		t.Error("to keep copies changes the network")
	}
	images, err := openPadded(dir, dataset.Train, 0)
	if err != nil {
		t.Fatal(err)
	}
	train, _ := split(images)
	arch := neural.ReferenceCNN()
	arch.Channels, arch.Blocks, arch.Padding = []int{4}, 1, neural.Zero
	network, err := neural.New(arch, diffusion.Shape{C: images.Channels, H: images.Height, W: images.Width}, 1)
	if err != nil {
		t.Fatal(err)
	}
	settings := neural.Default()
	settings.Images, settings.Batch, settings.Seed = 60, 12, 1
	trainer, err := neural.NewTrainer(network, train, images.Name, settings)
	if err != nil {
		t.Fatal(err)
	}
	for steps, file := range []string{"", "kept-12.net", "", "kept-30.net"} {
		if steps > 0 {
			if _, err := trainer.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if file == "" {
			continue
		}
		pixels := make([]float64, network.Shape().Size())
		if err := trainer.Network().Denoise(t.Context(), pixels, pixels, 0.5); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(weights(file), pixels) {
			t.Errorf("%s is not the network after %d steps of 12 images", file, steps)
		}
	}
}

// TestTrainErrors: bad input is an error that names it, at once, and nothing is written.
func TestTrainErrors(t *testing.T) {
	dir := blobs(t, 20, 12)
	bad := filepath.Join(t.TempDir(), "bad")
	for _, test := range []struct{ args, says string }{
		{"--arch mlp -o " + bad, "unet"},
		{"--padding mirror -o " + bad, "zero"},
		{"--show 0 -o " + bad, "batches"},
		{"--batch=-1 -o " + bad, "batches"},
		{"--rate NaN -o " + bad, "rate"},
		{"--channels 5,7 -o " + bad, "groups"},
		{"--channels 4,4,4,4,4,4,4 -o " + bad, "multiples"},
		{"--arch cnn --channels 4,8 -o " + bad, "one resolution"},
		{"--blocks=-1 -o " + bad, "blocks"},
		{"-o " + filepath.Join(bad, "deeper"), bad},
		{"--resume -o " + bad, bad + ".part"},
		{"--use 3 -o " + bad, "FROM:TO"},
		{"--use 5:5 -o " + bad, "FROM:TO"},
		{"--use 0:19 -o " + bad, "15 images"},
		{"--show 100 --keep 0 -o " + bad, "--keep 0"},
		{"--show 100 --keep 100 -o " + bad, "--keep 100"},
		{"--show 100 --keep 50,20 -o " + bad, "--keep 20"},
	} {
		args := append([]string{"train", "--data", dir}, strings.Fields(test.args)...)
		if _, err := wavescore(t, args...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("wavescore %s: %v", args, err)
		}
	}
	if _, err := wavescore(t, "train", "--data", "nowhere", "-o", bad); err == nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("no images: %v", err)
	}
	if _, err := os.Stat(bad); err == nil {
		t.Error("a failed command wrote its file")
	}
}
