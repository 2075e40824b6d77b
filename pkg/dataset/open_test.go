package dataset

import (
	"compress/gzip"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// open1 opens a split that must be there.
func open1(t *testing.T, name string, split Split) *Images {
	t.Helper()
	s, err := Open(name, split)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// putMNIST writes a set in MNIST's files.
func putMNIST(t *testing.T, dir, prefix string, s *Images) {
	images, labels := idxOf(s)
	put(t, gzipped(images), dir, prefix+"-images-idx3-ubyte.gz")
	put(t, labels, dir, prefix+"-labels-idx1-ubyte")
}

func TestOpenMNIST(t *testing.T) {
	dir := elsewhere(t)
	train, test := random(1, 7, 1, 28, 28), random(2, 3, 1, 28, 28)
	putMNIST(t, filepath.Join(dir, "second", "mnist"), "train", train)
	putMNIST(t, filepath.Join(dir, "second", "mnist"), "t10k", test)
	t.Setenv("WAVESCORE_DATA", strings.Join([]string{"first", "", filepath.Join(dir, "second")}, string(filepath.ListSeparator)))
	for split, want := range map[Split]*Images{Train: train, Test: test} {
		got := open1(t, "mnist", split)
		if !slices.Equal(got.Pixels, want.Pixels) || !slices.Equal(got.Labels, want.Labels) {
			t.Errorf("%v: other images came back", split)
		}
		if got.Name != "mnist "+split.String() || len(got.Classes) != 10 || got.Classes[3] != "3" {
			t.Errorf("%v: called %q, with classes %v", split, got.Name, got.Classes)
		}
	}
}

// TestOpenFromBelow opens from a folder of the project, as notebooks and tests do.
func TestOpenFromBelow(t *testing.T) {
	dir := elsewhere(t)
	want := random(1, 2, 1, 28, 28)
	put(t, []byte("[]"), "data", "manifest.json")
	putMNIST(t, filepath.Join(dir, "data", "fashion-mnist"), "train", want)
	put(t, nil, "notebooks", "solutions", "data", "a folder of the same name")
	t.Chdir(filepath.Join(dir, "notebooks", "solutions"))
	if got := open1(t, "fashion-mnist", Train); !slices.Equal(got.Pixels, want.Pixels) || got.Classes[9] != "ankle boot" {
		t.Errorf("other images came back, of classes %v", got.Classes)
	}
}

func TestOpenNotFound(t *testing.T) {
	dir := elsewhere(t)
	t.Setenv("WAVESCORE_DATA", filepath.Join(dir, "shared"))
	for _, name := range []string{"mnist", "fashion-mnist", "cifar10", "natural"} {
		_, err := Open(name, Train)
		if !errors.Is(err, ErrNotFound) || !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("%s: got %v, want ErrNotFound", name, err)
		}
		for _, want := range []string{filepath.Join(dir, "shared"), filepath.Join(dir, "data"), "WAVESCORE_DATA", "wavescore data get " + name, "--data digits"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q does not mention %q", err, want)
			}
		}
	}
	// Half of a set is not found either, and the error says which half is missing.
	images, _ := idxOf(random(1, 2, 1, 28, 28))
	put(t, images, "shared", "mnist", "train-images-idx3-ubyte")
	if _, err := Open("mnist", Train); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), "train-labels-idx1-ubyte") {
		t.Errorf("without labels: %v", err)
	}
}

func TestFind(t *testing.T) {
	dir := elsewhere(t)
	t.Setenv("WAVESCORE_DATA", filepath.Join(dir, "shared"))
	set, known := FindSet("natural")
	if !known {
		t.Fatal("there is no natural set")
	}
	want := filepath.Join(dir, "data", "natural", "bsd400-train-180x180")
	if err := os.MkdirAll(filepath.Join(dir, "shared", "natural", "bsd400-train-180x180"), 0o755); err != nil {
		t.Fatal(err)
	}
	if got, found := set.Find(); found {
		t.Errorf("found in %s, which is empty", got)
	}
	putPictures(t, 1, want)
	if got, found := set.Find(); found || got != want {
		t.Errorf("without a picture for tests: found in %q (%v), want false and %s", got, found, want)
	}
	putPictures(t, 6, want)
	if got, found := set.Find(); !found || got != want {
		t.Errorf("found in %q (%v), want %s", got, found, want)
	}
	if _, known := FindSet("mnits"); known {
		t.Error("there is a set mnits")
	}
}

// TestFindAsOpen has folders that Open passes over, or reads, or stops at: Find must do the same.
func TestFindAsOpen(t *testing.T) {
	images, labels := idxOf(random(1, 7, 1, 28, 28))
	batch := cifarOf(random(1, 2, 3, 32, 32))
	for name, c := range map[string]struct {
		set   string
		files map[string][]byte
		found bool
	}{
		"mnist": {"mnist", map[string][]byte{"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte.gz": gzipped(labels),
			"t10k-images-idx3-ubyte.gz": gzipped(images), "t10k-labels-idx1-ubyte": labels}, true},
		"no labels": {"mnist", map[string][]byte{"train-images-idx3-ubyte": images,
			"t10k-images-idx3-ubyte": images, "t10k-labels-idx1-ubyte": labels}, false},
		"no tests":           {"mnist", map[string][]byte{"train-images-idx3-ubyte": images, "train-labels-idx1-ubyte": labels}, false},
		"only labels":        {"mnist", map[string][]byte{"train-labels-idx1-ubyte": labels}, false},
		"damaged":            {"mnist", map[string][]byte{"train-images-idx3-ubyte": nil, "train-labels-idx1-ubyte": nil, "t10k-images-idx3-ubyte": nil, "t10k-labels-idx1-ubyte": nil}, true},
		"a part of CIFAR-10": {"cifar10", map[string][]byte{"data_batch_1.bin.gz": gzipped(batch), "test_first1000.bin.gz": gzipped(batch)}, true},
		"no test batch":      {"cifar10", map[string][]byte{"data_batch_1.bin.gz": gzipped(batch)}, false},
		"a cut batch":        {"cifar10", map[string][]byte{"data_batch_1.bin": batch, "test_batch.bin.gz": gzipped(batch)}, true},
	} {
		t.Run(name, func(t *testing.T) {
			dir := elsewhere(t)
			for file, content := range c.files {
				put(t, content, dir, "data", c.set, file)
			}
			set, _ := FindSet(c.set)
			folder, found := set.Find()
			_, train := Open(c.set, Train)
			_, test := Open(c.set, Test)
			if open := !errors.Is(errors.Join(train, test), ErrNotFound); found != c.found || open != found {
				t.Errorf("found: %v, want %v; Open: %v, %v", found, c.found, train, test)
			}
			if want := filepath.Join(dir, "data", c.set); folder != want {
				t.Errorf("the folder is %s, want %s", folder, want)
			}
		})
	}
}

// TestPlaces has Fashion-MNIST where a package of the system puts it.
func TestPlaces(t *testing.T) {
	dir := elsewhere(t)
	place := filepath.Join(dir, "usr", "share", "fashion")
	withPlaces(t, map[string][]string{"fashion-mnist": {filepath.Join(dir, "nowhere"), place}})
	set, _ := FindSet("fashion-mnist")
	if folder, found := set.Find(); found || folder != "" {
		t.Errorf("found in %q (%v) before anything is there", folder, found)
	}
	_, err := Open("fashion-mnist", Train)
	for _, want := range []string{place, "apt-get install dataset-fashion-mnist"} {
		if !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want ErrNotFound and %q", err, want)
		}
	}
	packaged := random(1, 7, 1, 28, 28)
	putMNIST(t, place, "train", packaged)
	putMNIST(t, place, "t10k", packaged)
	mine := filepath.Join(dir, "data", "fashion-mnist")
	own := random(2, 3, 1, 28, 28)
	for _, step := range []struct {
		name, folder string
		put          func()
		want         *Images
	}{
		{"a package", place, func() {}, packaged},
		{"half of it in data/ too", place, func() { putMNIST(t, mine, "t10k", own) }, packaged},
		{"all of it in data/ too", mine, func() { putMNIST(t, mine, "train", own) }, own},
	} {
		step.put()
		if folder, found := set.Find(); !found || folder != step.folder {
			t.Errorf("%s: found in %q (%v), want %s", step.name, folder, found, step.folder)
		}
		if got := open1(t, "fashion-mnist", Train); !slices.Equal(got.Pixels, step.want.Pixels) || got.Classes[9] != "ankle boot" {
			t.Errorf("%s: other images came back", step.name)
		}
	}
	put(t, []byte("damaged"), mine, "train-images-idx3-ubyte.gz")
	if _, err := Open("fashion-mnist", Train); formatError(t, err).File != filepath.Join(mine, "train-images-idx3-ubyte.gz") {
		t.Errorf("a damaged file is passed over: %v", err)
	}
}

func TestOpenUnknown(t *testing.T) {
	dir := elsewhere(t)
	put(t, nil, "file")
	for name, want := range map[string]string{
		"mnits":       filepath.Join(dir, "data", "mnits"),
		"./nowhere":   "./nowhere",
		"./file":      "file",
		"":            `no images ""`,
		"data/../mni": "data/../mni",
	} {
		_, err := Open(name, Train)
		if err == nil || errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q and no ErrNotFound", name, err, want)
		}
	}
	if _, err := Open("mnits", Train); !strings.Contains(err.Error(), "mnist, fashion-mnist, cifar10, natural, digits") {
		t.Errorf("%v does not list the names", err)
	}
}

func TestOpenDamaged(t *testing.T) {
	dir := elsewhere(t)
	images, labels := idxOf(random(1, 7, 1, 28, 28))
	place := filepath.Join(dir, "data", "mnist")
	put(t, labels, place, "train-labels-idx1-ubyte")
	// A damaged file is an error, even where a whole one lies in the next folder.
	putMNIST(t, filepath.Join(dir, "other", "mnist"), "train", random(1, 7, 1, 28, 28))
	t.Setenv("WAVESCORE_DATA", strings.Join([]string{filepath.Join(dir, "data"), filepath.Join(dir, "other")}, string(filepath.ListSeparator)))
	path := filepath.Join(place, "train-images-idx3-ubyte")
	put(t, images[:100], path)
	_, err := Open("mnist", Train)
	if e := formatError(t, err); e.File != path || e.Offset != 100 || errors.Is(err, ErrNotFound) {
		t.Errorf("truncated: %v", err)
	}
	images, _ = idxOf(random(1, 6, 1, 28, 28))
	put(t, images, path)
	if _, err := Open("mnist", Train); err == nil || !strings.Contains(err.Error(), "7 labels for 6 images") {
		t.Errorf("a label too many: %v", err)
	}
}

func TestOpenCIFAR(t *testing.T) {
	dir := elsewhere(t)
	at := filepath.Join(dir, "data", "cifar10")
	parts := []*Images{random(1, 2, 3, 32, 32), random(2, 3, 3, 32, 32), random(3, 1, 3, 32, 32)}
	put(t, gzipped(cifarOf(parts[0])), at, "data_batch_1.bin.gz")
	put(t, gzipped(cifarOf(parts[1])), at, "data_batch_2.bin.gz")
	put(t, gzipped(cifarOf(parts[2])), at, "test_first1000.bin.gz")
	put(t, []byte("a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n"), at, "batches.meta.txt")
	train := open1(t, "cifar10", Train)
	if !slices.Equal(train.Pixels, slices.Concat(parts[0].Pixels, parts[1].Pixels)) || !slices.Equal(train.Labels, slices.Concat(parts[0].Labels, parts[1].Labels)) {
		t.Error("the batches did not come back one after another")
	}
	if strings.Join(train.Classes, "") != "abcdefghij" {
		t.Errorf("classes %v", train.Classes)
	}
	if test := open1(t, "cifar10", Test); !slices.Equal(test.Pixels, parts[2].Pixels) {
		t.Error("other test images came back")
	}

	// A whole test batch goes before a part of one; class names come from the manifest where
	// there is no file of them.
	put(t, gzipped(cifarOf(parts[0])), at, "test_batch.bin.gz")
	if err := os.Remove(filepath.Join(at, "batches.meta.txt")); err != nil {
		t.Fatal(err)
	}
	if test := open1(t, "cifar10", Test); !slices.Equal(test.Pixels, parts[0].Pixels) || test.Classes[9] != "truck" {
		t.Errorf("%d test images of classes %v", test.Len(), test.Classes)
	}

	// Cut between two records, a plain file is a shorter one; only the manifest tells.
	put(t, cifarOf(parts[1]), at, "data_batch_2.bin")
	_, err := Open("cifar10", Train)
	if e := formatError(t, err); e.File != filepath.Join(at, "data_batch_2.bin") || e.Found != "9219" {
		t.Errorf("a cut batch: %v", err)
	}
	// In a folder of one's own it is not for the manifest to say, and the plain file goes before
	// its .gz.
	if own := open1(t, at, Train); own.Len() != 5 || own.Classes != nil {
		t.Errorf("%d images of classes %v", own.Len(), own.Classes)
	}
}

// TestOpenHalfASet has folders with some of a set's files, which are the set only when all are
// there.
func TestOpenHalfASet(t *testing.T) {
	dir := elsewhere(t)
	for name, file := range map[string]string{"natural": "test_007.png", "cifar10": "data_batch_3.bin"} {
		set, _ := FindSet(name)
		folder := filepath.Join(dir, "data", filepath.FromSlash(set.Folder))
		for _, f := range set.Contents() {
			if f.Name == file {
				put(t, nil, folder, file)
				if err := os.Truncate(filepath.Join(folder, file), f.Bytes); err != nil {
					t.Fatal(err)
				}
			}
		}
		_, err := Open(name, Train)
		if want := fmt.Sprintf("has 1 of %d files", len(set.Contents())); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q and ErrNotFound", name, err, want)
		}
	}
}

// putPictures writes n pictures whose first pixel is their number.
func putPictures(t *testing.T, n int, dir ...string) {
	for i := range n {
		picture := image.NewGray(image.Rect(0, 0, 5, 4))
		picture.Pix[0] = byte(i)
		put(t, pngOf(picture), append(dir, fmt.Sprintf("%03d.png", i))...)
	}
}

// firsts returns the first pixel of each image as a byte.
func firsts(s *Images) (numbers []int) {
	for i := range s.Len() {
		numbers = append(numbers, int(toByte(s.pixels(i, i+1)[0])))
	}
	return numbers
}

func TestOpenPictures(t *testing.T) {
	dir := elsewhere(t)
	putPictures(t, 13, "own")
	put(t, []byte("not a picture"), "own", "README.md")
	put(t, []byte("not a picture"), "own", "._000.png")
	for _, name := range []string{"./own", "own", filepath.Join(dir, "own")} {
		train, test := open1(t, name, Train), open1(t, name, Test)
		if got := firsts(train); !slices.Equal(got, []int{0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12}) {
			t.Errorf("%s: training pictures %v", name, got)
		}
		if got := firsts(test); !slices.Equal(got, []int{5, 11}) {
			t.Errorf("%s: test pictures %v", name, got)
		}
		if train.Channels != 1 || train.Height != 4 || train.Width != 5 || train.Labels != nil || train.Name != "own train" {
			t.Errorf("%s: %q of %dx%dx%d with labels %v", name, train.Name, train.Channels, train.Height, train.Width, train.Labels)
		}
	}
	putPictures(t, 3, "data", "mine")
	if got := open1(t, "mine", Train); got.Len() != 3 {
		t.Errorf("%d pictures in a folder of the data folder, want 3", got.Len())
	}
	_, err := Open("mine", Test)
	if err == nil || !strings.Contains(err.Error(), "train/ and test/") {
		t.Errorf("too few pictures for a test split: %v", err)
	}
}

func TestOpenPicturesInSplits(t *testing.T) {
	elsewhere(t)
	putPictures(t, 7, "own", "train")
	if got := firsts(open1(t, "own", Train)); !slices.Equal(got, []int{0, 1, 2, 3, 4, 5, 6}) {
		t.Errorf("training pictures %v", got)
	}
	if _, err := Open("own", Test); err == nil || !strings.Contains(err.Error(), filepath.Join("own", "test")) {
		t.Errorf("without a folder of tests: %v", err)
	}
	putPictures(t, 2, "own", "test")
	if got := firsts(open1(t, "own", Test)); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("test pictures %v", got)
	}
}

func TestOpenPicturesOfTwoShapes(t *testing.T) {
	dir := elsewhere(t)
	putPictures(t, 3, "own")
	for other, picture := range map[string]image.Image{
		"4x5":    image.NewGray(image.Rect(0, 0, 4, 5)),
		"colour": ramp(image.NewNRGBA(image.Rect(0, 0, 5, 4))),
	} {
		put(t, pngOf(picture), "own", "002.JPEG") // content decides, and .JPEG sorts before .png
		_, err := Open("own", Train)
		if err == nil || !strings.Contains(err.Error(), filepath.Join("own", "002.JPEG")) || !strings.Contains(err.Error(), "one size, all grey or all colour") {
			t.Errorf("%s: %v", other, err)
		}
	}
	put(t, nil, "own", "001.png")
	_, err := Open(filepath.Join(dir, "own"), Train)
	if e := formatError(t, err); e.File != filepath.Join(dir, "own", "001.png") {
		t.Errorf("an empty picture: %v", err)
	}
}

// TestOpenDigits looks at the test split; ExampleOpen opens the other.
func TestOpenDigits(t *testing.T) {
	elsewhere(t)
	test, train := open1(t, "digits", Test), Digits(100, digitsTrainSeed)
	if test.Len() != DigitsTest || test.Name != "digits test" || len(test.Classes) != 10 {
		t.Errorf("%d images called %q, with classes %v", test.Len(), test.Name, test.Classes)
	}
	for i := range train.Len() {
		if slices.Equal(train.pixels(i, i+1), test.pixels(i, i+1)) {
			t.Fatalf("digit %d is the same in both splits", i)
		}
	}
}

func TestParseSplit(t *testing.T) {
	for _, split := range []Split{Train, Test} {
		if got, err := ParseSplit(split.String()); err != nil || got != split {
			t.Errorf("%v came back as %v (%v)", split, got, err)
		}
	}
	if _, err := ParseSplit("validation"); err == nil || !strings.Contains(err.Error(), "train or test") {
		t.Errorf("validation: %v", err)
	}
}

var (
	webFolder    = regexp.MustCompile(`^https?://\S+/$`)
	moduleFolder = regexp.MustCompile(`^go:[^@\s]+@v[^/\s]+/(\S+/)?$`)
)

func TestManifest(t *testing.T) {
	var names []string
	for _, s := range Sets() {
		names = append(names, s.Name)
		if s.About == "" || s.Licence == "" || !fs.ValidPath(s.Folder) || len(s.Mirrors) == 0 || len(s.Files) == 0 {
			t.Errorf("%s lacks something: %+v", s.Name, s)
		}
		for _, mirror := range s.Mirrors {
			if !moduleFolder.MatchString(mirror) && !webFolder.MatchString(mirror) {
				t.Errorf("%s: mirror %q", s.Name, mirror)
			}
		}
		for _, place := range s.Places {
			if !filepath.IsAbs(place) || s.Debian == "" {
				t.Errorf("%s: place %q of Debian's package %q", s.Name, place, s.Debian)
			}
		}
		for _, f := range s.Files {
			if len(f.SHA256) != 64 {
				t.Errorf("%s: %s has no SHA-256", s.Name, f.Name)
			}
		}
		for _, f := range slices.Concat(s.Files, s.Contents()) {
			if f.Bytes < 1 || filepath.Base(f.Name) != f.Name {
				t.Errorf("%s: %+v", s.Name, f)
			}
			if packed := filepath.Ext(f.Name) == ".gz" && f.Holds == nil; packed != (f.Unpacked != nil) ||
				packed && (f.Unpacked.Bytes < 1 || len(f.Unpacked.SHA256) != 64) {
				t.Errorf("%s: %s unpacks to %+v", s.Name, f.Name, f.Unpacked)
			}
		}
	}
	if !slices.Equal(append(names, "digits"), Names()) {
		t.Errorf("sets %v, names %v", names, Names())
	}
}

// realData skips a test that needs the real sets where there are none.
func realData(t *testing.T) {
	t.Helper()
	if os.Getenv("WAVESCORE_DATA") == "" {
		t.Skip("needs the real image sets: set WAVESCORE_DATA to their folder")
	}
}

// TestRealFilesAnew gzips the real files anew: what the manifest says of their content must be so.
func TestRealFilesAnew(t *testing.T) {
	realData(t)
	at := filepath.Join(t.TempDir(), "anew.gz")
	for _, name := range []string{"mnist", "fashion-mnist"} {
		set, _ := FindSet(name)
		folder, found := set.Find()
		if !found {
			t.Errorf("%s is not there", name)
		}
		for _, f := range set.Files {
			content, err := readFile(filepath.Join(folder, strings.TrimSuffix(f.Name, ".gz")), func(r io.Reader, _ string) ([]byte, error) {
				unpacked, err := gzip.NewReader(r)
				if err != nil {
					return nil, err
				}
				return io.ReadAll(unpacked)
			})
			if err != nil {
				t.Fatal(err)
			}
			put(t, gzippedAt(gzip.NoCompression, content), at)
			if anew, err := f.Verify(at); err != nil || !anew {
				t.Errorf("%s: anew %v, %v", f.Name, anew, err)
			}
		}
	}
}

// TestRealSets compares the sets with what is published of them: sizes, classes of the same size,
// and the means and standard deviations in [0, 1] that PyTorch's examples normalise with.
func TestRealSets(t *testing.T) {
	for name, want := range map[string]struct {
		train, test, channels, side int
		mean, std                   float64
	}{
		"mnist":         {60000, 10000, 1, 28, 0.1307, 0.3081},
		"fashion-mnist": {60000, 10000, 1, 28, 0.2860, 0.3530},
	} {
		t.Run(name, func(t *testing.T) {
			realData(t)
			train, test := open1(t, name, Train), open1(t, name, Test)
			if train.Len() != want.train || test.Len() != want.test {
				t.Errorf("%d and %d images, want %d and %d", train.Len(), test.Len(), want.train, want.test)
			}
			if train.Channels != want.channels || train.Height != want.side || train.Width != want.side {
				t.Errorf("shape %dx%dx%d", train.Channels, train.Height, train.Width)
			}
			if mean, std := statistics(train); math.Abs(mean-want.mean) > 6e-5 || math.Abs(std-want.std) > 6e-5 {
				t.Errorf("mean %.5f and deviation %.5f, want %.4f and %.4f", mean, std, want.mean, want.std)
			}
		})
	}
	t.Run("mnist labels", func(t *testing.T) {
		realData(t)
		if got := open1(t, "mnist", Train).Labels[:10]; !slices.Equal(got, []int{5, 0, 4, 1, 9, 2, 1, 3, 1, 4}) {
			t.Errorf("the first labels are %v", got)
		}
	})
	t.Run("cifar10", func(t *testing.T) {
		realData(t)
		train, test := open1(t, "cifar10", Train), open1(t, "cifar10", Test)
		if train.Len()%10000 != 0 || test.Len()%1000 != 0 || train.Classes[train.Labels[0]] != "frog" || test.Classes[test.Labels[0]] != "cat" {
			t.Errorf("%d and %d images, the first a %s and a %s", train.Len(), test.Len(), train.Classes[train.Labels[0]], test.Classes[test.Labels[0]])
		}
	})
	t.Run("natural", func(t *testing.T) {
		realData(t)
		train, test := open1(t, "natural", Train), open1(t, "natural", Test)
		if train.Len() != 334 || test.Len() != 66 || train.Channels != 1 || train.Height != 180 || train.Width != 180 {
			t.Errorf("%d and %d images of %dx%dx%d", train.Len(), test.Len(), train.Channels, train.Height, train.Width)
		}
	})
}

// statistics returns the mean and the standard deviation of all pixels in [0, 1].
func statistics(s *Images) (mean, std float64) {
	var sum, squares float64
	for _, v := range s.Pixels {
		u := (float64(v) + 1) / 2
		sum, squares = sum+u, squares+u*u
	}
	mean = sum / float64(len(s.Pixels))
	return mean, math.Sqrt(squares/float64(len(s.Pixels)) - mean*mean)
}
