package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"wavescore/internal/notebooks"
	"wavescore/pkg/lab"
)

// notebooksCommand runs notebooks headless.
type notebooksCommand struct {
	Numbers   []string      `arg:"" optional:"" name:"NN" help:"Numbers of notebooks, as in notebooks/NN-name.ipynb; all without one."`
	Solutions bool          `help:"Also run the solutions of the exercises, notebooks/solutions/NN-name.ipynb."`
	Out       string        `placeholder:"DIR" help:"Folder for html/, figures/ and index.html; the module's root without it."`
	Jobs      int           `placeholder:"N" help:"How many run at a time; without it as many as the cores and the memory allow, here ${jobs}."`
	Set       []string      `sep:"none" placeholder:"NAME=VALUE" help:"Set a parameter of every notebook, as Data, Train or Seed; may be repeated."`
	Apart     bool          `help:"Run each cell as a program of its own, as an open session does: slower."`
	Try       bool          `help:"Also make each change that a Try it proposes, run the cells that depend on it, and see that what they show changes."`
	Times     bool          `help:"Name the slowest cells of each notebook."`
	Measure   bool          `help:"Run one at a time, each with an empty cache, and keep the seconds in notebooks/times.csv."`
	Write     bool          `help:"Refresh the static outputs of the notebooks themselves."`
	Timeout   time.Duration `default:"30m" help:"Longest time for one notebook (${default})."`
}

func (c *notebooksCommand) Help() string {
	return "Executes each notebook from top to bottom in a kernel of its own: number 00 first, then those that take longest. Its page is there as soon " +
		"as it has run. A cell fails when it does not compile, panics, exits, shows fewer pictures than it calls lab.Show, or still runs when " +
		"the time is up; no process is left in any case. Declarations that stand in cells of their own run with a cell that runs something, " +
		"and up to four such cells share a program, which saves building it; --apart runs each alone."
}

// slowCells is how many cells --times names.
const slowCells = 5

func (c *notebooksCommand) Run(ctx context.Context) error {
	root, err := lab.ModuleRoot()
	if err != nil {
		return err
	}
	switch {
	case c.Jobs < 0:
		return fmt.Errorf("--jobs %d: want at least 1", c.Jobs)
	case c.Measure && c.Jobs > 1:
		return errors.New("--measure runs one notebook at a time: leave --jobs out")
	case (c.Write || c.Measure) && (len(c.Set) > 0 || os.Getenv("WAVESCORE_SET") != ""):
		return errors.New("--write and --measure are for the notebooks as they stand: leave out --set and WAVESCORE_SET")
	}
	settings, err := lab.ParseSettings(c.Set)
	if err != nil {
		return fmt.Errorf("--set: %w", err)
	}
	entries, err := notebooks.Find(root, c.Solutions, c.Numbers...)
	if err != nil {
		return err
	}
	out := c.Out
	if out == "" {
		out = root
	}
	if out, err = filepath.Abs(out); err != nil {
		return err
	}
	suite := notebooks.Suite{Root: root, Out: out, Jobs: c.Jobs, Timeout: c.Timeout, Write: c.Write, Measure: c.Measure, Apart: c.Apart, Try: c.Try,
		Library: lab.LiveLibrary(), Log: os.Stdout}
	if c.Jobs == 0 {
		suite.Jobs = notebooks.DefaultJobs()
	}
	if c.Times {
		suite.Slow = slowCells
	}
	if len(c.Set) > 0 {
		suite.Env = []string{"WAVESCORE_SET=" + settings.Env()}
	}
	err = suite.Run(ctx, entries)
	if err != nil && ctx.Err() != nil {
		return interrupted{err.Error()} // which notebooks ran, and which were ended
	}
	return err
}

// saving is how long an interrupted run may take to end the kernels and to publish what has run;
// it is a fraction of a second where the machine does nothing else.
func (*notebooksCommand) saving() time.Duration { return 10 * time.Second }
