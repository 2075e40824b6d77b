package viz

import (
	"fmt"
	"image/color"

	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Joint shows how two quantities are distributed together: the number of pairs in each cell of a
// square grid, on a logarithmic colour scale, empty cells white.
//
// With Conditional every column is divided by its fullest cell, as Simoncelli does for wavelet
// coefficients: what is shown is the shape of p(y | x), where uncorrelated but dependent
// coefficients make a bow tie.
type Joint struct {
	Title            string
	Caption          string // a sentence that says what to see
	X, Y             Axis   // linear
	XValues, YValues []float64
	Bins             int // on either side; zero means 61
	Conditional      bool
}

func (f Joint) heading() heading { return heading{"joint histogram", f.Title, f.Caption} }

// joint is a Joint whose pairs are counted.
type joint struct {
	Joint
	x, y    scale
	counts  cells
	shown   cells // the counts, or with Conditional their share of the column's largest
	colours colourScale
	noBar   bool // another panel has the same colour bar
}

func (f joint) barScale() colourScale { return f.colours }

func (f joint) withoutBar() plan {
	f.noBar = true
	return f
}

func (f Joint) plan() (plan, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	j := joint{Joint: f, x: f.X.scale(0, f.XValues), y: f.Y.scale(0, f.YValues)}
	j.counts = f.count(j.x, j.y)
	most := largest(j.counts.values)
	if most == 0 {
		return nil, fmt.Errorf("none of the %d pairs lies on the axes", len(f.XValues))
	}
	j.shown = j.counts
	j.colours = Axis{Label: "pairs in a cell", Log: true, Min: 1, Max: max(most, 2)}.colourScale(false)
	if f.Conditional {
		j.shown = j.counts.conditional()
		j.colours = Axis{Label: "share of the column's largest count", Max: 1}.colourScale(false)
	}
	return j, nil
}

func (f Joint) check() error {
	if err := checkAxes(f.X, f.Y); err != nil {
		return err
	}
	switch {
	case f.X.Log || f.Y.Log:
		return fmt.Errorf("an axis is logarithmic; cells of equal size need linear ones: take logarithms first")
	case f.Bins < 0:
		return fmt.Errorf("there are %d bins; the number must be positive, or zero for the usual one", f.Bins)
	}
	if err := checkValues("XValues", f.XValues, false); err != nil {
		return err
	}
	if err := checkValues("YValues", f.YValues, false); err != nil {
		return err
	}
	return checkLength("YValues", len(f.YValues), "XValues", len(f.XValues))
}

// cells holds n x n numbers, row 0 at the bottom.
type cells struct {
	n      int
	values []float64
}

// centre returns the centre of the i-th column or row of cells.
func (c cells) centre(s scale, i int) float64 {
	return s.min + (float64(i)+0.5)/float64(c.n)*(s.max-s.min)
}

// count sorts the pairs into cells.
func (f Joint) count(x, y scale) cells {
	n := f.Bins
	if n == 0 {
		n = usualBins
	}
	c := cells{n, make([]float64, n*n)}
	for i := range f.XValues {
		u, v := float64(x.at(f.XValues[i])), float64(y.at(f.YValues[i]))
		if u >= 0 && u <= 1 && v >= 0 && v <= 1 {
			c.values[min(int(v*float64(n)), n-1)*n+min(int(u*float64(n)), n-1)]++
		}
	}
	return c
}

// conditional returns the counts divided by the largest of their column; an empty column stays
// zero.
func (c cells) conditional() cells {
	shares := cells{c.n, make([]float64, len(c.values))}
	for column := range c.n {
		most := 1.0
		for row := range c.n {
			most = max(most, c.values[row*c.n+column])
		}
		for row := range c.n {
			shares.values[row*c.n+column] = c.values[row*c.n+column] / most
		}
	}
	return shares
}

// jointLayout holds the sizes of a joint histogram on its page.
type jointLayout struct {
	x, y, bar axis
	area      vg.Rectangle // a square, from the lower left corner of the figure
	size      vg.Point
}

const jointMost = 420 * px // side of the largest square

func (f joint) layout(width vg.Length) jointLayout {
	var l jointLayout
	// How long the axes are depends on the labels of y, and these on the length; a first guess is
	// good enough.
	guess := min(width-2*margin-50*px, jointMost)
	l.y = f.y.axis(labelsAcross(guess), guess)
	l.area.Min.X = margin + l.y.depth(text.Style.Width)
	side := wholePixels(min(width-margin-rightOfAxis-l.area.Min.X, jointMost))
	l.x = f.x.axis(labelsAcross(side), side)
	l.bar = f.colours.bar(barWidth(side))
	l.area.Min.Y = margin + l.x.depth(text.Style.Height)
	if !f.noBar {
		l.area.Min.Y += wholePixels(barDepth(l.bar))
	}
	l.area.Max = l.area.Min.Add(vg.Point{X: side, Y: side})
	l.size.X = l.area.Max.X + rightOfAxis + margin
	l.size.Y = l.area.Max.Y + wholePixels(titleHeight(f.Title, l.size.X-2*margin)+aboveAxis) + margin
	return l
}

func (f joint) size(width vg.Length) vg.Point { return f.layout(width).size }

func (f joint) draw(c draw.Canvas) {
	c.FillPolygon(white, corners(c.Rectangle))
	l, colours, shown := f.layout(c.Rectangle.Size().X), f.colours, f.shown
	drawTitle(draw.Crop(c, margin, -margin, 0, -margin), f.Title)
	area := c
	area.Rectangle = l.area.Add(c.Min)
	drawCells(area, area.Rectangle, shown.n, shown.n, func(row, column int) color.RGBA {
		v := shown.values[(shown.n-1-row)*shown.n+column]
		if v == 0 {
			return white
		}
		return colours.colour(v)
	})
	l.x.drawX(area)
	l.y.drawY(area)
	if !f.noBar {
		drawBar(c, area.Min.X, area.Min.Y-l.x.depth(text.Style.Height), barWidth(l.area.Size().X), colours.colours, l.bar)
	}
}

func (f joint) live(width vg.Length) *live {
	l, colours, shown := f.layout(width), f.colours, f.shown
	o := newOption(f.Title, l.size, l.area)
	o.XAxis, o.YAxis = f.x.option(l.x), f.y.option(l.y)
	o.XAxis.NameGap = pixels(l.x.depth(text.Style.Height) - labelText.Height(l.x.label))
	o.YAxis.NameGap = pixels(l.y.depth(text.Style.Width) - labelText.Height(l.y.label))
	o.Tooltip.Formatter = "pair"
	colours.addBar(&o, l.size, l.area, l.x, 2, !f.noBar)
	var data [][]float64
	for i, v := range shown.values {
		if v > 0 {
			data = append(data, []float64{short(shown.centre(f.x, i%shown.n)), short(shown.centre(f.y, i/shown.n)),
				short(colours.live(v)), short(v)})
		}
	}
	o.Series = []series{{
		Type: types.ChartCustom, Name: colours.Label, Data: data, RenderItem: "cells",
		Encode: &opts.Encode{X: 0, Y: 1},
		Clip:   true,
		Bins:   shown.n,
	}}
	return single(l.size, o)
}

func (f joint) table() table {
	t := table{columns: []string{f.X.Label + ", centre", f.Y.Label + ", centre", "count"}}
	if f.Conditional {
		t.columns = append(t.columns, f.colours.Label)
	}
	for i, v := range f.counts.values {
		row := []string{number(f.counts.centre(f.x, i%f.counts.n)), number(f.counts.centre(f.y, i/f.counts.n)), number(v)}
		if f.Conditional {
			row = append(row, number(f.shown.values[i]))
		}
		t.rows = append(t.rows, row)
	}
	return t
}
