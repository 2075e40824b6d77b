package dataset

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"testing"
)

// TestOpenIDXNames has the names of MNIST's and EMNIST's files as mirrors give them.
func TestOpenIDXNames(t *testing.T) {
	train, test := random(1, 5, 1, 6, 4), random(2, 3, 1, 6, 4)
	for name, c := range map[string]struct {
		files      [4]string // images and labels of train, then of test
		transposed bool
	}{
		"dashes":         {[4]string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"}, false},
		"points":         {[4]string{"train-images.idx3-ubyte", "train-labels.idx1-ubyte", "t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"}, false},
		"points, gzip":   {[4]string{"train-images.idx3-ubyte.gz", "train-labels.idx1-ubyte.gz", "t10k-images.idx3-ubyte.gz", "t10k-labels.idx1-ubyte.gz"}, false},
		"both":           {[4]string{"train-images.idx3-ubyte", "train-labels-idx1-ubyte.gz", "t10k-images-idx3-ubyte.gz", "t10k-labels.idx1-ubyte"}, false},
		"EMNIST":         {[4]string{"emnist-letters-train-images-idx3-ubyte", "emnist-letters-train-labels-idx1-ubyte", "emnist-letters-test-images-idx3-ubyte", "emnist-letters-test-labels-idx1-ubyte"}, true},
		"EMNIST, gzip":   {[4]string{"emnist-digits-train-images-idx3-ubyte.gz", "emnist-digits-train-labels-idx1-ubyte.gz", "emnist-digits-test-images-idx3-ubyte.gz", "emnist-digits-test-labels-idx1-ubyte.gz"}, true},
		"another prefix": {[4]string{"kmnist-train-images-idx3-ubyte", "kmnist-train-labels-idx1-ubyte", "kmnist-test-images-idx3-ubyte", "kmnist-test-labels-idx1-ubyte"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir := elsewhere(t)
			for i, s := range []*Images{train, test} {
				images, labels := idxOf(s)
				for k, content := range [][]byte{images, labels} {
					if strings.HasSuffix(c.files[2*i+k], ".gz") {
						content = gzipped(content)
					}
					put(t, content, dir, c.files[2*i+k])
				}
			}
			for split, stored := range map[Split]*Images{Train: train, Test: test} {
				got := open1(t, dir, split)
				if !slices.Equal(got.Labels, stored.Labels) {
					t.Errorf("%v: other labels came back", split)
				}
				if !c.transposed {
					if got.Height != 6 || got.Width != 4 || !slices.Equal(got.Pixels, stored.Pixels) {
						t.Errorf("%v: other images came back", split)
					}
					continue
				}
				if got.Height != 4 || got.Width != 6 {
					t.Fatalf("%v: %dx%d, want 6x4 (width x height)", split, got.Width, got.Height)
				}
				for i := range got.Len() {
					for y := range 4 {
						for x := range 6 {
							if got.Pixels[(i*4+y)*6+x] != stored.Pixels[(i*6+x)*4+y] {
								t.Fatalf("%v: image %d, row %d, column %d is not column %d of row %d as stored", split, i, y, x, y, x)
							}
						}
					}
				}
			}
		})
	}
}

// TestOpenIDXOfSeveralSets: nothing says which set is meant, so the error lists them.
func TestOpenIDXOfSeveralSets(t *testing.T) {
	dir := elsewhere(t)
	for _, set := range []string{"", "emnist-letters-", "emnist-digits-"} {
		put(t, nil, dir, set+"train-images-idx3-ubyte")
		put(t, nil, dir, set+"train-labels-idx1-ubyte")
	}
	_, err := Open(dir, Train)
	if err == nil || errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), `3 sets, whose names begin with "emnist-digits-", "emnist-letters-", "train-, t10k-"`) {
		t.Errorf("three sets in a folder: %v", err)
	}
}

// TestOpenIDXOfOneSet has labels of another set beside: they are not taken.
func TestOpenIDXOfOneSet(t *testing.T) {
	dir := elsewhere(t)
	want := random(1, 5, 1, 6, 4)
	putMNIST(t, dir, "train", want)
	_, labels := idxOf(random(2, 5, 1, 6, 4))
	put(t, labels, dir, "emnist-letters-train-labels-idx1-ubyte")
	if got := open1(t, dir, Train); !slices.Equal(got.Labels, want.Labels) {
		t.Errorf("labels %v, want %v", got.Labels, want.Labels)
	}
}

// TestOpenIDXWithoutLabels: the error names the files as they would be called.
func TestOpenIDXWithoutLabels(t *testing.T) {
	for images, want := range map[string]string{
		"emnist-letters-train-images-idx3-ubyte.gz": "emnist-letters-train-labels-idx1-ubyte",
		"emnist-letters-test-images-idx3-ubyte":     "emnist-letters-train-images-idx3-ubyte",
		"train-images.idx3-ubyte":                   "train-labels-idx1-ubyte",
	} {
		dir := elsewhere(t)
		put(t, nil, dir, images)
		if _, err := Open(dir, Train); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s alone: %v, want %q in it", images, err, want)
		}
	}
}
