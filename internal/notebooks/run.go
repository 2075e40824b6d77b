package notebooks

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// ErrTimeout is wrapped by the error of a cell that was still running when its notebook's time was up.
var ErrTimeout = errors.New("the notebook's time was up")

// Run executes a notebook from top to bottom in a kernel of its own, with the kernelspec of the module at root, and puts counts and
// outputs into its cells. Figures are saved in the folder figures. It stops at the first cell that fails, with a *CellError:
// one that does not compile, panics, exits, shows no figure where it calls lab.Show, or is still running when the time is up.
// Whichever way it ends, no process of it is left.
func Run(ctx context.Context, n *Notebook, root, path, figures string, timeout time.Duration) error {
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("%w (%v)", ErrTimeout, timeout))
	defer cancel()
	k, err := startKernel(ctx, filepath.Join(root, "environment/share/jupyter/kernels/gonb"), filepath.Dir(path),
		"WAVESCORE_FIGURES="+figures)
	if err != nil {
		return err
	}
	defer k.stop()
	count := 0
	for _, c := range n.Cells {
		c.Outputs, c.Count = nil, nil
	}
	for _, c := range n.Cells {
		if c.Type != "code" || strings.TrimSpace(string(c.Source)) == "" {
			continue
		}
		count++
		c.Count = new(int)
		*c.Count = count
		c.Outputs, err = k.execute(ctx, string(c.Source))
		switch failed := failure(c.Outputs); {
		case err != nil:
			return &CellError{Path: path, Cell: count, Err: err}
		case failed != nil:
			failed.locate(n, count, k.program())
			return failed.in(n, path, count)
		}
		if want, got := figureCalls(string(c.Source)), len(c.Figures()); got < want {
			err := fmt.Errorf("lab.Show stands here %d times, but %d pictures arrived: shown in a branch not taken, or lost", want, got)
			return &CellError{Path: path, Cell: count, Err: err}
		}
	}
	return nil
}

var (
	mainPart = regexp.MustCompile(`(?ms)^(%%|%main|//gonb:%%|func main\(\)).*`)
	comments = regexp.MustCompile(`(?m)//.*$`)
)

// figureCalls counts the calls of lab.Show in the part of a cell that runs when the cell does.
func figureCalls(source string) int {
	running := mainPart.FindString(source)
	return strings.Count(comments.ReplaceAllString(running, ""), "lab.Show(")
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
