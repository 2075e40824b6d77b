package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"wavescore/internal/notebooks"
	"wavescore/internal/wholefile"
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
	Gaps      string        `placeholder:"DIR" help:"Run nothing; write the exercises into a folder as notebooks for students to fill in, made of their solutions."`
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
	if c.Gaps != "" {
		return c.writeGaps(root)
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

// writeGaps writes the exercises of notebooks with gaps. Where a file of that name is there and is
// another one, somebody may have worked on it, and nothing is written.
func (c *notebooksCommand) writeGaps(root string) error {
	if c.Solutions || c.Write || c.Measure || c.Try || c.Apart || c.Times || c.Out != "" || len(c.Set) > 0 {
		return errors.New("--gaps runs no notebook: leave out the options of a run")
	}
	entries, err := notebooks.Find(root, false, c.Numbers...)
	if err != nil {
		return err
	}
	dir, err := filepath.Abs(c.Gaps)
	if err != nil {
		return err
	}
	gaps, err := notebooks.Gaps(root, dir, entries)
	if err != nil {
		return err
	}
	if len(gaps) == 0 {
		return errors.New("these notebooks have no exercises")
	}
	for _, g := range gaps {
		if there, err := os.ReadFile(g.Path); err == nil && !bytes.Equal(there, g.Text) {
			return fmt.Errorf("%s is there already, and may have been worked on: choose another folder, or remove it", g.Path)
		}
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, g := range gaps {
		if err := wholefile.Write(g.Path, g.Text); err != nil {
			return err
		}
	}
	fmt.Printf("%d notebooks with gaps are in %s\n", len(gaps), c.Gaps)
	return nil
}

// saving is how long an interrupted run may take to end the kernels and to publish what has run;
// it is a fraction of a second where the machine does nothing else.
func (*notebooksCommand) saving() time.Duration { return 10 * time.Second }
