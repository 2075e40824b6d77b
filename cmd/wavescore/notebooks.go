package main

import (
	"context"
	"os"
	"path/filepath"
	"time"

	"wavescore/internal/notebooks"
	"wavescore/pkg/lab"
)

// notebooksCommand runs notebooks headless.
type notebooksCommand struct {
	Numbers []string      `arg:"" optional:"" name:"NN" help:"Numbers of notebooks, as in notebooks/NN-name.ipynb; all without one."`
	Out     string        `placeholder:"DIR" help:"Folder for html/, figures/ and index.html; the module's root without it."`
	Write   bool          `help:"Refresh the static outputs of the notebooks themselves."`
	Timeout time.Duration `default:"30m" help:"Longest time for one notebook (${default})."`
}

func (c *notebooksCommand) Help() string {
	return "Executes each notebook from top to bottom in a kernel of its own. A cell fails when it does not compile, panics, exits, " +
		"shows fewer pictures than it calls lab.Show, or still runs when the time is up; no process is left in any case."
}

func (c *notebooksCommand) Run(ctx context.Context) error {
	root, err := lab.ModuleRoot()
	if err != nil {
		return err
	}
	entries, err := notebooks.Find(root, c.Numbers...)
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
	suite := notebooks.Suite{Root: root, Out: out, Timeout: c.Timeout, Write: c.Write, Library: lab.LiveLibrary(), Log: os.Stdout}
	return suite.Run(ctx, entries)
}
