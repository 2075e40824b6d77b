package viz

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"wavescore/pkg/wavelet"
)

// Mosaic shows the wavelet coefficients of one image as Mallat's nested squares: the approximation
// at the top left, in grey from its least to its largest value, and the details around it, level by
// level, outwards to finer ones. A band lies where its frequencies do: vertical details, high along
// the rows, to the right; horizontal ones, high down the columns, below; diagonal ones at the
// corner. Details are signed, white for zero, blue for negative, red for positive. Channels are
// side by side. Its live form is the static picture.
type Mosaic struct {
	Title        string
	Caption      string // a sentence that says what to see
	Layout       wavelet.Layout
	Coefficients []float64 // of one image, in the order of the layout
	PerBand      bool      // every band has a colour scale of its own; else the three of a level share one
}

func (f Mosaic) heading() heading { return heading{"mosaic", f.Title, f.Caption} }

func (f Mosaic) plan() (plan, error) { return f, f.check() }

func (f Mosaic) check() error {
	l := f.Layout
	if _, err := wavelet.NewLayout(l.Channels, l.Height, l.Width, l.Levels); err != nil {
		return err
	}
	if err := checkLength("Coefficients", len(f.Coefficients), "the layout", l.Len()); err != nil {
		return err
	}
	for i, v := range f.Coefficients {
		if err := checkValue(v, false); err != nil {
			p := l.Place(i)
			return fmt.Errorf("coefficient %d (channel %d, level %d, %v, row %d, column %d) is %w",
				i, p.Channel, p.Level, p.Orientation, p.Row, p.Col, err)
		}
	}
	return nil
}

const (
	mosaicMost = 480 * px // side of the largest mosaic
	mosaicGap  = 12 * px  // between channels
	barInset   = 20 * px  // of the colour bar, for half of its end labels
)

// mosaicLayout holds the sizes of a mosaic on its page.
type mosaicLayout struct {
	dots          int       // of the raster, half a CSS pixel each, per coefficient
	width, height vg.Length // of one channel
}

func (f Mosaic) layout(width vg.Length) mosaicLayout {
	l := f.Layout
	n := vg.Length(l.Channels)
	room := min((width-2*margin+mosaicGap)/n-mosaicGap, mosaicMost)
	dots := max(1, int(room/(vg.Length(max(l.Width, l.Height))*px/2)+1e-6))
	return mosaicLayout{
		dots:   dots,
		width:  vg.Length(l.Width*dots) * px / 2,
		height: vg.Length(l.Height*dots) * px / 2,
	}
}

func (f Mosaic) size(width vg.Length) vg.Point {
	l := f.layout(width)
	n := vg.Length(f.Layout.Channels)
	w := wholePixels(2*margin + n*(l.width+mosaicGap) - mosaicGap)
	w = max(w, min(width, wholePixels(2*margin+titleText.Width(f.Title))))
	h := 2*margin + wholePixels(titleHeight(f.Title, w-2*margin)) + l.height
	if f.Layout.Levels > 0 {
		h += barDepth(f.bar(w - 2*margin - 2*barInset))
	}
	return vg.Point{X: w, Y: wholePixels(h)}
}

func (f Mosaic) draw(c draw.Canvas) {
	c.FillPolygon(white, corners(c.Rectangle))
	c = draw.Crop(c, margin, -margin, margin, -margin)
	width := c.Rectangle.Size().X
	l := f.layout(width + 2*margin)
	drawTitle(c, f.Title)
	top := c.Max.Y - wholePixels(titleHeight(f.Title, width))
	for channel := range f.Layout.Channels {
		left := c.Min.X + vg.Length(channel)*(l.width+mosaicGap)
		at := c
		at.Rectangle = vg.Rectangle{
			Min: vg.Point{X: left, Y: top - l.height}, Max: vg.Point{X: left + l.width, Y: top}}
		f.drawChannel(at, channel)
	}
	if f.Layout.Levels > 0 {
		width -= 2 * barInset
		drawBar(c, c.Min.X+barInset, top-l.height, width, diverging, f.bar(width))
	}
}

// drawChannel draws the bands of a channel, the lines between them and their names.
func (f Mosaic) drawChannel(c draw.Canvas, channel int) {
	size := c.Rectangle.Size()
	all := f.Layout.Bands()
	bands := all[channel*len(all)/f.Layout.Channels : (channel+1)*len(all)/f.Layout.Channels]
	for _, band := range bands {
		rows, columns := f.Layout.Grid(band)
		from, to := f.Layout.Range(band)
		values, colours := f.Coefficients[from:to], f.colours(band)
		drawCells(c, f.where(c.Rectangle, band), rows, columns, func(row, column int) color.RGBA {
			return colours.colour(values[row*columns+column])
		})
	}
	line := draw.LineStyle{Color: ink, Width: px}
	for level := 1; level <= f.Layout.Levels; level++ {
		scale := vg.Length(int(1) << (level - 1))
		x, y := c.Min.X+size.X/scale/2, c.Max.Y-size.Y/scale/2
		c.StrokeLine2(line, x, c.Max.Y, x, c.Max.Y-size.Y/scale)
		c.StrokeLine2(line, c.Min.X, y, c.Min.X+size.X/scale, y)
	}
	c.StrokeLines(line, append(corners(c.Rectangle), c.Min))
	if f.Layout.Levels == 0 {
		return // the one band is the image
	}
	for _, band := range bands {
		drawBandName(c, f.where(c.Rectangle, band), bandName(band))
	}
}

// bandName is A3, H3, V3, D3, ...: the letter of PyWavelets and the level.
func bandName(b wavelet.Band) string {
	return fmt.Sprintf("%s%d", strings.ToUpper(b.Orientation.String()[:1]), b.Level)
}

// drawBandName writes a name into the corner of a band, if it leaves most of the band free. The
// letters have a white rim, to be read on any colour and hide little.
func drawBandName(c draw.Canvas, band vg.Rectangle, name string) {
	size, width := band.Size(), tickText.Width(name)
	if width*tickText.Height(name) > size.X*size.Y/12 || width+8*px > size.X {
		return
	}
	style := aligned(tickText, draw.XLeft, draw.YTop)
	at := vg.Point{X: band.Min.X + 4*px, Y: band.Max.Y - 3*px}
	style.Color = white
	for i := range 8 {
		sin, cos := math.Sincos(float64(i) * math.Pi / 4)
		c.FillText(style, at.Add(vg.Point{X: vg.Length(cos) * 1.5 * px, Y: vg.Length(sin) * 1.5 * px}), name)
	}
	style.Color = ink
	c.FillText(style, at, name)
}

// where returns the rectangle of a band within that of its channel.
func (f Mosaic) where(all vg.Rectangle, b wavelet.Band) vg.Rectangle {
	scale := vg.Length(int(1) << b.Level)
	size := all.Size()
	w, h := size.X/scale, size.Y/scale
	left, top := all.Min.X, all.Max.Y
	if b.Orientation == wavelet.Vertical || b.Orientation == wavelet.Diagonal {
		left += w
	}
	if b.Orientation == wavelet.Horizontal || b.Orientation == wavelet.Diagonal {
		top -= h
	}
	return vg.Rectangle{Min: vg.Point{X: left, Y: top - h}, Max: vg.Point{X: left + w, Y: top}}
}

// colours returns the colour scale of a band: greys from least to largest for the approximation;
// for details symmetric about zero and, unless PerBand is set, the same for all details of the
// level in all channels.
func (f Mosaic) colours(b wavelet.Band) colourScale {
	from, to := f.Layout.Range(b)
	if b.Orientation == wavelet.Approximation {
		s := Axis{}.colourScale(false, f.Coefficients[from:to])
		s.colours = greys
		return s
	}
	if f.PerBand {
		return Axis{}.colourScale(true, f.Coefficients[from:to])
	}
	var level [][]float64
	for _, other := range f.Layout.Bands() {
		if other.Level == b.Level && other.Orientation != wavelet.Approximation {
			from, to := f.Layout.Range(other)
			level = append(level, f.Coefficients[from:to])
		}
	}
	return Axis{}.colourScale(true, level...)
}

// key says where the colours of the details end.
func (f Mosaic) key() string {
	if f.PerBand {
		return "max = the largest magnitude in the band"
	}
	var ends []float64
	for level := 1; level <= f.Layout.Levels; level++ {
		ends = append(ends, f.colours(wavelet.Band{Level: level, Orientation: wavelet.Horizontal}).max)
	}
	where := "level 1"
	if f.Layout.Levels > 1 {
		where = fmt.Sprintf("levels 1 to %d", f.Layout.Levels)
	}
	return fmt.Sprintf("max = %s at %s", strings.Join(Labels(ends), ", "), where)
}

// bar returns the axis of the colour bar of the details.
func (f Mosaic) bar(width vg.Length) axis {
	return axis{
		label: wrap(labelText, f.key(), width),
		ticks: []tick{{at: 0, label: "-max"}, {at: 0.5, label: "0"}, {at: 1, label: "max"}},
	}
}

func (f Mosaic) live(vg.Length) *live { return nil }

func (f Mosaic) table() table {
	t := table{columns: []string{"channel", "level", "orientation", "row", "column", "coefficient"}}
	for i, v := range f.Coefficients {
		p := f.Layout.Place(i)
		t.rows = append(t.rows, []string{fmt.Sprint(p.Channel), fmt.Sprint(p.Level), p.Orientation.String(),
			fmt.Sprint(p.Row), fmt.Sprint(p.Col), number(v)})
	}
	return t
}
