package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// An output that cannot be written, or that would replace an input, is refused before any work:
// the input of each command here is so large or so slow that a test could not wait for it, and
// nothing is changed.
func TestOutputsAreCheckedFirst(t *testing.T) {
	pictures, dir := blobs(t, 12, 28), t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	machine := at("machine")
	if _, err := wavescore(t, "fit", "--data", pictures, "--family", "independent", "-o", machine); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(machine, at("link")); err != nil {
		t.Fatal(err)
	}
	if err := os.Link(filepath.Join(pictures, "003.png"), at("hard.png")); err != nil {
		t.Fatal(err)
	}
	picture := filepath.Join(pictures, "003.png")
	whole, err := os.ReadFile(machine)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ args, says string }{
		{"sample " + machine + " -n 1000 --steps 10000 -o " + at("none/x.npy"), "no folder"},
		{"sample " + machine + " -n 1000 --steps 10000 -o " + dir, "is a folder"},
		{"sample " + machine + " -n 1000 --steps 10000 -o " + at("x.gif"), ".png, .npy, .idx.gz"},
		{"sample " + machine + " -n 1000 --steps 10000 -o " + at("x.npy") + " -o " + at("./x.npy"), "the same file"},
		{"sample " + machine + " -n 1000 --steps 10000 -o " + at("link"), "which the command reads"},
		{"fit --data digits --family combined -o " + at("none/m"), "no folder"},
		{"fit --data digits --family conditional -o " + at("none/m"), "no folder"},
		{"fit --data " + pictures + " -o " + picture, "which the command reads"},
		{"fit --data " + pictures + " -o " + at("hard.png"), "which the command reads"},
		{"train --data digits -o " + at("none/m"), "no folder"},
		{"train --data " + pictures + " -o " + picture, "which the command reads"},
		{"classifier --data digits -o " + at("none/m"), "no folder"},
		{"denoise " + machine + " " + picture + " --sigma 1 -o " + machine, "written as .png"},
		{"denoise " + machine + " " + picture + " --sigma 1 -o " + picture, "which the command reads"},
		{"denoise " + machine + " " + picture + " --sigma 1 -o " + at("hard.png"), "which the command reads"},
		{"denoise " + machine + " " + picture + " --sigma 1 -o " + at("x.gif"), ".png, .jpg, .jpeg"},
	} {
		if _, err := wavescore(t, strings.Fields(test.args)...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("wavescore %s: %v; want %q", test.args, err, test.says)
		}
	}
	if after, err := os.ReadFile(machine); err != nil || string(after) != string(whole) {
		t.Errorf("the machine was changed: %v", err)
	}
	if left, _ := filepath.Glob(at("*")); len(left) != 3 {
		t.Errorf("left behind: %v", left)
	}
	// An earlier machine among the images may be replaced by a new one.
	for range 2 {
		if _, err := wavescore(t, "fit", "--data", pictures, "--family", "independent", "-o", filepath.Join(pictures, "machine")); err != nil {
			t.Error(err)
		}
	}
}

// A JPEG is a JPEG, and a colour machine's samples are no IDX file.
func TestOutputFormats(t *testing.T) {
	pictures, dir := blobs(t, 12, 28), t.TempDir()
	machine, picture := filepath.Join(dir, "machine"), filepath.Join(dir, "x.jpg")
	if _, err := wavescore(t, "fit", "--data", pictures, "--family", "independent", "-o", machine); err != nil {
		t.Fatal(err)
	}
	if _, err := wavescore(t, "denoise", machine, filepath.Join(pictures, "003.png"), "--sigma", "0.1", "-o", picture); err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(picture); err != nil || !strings.HasPrefix(string(b), "\xff\xd8\xff") {
		t.Errorf("%s begins with %.4q, %v", picture, b, err)
	}
	colour := filepath.Join(dir, "colour")
	if _, err := wavescore(t, "fit", "--data", "cifar10", "-n", "20", "--family", "independent", "-o", colour); err != nil {
		t.Skip("no CIFAR-10: ", err)
	}
	if _, err := wavescore(t, "sample", colour, "-o", filepath.Join(dir, "x.idx.gz")); err == nil || !strings.Contains(err.Error(), "grey images") {
		t.Errorf("colour samples as IDX: %v", err)
	}
}
