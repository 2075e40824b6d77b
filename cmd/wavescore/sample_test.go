package main

import (
	"bytes"
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"wavescore/pkg/dataset"
)

// machineFile fits a small machine to a folder of blobs.
func machineFile(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "machine")
	if _, err := wavescore(t, "fit", "--data", blobs(t, 200, 12), "--family", "local-coupled", "-o", file); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestSample: a sample is a picture of all images and an array of their pixels, the same for the
// same seed; its first images do not depend on how many there are; and every sampler and schedule
// draws.
func TestSample(t *testing.T) {
	file, dir := machineFile(t), t.TempDir()
	picture, array := filepath.Join(dir, "grid.png"), filepath.Join(dir, "grid.npy")
	sample := func(args ...string) []byte {
		t.Helper()
		if _, err := wavescore(t, append([]string{"sample", file, "--steps", "5", "--sigma-max", "20", "-o", array}, args...)...); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(array)
		if err != nil {
			t.Fatal(err)
		}
		return content[128:] // after NumPy's header
	}
	seven := sample("-n", "7", "-o", picture)
	if len(seven) != 4*7*32*32 {
		t.Errorf("7 images of 32 x 32 are %d bytes", len(seven))
	}
	grid, err := os.Open(picture)
	if err != nil {
		t.Fatal(err)
	}
	defer grid.Close()
	if config, err := png.DecodeConfig(grid); err != nil || config.Width != 3*33-1 || config.Height != 3*33-1 {
		t.Errorf("the picture of 7 images is %d x %d: %v", config.Width, config.Height, err)
	}
	packed := filepath.Join(dir, "samples.idx.gz")
	sample("-n", "7", "-o", packed)
	file8, err := os.Open(packed)
	if err != nil {
		t.Fatal(err)
	}
	defer file8.Close()
	if images, err := dataset.ReadIDX(file8, packed); err != nil || images.Len() != 7 || images.Height != 32 || images.Width != 32 {
		t.Errorf("other images in the .idx.gz (%v)", err)
	}
	if !bytes.Equal(seven, sample("-n", "7")) {
		t.Error("the same seed draws other images")
	}
	if many := sample("-n", "40"); !bytes.Equal(seven, many[:len(seven)]) {
		t.Error("the first of 40 images are not those of 7")
	}
	if bytes.Equal(seven, sample("-n", "7", "--seed", "2")) {
		t.Error("another seed draws the same images")
	}
	for _, flag := range []string{"--sampler=euler", "--sampler=ddpm", "--sampler=dpm-solver++2m", "--schedule=vp-cosine"} {
		if bytes.Equal(seven, sample("-n", "7", flag)) {
			t.Errorf("%s draws what the defaults draw", flag)
		}
	}
	if !bytes.Equal(sample("-n", "7", "--sampler=ddim")[:32], sample("-n", "7", "--sampler=euler")[:32]) {
		t.Error("ddim and euler differ")
	}
}

// TestSampleSays: what sample prints is so: the guard keeps pixels in bounds and says how often;
// without one there is nothing to say.
func TestSampleSays(t *testing.T) {
	file, array := machineFile(t), filepath.Join(t.TempDir(), "x.npy")
	out, err := wavescore(t, "sample", file, "-n", "9", "--steps", "8", "--json", "-o", array)
	if err != nil {
		t.Fatal(err)
	}
	var said drawn
	if err := json.Unmarshal([]byte(out), &said); err != nil {
		t.Fatalf("%q: %v", out, err)
	}
	if said.Images != 9 || !(-5 < said.Low && said.Low < -1 && said.High < 5) || !(0 < said.Clamped && said.Clamped < said.Most && said.Most < 0.5 && said.At > 0) {
		t.Errorf("%+v", said)
	}
	for _, test := range []struct {
		guard, says string
		want        bool
	}{{"clamp", "the guard clamped", true}, {"none", "the guard", false}} {
		out, err := wavescore(t, "sample", file, "-n", "2", "--steps", "8", "--sigma-min", "2", "--guard", test.guard, "-o", array)
		if err != nil || !strings.Contains(out, "2 images in") || strings.Contains(out, test.says) != test.want {
			t.Errorf("guard %s: %v\n%s", test.guard, err, out)
		}
	}
}

// TestSampleErrors: bad input is an error that names it, and nothing is written.
func TestSampleErrors(t *testing.T) {
	file, dir := machineFile(t), t.TempDir()
	other := filepath.Join(dir, "other")
	if err := os.WriteFile(other, []byte("no machine"), 0o644); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.png")
	for _, test := range []struct{ args, says string }{
		{file + " -n 0 -o " + bad, "0 images"},
		{file + " --steps 1 -o " + bad, "at least 2"},
		{file + " --sigma-min 0 -o " + bad, "0 < low < high"},
		{file + " --sigma-max NaN -o " + bad, "NaN"},
		{file + " --sigma-min 90 -o " + bad, "90"},
		{file + " --sampler rk4 -o " + bad, "heun"},
		{file + " --schedule linear -o " + bad, "karras"},
		{file + " --guard clip -o " + bad, "clamp"},
		{file + " -o " + filepath.Join(dir, "bad.jpg"), "bad.jpg"},
		{file + " --steps 2 -n 1 -o " + filepath.Join(dir, "deeper", "bad.png"), "deeper"},
		{other + " -o " + bad, other},
		{filepath.Join(dir, "none") + " -o " + bad, "none"},
	} {
		if _, err := wavescore(t, strings.Fields("sample "+test.args)...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("wavescore sample %s: %v", test.args, err)
		}
	}
	if _, err := os.Stat(bad); err == nil {
		t.Error("a failed command wrote its file")
	}
}
