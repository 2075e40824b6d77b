package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Split names one of the two parts that a set comes in.
type Split int

const (
	Train Split = iota
	Test
)

func (s Split) String() string {
	if s == Test {
		return "test"
	}
	return "train"
}

// ParseSplit returns the split of a name, "train" or "test".
func ParseSplit(name string) (Split, error) {
	switch name {
	case "train":
		return Train, nil
	case "test":
		return Test, nil
	}
	return 0, fmt.Errorf("dataset: no split %q: there are train and test", name)
}

// ErrNotFound is wrapped by the error of Open for a set that it knows but finds in no folder.
var ErrNotFound = errors.New("not found")

// Open returns one split of a set: "mnist", "fashion-mnist", "cifar10", "natural", "digits", or the path of a folder.
func Open(name string, split Split) (*Images, error) {
	for _, folder := range Folders() {
		s, err := openIDX(filepath.Join(folder, name), split)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		s.Name = name + " " + split.String()
		return s, s.Check()
	}
	return nil, fmt.Errorf("dataset: %s: %w in %s", name, ErrNotFound, strings.Join(Folders(), ", "))
}

// Folders returns the folders that Open looks in: those of $WAVESCORE_DATA, then the project's data folder, which is data/ of
// the nearest folder, from the working one upwards, where data/manifest.json is; where there is none, it is data/ here.
func Folders() []string {
	folders := filepath.SplitList(os.Getenv("WAVESCORE_DATA"))
	here, err := filepath.Abs(".")
	if err != nil {
		return append(folders, "data")
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "data", "manifest.json")); err == nil {
			return append(folders, filepath.Join(dir, "data"))
		}
		if dir == filepath.Dir(dir) {
			return append(folders, filepath.Join(here, "data"))
		}
	}
}

// openIDX reads the split of a folder of IDX files named as MNIST's.
func openIDX(dir string, split Split) (*Images, error) {
	prefix := map[Split]string{Train: "train", Test: "t10k"}[split]
	images, err := openPlainOrGzip(filepath.Join(dir, prefix+"-images-idx3-ubyte"))
	if err != nil {
		return nil, err
	}
	defer images.Close()
	labels, err := openPlainOrGzip(filepath.Join(dir, prefix+"-labels-idx1-ubyte"))
	if err != nil {
		return nil, err
	}
	defer labels.Close()
	s, err := ReadIDX(images, images.Name())
	if err != nil {
		return nil, err
	}
	s.Labels, err = ReadIDXLabels(labels, labels.Name())
	return s, err
}

// openPlainOrGzip opens path, or path.gz where there is no path.
func openPlainOrGzip(path string) (*os.File, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return os.Open(path + ".gz")
	}
	return f, err
}
