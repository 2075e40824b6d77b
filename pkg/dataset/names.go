package dataset

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// idxFile matches the names of IDX files without .gz: the set that they belong to, as in
// emnist-letters-, or nothing for MNIST's own names; the split; what they hold. Mirrors have a
// point where MNIST's names have the last dash but one.
var idxFile = regexp.MustCompile(`^(.*-)?(train|t10k|test)-(images[-.]idx3|labels[-.]idx1)-ubyte$`)

// idxFiles are the names, without .gz, of the images and labels of one split.
type idxFiles struct {
	set            string // what the names begin with, as in emnist-letters-
	images, labels string // "" where there are none
}

// findIDXFiles chooses the files of a split. It returns an error where the folder has images of
// several sets, for nothing says which of them is meant.
func findIDXFiles(dir string, names []string, split Split) (found idxFiles, err error) {
	var matches [][]string
	var sets []string
	for _, name := range names {
		match := idxFile.FindStringSubmatch(strings.TrimSuffix(name, ".gz"))
		if match == nil {
			continue
		}
		matches = append(matches, match)
		if set := match[1]; strings.HasPrefix(match[3], "images") && !slices.Contains(sets, set) {
			sets = append(sets, set)
		}
	}
	switch len(sets) {
	case 0:
	case 1:
		found.set = sets[0]
	default:
		return found, fmt.Errorf("dataset: %s has the images of %d sets, whose names begin with %s: "+
			"want those of one in a folder", dir, len(sets), quoted(sets))
	}
	for _, match := range matches {
		name, isTrain, isImages := match[0], match[2] == "train", strings.HasPrefix(match[3], "images")
		switch {
		case match[1] != found.set || isTrain != (split == Train):
		case isImages && found.images == "":
			found.images = name
		case !isImages && found.labels == "":
			found.labels = name
		}
	}
	expected := split.String()
	if split == Test && found.set == "" {
		expected = "t10k"
	}
	switch {
	case found.images == "":
		err = neither(filepath.Join(dir, found.set+expected+"-images-idx3-ubyte"))
	case found.labels == "":
		err = neither(filepath.Join(dir, found.set+expected+"-labels-idx1-ubyte"))
	}
	return found, err
}

// quoted returns what the names of sets begin with, for a message.
func quoted(sets []string) string {
	var list []string
	for _, set := range sets {
		if set == "" {
			set = "train-, t10k-" // MNIST's
		}
		list = append(list, fmt.Sprintf("%q", set))
	}
	return strings.Join(list, ", ")
}

// orientation returns how the images are stored: those of EMNIST with rows as columns, as its
// authors' program wrote them (Cohen, Afshar, Tapson and van Schaik, "EMNIST", 2017).
func (f idxFiles) orientation() int {
	if strings.Contains(strings.ToLower(f.set), "emnist") {
		return transposed
	}
	return upright
}
