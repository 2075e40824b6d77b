package viz

import (
	"image"
	"image/color"
	"math"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colours gives numbers their colour: a scale and the colours along it.
type colourScale struct {
	scale
	colours colourMap
}

// colourScale settles the scale of the numbers; a diverging one is symmetric about zero.
func (a Axis) colourScale(signed bool, values ...[]float64) colourScale {
	s := colourScale{a.scale(0, values...), sequential}
	if signed {
		most := max(math.Abs(s.min), math.Abs(s.max))
		s.min, s.max, s.colours = -most, most, diverging
	}
	return s
}

func (s colourScale) colour(v float64) color.RGBA { return s.colours.at(float64(s.at(v))) }

const (
	barWidth = 14 * px // of an upright colour bar
	barGap   = 16 * px // between data and bar
)

// depth returns what the bar takes to the right of the data, when it is as long as given.
func (s colourScale) depth(length vg.Length) vg.Length {
	a := s.axis(labelsUp(length), length)
	for _, end := range Labels([]float64{s.min, s.max}) { // the live chart labels the ends
		a.ticks = append(a.ticks, tick{label: end})
	}
	return barGap + barWidth + a.depth(text.Style.Width)
}

// drawBar draws the upright colour bar to the right of the area, with its axis.
func (s colourScale) drawBar(area draw.Canvas) {
	bar := vg.Rectangle{
		Min: vg.Point{X: area.Max.X + barGap, Y: area.Min.Y},
		Max: vg.Point{X: area.Max.X + barGap + barWidth, Y: area.Max.Y},
	}
	drawCells(area, bar, 256, 1, func(row, _ int) color.RGBA { return s.colours.at(float64(255-row) / 255) })
	line := draw.LineStyle{Color: ink, Width: px}
	length := area.Rectangle.Size().Y
	a := s.axis(labelsUp(length), length)
	labels := aligned(tickText, text.XLeft, text.YCenter)
	for _, t := range a.ticks {
		y := bar.Min.Y + t.at*bar.Size().Y
		area.StrokeLine2(line, bar.Max.X, y, bar.Max.X+tickLength, y)
		area.FillText(labels, vg.Point{X: bar.Max.X + tickLength + tickGap, Y: y}, t.label)
	}
	name := aligned(labelText, text.XCenter, text.YBottom)
	name.Rotation = math.Pi / 2
	area.FillText(name, vg.Point{X: area.Max.X + s.depth(length), Y: area.Center().Y}, a.label)
}

// drawBarBelow draws a colour bar lying below the area, from left, with its ends and its middle labelled.
func (s colourScale) drawBarBelow(c draw.Canvas, left, width vg.Length) {
	bar := vg.Rectangle{
		Min: vg.Point{X: left, Y: c.Min.Y + 18*px},
		Max: vg.Point{X: left + width, Y: c.Min.Y + 30*px},
	}
	drawCells(c, bar, 1, 256, func(_, column int) color.RGBA { return s.colours.at(float64(column) / 255) })
	aligns := []text.XAlignment{text.XLeft, text.XCenter, text.XRight}
	for i, label := range Labels([]float64{s.min, (s.min + s.max) / 2, s.max}) {
		x := bar.Min.X + vg.Length(i)*width/2
		c.FillText(aligned(tickText, aligns[i], text.YTop), vg.Point{X: x, Y: bar.Min.Y - 3*px}, label)
	}
}

// drawCells fills a rectangle with rows x columns cells, row 0 on top, without seams: as an image of two dots a CSS
// pixel.
func drawCells(c draw.Canvas, at vg.Rectangle, rows, columns int, colour func(row, column int) color.RGBA) {
	const dot = px / 2
	size := at.Size()
	width, height := max(1, int(size.X/dot+0.5)), max(1, int(size.Y/dot+0.5))
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			img.SetRGBA(x, y, colour(y*rows/height, x*columns/width))
		}
	}
	c.DrawImage(at, img)
}

// snap moves the sides of a rectangle to whole CSS pixels, where squares are sharp.
func snap(r vg.Rectangle) vg.Rectangle {
	whole := func(l vg.Length) vg.Length { return vg.Length(math.Round(float64(l/px))) * px }
	return vg.Rectangle{
		Min: vg.Point{X: whole(r.Min.X), Y: whole(r.Min.Y)},
		Max: vg.Point{X: whole(r.Max.X), Y: whole(r.Max.Y)},
	}
}
