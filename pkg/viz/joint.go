package viz

import (
	"fmt"
	"image/color"

	"github.com/go-echarts/go-echarts/v2/charts"
	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Joint shows how two quantities are distributed together: the number of pairs in each cell of a square grid, on a
// logarithmic colour scale, empty cells white.
//
// With Conditional every column is divided by its fullest cell, as Simoncelli does for wavelet coefficients: what is
// shown is the shape of p(y | x), where uncorrelated but dependent coefficients make a bow tie.
type Joint struct {
	Title            string
	Caption          string // a sentence that says what to see
	X, Y             Axis   // linear
	XValues, YValues []float64
	Bins             int // on either side; zero means 60
	Conditional      bool
}

func (f Joint) heading() heading { return heading{"joint histogram", f.Title, f.Caption} }

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
	if err := checkLength("YValues", len(f.YValues), "XValues", len(f.XValues)); err != nil {
		return err
	}
	if largest(f.counts().values) == 0 {
		return fmt.Errorf("none of the %d pairs lies on the axes", len(f.XValues))
	}
	return nil
}

// cells holds the grid of a joint histogram, row 0 at the bottom.
type cells struct {
	n      int
	values []float64 // n x n: counts, or with Conditional shares of the column's largest count
}

// centre returns the centre of the i-th column or row of cells.
func (c cells) centre(s scale, i int) float64 {
	return s.min + (float64(i)+0.5)/float64(c.n)*(s.max-s.min)
}

func (f Joint) scales() (x, y scale) { return f.X.scale(0, f.XValues), f.Y.scale(0, f.YValues) }

func (f Joint) counts() cells {
	n := f.Bins
	if n == 0 {
		n = 60
	}
	c := cells{n, make([]float64, n*n)}
	x, y := f.scales()
	for i := range f.XValues {
		u, v := float64(x.at(f.XValues[i])), float64(y.at(f.YValues[i]))
		if u >= 0 && u <= 1 && v >= 0 && v <= 1 {
			c.values[min(int(v*float64(n)), n-1)*n+min(int(u*float64(n)), n-1)]++
		}
	}
	return c
}

// shown returns the values that have a colour.
func (f Joint) shown() cells {
	c := f.counts()
	if !f.Conditional {
		return c
	}
	for column := range c.n {
		most := 0.0
		for row := range c.n {
			most = max(most, c.values[row*c.n+column])
		}
		for row := range c.n {
			c.values[row*c.n+column] /= max(most, 1)
		}
	}
	return c
}

func (f Joint) colours() colourScale {
	if f.Conditional {
		return Axis{Label: "share of the column's largest count", Max: 1}.colourScale(false)
	}
	most := largest(f.shown().values)
	return Axis{Label: "pairs in a cell", Log: true, Min: 1, Max: max(most, 2)}.colourScale(false)
}

// jointLayout holds the sizes of a joint histogram on its page.
type jointLayout struct {
	x, y, bar axis
	area      vg.Rectangle // a square, from the lower left corner of the figure
	size      vg.Point
}

const jointMost = 420 * px // side of the largest square

func (f Joint) layout(width vg.Length) jointLayout {
	x, y := f.scales()
	var l jointLayout
	// How long the axes are depends on the labels of y, and these on the length; a first guess is good enough.
	guess := min(width-2*margin-50*px, jointMost)
	l.y = y.axis(labelsAcross(guess), guess)
	l.area.Min.X = margin + l.y.depth(text.Style.Width)
	side := wholePixels(min(width-margin-rightOfAxis-l.area.Min.X, jointMost))
	l.x = x.axis(labelsAcross(side), side)
	l.bar = f.colours().bar(barWidth(side))
	l.area.Min.Y = margin + wholePixels(barDepth(l.bar)) + l.x.depth(text.Style.Height)
	l.area.Max = l.area.Min.Add(vg.Point{X: side, Y: side})
	l.size.X = l.area.Max.X + rightOfAxis + margin
	l.size.Y = l.area.Max.Y + wholePixels(titleHeight(f.Title, l.size.X-2*margin)+aboveAxis) + margin
	return l
}

func (f Joint) size(width vg.Length) vg.Point { return f.layout(width).size }

func (f Joint) draw(c draw.Canvas) {
	c.FillPolygon(white, corners(c.Rectangle))
	l, colours, shown := f.layout(c.Rectangle.Size().X), f.colours(), f.shown()
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
	drawBar(c, area.Min.X, area.Min.Y-l.x.depth(text.Style.Height), barWidth(l.area.Size().X), colours.colours, l.bar)
}

func (f Joint) live(width vg.Length) *live {
	l, colours, shown := f.layout(width), f.colours(), f.shown()
	o := newOption(f.Title, l.size, l.area)
	x, y := f.scales()
	o.XAxis, o.YAxis = x.option(l.x), y.option(l.y)
	o.XAxis.NameGap = pixels(l.x.depth(text.Style.Height) - labelText.Height(l.x.label))
	o.YAxis.NameGap = pixels(l.y.depth(text.Style.Width) - labelText.Height(l.y.label))
	colours.addBar(&o, l.size, l.area, l.x, 2)
	var data [][]float64
	for i, v := range shown.values {
		if v > 0 {
			data = append(data, []float64{short(shown.centre(x, i%shown.n)), short(shown.centre(y, i/shown.n)),
				short(colours.live(v)), short(v)})
		}
	}
	o.Series = []series{{
		SingleSeries: charts.SingleSeries{
			Type: types.ChartCustom, Data: data, RenderItem: "cells", Encode: &opts.Encode{X: 0, Y: 1},
		},
		Clip: true,
		Bins: shown.n,
	}}
	return single(l.size, o)
}

func (f Joint) table() table {
	t := table{columns: []string{f.X.Label + ", centre", f.Y.Label + ", centre", "count"}}
	if f.Conditional {
		t.columns = append(t.columns, f.colours().Label)
	}
	x, y := f.scales()
	counts, shown := f.counts(), f.shown()
	for i, v := range counts.values {
		row := []string{number(counts.centre(x, i%counts.n)), number(counts.centre(y, i/counts.n)), number(v)}
		if f.Conditional {
			row = append(row, number(shown.values[i]))
		}
		t.rows = append(t.rows, row)
	}
	return t
}
