package viz

import (
	"fmt"
	"image/color"
	"slices"

	"github.com/go-echarts/go-echarts/v2/opts"
	"github.com/go-echarts/go-echarts/v2/types"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// HeatMap shows a matrix as colours, with the numbers in the cells where they fit. Its cells are
// square where rows and columns have the same labels.
type HeatMap struct {
	Title   string
	Caption string // a sentence that says what to see

	X, Y          string      // what columns and rows are; may be empty where their labels say it
	Columns, Rows []string    // their labels
	Values        [][]float64 // Values[row][column], row 0 on top
	Colour        Axis        // what the numbers are
	Diverging     bool        // signed numbers: white is zero, blue negative, red positive
}

func (f HeatMap) heading() heading { return heading{"heat map", f.Title, f.Caption} }

// heatMap is a HeatMap that can be drawn.
type heatMap struct {
	HeatMap
	noBar bool // another panel has the same colour bar
}

func (f HeatMap) plan() (plan, error) { return heatMap{HeatMap: f}, f.check() }

func (f HeatMap) check() error {
	if err := f.Colour.check("colour"); err != nil {
		return err
	}
	switch {
	case f.Colour.Log && f.Diverging:
		return fmt.Errorf("the colours cannot be both logarithmic and diverging: a logarithm has no sign")
	case len(f.Values) == 0 || len(f.Columns) == 0:
		return fmt.Errorf("there are %d rows and %d columns; at least one of each is needed", len(f.Values), len(f.Columns))
	}
	if err := checkLength("Values", len(f.Values), "Rows", len(f.Rows)); err != nil {
		return err
	}
	for i, row := range f.Values {
		name := fmt.Sprintf("Values[%d]", i)
		if err := checkLength(name, len(row), "Columns", len(f.Columns)); err != nil {
			return err
		}
		if err := checkValues(name, row, f.Colour.Log); err != nil {
			return err
		}
	}
	return nil
}

func (f HeatMap) colours() colourScale { return f.Colour.colourScale(f.Diverging, f.Values...) }

func (f heatMap) barScale() colourScale { return f.colours() }

func (f heatMap) withoutBar() plan {
	f.noBar = true
	return f
}

// rowHeight makes cells easy to read where there are few rows, and keeps the picture on one page
// where there are many.
func (f HeatMap) rowHeight(width vg.Length) vg.Length {
	return min(max(width*0.5/vg.Length(len(f.Rows)), px), 36*px)
}

// The longest side of a square heat map, and that of one of its cells.
const (
	maxSide = 420 * px
	maxCell = 64 * px
)

// square reports whether rows and columns are the same things, so that the map is a matrix or a
// plane, with cells as wide as high.
func (f HeatMap) square() bool { return len(f.Rows) > 1 && slices.Equal(f.Rows, f.Columns) }

// heatLayout holds the sizes of a heat map on its page.
type heatLayout struct {
	columns, rows, bar axis
	area               vg.Rectangle // of the cells, from the lower left corner of the figure
	size               vg.Point
}

func (f heatMap) layout(width vg.Length) heatLayout {
	var l heatLayout
	height := wholePixels(max(f.rowHeight(width)*vg.Length(len(f.Rows)), 60*px))
	l.rows = rowAxis(f.Y, f.Rows, height/vg.Length(len(f.Rows)))
	l.area.Min.X = margin + l.rows.depth(text.Style.Width)
	l.area.Max.X = wholePixels(width - margin)
	if f.square() {
		height = wholePixels(min(l.area.Size().X, maxSide, vg.Length(len(f.Rows))*maxCell))
		l.rows = rowAxis(f.Y, f.Rows, height/vg.Length(len(f.Rows)))
		l.area.Max.X = l.area.Min.X + height
	}
	across := l.area.Size().X
	l.columns = columnAxis(f.X, f.Columns, across/vg.Length(len(f.Columns)))
	l.bar = f.colours().bar(barWidth(across))
	l.area.Min.Y = margin + l.columns.depth(text.Style.Height)
	if !f.noBar {
		l.area.Min.Y += wholePixels(barDepth(l.bar))
	}
	l.area.Max.Y = l.area.Min.Y + height
	top := wholePixels(titleHeight(f.Title, width-2*margin) + aboveAxis)
	l.size = vg.Point{X: width, Y: l.area.Max.Y + top + margin}
	return l
}

func (f heatMap) size(width vg.Length) vg.Point { return f.layout(width).size }

func (f heatMap) draw(c draw.Canvas) {
	c.FillPolygon(white, corners(c.Rectangle))
	l, colours := f.layout(c.Rectangle.Size().X), f.colours()
	drawTitle(draw.Crop(c, margin, -margin, 0, -margin), f.Title)
	area := c
	area.Rectangle = l.area.Add(c.Min)
	drawCells(area, area.Rectangle, len(f.Rows), len(f.Columns), func(row, column int) color.RGBA {
		return colours.colour(f.Values[row][column])
	})
	f.drawNumbers(area)
	l.columns.drawX(area)
	l.rows.drawY(area)
	if !f.noBar {
		drawBar(c, area.Min.X, area.Min.Y-l.columns.depth(text.Style.Height), barWidth(l.area.Size().X), colours.colours, l.bar)
	}
}

// drawNumbers writes the value into every cell, if all fit.
func (f HeatMap) drawNumbers(area draw.Canvas) {
	size := area.Rectangle.Size()
	if !f.numbersFit(size) {
		return
	}
	colours := f.colours()
	for row, values := range f.Values {
		for column, label := range Labels(values) {
			style := aligned(tickText, text.XCenter, text.YCenter)
			style.Color = contrast(colours.colour(values[column]))
			area.FillText(style, vg.Point{
				X: area.Min.X + (vg.Length(column)+0.5)/vg.Length(len(f.Columns))*size.X,
				Y: area.Max.Y - (vg.Length(row)+0.5)/vg.Length(len(f.Rows))*size.Y,
			}, label)
		}
	}
}

func (f HeatMap) numbersFit(area vg.Point) bool {
	if area.Y/vg.Length(len(f.Rows)) < tickText.Height("0")+2*px {
		return false
	}
	for _, row := range f.Values {
		for _, label := range Labels(row) {
			if tickText.Width(label)+6*px > area.X/vg.Length(len(f.Columns)) {
				return false
			}
		}
	}
	return true
}

func (f heatMap) live(width vg.Length) *live {
	l, colours := f.layout(width), f.colours()
	o := newOption(f.Title, l.size, l.area)
	o.Tooltip.Formatter = "cell"
	o.XAxis, o.YAxis = l.columns.option(f.Columns), l.rows.option(f.Rows)
	o.XAxis.NameGap = pixels(l.columns.depth(text.Style.Height) - labelText.Height(l.columns.label))
	o.YAxis.NameGap = pixels(l.rows.depth(text.Style.Width) - labelText.Height(l.rows.label))
	o.YAxis.Inverse = opts.Bool(true)
	hidden := &opts.AxisLine{Show: opts.Bool(false)}
	o.XAxis.AxisLine, o.YAxis.AxisLine = hidden, hidden
	colours.addBar(&o, l.size, l.area, l.columns, 2, !f.noBar)
	data := make([][]float64, 0, len(f.Rows)*len(f.Columns))
	for i, row := range f.Values {
		for j, v := range row {
			data = append(data, []float64{float64(j), float64(i), short(colours.live(v)), short(v)})
		}
	}
	cells := series{Type: types.ChartHeatMap, Name: f.Colour.Label, Data: data}
	if f.numbersFit(l.area.Size()) {
		cells.Label = &opts.Label{Show: opts.Bool(true), FontSize: float32(tickText.Font.Size / px), FontFamily: liveFont,
			Formatter: "last"}
	}
	o.Series = []series{cells}
	return single(l.size, o)
}

func (f heatMap) table() table {
	t := table{columns: []string{or(f.Y, "row"), or(f.X, "column"), f.Colour.Label}}
	for i, row := range f.Values {
		for j, v := range row {
			t.rows = append(t.rows, []string{f.Rows[i], f.Columns[j], number(v)})
		}
	}
	return t
}

// or returns the name, or the other where it is empty.
func or(name, other string) string {
	if name == "" {
		return other
	}
	return name
}
