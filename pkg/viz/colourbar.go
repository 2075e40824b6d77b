package viz

import (
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// colourBarHeight is what drawColourBar takes below a picture.
const colourBarHeight = 44 * px

// drawColourBar draws a horizontal bar with its ends and its middle labelled, at the bottom left of the canvas.
func drawColourBar(c draw.Canvas, left, width vg.Length, m colourMap, lo, hi float64) {
	at := vg.Rectangle{
		Min: vg.Point{X: left, Y: c.Min.Y + 18*px},
		Max: vg.Point{X: left + width, Y: c.Min.Y + 30*px},
	}
	fillGradient(c, at, m, false)
	style := aligned(tickText, text.XCenter, text.YTop)
	labels := Labels([]float64{lo, (lo + hi) / 2, hi})
	for i, label := range labels {
		x := at.Min.X + vg.Length(i)*width/2
		style.XAlign = []text.XAlignment{text.XLeft, text.XCenter, text.XRight}[i]
		c.FillText(style, vg.Point{X: x, Y: at.Min.Y - 3*px}, label)
	}
}

// fillGradient fills a rectangle with the colour map, from left to right or, upright, from bottom to top.
func fillGradient(c draw.Canvas, at vg.Rectangle, m colourMap, upright bool) {
	const steps = 256
	size := at.Size()
	for i := range steps {
		// Each slice reaches to the far end and is covered by the next, so that no seams show.
		from := vg.Length(i) / steps
		slice := at
		if upright {
			slice.Min.Y += size.Y * from
		} else {
			slice.Min.X += size.X * from
		}
		c.FillPolygon(m.at(float64(i)/(steps-1)), corners(slice))
	}
}
