package lab

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"wavescore/pkg/dataset"
)

// A Run is what a notebook works on: an image set, how much of it, and a seed. Change it in the
// notebook's first cell, or from outside: see Settings.
type Run struct {
	Data        string // the set, by a name or a path that dataset.Open knows; "" is mnist
	Side        int    // of the square images that the notebook works on, a multiple of 16; 0 is 32
	Train, Test int    // images used; 0 is all there are
	Seed        uint64 // of everything random

	// Set by Setup.
	Wanted string // the set that was asked for, where it was not found and Data replaces it
	Files  string // a hash of the names, sizes and times of the files of Data
}

// Setup takes up the settings from outside, in $WAVESCORE_SET, and fills in the defaults. Where
// the image set is not on this machine the run uses procedural digits instead, and Facts says so.
// Setup is cheap and silent: a global variable is evaluated again in every cell. Settings that
// cannot be used stop the cell.
//
//	var run = lab.Setup(lab.Run{Data: "mnist", Test: 2000, Seed: 1})
func Setup(run Run) Run {
	run = Must1(fromOutside()).Apply(run)
	if run.Data == "" {
		run.Data = "mnist"
	}
	if run.Side == 0 {
		run.Side = 32
	}
	Must(checkSide(run.Side))
	if set, known := dataset.FindSet(run.Data); known {
		if _, found := set.Find(); !found {
			run.Data, run.Wanted = "digits", run.Data
		}
	}
	run.Files = files(run.Data)
	return run
}

// A Selection says which images TrainImages or TestImages return: it is what the key of a value
// computed from them alone needs of a run.
type Selection struct {
	Data, Files string // as in Run
	Part        dataset.Split
	Side        int // of the images
	Number      int // of the images at most; 0 is all there are
}

// TrainSet identifies the images that TrainImages returns. A value that Cached knows by it stays
// when Test or Seed changes.
func (r Run) TrainSet() Selection {
	return Selection{r.Data, r.Files, dataset.Train, r.Side, r.Train}
}

// TestSet identifies the images that TestImages returns, as TrainSet does the others.
func (r Run) TestSet() Selection {
	return Selection{r.Data, r.Files, dataset.Test, r.Side, r.Test}
}

// files returns the hash of the files of an image set, or "" of one that has none.
func files(data string) string {
	if data == "digits" {
		return ""
	}
	if set, known := dataset.FindSet(data); known {
		folder, _ := set.Find()
		return listing([]string{folder})
	}
	return listing(places(data))
}

// listing is a hash of the names, sizes and times of the files in folders of images, and in the
// folders that these hold, such as train/ with one folder for each class.
func listing(folders []string) string {
	hash := sha256.New()
	for _, folder := range folders {
		list(hash, folder, 0)
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8])
}

// list writes a line for every file in a folder and, three folders down, below it.
func list(to io.Writer, folder string, depth int) {
	entries, _ := os.ReadDir(folder) // dataset.Open says what is wrong with it
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		info, err := os.Stat(path) // of what a link leads to
		switch {
		case err != nil || strings.HasPrefix(entry.Name(), "."):
		case !info.IsDir():
			fmt.Fprintf(to, "%q %d %d\n", entry.Name(), info.Size(), info.ModTime().UnixNano())
		case depth < 3:
			fmt.Fprintf(to, "%q {\n", entry.Name())
			list(to, path, depth+1)
			fmt.Fprintln(to, "}")
		}
	}
}
