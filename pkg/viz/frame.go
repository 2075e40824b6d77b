package viz

import (
	"strings"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// frame is what surrounds the data of a chart with two axes of numbers: the title, the legend under it, never over the
// data, and the axes.
type frame struct {
	title  string
	legend []entry
	x, y   scale
}

// entry is one line of the legend.
type entry struct {
	name   string
	style  lineStyle
	swatch swatch
}

// swatch draws the sample that stands before a name in the legend.
type swatch func(c draw.Canvas, style lineStyle, at vg.Rectangle)

func lineSwatch(c draw.Canvas, style lineStyle, at vg.Rectangle) {
	y := (at.Min.Y + at.Max.Y) / 2
	c.StrokeLine2(style.stroke(), at.Min.X, y, at.Max.X, y)
}

func pointSwatch(c draw.Canvas, style lineStyle, at vg.Rectangle) {
	c.DrawGlyphNoClip(style.marker(), vg.Point{X: (at.Min.X + at.Max.X) / 2, Y: (at.Min.Y + at.Max.Y) / 2})
}

func markedLineSwatch(c draw.Canvas, style lineStyle, at vg.Rectangle) {
	lineSwatch(c, style, at)
	pointSwatch(c, style, at)
}

func boxSwatch(c draw.Canvas, style lineStyle, at vg.Rectangle) {
	c.FillPolygon(style.color, corners(at))
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

// legendRows breaks the legend into rows no wider than width. A figure with one unnamed series has none.
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
			e.swatch(c, e.style, vg.Rectangle{
				Min: vg.Point{X: x, Y: y - 5*px}, Max: vg.Point{X: x + swatchWidth, Y: y + 5*px}})
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

// size makes a chart 56 % as high as it is wide, and at least high enough to be read in a narrow panel; rows of title
// and legend beyond the first come on top.
func (f frame) size(width vg.Length) vg.Point {
	inner := width - 2*margin
	extra := vg.Length(max(0, len(legendRows(f.legend, inner))-1))*legendHeight +
		vg.Length(strings.Count(wrap(titleText, f.title, inner), "\n"))*titleText.Font.Size
	return vg.Point{X: width, Y: max(width*0.56, 260*px) + extra}
}

// labelsAcross and labelsUp return how many tick labels fit along an axis of a figure of that size.
func labelsAcross(width vg.Length) int { return max(3, int((width-80*px)/(60*px))) }
func labelsUp(height vg.Length) int    { return max(3, int((height-110*px)/(38*px))) }

// A mark draws data into the area between the axes.
type mark interface {
	draw(area draw.Canvas, x, y scale)
}

// draw draws title, legend, grid, the marks in their order, and the axes.
func (f frame) draw(c draw.Canvas, marks ...mark) {
	c.FillPolygon(white, corners(c.Rectangle))
	size := c.Rectangle.Size()
	c = draw.Crop(c, margin, -margin, margin, -margin)
	c = drawTitle(c, f.title)
	c = drawLegend(c, f.legend)
	x, y := f.x.axis(labelsAcross(size.X)), f.y.axis(labelsUp(size.Y))
	area := draw.Crop(c, y.depth(text.Style.Width), -tickText.Width("0.00")/2, x.depth(text.Style.Height), -tickText.Font.Size/2)
	drawGrid(area, x, y)
	for _, m := range marks {
		m.draw(area, f.x, f.y)
	}
	drawAxes(area, x, y)
}
