package viz

import (
	"fmt"
	"image/color"
	"strconv"

	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// Grid is a table of images, magnified to sharp squares. Its live form is the static picture.
type Grid struct {
	Title   string
	Caption string // a sentence that says what to see

	Channels, Height, Width int       // of one image; 1 channel is grey, 3 are red, green, blue
	Images                  []float64 // image after image, each row-major: channel, row, column
	Columns                 int       // images side by side; the last row may be shorter

	ColumnLabels, RowLabels []string // optional

	// Limit is the value at which the colours end: -Limit is black and +Limit white, and what lies
	// beyond is clipped. Zero means 1, the range of pixels; with Diverging, the largest magnitude
	// among the images.
	Limit float64
	// Diverging draws signed numbers of one channel: zero white, negative blue, positive red, with
	// a colour bar.
	Diverging bool
}

const (
	gridGap   = 4 * px   // between images
	gridMost  = 144 * px // side of the largest image shown
	labelMost = 140 * px // width of the row labels
	labelGap  = 8 * px
)

func (f Grid) heading() heading { return heading{"grid", f.Title, f.Caption} }

func (f Grid) plan() (plan, error) { return f, f.check() }

func (f Grid) check() error {
	switch {
	case f.Channels != 1 && f.Channels != 3:
		return fmt.Errorf("images have %d channels; 1 (grey) and 3 (red, green, blue) can be drawn", f.Channels)
	case f.Height < 1 || f.Width < 1:
		return fmt.Errorf("images are %d x %d pixels; both must be positive", f.Height, f.Width)
	case f.Columns < 1:
		return fmt.Errorf("there are %d columns; at least 1 is needed", f.Columns)
	case f.Diverging && f.Channels != 1:
		return fmt.Errorf("a grid with Diverging takes one channel, the images have %d", f.Channels)
	case f.Limit != 0 && !(f.Limit >= leastRange && f.Limit <= largestNumber):
		return fmt.Errorf("the Limit is %v; it must be positive, between %g and %g, or zero for the usual one",
			f.Limit, leastRange, largestNumber)
	case len(f.Images) == 0:
		return fmt.Errorf("there are no images")
	case len(f.Images)%f.pixels() != 0:
		return fmt.Errorf("the field Images has %d values, which is no whole number of images of %d x %d x %d = %d",
			len(f.Images), f.Channels, f.Height, f.Width, f.pixels())
	case f.ColumnLabels != nil && len(f.ColumnLabels) != f.Columns:
		return fmt.Errorf("there are %d column labels for %d columns", len(f.ColumnLabels), f.Columns)
	case f.RowLabels != nil && len(f.RowLabels) != f.rows():
		return fmt.Errorf("there are %d row labels for %d rows", len(f.RowLabels), f.rows())
	}
	for i, v := range f.Images {
		if err := checkValue(v, false); err != nil {
			at := i % f.pixels()
			return fmt.Errorf("image %d: channel %d, row %d, column %d is %w", i/f.pixels(),
				at/(f.Height*f.Width), at/f.Width%f.Height, at%f.Width, err)
		}
	}
	return nil
}

func (f Grid) pixels() int { return f.Channels * f.Height * f.Width }
func (f Grid) count() int  { return len(f.Images) / f.pixels() }
func (f Grid) rows() int   { return (f.count() + f.Columns - 1) / f.Columns }

// gridLayout holds the sizes of a grid on its page.
type gridLayout struct {
	dots          int       // of the raster, half a CSS pixel each, per image pixel: whole, so that squares are sharp
	width, height vg.Length // of one image
	left, top     vg.Length // taken by the row labels, and by title and column labels
	bar           axis      // of the colour bar
	bottom        vg.Length // taken by the colour bar
	columnLabels  []string  // wrapped
	rowLabels     []string
}

func (f Grid) layout(width vg.Length) gridLayout {
	var l gridLayout
	for _, label := range f.RowLabels {
		wrapped := wrap(tickText, label, labelMost)
		l.rowLabels = append(l.rowLabels, wrapped)
		l.left = max(l.left, tickText.Width(wrapped)+labelGap)
	}
	l.left = wholePixels(l.left)
	columns := vg.Length(f.Columns)
	room := (width-2*margin-l.left+gridGap)/columns - gridGap
	const dot = px / 2
	l.dots = max(1, int(min(room/vg.Length(f.Width), gridMost/vg.Length(max(f.Width, f.Height)))/dot+1e-6))
	l.width = vg.Length(f.Width*l.dots) * px / 2
	l.height = vg.Length(f.Height*l.dots) * px / 2
	for _, label := range f.ColumnLabels {
		wrapped := wrap(tickText, label, l.width)
		l.columnLabels = append(l.columnLabels, wrapped)
		l.top = max(l.top, textHeight(tickText, wrapped)+gridGap)
	}
	l.top = wholePixels(l.top)
	if f.Diverging {
		l.bar = f.colours().bar(f.barWidth(l))
		l.bottom = barDepth(l.bar)
	}
	return l
}

// wholePixels rounds up to whole CSS pixels.
func wholePixels(l vg.Length) vg.Length {
	n := vg.Length(int(l / px))
	if n*px < l-1e-9 {
		n++
	}
	return n * px
}

func (f Grid) size(width vg.Length) vg.Point {
	l := f.layout(width)
	columns, rows := vg.Length(f.Columns), vg.Length(f.rows())
	w := wholePixels(2*margin + l.left + columns*(l.width+gridGap) - gridGap)
	w = max(w, min(width, wholePixels(2*margin+titleText.Width(f.Title))))
	h := 2*margin + l.top + rows*(l.height+gridGap) - gridGap + l.bottom
	return vg.Point{X: w, Y: wholePixels(h) + wholePixels(titleHeight(f.Title, w-2*margin))}
}

func (f Grid) draw(c draw.Canvas) {
	c.FillPolygon(white, corners(c.Rectangle))
	top := c.Max.Y - margin
	c = draw.Crop(c, margin, -margin, margin, -margin)
	l := f.layout(c.Max.X - c.Min.X + 2*margin)
	drawTitle(c, f.Title)
	top -= wholePixels(titleHeight(f.Title, c.Max.X-c.Min.X)) + l.top
	left := c.Min.X + l.left

	style := aligned(tickText, text.XCenter, text.YBottom)
	for i, label := range l.columnLabels {
		x := left + vg.Length(i)*(l.width+gridGap) + l.width/2
		c.FillText(style, vg.Point{X: x, Y: top + gridGap}, label)
	}
	style = aligned(tickText, text.XRight, text.YCenter)
	for i, label := range l.rowLabels {
		y := top - vg.Length(i)*(l.height+gridGap) - l.height/2
		c.FillText(style, vg.Point{X: left - labelGap, Y: y}, label)
	}
	for i := range f.count() {
		x := left + vg.Length(i%f.Columns)*(l.width+gridGap)
		y := top - vg.Length(i/f.Columns)*(l.height+gridGap) - l.height
		at := vg.Rectangle{Min: vg.Point{X: x, Y: y}, Max: vg.Point{X: x + l.width, Y: y + l.height}}
		drawCells(c, at, f.Height, f.Width, f.pixel(i))
	}
	if f.Diverging {
		bottom := top - vg.Length(f.rows())*(l.height+gridGap) + gridGap
		drawBar(c, left, bottom, f.barWidth(l), diverging, l.bar)
	}
}

// barWidth returns the width of the colour bar below the images.
func (f Grid) barWidth(l gridLayout) vg.Length {
	return min(vg.Length(f.Columns)*(l.width+gridGap)-gridGap, barMost/2)
}

// colours returns the scale of the values, symmetric about zero.
func (f Grid) colours() colourScale {
	a := Axis{Min: -f.Limit, Max: f.Limit}
	if f.Limit == 0 && !f.Diverging {
		a = Axis{Min: -1, Max: 1}
	}
	s := a.colourScale(true, f.Images)
	if !f.Diverging {
		s.colours = greys
	}
	return s
}

// pixel returns the colours of the i-th image.
func (f Grid) pixel(i int) func(row, column int) color.RGBA {
	values := f.Images[i*f.pixels() : (i+1)*f.pixels()]
	colours, plane := f.colours(), f.Height*f.Width
	return func(row, column int) color.RGBA {
		at := row*f.Width + column
		if f.Channels == 1 {
			return colours.colour(values[at])
		}
		return color.RGBA{
			R: colours.colour(values[at]).R,
			G: colours.colour(values[plane+at]).G,
			B: colours.colour(values[2*plane+at]).B,
			A: 255,
		}
	}
}

func (f Grid) live(vg.Length) *live { return nil }

func (f Grid) table() table {
	t := table{columns: []string{"row", "column"}}
	for i := range f.pixels() {
		t.columns = append(t.columns, "p"+strconv.Itoa(i))
	}
	for i := range f.count() {
		row := []string{label(f.RowLabels, i/f.Columns), label(f.ColumnLabels, i%f.Columns)}
		for _, v := range f.Images[i*f.pixels() : (i+1)*f.pixels()] {
			row = append(row, number(v))
		}
		t.rows = append(t.rows, row)
	}
	return t
}

// label returns the i-th label, or the number i where there are none.
func label(labels []string, i int) string {
	if labels == nil {
		return strconv.Itoa(i)
	}
	return labels[i]
}
