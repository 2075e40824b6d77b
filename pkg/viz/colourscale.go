package viz

import (
	"image"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colourScale gives numbers their colour: a scale and the colours along it.
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

// equal reports whether two scales have the same bar.
func (s colourScale) equal(o colourScale) bool {
	return s.Label == o.Label && s.Log == o.Log && s.min == o.min && s.max == o.max && slices.Equal(s.colours, o.colours)
}

func (s colourScale) colour(v float64) color.RGBA { return s.colours.at(float64(s.at(v))) }

const (
	barGap    = 16 * px // between a picture and the colour bar below it
	barHeight = 12 * px
	barMost   = 360 * px // width of the longest bar
)

// barWidth returns the width of the bar below a picture of the given width; half of a label stands
// out to the right.
func barWidth(picture vg.Length) vg.Length { return min(picture-rightOfAxis, barMost) }

// bar returns the axis of a colour bar of the given width.
func (s colourScale) bar(width vg.Length) axis { return s.axis(labelsAcross(width), width) }

// barDepth returns the room that a colour bar with its axis takes below a picture.
func barDepth(a axis) vg.Length { return barGap + barHeight + a.depth(text.Style.Height) }

// drawBar draws a colour bar with its axis; top is the lower end of the picture.
func drawBar(c draw.Canvas, left, top, width vg.Length, colours colourMap, a axis) {
	c.Min = vg.Point{X: left, Y: top - barGap - barHeight}
	c.Max = c.Min.Add(vg.Point{X: width, Y: barHeight})
	drawCells(c, c.Rectangle, 1, 256, func(_, column int) color.RGBA { return colours.at(float64(column) / 255) })
	a.drawX(c)
}

// drawCells fills a rectangle with rows x columns cells, row 0 on top, without seams: as an image
// of two dots a CSS pixel.
func drawCells(c draw.Canvas, at vg.Rectangle, rows, columns int, colour func(row, column int) color.RGBA) {
	const dot = px / 2
	size := at.Size()
	width, height := max(1, int(size.X/dot+0.5)), max(1, int(size.Y/dot+0.5))
	cells := make([]color.RGBA, rows*columns)
	for i := range cells {
		cells[i] = colour(i/columns, i%columns)
	}
	img := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		row := cells[y*rows/height*columns:]
		for x := range width {
			img.SetRGBA(x, y, row[x*columns/width])
		}
	}
	c.DrawImage(at, img)
}
