package viz

import (
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// axis is an axis ready to be drawn: of numbers, with ticks at them, or of categories, with labels
// at their centres.
type axis struct {
	label      string
	ticks      []tick
	minor      []vg.Length // short ticks without label
	categories bool        // no tick marks
}

// tick is a label at a place between 0 and 1 along an axis.
type tick struct {
	at    vg.Length
	label string
	value float64 // on an axis of numbers
}

const (
	tickLength = 6 * px
	tickGap    = 4 * px // between tick and its label
	wordGap    = 3 * px // between labels side by side
)

// depth returns the room that ticks, their labels and the axis label take across the axis. The
// measure of a tick label is its width on an upright axis and its height on the other.
func (a axis) depth(measure func(text.Style, string) vg.Length) vg.Length {
	most := vg.Length(0)
	for _, t := range a.ticks {
		most = max(most, measure(tickText, t.label))
	}
	depth := tickGap + most
	if !a.categories {
		depth += tickLength
	}
	if a.label != "" {
		depth += labelGap + labelText.Height(a.label) // along the other axis, whatever the measure
	}
	return wholePixels(depth)
}

// drawGrid draws light lines at the labelled ticks.
func drawGrid(area draw.Canvas, x, y axis) {
	line := draw.LineStyle{Color: gridGrey, Width: px}
	size := area.Rectangle.Size()
	for _, t := range x.ticks {
		at := area.Min.X + t.at*size.X
		area.StrokeLine2(line, at, area.Min.Y, at, area.Max.Y)
	}
	for _, t := range y.ticks {
		at := area.Min.Y + t.at*size.Y
		area.StrokeLine2(line, area.Min.X, at, area.Max.X, at)
	}
}

// axisLine is the line of axes and ticks.
var axisLine = draw.LineStyle{Color: ink, Width: px}

// drawX draws the axis along the lower side of the area, outside of it.
func (a axis) drawX(area draw.Canvas) {
	width, bottom := area.Rectangle.Size().X, area.Min.Y
	labelTop := bottom - tickGap
	if !a.categories {
		labelTop -= tickLength
		area.StrokeLine2(axisLine, area.Min.X, bottom, area.Max.X, bottom)
	}
	for _, at := range a.minor {
		x := area.Min.X + at*width
		area.StrokeLine2(axisLine, x, bottom, x, bottom-tickLength/2)
	}
	style := aligned(tickText, text.XCenter, text.YTop)
	for _, t := range a.ticks {
		x := area.Min.X + t.at*width
		if !a.categories {
			area.StrokeLine2(axisLine, x, bottom, x, bottom-tickLength)
		}
		area.FillText(style, vg.Point{X: x, Y: labelTop}, t.label)
	}
	style = aligned(labelText, text.XCenter, text.YBottom)
	area.FillText(style, vg.Point{X: area.Center().X, Y: bottom - a.depth(text.Style.Height)}, a.label)
}

// drawY draws the axis along the left side of the area, outside of it.
func (a axis) drawY(area draw.Canvas) {
	height, left := area.Rectangle.Size().Y, area.Min.X
	labelRight := left - tickGap
	if !a.categories {
		labelRight -= tickLength
		area.StrokeLine2(axisLine, left, area.Min.Y, left, area.Max.Y)
	}
	for _, at := range a.minor {
		y := area.Min.Y + at*height
		area.StrokeLine2(axisLine, left, y, left-tickLength/2, y)
	}
	style := aligned(tickText, text.XRight, text.YCenter)
	for _, t := range a.ticks {
		y := area.Min.Y + t.at*height
		if !a.categories {
			area.StrokeLine2(axisLine, left, y, left-tickLength, y)
		}
		area.FillText(style, vg.Point{X: labelRight, Y: y}, t.label)
	}
	style = aligned(labelText, text.XCenter, text.YTop)
	style.Rotation = math.Pi / 2
	area.FillText(style, vg.Point{X: left - a.depth(text.Style.Width), Y: area.Center().Y}, a.label)
}

// columnAxis returns the axis under columns of the given width, a label at the centre of each;
// where labels are wider than that even when wrapped, only every second, third, ... has one.
func columnAxis(label string, names []string, width vg.Length) axis {
	a := axis{label: wrap(labelText, label, width*vg.Length(len(names))), categories: true}
	every := 1
	for _, name := range names {
		if tickText.Width(wrap(tickText, name, width-labelGap)) > width-wordGap {
			every = max(every, int((tickText.Width(name)+labelGap)/width)+1)
		}
	}
	for i := 0; i < len(names); i += every {
		at := (vg.Length(i) + 0.5) / vg.Length(len(names))
		a.ticks = append(a.ticks, tick{at: at, label: wrap(tickText, names[i], vg.Length(every)*width-labelGap)})
	}
	return a
}

// rowAxis returns the axis beside rows of the given height, the first on top.
func rowAxis(label string, names []string, height vg.Length) axis {
	a := axis{label: wrap(labelText, label, height*vg.Length(len(names))), categories: true}
	every := int(tickText.Height("0")/height) + 1
	for i := 0; i < len(names); i += every {
		at := 1 - (vg.Length(i)+0.5)/vg.Length(len(names))
		a.ticks = append(a.ticks, tick{at: at, label: wrap(tickText, names[i], labelMost)})
	}
	return a
}
