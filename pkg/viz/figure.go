package viz

import (
	"fmt"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Figure is a picture together with the numbers behind it: one of the chart kinds of this
// package, as a value. Write one with WritePNG, WriteSVG or WriteCSV, all at once with Save, and
// as HTML with StaticHTML, LiveHTML or a Page. All of them refuse a figure that cannot be drawn
// truthfully, with an error that names figure, series and index.
type Figure interface {
	// heading returns what the figure is called.
	heading() heading
	// plan settles what there is to draw, or says which series and index cannot be drawn.
	plan() (plan, error)
}

// A plan is a figure that can be drawn: checked, and counted where there is something to count.
type plan interface {
	// size returns the size of the static picture where at most the given width is there.
	size(width vg.Length) vg.Point
	// draw draws the static picture; the canvas has the size that size returned.
	draw(c draw.Canvas)
	// live returns the live form for the same width, or nil where the static picture is all there
	// is.
	live(width vg.Length) *live
	// table returns the numbers of the figure in long form, one observation a row.
	table() table
}

// planned returns the plan of a figure, or its complaint with the figure's name in front.
func planned(f Figure) (plan, error) {
	p, err := f.plan()
	if err != nil {
		return nil, fmt.Errorf("viz: %v: %w", f.heading(), err)
	}
	return p, nil
}

// heading is the part that all figures share.
type heading struct {
	kind    string // "lines", "heat map", ...: names the figure in errors
	title   string // drawn above the figure
	caption string // a sentence that says what to see
}

func (h heading) String() string { return fmt.Sprintf("%s %q", h.kind, h.title) }

// Title returns the title of a figure.
func Title(f Figure) string { return f.heading().title }

// Caption returns the caption of a figure.
func Caption(f Figure) string { return f.heading().caption }

// px is one CSS pixel, 1/96 inch. Sizes in this package are in pixels of a notebook page.
const px = vg.Inch / 96

// pageWidth is the width of a figure that fills its page, about what a notebook has.
const pageWidth = 900 * px
