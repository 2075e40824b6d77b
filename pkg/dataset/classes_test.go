package dataset

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestOpenClasses has a folder of pictures for each class, and every sixth of each for tests.
func TestOpenClasses(t *testing.T) {
	elsewhere(t)
	putPictures(t, 7, "own", "dogs")
	putPictures(t, 13, "own", "cats")
	put(t, []byte("not a picture"), "own", "README.md")
	put(t, []byte("not a picture"), "own", "notes", "README.md")
	put(t, []byte("not a picture"), "own", ".cache", "001.png")
	for split, want := range map[Split]struct{ firsts, labels []int }{
		Train: {[]int{0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12, 0, 1, 2, 3, 4, 6}, slices.Concat(slices.Repeat([]int{0}, 11), slices.Repeat([]int{1}, 6))},
		Test:  {[]int{5, 11, 5}, []int{0, 0, 1}},
	} {
		got := open1(t, "own", split)
		if !slices.Equal(firsts(got), want.firsts) || !slices.Equal(got.Labels, want.labels) || !slices.Equal(got.Classes, []string{"cats", "dogs"}) {
			t.Errorf("%v: pictures %v of labels %v and classes %v", split, firsts(got), got.Labels, got.Classes)
		}
	}
}

// TestOpenClassesInSplits has classes in train/ and test/, one of them in test/ alone: a label
// stands for the same class in both.
func TestOpenClassesInSplits(t *testing.T) {
	elsewhere(t)
	putPictures(t, 2, "own", "train", "dogs")
	putPictures(t, 3, "own", "train", "cats")
	putPictures(t, 1, "own", "test", "dogs")
	putPictures(t, 2, "own", "test", "birds")
	for split, want := range map[Split][]int{Train: {1, 1, 1, 2, 2}, Test: {0, 0, 2}} {
		got := open1(t, "own", split)
		if !slices.Equal(got.Labels, want) || !slices.Equal(got.Classes, []string{"birds", "cats", "dogs"}) {
			t.Errorf("%v: labels %v of classes %v, want %v", split, got.Labels, got.Classes, want)
		}
	}
}

// TestOpenClassesRefused has folders of classes that cannot be read.
func TestOpenClassesRefused(t *testing.T) {
	dir := elsewhere(t)
	put(t, nil, "empty", "cats", "README.md")
	_, err := Open("./empty", Train)
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "each class in one of its own") {
		t.Errorf("classes without pictures: %v", err)
	}
	putPictures(t, 2, "own", "cats")
	put(t, []byte("damaged"), "own", "dogs", "000.png")
	_, err = Open("./own", Train)
	if e := formatError(t, err); e.File != filepath.Join("own", "dogs", "000.png") {
		t.Errorf("a damaged picture of a class: %v", err)
	}
	if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join("empty", "dogs")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("./empty", Train); err == nil || !strings.Contains(err.Error(), "leads nowhere") {
		t.Errorf("a class that is a link to nothing: %v", err)
	}
}

// TestOpenLinksToNothing has links to what is not there, where files and folders should be.
func TestOpenLinksToNothing(t *testing.T) {
	images, labels := idxOf(random(1, 2, 1, 3, 3))
	for name, files := range map[string]map[string][]byte{
		"001.png":                    {"000.png": pngOf(random(1, 1, 1, 4, 4).Image(0))},
		"train-labels-idx1-ubyte":    {"train-images-idx3-ubyte": images},
		"train-images-idx3-ubyte.gz": {"train-labels-idx1-ubyte": labels},
		"batches.meta.txt":           {"data_batch_1.bin": cifarOf(random(1, 2, 3, 32, 32))},
	} {
		dir := elsewhere(t)
		for file, content := range files {
			put(t, content, "own", file)
		}
		if err := os.Symlink(filepath.Join(dir, "gone"), filepath.Join("own", name)); err != nil {
			t.Fatal(err)
		}
		_, err := Open("./own", Train)
		if want := filepath.Join("own", name) + " leads nowhere: there is no " + filepath.Join(dir, "gone"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q in it", name, err, want)
		}
	}
	elsewhere(t)
	if err := os.Symlink("gone", "own"); err != nil {
		t.Fatal(err)
	}
	if _, err := Open("./own", Train); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "leads nowhere") {
		t.Errorf("a folder that is a link to nothing: %v", err)
	}
}

// TestOpenPackedClassNames has the class names of CIFAR-10 files gzipped.
func TestOpenPackedClassNames(t *testing.T) {
	dir := elsewhere(t)
	put(t, cifarOf(random(1, 2, 3, 32, 32)), dir, "data_batch_1.bin")
	at := filepath.Join(dir, "batches.meta.txt.gz")
	put(t, gzipped([]byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n")), at)
	if got := open1(t, dir, Train); strings.Join(got.Classes, "") != "abcdefghij" {
		t.Errorf("classes %q", got.Classes)
	}
	for name, content := range map[string][]byte{
		"too long": gzipped([]byte(strings.Repeat("a\n", 1<<16))),
		"one line": gzipped([]byte(strings.Repeat("a", 1<<18))),
		"cut":      gzipped([]byte(strings.Repeat("a\n", 1000)))[:30],
		"empty":    nil,
	} {
		put(t, content, at)
		_, err := Open(dir, Train)
		if e := formatError(t, err); e.File != at {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzClassNames(f *testing.F) {
	for _, seed := range [][]byte{nil, []byte("cat\n\n dog \n"), gzipped([]byte("cat\r\ndog")), gzipped([]byte(strings.Repeat("a\n", 1<<16)))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		frugal(t, 1<<22, func() { _ = readNames(bytes.NewReader(text)) })
		names, err := readLines(bytes.NewReader(text), "file")
		if err != nil {
			formatError(t, err)
		}
		if slices.Contains(names, "") {
			t.Error("a class without a name")
		}
	})
}
