package viz

import (
	"math"

	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// outlines is a text handler that draws glyphs as filled shapes. A picture then looks the same in
// every format and on every machine, whatever fonts it has, Greek letters included, which gonum's
// PDF text lacks.
type outlines struct{ text.Plain }

// Draw draws lines of text, anchored at pt as the style says.
func (o outlines) Draw(c vg.Canvas, txt string, style text.Style, pt vg.Point) {
	face := o.Fonts.Lookup(style.Font, style.Font.Size)
	extents := face.Extents()
	c.Push()
	defer c.Pop()
	c.SetColor(style.Color)
	c.Translate(pt)
	c.Rotate(style.Rotation)
	y := style.Height(txt)*(1+vg.Length(style.YAlign)) - extents.Ascent
	for _, line := range o.Lines(txt) {
		fillGlyphs(c, face, line, vg.Point{X: face.Width(line) * vg.Length(style.XAlign), Y: y})
		y -= extents.Height
	}
}

// fillGlyphs draws one line of text with its baseline starting at pt.
func fillGlyphs(c vg.Canvas, face font.Face, line string, pt vg.Point) {
	var (
		buf      sfnt.Buffer
		em       = fixed.I(int(face.Face.UnitsPerEm()))
		scale    = face.Font.Size / vg.Length(em)
		previous sfnt.GlyphIndex
	)
	for i, r := range line {
		glyph, err := face.Face.GlyphIndex(&buf, r) // 0, an empty box, for a rune that the font lacks
		if err != nil {
			panic(err) // the font is compiled in
		}
		if kern, err := face.Face.Kern(&buf, previous, glyph, em, 0); err == nil && i > 0 {
			pt.X += vg.Length(kern) * scale
		}
		segments, err := face.Face.LoadGlyph(&buf, glyph, em, nil)
		if err != nil {
			panic(err)
		}
		fillOutline(c, segments, scale, pt)
		advance, err := face.Face.GlyphAdvance(&buf, glyph, em, 0)
		if err != nil {
			panic(err)
		}
		pt.X += vg.Length(advance) * scale
		previous = glyph
	}
}

// fillOutline fills the outline of one glyph, whose y axis points down.
func fillOutline(c vg.Canvas, segments sfnt.Segments, scale vg.Length, origin vg.Point) {
	at := func(p fixed.Point26_6) vg.Point {
		return vg.Point{X: origin.X + thousandth(vg.Length(p.X)*scale), Y: origin.Y - thousandth(vg.Length(p.Y)*scale)}
	}
	var path vg.Path
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			if path != nil {
				path.Close()
			}
			path.Move(at(s.Args[0]))
		case sfnt.SegmentOpLineTo:
			path.Line(at(s.Args[0]))
		case sfnt.SegmentOpQuadTo:
			path.QuadTo(at(s.Args[0]), at(s.Args[1]))
		case sfnt.SegmentOpCubeTo:
			path.CubeTo(at(s.Args[0]), at(s.Args[1]), at(s.Args[2]))
		}
	}
	if path != nil {
		path.Close()
		c.Fill(path)
	}
}

// thousandth rounds to a thousandth of a point, which keeps vector files short.
func thousandth(l vg.Length) vg.Length { return vg.Length(math.Round(float64(l)*1000) / 1000) }
