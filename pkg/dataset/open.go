package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	return 0, fmt.Errorf("dataset: no split %q: want train or test", name)
}

// ErrNotFound is wrapped by the error of Open for a set of the manifest that is in none of the
// Folders, nor in its Places. The procedural "digits" can then stand in for it.
var ErrNotFound = errors.New("not found")

// What Open takes of the procedural digits, as many as MNIST has. Digits makes any number.
const (
	DigitsTrain     = 60000
	DigitsTest      = 10000
	digitsTrainSeed = 1
	digitsTestSeed  = 2
)

// Open returns one split of a set: "mnist", "fashion-mnist", "cifar10", "natural" or "digits", or
// of a folder of files of one's own, given by its path or by its name in one of the Folders. The
// package's overview says what a folder may hold.
//
// The error wraps ErrNotFound where a set must be downloaded first, and fs.ErrNotExist wherever
// there are no such images.
func Open(name string, split Split) (*Images, error) { return OpenFirst(name, split, 0) }

// OpenFirst returns the first n images of what Open does, all where there are no more or n is 0.
// Of procedural digits and IDX files no more is made or read, so that damage after the first n
// images goes unnoticed.
func OpenFirst(name string, split Split, n int) (*Images, error) {
	images, err := open(name, split, n)
	if err != nil {
		return nil, err
	}
	if n > 0 && n < images.Len() {
		images = images.Slice(0, n)
	}
	if path, err := filepath.Abs(name); err == nil {
		images.Name = filepath.Base(path) + " " + split.String()
	}
	return images.identify(), images.Check()
}

// open opens the images, and need not open more than the first n if that is not 0.
func open(name string, split Split, n int) (*Images, error) {
	if name == "digits" {
		all, seed := DigitsTrain, uint64(digitsTrainSeed)
		if split == Test {
			all, seed = DigitsTest, digitsTestSeed
		}
		if n <= 0 || n > all {
			n = all
		}
		return Digits(n, seed), nil
	}
	set, known := FindSet(name)
	var places []string
	switch {
	case known:
		places = set.folders()
	case name == "" || strings.ContainsAny(name, `/\`):
		places = []string{name}
	default:
		for _, folder := range Folders() {
			places = append(places, filepath.Join(folder, name))
		}
		places = append(places, name)
	}
	var absent []string
	for _, place := range places {
		var images *Images
		err := set.check(place)
		if err == nil {
			images, err = openFolder(place, split, n)
		}
		if errors.Is(err, fs.ErrNotExist) {
			absent = append(absent, err.Error())
			continue
		}
		if err == nil && images.Classes == nil {
			images.Classes = slices.Clone(set.Classes)
		}
		return images, err
	}
	reason := missing(strings.Join(absent, "; "))
	if known {
		return nil, fmt.Errorf("dataset: %s %w (%w): run \"wavescore data get %s\", or %s, "+
			"or take the procedural digits (\"--data digits\" on the command line)", name, ErrNotFound, reason, name, set.byHand())
	}
	return nil, fmt.Errorf("dataset: no images %q (%w): want %s, or the path of a folder", name, reason, strings.Join(Names(), ", "))
}

// Names returns the names that Open knows.
func Names() []string {
	var names []string
	for _, set := range manifest() {
		names = append(names, set.Name)
	}
	return append(names, "digits")
}

// Folders returns the data folders that Open looks in: those of $WAVESCORE_DATA, and the project's
// data folder, which is data/ of the nearest folder, from the working one upwards, where
// data/manifest.json is; where there is none, it is data/ here.
func Folders() []string {
	var folders []string
	for _, folder := range filepath.SplitList(os.Getenv("WAVESCORE_DATA")) {
		if folder != "" {
			folders = append(folders, folder)
		}
	}
	return append(folders, DefaultFolder())
}

// DefaultFolder returns the project's data folder, the last of Folders, where downloads belong.
func DefaultFolder() string {
	here, err := os.Getwd()
	if err != nil {
		return "data"
	}
	for dir := here; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "data", "manifest.json")); err == nil {
			return filepath.Join(dir, "data")
		}
		if dir == filepath.Dir(dir) {
			return filepath.Join(here, "data")
		}
	}
}
