package viz

import (
	"fmt"
	"image/color"
	"strings"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The text styles. Liberation Sans has the metrics of Arial, which live charts fall back on.
var (
	titleText  = textStyle(16, xfont.WeightBold, ink)
	legendText = textStyle(13, xfont.WeightNormal, ink)
	labelText  = textStyle(13.5, xfont.WeightNormal, ink)
	tickText   = textStyle(12.5, xfont.WeightNormal, ink)
)

var (
	ink      = color.RGBA{R: 0x22, G: 0x22, B: 0x22, A: 255} // text and axes
	gridGrey = color.RGBA{R: 0xe6, G: 0xe6, B: 0xe6, A: 255} // grid lines
	white    = color.RGBA{R: 255, G: 255, B: 255, A: 255}
)

// fonts are the two that the text styles take. The collection of gonum/plot has twelve, a third of
// a cell's program.
var fonts = font.NewCache(font.Collection{
	liberationSans(xfont.WeightNormal, liberationsansregular.TTF),
	liberationSans(xfont.WeightBold, liberationsansbold.TTF),
})

func liberationSans(weight xfont.Weight, ttf []byte) font.Face {
	face, err := opentype.Parse(ttf)
	if err != nil {
		panic(fmt.Errorf("viz: the embedded font: %w", err))
	}
	return font.Face{Font: font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight}, Face: face}
}

func textStyle(size float64, weight xfont.Weight, c color.Color) text.Style {
	return text.Style{
		Color:   c,
		Font:    font.Font{Typeface: "Liberation", Variant: "Sans", Weight: weight, Size: vg.Length(size) * px},
		Handler: outlines{text.Plain{Fonts: fonts}},
	}
}

// aligned returns the style with another anchor: the point of the text that is placed.
func aligned(s text.Style, x text.XAlignment, y text.YAlignment) text.Style {
	s.XAlign, s.YAlign = x, y
	return s
}

// wrap breaks a text at its spaces into lines no wider than width; a word that is wider gets a line
// of its own.
func wrap(s text.Style, txt string, width vg.Length) string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(txt) {
		longer := strings.TrimSpace(line + " " + word)
		if line != "" && s.Width(longer) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	return strings.Join(append(lines, line), "\n")
}

// lineStyle is how one series looks: told apart by colour, and without colour by dashes and marker.
type lineStyle struct {
	color  color.RGBA
	dashes []vg.Length
	dash   string           // the nearest ECharts line type
	glyph  draw.GlyphDrawer // static marker
	symbol string           // the same marker in ECharts
}

// The colours are those of Okabe and Ito (2008), which the colour-blind can tell apart, without the
// yellow, which is hard to see on white.
var colours = []color.RGBA{
	{R: 0x00, G: 0x72, B: 0xb2, A: 255}, // blue
	{R: 0xd5, G: 0x5e, B: 0x00, A: 255}, // vermillion
	{R: 0x00, G: 0x9e, B: 0x73, A: 255}, // green
	{R: 0xcc, G: 0x79, B: 0xa7, A: 255}, // purple
	{R: 0xe6, G: 0x9f, B: 0x00, A: 255}, // orange
	{R: 0x56, G: 0xb4, B: 0xe9, A: 255}, // sky blue
	{R: 0x33, G: 0x33, B: 0x33, A: 255}, // black
}

var dashes = []struct {
	static []vg.Length
	live   string
}{
	{nil, "solid"},
	{[]vg.Length{7 * px, 3 * px}, "dashed"},
	{[]vg.Length{2 * px, 2.5 * px}, "dotted"},
	{[]vg.Length{9 * px, 3 * px, 2 * px, 3 * px}, "dashed"},
}

var markers = []struct {
	static draw.GlyphDrawer
	live   string
}{
	{draw.CircleGlyph{}, "circle"},
	{draw.BoxGlyph{}, "square"},
	{draw.PyramidGlyph{}, "triangle"},
	{diamondGlyph{}, "diamond"},
	{openGlyph{draw.CircleGlyph{}}, "emptyCircle"},
	{openGlyph{draw.BoxGlyph{}}, "emptySquare"},
	{openGlyph{draw.PyramidGlyph{}}, "emptyTriangle"},
}

// A Look is the colour, dashes and marker of a series, from 1: the first seven are the colours in
// their order, and the following ones those again with other dashes and another marker. 0 is the
// look of the place that the series has in its figure. A series that stands in several figures
// keeps its colour by a Look of its own.
type Look int

// style returns the style of a look, for the i-th series of a figure.
func (l Look) style(i int) lineStyle {
	if l > 0 {
		return styleOf(int(l) - 1)
	}
	return styleOf(i)
}

// styleOf returns the look of the i-th series. Colours repeat after seven, then with other dashes
// and another marker.
func styleOf(i int) lineStyle {
	n := len(colours)
	d, m := dashes[i%len(dashes)], markers[(i+i/n)%len(markers)]
	return lineStyle{color: colours[i%n], dashes: d.static, dash: d.live, glyph: m.static, symbol: m.live}
}

// referenceStyle returns the look of the i-th curve that data are compared with, where it has none
// of its own: black, never solid.
func referenceStyle(i int) lineStyle {
	s := styleOf(len(colours) - 1)
	d := dashes[1+i%(len(dashes)-1)]
	s.dashes, s.dash = d.static, d.live
	return s
}

// reference returns the style of a look, for the i-th curve that data are compared with.
func (l Look) reference(i int) lineStyle {
	if l > 0 {
		return l.style(i)
	}
	return referenceStyle(i)
}

// stroke returns the style's line for a static picture.
func (s lineStyle) stroke() draw.LineStyle {
	return draw.LineStyle{Color: s.color, Width: 2 * px, Dashes: s.dashes}
}

// marker returns the style's marker for a static picture.
func (s lineStyle) marker() draw.GlyphStyle {
	return draw.GlyphStyle{Color: s.color, Radius: 3.5 * px, Shape: s.glyph}
}

// diamondGlyph is a filled square on its corner.
type diamondGlyph struct{}

func (diamondGlyph) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	r := sty.Radius * 1.25
	c.FillPolygon(sty.Color, []vg.Point{
		{X: pt.X - r, Y: pt.Y}, {X: pt.X, Y: pt.Y - r}, {X: pt.X + r, Y: pt.Y}, {X: pt.X, Y: pt.Y + r}})
}

// openGlyph is a filled glyph with a white centre.
type openGlyph struct{ filled draw.GlyphDrawer }

func (g openGlyph) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, pt vg.Point) {
	g.filled.DrawGlyph(c, sty, pt)
	c.SetColor(white)
	sty.Radius *= 0.55
	g.filled.DrawGlyph(c, sty, pt)
}

// alpha returns the colour with the given opacity.
func alpha(c color.RGBA, opacity float64) color.NRGBA {
	return color.NRGBA{R: c.R, G: c.G, B: c.B, A: uint8(opacity*255 + 0.5)}
}

// css writes a colour for ECharts.
func css(c color.RGBA) string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }
