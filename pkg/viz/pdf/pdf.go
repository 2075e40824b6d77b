package pdf

import (
	"image"
	"image/color"
	"io"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/vgpdf"

	"wavescore/pkg/viz"
)

// Write writes the static picture of a figure as a page of its size. Letters are shapes.
func Write(w io.Writer, f viz.Figure) error {
	var page *vgpdf.Canvas
	err := viz.Draw(f, func(width, height vg.Length) vg.Canvas {
		page = vgpdf.New(width, height)
		return canvas{page}
	})
	if err != nil {
		return err
	}
	_, err = page.WriteTo(w)
	return err
}

// canvas is the PDF canvas of gonum/plot with two faults of v0.17 mended: it takes colours as
// multiplied by their opacity, which PDF does once more, so that what is faint turns grey; and it
// draws images upside down.
type canvas struct{ *vgpdf.Canvas }

// SetColor sets the colour of what follows.
func (c canvas) SetColor(clr color.Color) {
	c.Canvas.SetColor(straight(color.NRGBAModel.Convert(clr).(color.NRGBA)))
}

// DrawImage draws the image into the rectangle.
func (c canvas) DrawImage(rect vg.Rectangle, img image.Image) {
	b := img.Bounds()
	flipped := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		for x := range b.Dx() {
			flipped.Set(x, b.Dy()-1-y, img.At(b.Min.X+x, b.Min.Y+y))
		}
	}
	c.Canvas.DrawImage(rect, flipped)
}

// straight is a colour whose RGBA method returns it not multiplied by its opacity.
type straight color.NRGBA

func (s straight) RGBA() (r, g, b, a uint32) {
	return uint32(s.R) * 0x101, uint32(s.G) * 0x101, uint32(s.B) * 0x101, uint32(s.A) * 0x101
}
