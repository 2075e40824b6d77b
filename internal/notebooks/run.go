package notebooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// ErrTimeout is wrapped by the error of a cell that was still running when its notebook's time
// was up.
var ErrTimeout = errors.New("the notebook's time was up")

// Options say how a notebook runs.
type Options struct {
	Root    string        // the module's, for its kernelspec
	Path    string        // the notebook's: its folder is that of its programs, and errors name it
	Figures string        // the folder of its figures
	Timeout time.Duration // for all of it
	Env     []string      // NAME=VALUE for the kernel, besides this process's own
}

// A Timing says how long the cells from First to Last, which ran as one, took to build and run.
type Timing struct {
	First, Last int
	Took        time.Duration
}

// cells says which cells they are.
func (t Timing) cells() string {
	if t.First == t.Last {
		return fmt.Sprintf("cell %d", t.Last)
	}
	return fmt.Sprintf("cells %d to %d", t.First, t.Last)
}

// Run executes a notebook from top to bottom in a kernel of its own and puts counts and outputs
// into its cells. It stops at the first cell that fails, with a *CellError: one that does not
// compile, panics, exits, has a shell command or script that exits with another status than 0,
// shows fewer figures than it calls lab.Show for, or is still running when the time is up.
// Whichever way it ends, no process of it is left.
func Run(ctx context.Context, n *Notebook, o Options) ([]Timing, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, fmt.Errorf("%w (%v)", ErrTimeout, o.Timeout))
	defer cancel()
	k, err := startKernel(ctx, filepath.Join(o.Root, "environment/share/jupyter/kernels/gonb"), filepath.Dir(o.Path),
		append([]string{"WAVESCORE_FIGURES=" + o.Figures}, o.Env...)...)
	if err != nil {
		return nil, err
	}
	defer k.stop()
	for _, c := range n.Cells {
		c.Outputs, c.Count = nil, nil
	}
	var timings []Timing
	count := 0
	all := batches(n.Cells)
	for i, b := range all {
		for _, c := range b {
			count++
			c.Count = new(int)
			*c.Count = count
		}
		start := time.Now()
		last := b[len(b)-1]
		last.Outputs, err = k.execute(ctx, b.source())
		timings = append(timings, Timing{b.first(), b.last(), time.Since(start)})
		ran := all[:i+1]
		switch failed := failure(ran, last.Outputs); {
		case err != nil:
			return timings, b.failed(o.Path, err)
		case failed != nil:
			failed.locate(ran, k.program())
			return timings, failed.in(ran, o.Path)
		}
		if want, got := parseProgram(string(last.Source)).figures(), len(last.Figures()); got < want {
			return timings, &CellError{Path: o.Path, Cell: b.last(),
				Err: fmt.Errorf("lab.Show is called %d times, but %d pictures arrived: the cell returned early, or they were lost", want, got)}
		}
	}
	return timings, nil
}

// A Figure is what lab.Show says of a figure in the metadata of its output.
type Figure struct {
	Name           string `json:"figure"` // of its files
	Title, Caption string
}

// Figures returns the figures among the outputs, in order.
func (c *Cell) Figures() []Figure {
	var figures []Figure
	for _, o := range c.Outputs {
		if figure, ok := o.figure(); ok {
			figures = append(figures, figure)
		}
	}
	return figures
}

func (o *Output) figure() (Figure, bool) {
	var metadata struct{ Wavescore Figure }
	if o.Data["image/png"] == nil || json.Unmarshal(o.Metadata, &metadata) != nil {
		return Figure{}, false
	}
	return metadata.Wavescore, metadata.Wavescore.Name != ""
}
