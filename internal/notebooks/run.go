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
	Apart   bool          // each running cell is a program of its own, as in an open session
}

// A Timing says how long the cells from First to Last took to build and run: a running cell and the
// declarations before it, or after it where it is the last of its program.
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
	var ran []batch
	count, most := 0, together
	if o.Apart {
		most = 1
	}
	for _, b := range batches(n.Cells, most) {
		for _, c := range b.cells {
			count++
			c.Count = new(int)
			*c.Count = count
		}
		if len(ran) > 0 && ran[len(ran)-1].isGroup() && !b.isGroup() {
			if _, err := k.execute(ctx, forgotten()); err != nil {
				return timings, b.failed(o.Path, b.cells[0], err)
			}
			ran = append(ran, batch{})
		}
		start := time.Now()
		shown, err := k.execute(ctx, b.source())
		last := b.share(shown)
		timings = append(timings, b.timings(start, shown)...)
		ran = append(ran, b)
		switch failed := failure(ran, shown); {
		case err != nil:
			return timings, b.failed(o.Path, last, err)
		case failed != nil:
			failed.locate(ran, last, k.program())
			return timings, failed.in(ran, last, o.Path)
		}
		if len(b.running) > 1 && last != b.running[len(b.running)-1] {
			return timings, b.failed(o.Path, last, errors.New("the cells that share its program did not run, or their outputs were lost"))
		}
		for _, c := range b.running {
			if want, got := parseProgram(string(c.Source)).figures(), len(c.Figures()); got < want {
				return timings, &CellError{Path: o.Path, Cell: *c.Count,
					Err: fmt.Errorf("lab.Show is called %d times, but %d pictures arrived: the cell returned early, or they were lost", want, got)}
			}
		}
	}
	return timings, nil
}

// timings says how long the running cells of a batch took, each with the declarations before it;
// the first has the build.
func (b batch) timings(start time.Time, shown []*Output) (timings []Timing) {
	first, running := b.first(), b.running
	for _, o := range shown {
		if o.isNextCell() && len(running) > 1 {
			timings = append(timings, Timing{first, *running[0].Count, o.arrived.Sub(start)})
			first, start, running = *running[0].Count+1, o.arrived, running[1:]
		}
	}
	return append(timings, Timing{first, *b.cells[len(b.cells)-1].Count, time.Since(start)})
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

// isNextCell reports whether the output is that of lab.NextCell.
func (o *Output) isNextCell() bool {
	var metadata struct{ Wavescore struct{ Next string } }
	return o.Type == "display_data" && len(o.Metadata) > 0 && json.Unmarshal(o.Metadata, &metadata) == nil && metadata.Wavescore.Next != ""
}

func (o *Output) figure() (Figure, bool) {
	var metadata struct{ Wavescore Figure }
	if o.Data["image/png"] == nil || json.Unmarshal(o.Metadata, &metadata) != nil {
		return Figure{}, false
	}
	return metadata.Wavescore, metadata.Wavescore.Name != ""
}
