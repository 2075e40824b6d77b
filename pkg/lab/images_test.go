package lab

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// photos makes a folder of n pictures of one colour each, and returns its path.
func photos(t *testing.T, n, height, width int, grey bool) string {
	t.Helper()
	dir := t.TempDir()
	for i := range n {
		var picture interface {
			image.Image
			Set(x, y int, c color.Color)
		} = image.NewNRGBA(image.Rect(0, 0, width, height))
		if grey {
			picture = image.NewGray(image.Rect(0, 0, width, height))
		}
		for p := range width * height {
			picture.Set(p%width, p/width, color.NRGBA{uint8(i), uint8(i), uint8(i), 255})
		}
		file, err := os.Create(filepath.Join(dir, fmt.Sprintf("%03d.png", i)))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, picture); err != nil {
			t.Fatal(err)
		}
		file.Close()
	}
	return dir
}

// Whatever the size of the pictures, a run hands out squares of its side, and says so before they
// are read.
func TestShapes(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	for _, c := range []struct {
		height, width int
		grey          bool
		side          int
		train, test   int // of 12 pictures, of which two are for tests
		says          string
	}{
		{180, 180, true, 32, 10 * 25, 2 * 25, "180 x 180 pixels, grey, each cut into 25 tiles of 32 x 32"},
		{20, 28, true, 32, 10, 2, "20 x 28 pixels, grey, padded with black to 32 x 32"},
		{32, 32, false, 32, 10, 2, "32 x 32 pixels, colour"},
		{10, 100, false, 48, 10 * 2, 2 * 2, "10 x 100 pixels, colour, padded with black to 48 x 100, each cut into 2 tiles of 48 x 48"},
		{40, 31, true, 16, 10 * 2, 2 * 2, "40 x 31 pixels, grey, each cut into 2 tiles of 16 x 16"},
		{28, 28, true, 16, 10, 2, "28 x 28 pixels, grey, of which the middle 16 x 16 are used"},
	} {
		run := Setup(Run{Data: photos(t, 12, c.height, c.width, c.grey), Side: c.side})
		channels := map[bool]int{true: 1, false: 3}[c.grey]
		shape := diffusion.Shape{C: channels, H: c.side, W: c.side}
		if run.Shape() != shape {
			t.Errorf("%+v: shape %v", c, run.Shape())
		}
		levels := map[int]int{16: 4, 32: 5, 48: 4}[c.side]
		if got, want := run.Layout(5), (wavelet.Layout{Channels: channels, Height: c.side, Width: c.side, Levels: levels}); got != want {
			t.Errorf("%+v: layout %v, want %v", c, got, want)
		}
		train, test := run.TrainImages(), run.TestImages()
		if n, m := run.Counts(); train.Len() != c.train || test.Len() != c.test || n != c.train || m != c.test {
			t.Errorf("%+v: %d and %d images, counted as %d and %d", c, train.Len(), test.Len(), n, m)
		}
		for _, set := range []*dataset.Images{train, test} {
			if (diffusion.Shape{C: set.Channels, H: set.Height, W: set.Width}) != shape {
				t.Errorf("%+v: images of %d x %d x %d", c, set.Channels, set.Height, set.Width)
			}
		}
		if got := run.imageSet().describe(c.side); got != c.says {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// Train and Test count what is handed out, tiles, and a few of them are of many pictures.
func TestNumbersCountTiles(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	data := photos(t, 12, 70, 70, true) // 4 tiles each
	all := Setup(Run{Data: data}).TrainImages()
	for _, n := range []int{1, 4, 7, 40, 100} {
		run := Setup(Run{Data: data, Train: n, Test: n})
		train := run.TrainImages()
		if counted, _ := run.Counts(); counted != train.Len() {
			t.Errorf("%d of the tiles are counted as %d", train.Len(), counted)
		}
		if want := all.Slice(0, min(n, all.Len())); !slices.Equal(train.Pixels, want.Pixels) {
			t.Errorf("%d of the tiles are %d that are not the first", n, train.Len())
		}
	}
	pictures := map[float32]bool{}
	for i := range 10 {
		pictures[all.Pixels[i*all.Size()]] = true
	}
	if len(pictures) < 5 { // of 10
		t.Errorf("the first ten tiles are of %d pictures", len(pictures))
	}
	run := Setup(Run{Data: data, Train: 7, Test: 100})
	for got, want := range map[string]string{run.used(run.Train, 10): "7 of 40", run.used(run.Test, 2): "all 8 (100 were asked for)", run.used(0, 10): "all 40"} {
		if got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The key of cached results changes with the files of a set, and with nothing else.
func TestFilesAreKnown(t *testing.T) {
	data := photos(t, 7, 8, 8, true)
	files := func() string { return Setup(Run{Data: data, Train: 3}).Files }
	seen := map[string]string{}
	for _, step := range []struct {
		name   string
		change func() error
	}{
		{"at first", func() error { return nil }},
		{"one more", func() error { return os.WriteFile(filepath.Join(data, "100.png"), []byte("x"), 0o644) }},
		{"other content", func() error { return os.WriteFile(filepath.Join(data, "100.png"), []byte("xy"), 0o644) }},
		{"another time", func() error { return os.Chtimes(filepath.Join(data, "100.png"), time.Time{}, time.Unix(1, 0)) }},
		{"a file in test", func() error { write(t, filepath.Join(data, "test", "1.png"), "x"); return nil }},
		{"one of a class", func() error { write(t, filepath.Join(data, "cats", "1.png"), "x"); return nil }},
	} {
		if err := step.change(); err != nil {
			t.Fatal(err)
		}
		if before, known := seen[files()]; known {
			t.Errorf("%s: the files are taken for those %s", step.name, before)
		}
		if first, second := files(), files(); first != second {
			t.Errorf("%s: the same files are two", step.name)
		}
		seen[files()] = step.name
	}
	write(t, filepath.Join(data, ".notes", "1.png"), "x") // no part of the set
	if seen[files()] != "one of a class" {
		t.Error("a folder that is no part of the set counts")
	}
}

func TestAdvice(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	for _, c := range []struct {
		run  Run
		want []string // in the sentences, one each
	}{
		{Run{Data: "digits"}, nil},
		{Run{Data: "digits", Train: 739}, []string{"**739 images are few to learn from.** A machine"}},
		{Run{Data: "digits", Train: 100}, []string{"What helps: more pictures, or a larger `Train`."}},
		{Run{Data: "digits", Side: 48}, []string{"A side of 48 pixels can be halved 4 times"}},
		{Run{Data: photos(t, 24, 180, 180, true)}, []string{"**500 images are few to learn from.**"}},
		{Run{Data: photos(t, 24, 180, 180, true)}, []string{"What helps: more pictures, or a smaller `Side` (16), which cuts more tiles from a picture."}},
		{Run{Data: photos(t, 36, 180, 180, true)}, nil}, // 30 pictures of 25 tiles
	} {
		got := Setup(c.run).advice()
		if len(got) != len(c.want) {
			t.Errorf("%+v: %q", c.run, got)
			continue
		}
		for i := range got {
			if !strings.Contains(got[i], c.want[i]) {
				t.Errorf("%+v: %q, want %q in it", c.run, got[i], c.want[i])
			}
		}
	}
}

func TestPartsMustMatch(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	data := t.TempDir()
	for part, grey := range map[string]bool{"train": true, "test": false} {
		if err := os.Rename(photos(t, 2, 8, 8, grey), filepath.Join(data, part)); err != nil {
			t.Fatal(err)
		}
	}
	defer func() {
		if err, _ := recover().(error); err == nil || !strings.Contains(err.Error(), "are 1x8x8 (channels x height x width), its test images 3x8x8") {
			t.Errorf("panicked with %v", err)
		}
	}()
	Setup(Run{Data: data}).Shape()
}
