package lab

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"wavescore/pkg/dataset"
)

// A Run is what a notebook works on: an image set, how much of it, and a seed. Change it in the notebook's first cell.
type Run struct {
	Data        string // the set, by a name or a path that dataset.Open knows; "" is mnist
	Side        int    // images are padded to Side x Side; 0 is 32
	Train, Test int    // images used; 0 is all there are
	Seed        uint64 // of everything random

	Wanted string // set by Setup: the set that was asked for, where it was not found and Data replaces it
}

// Setup fills in the defaults. Where the image set is not on this machine the run uses procedural digits instead, and Facts
// says so. Setup is cheap and silent: a global variable is evaluated again in every cell.
//
//	var run = lab.Setup(lab.Run{Data: "mnist", Test: 2000, Seed: 1})
func Setup(run Run) Run {
	if run.Data == "" {
		run.Data = "mnist"
	}
	if run.Side == 0 {
		run.Side = 32
	}
	if set, known := dataset.FindSet(run.Data); known {
		if _, found := set.Find(); !found {
			run.Data, run.Wanted = "digits", run.Data
		}
	}
	return run
}

// TrainImages returns the images to learn from, padded: the same set whenever a cell asks, which must not be changed. A set that cannot be
// read stops the cell.
func (r Run) TrainImages() *dataset.Images { return r.images(dataset.Train, r.Train) }

// TestImages returns the images to test on as TrainImages does those to learn from. No machine may learn from them.
func (r Run) TestImages() *dataset.Images { return r.images(dataset.Test, r.Test) }

// What this program has read: a second for all of MNIST, and a fifth of a gigabyte; padded to 32 x 32 a quarter more.
var (
	opened sync.Map // of func() *dataset.Images, by imagesOf with neither n nor side
	padded sync.Map // the same, by imagesOf
)

type imagesOf struct {
	data    string
	split   dataset.Split
	n, side int
}

func (r Run) images(split dataset.Split, n int) *dataset.Images {
	read, _ := padded.LoadOrStore(imagesOf{r.Data, split, n, r.Side}, sync.OnceValue(func() *dataset.Images {
		whole, _ := opened.LoadOrStore(imagesOf{data: r.Data, split: split}, sync.OnceValue(func() *dataset.Images {
			return Must1(dataset.Open(r.Data, split))
		}))
		set := whole.(func() *dataset.Images)()
		if n > 0 {
			set = set.Slice(0, min(n, set.Len()))
		}
		return Must1(set.Pad(r.Side, r.Side))
	}))
	return read.(func() *dataset.Images)()
}

// Facts shows what this run works on and where it runs, and prepares the page for live charts.
func (r Run) Facts() {
	if r.Wanted != "" {
		Text("**%s was not found on this machine, so this run uses procedural digits.** "+
			"To use it, run `wavescore data get %s`, or set `WAVESCORE_DATA` to a folder that holds `%s/`.", r.Wanted, r.Wanted, r.Wanted)
	}
	size := func(n int) string {
		if n == 0 {
			return "all"
		}
		return fmt.Sprint(n)
	}
	Table([]string{"run", ""},
		[]any{"images", fmt.Sprintf("%s, padded to %d x %d", r.Data, r.Side, r.Side)},
		[]any{"train / test", size(r.Train) + " / " + size(r.Test)},
		[]any{"seed", fmt.Sprint(r.Seed)},
		[]any{"machine", fmt.Sprintf("%s/%s, %d cores, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())},
	)
	if gonbui.IsNotebook && os.Getenv(figuresVariable) == "" {
		display(map[protocol.MIMEType]any{protocol.MIMETextHTML: LiveLibrary()}, nil)
	}
}
