package lab

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

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
	Files  string // a hash that tells the files of Data from others: results cached for those do not serve
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
	folders := places(run.Data)
	if set, known := dataset.FindSet(run.Data); known {
		folder, found := set.Find()
		if folders = []string{folder}; !found {
			run.Data, run.Wanted = "digits", run.Data
		}
	}
	if run.Data != "digits" {
		run.Files = listing(folders)
	}
	return run
}

// listing is a hash of the names, sizes and times of the files in folders of images, and in their
// parts train and test.
func listing(folders []string) string {
	hash := sha256.New()
	for _, folder := range folders {
		for _, part := range []string{"", dataset.Train.String(), dataset.Test.String()} {
			files, _ := os.ReadDir(filepath.Join(folder, part)) // dataset.Open says what is wrong with it
			for _, file := range files {
				if info, err := file.Info(); err == nil && !file.IsDir() {
					fmt.Fprintf(hash, "%q %d %d\n", file.Name(), info.Size(), info.ModTime().UnixNano())
				}
			}
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil)[:8])
}
