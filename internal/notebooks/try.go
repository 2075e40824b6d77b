package notebooks

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
)

// A TweakError says which tweak of a notebook failed, and how.
type TweakError struct {
	Path  string
	Tweak string
	Cell  int // that the tweak changes
	Err   error
}

func (e *TweakError) Error() string {
	return fmt.Sprintf("%s, cell %d, *Try it*: %s: %v", e.Path, e.Cell, e.Tweak, e.Err)
}

func (e *TweakError) Unwrap() error { return e.Err }

// Try makes each tweak of an executed notebook by itself, runs the cells that it may change, and
// returns a *TweakError for each after which a cell fails or shows what it showed before in all
// its figures and tables. It returns how many tweaks there are.
func Try(ctx context.Context, n *Notebook, o Options) (int, error) {
	tweaks, err := Tweaks(n)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", o.Path, err)
	}
	var failed []error
	for _, t := range tweaks {
		if err := t.try(ctx, n, o); err != nil {
			failed = append(failed, &TweakError{Path: o.Path, Tweak: t.Text, Cell: t.Cell, Err: err})
		}
		if ctx.Err() != nil {
			return len(tweaks), context.Cause(ctx)
		}
	}
	return len(tweaks), errors.Join(failed...)
}

func (t Tweak) try(ctx context.Context, n *Notebook, o Options) error {
	figures, err := os.MkdirTemp("", "wavescore-figures-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(figures)
	o.Figures = figures
	changed, cells := t.apply(n)
	if _, err := Run(ctx, changed, o); err != nil {
		return err
	}
	for _, i := range cells {
		if !slices.EqualFunc(shownBy(n.Cells[i]), shownBy(changed.Cells[i]), bytes.Equal) {
			return nil
		}
	}
	var numbers []int
	for _, i := range cells {
		numbers = append(numbers, number(n, i))
	}
	return fmt.Errorf("all figures and tables of cells %v are as before", numbers)
}

// shownBy returns what a cell shows: pictures, without their captions, and texts.
func shownBy(c *Cell) (shown [][]byte) {
	for _, o := range c.Outputs {
		if picture := o.Data["image/png"]; picture != nil {
			shown = append(shown, picture)
		} else {
			shown = append(shown, o.Data["text/plain"]) // of tables and sentences
		}
	}
	return shown
}
