package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wavescore/pkg/dataset"
	"wavescore/pkg/model"
	"wavescore/pkg/neural"
)

// labelled returns a folder of procedural digits in files named as MNIST's.
func labelled(t *testing.T, n int) string {
	t.Helper()
	dir := t.TempDir()
	digits := dataset.Digits(n, 1)
	var images bytes.Buffer
	if err := dataset.WriteIDX(&images, digits); err != nil {
		t.Fatal(err)
	}
	labels := binary.BigEndian.AppendUint32([]byte{0, 0, 8, 1}, uint32(n))
	for _, label := range digits.Labels {
		labels = append(labels, byte(label))
	}
	for name, content := range map[string][]byte{"train-images-idx3-ubyte": images.Bytes(), "train-labels-idx1-ubyte": labels} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestClassifier: a classifier learns from a folder's labels, says how often it is right, and its
// file and loss curve are there.
func TestClassifier(t *testing.T) {
	dir, file := labelled(t, 240), filepath.Join(t.TempDir(), "classifier.safetensors")
	out, err := wavescore(t, "classifier", "--data", dir, "--show", "640", "-o", file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out, "of 20 images that it was not trained on") {
		t.Errorf("it says %q", out)
	}
	c, err := model.Load[neural.Classifier](file)
	if err != nil {
		t.Fatal(err)
	}
	if c.Classes() != 10 || c.Training().TrainImages != 220 {
		t.Errorf("%d classes, %d train images", c.Classes(), c.Training().TrainImages)
	}
	if _, err := os.Stat(strings.TrimSuffix(file, ".safetensors") + ".csv"); err != nil {
		t.Error(err)
	}
	if _, err := wavescore(t, "eval", file, "--data", dir); err == nil || !strings.Contains(err.Error(), "neither a machine nor a network") {
		t.Errorf("a classifier as a denoiser: %v", err)
	}
}

func TestClassifierErrors(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad")
	for _, test := range []struct{ args, says string }{
		{"--data " + blobs(t, 20, 12), "no labels"},
		{"--data nowhere", "nowhere"},
		{"--data " + labelled(t, 40) + " --show 0", "batches"},
	} {
		args := append([]string{"classifier", "-o", bad}, strings.Fields(test.args)...)
		if _, err := wavescore(t, args...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("wavescore %s: %v", args, err)
		}
	}
	if _, err := os.Stat(bad); err == nil {
		t.Error("a failed command wrote its file")
	}
}
