package viz

import (
	"reflect"
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// frame is what surrounds the data of a chart with two axes: the title, the legend under it, never
// over the data, and the axes.
type frame struct {
	title  string
	legend []entry
	x, y   scale

	categories []string // names along the x axis, in the place of numbers
}

// entry is one name in the legend, and what stands before it.
type entry struct {
	name   string
	style  lineStyle
	swatch swatch
}

// swatch is the sample of a series that stands before its name.
type swatch struct{ line, marker, box bool }

func (e entry) equal(other entry) bool { return reflect.DeepEqual(e, other) }

func (e entry) draw(c draw.Canvas, at vg.Rectangle) {
	y := (at.Min.Y + at.Max.Y) / 2
	if e.swatch.line {
		c.StrokeLine2(e.style.stroke(), at.Min.X, y, at.Max.X, y)
	}
	if e.swatch.marker {
		c.DrawGlyphNoClip(e.style.marker(), vg.Point{X: (at.Min.X + at.Max.X) / 2, Y: y})
	}
	if e.swatch.box {
		c.FillPolygon(e.style.color, corners(at))
	}
}

func corners(r vg.Rectangle) []vg.Point {
	return []vg.Point{r.Min, {X: r.Max.X, Y: r.Min.Y}, r.Max, {X: r.Min.X, Y: r.Max.Y}}
}

const (
	margin       = 8 * px  // around a figure
	titleGap     = 8 * px  // below the title
	swatchWidth  = 30 * px // of a legend entry
	swatchGap    = 6 * px
	entryGap     = 20 * px
	legendHeight = 20 * px // of one row
	legendGap    = 8 * px  // below the legend
)

// drawTitle draws a title, wrapped, at the top left and returns the canvas that is left below it.
func drawTitle(c draw.Canvas, title string) draw.Canvas {
	if title == "" {
		return c
	}
	style := aligned(titleText, text.XLeft, text.YTop)
	lines := wrap(style, title, c.Max.X-c.Min.X)
	c.FillText(style, vg.Point{X: c.Min.X, Y: c.Max.Y}, lines)
	c.Max.Y -= titleHeight(title, c.Max.X-c.Min.X)
	return c
}

// titleHeight returns what drawTitle takes.
func titleHeight(title string, width vg.Length) vg.Length {
	if title == "" {
		return 0
	}
	return textHeight(titleText, wrap(titleText, title, width)) + titleGap
}

// textHeight returns the height of a text of one or more lines, as gonum/plot sets them.
func textHeight(s text.Style, txt string) vg.Length {
	return s.Rectangle(txt).Size().Y
}

// legendRows breaks the legend into rows no wider than width. A figure with one unnamed series has
// none.
func legendRows(entries []entry, width vg.Length) [][]entry {
	var rows [][]entry
	used := vg.Length(0)
	for _, e := range entries {
		if e.name == "" {
			continue
		}
		w := swatchWidth + swatchGap + legendText.Width(e.name)
		if len(rows) == 0 || used+w > width {
			rows, used = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		used += w + entryGap
	}
	return rows
}

// drawLegend draws the legend at the top left and returns the canvas that is left below it.
func drawLegend(c draw.Canvas, entries []entry) draw.Canvas {
	rows := legendRows(entries, c.Max.X-c.Min.X)
	style := aligned(legendText, text.XLeft, text.YCenter)
	for _, row := range rows {
		x, y := c.Min.X, c.Max.Y-legendHeight/2
		for _, e := range row {
			e.draw(c, vg.Rectangle{Min: vg.Point{X: x, Y: y - 5*px}, Max: vg.Point{X: x + swatchWidth, Y: y + 5*px}})
			x += swatchWidth + swatchGap
			c.FillText(style, vg.Point{X: x, Y: y}, e.name)
			x += legendText.Width(e.name) + entryGap
		}
		c.Max.Y -= legendHeight
	}
	if len(rows) > 0 {
		c.Max.Y -= legendGap
	}
	return c
}

// size makes a chart 56 % as high as it is wide, and at least high enough to be read in a narrow
// panel; rows of title and legend beyond the first come on top.
func (f frame) size(width vg.Length) vg.Point {
	inner := width - 2*margin
	extra := vg.Length(max(0, len(legendRows(f.legend, inner))-1))*legendHeight +
		vg.Length(strings.Count(wrap(titleText, f.title, inner), "\n"))*titleText.Font.Size
	return vg.Point{X: width, Y: max(width*0.56, 260*px) + extra}
}

// labelsAcross and labelsUp return how many tick labels fit along an axis of that length.
func labelsAcross(length vg.Length) int { return max(3, int(length/(60*px))) }
func labelsUp(length vg.Length) int     { return max(3, int(length/(28*px))) }

// A mark draws data into the area between the axes.
type mark interface {
	draw(area draw.Canvas, x, y scale)
}

// draw draws title, legend, grid, the marks in their order, and the axes.
func (f frame) draw(c draw.Canvas, marks ...mark) {
	c.FillPolygon(white, corners(c.Rectangle))
	c = draw.Crop(c, margin, -margin, margin, -margin)
	c = drawTitle(c, f.title)
	c = drawLegend(c, f.legend)
	x, y := f.axes(c.Rectangle.Size())
	area := draw.Crop(c, y.depth(text.Style.Width), -rightOfAxis, x.depth(text.Style.Height), -aboveAxis)
	if f.categories != nil {
		drawGrid(area, axis{}, y)
	} else {
		drawGrid(area, x, y)
	}
	for _, m := range marks {
		m.draw(area, f.x, f.y)
	}
	x.drawX(area)
	y.drawY(area)
}

// Room for the halves of the last tick labels, which stand out beyond the axes.
const (
	rightOfAxis = 14 * px
	aboveAxis   = 7 * px
)

// axes returns the axes of a chart that has the given size without title and legend. What one axis
// leaves to the other depends on its labels, and these on its length; a first guess of the height
// is good enough.
func (f frame) axes(size vg.Point) (x, y axis) {
	height := size.Y - aboveAxis - axis{label: "x", ticks: []tick{{label: "0"}}}.depth(text.Style.Height)
	y = f.y.axis(labelsUp(height), height)
	width := size.X - rightOfAxis - y.depth(text.Style.Width)
	if f.categories != nil {
		return columnAxis(f.x.Label, f.categories, width/vg.Length(len(f.categories))), y
	}
	return f.x.axis(labelsAcross(width), width), y
}
