package wavelet

import (
	"fmt"
	"math"
)

// Orientation is what a band of coefficients answers to.
type Orientation int

// The orientations, in storage order. PyWavelets calls them cA, cH, cV and cD.
const (
	Approximation Orientation = iota // low-pass both ways
	Horizontal                       // high-pass down the columns: horizontal edges
	Vertical                         // high-pass along the rows: vertical edges
	Diagonal                         // high-pass both ways
)

// String returns the orientation's name in lower case.
func (o Orientation) String() string {
	switch o {
	case Approximation:
		return "approximation"
	case Horizontal:
		return "horizontal"
	case Vertical:
		return "vertical"
	case Diagonal:
		return "diagonal"
	}
	return fmt.Sprintf("Orientation(%d)", int(o))
}

// Band names one band of coefficients of an image. Level 1 is the finest, and the level of the
// approximation is Levels, that of the coarsest details.
type Band struct {
	Channel, Level int
	Orientation    Orientation
}

// Place names one coefficient: its band, and its row and column in the band's grid.
type Place struct {
	Band
	Row, Col int
}

// Layout maps the coefficients of an image of Channels x Height x Width pixels, decomposed Levels
// times, to the indices of a vector of the same length, and says which coefficients are around
// each. A band of level j is a grid of Height/2^j rows and Width/2^j columns. With 0 levels the
// coefficients are the pixels, in one approximation band of level 0 a channel.
//
// Storage is channel by channel. Within a channel the bands follow each other from coarse to
// fine, A_J, H_J, V_J, D_J, H_(J-1), ..., V_1, D_1, each in row-major order.
//
// Layouts are values and compare with ==. Make them with NewLayout; the methods of any other
// Layout may panic.
type Layout struct{ Channels, Height, Width, Levels int }

// NewLayout returns the layout of images of the given size. It returns a LayoutError unless all
// sizes are positive, levels is not negative and 2^levels divides height and width.
func NewLayout(channels, height, width, levels int) (Layout, error) {
	l := Layout{channels, height, width, levels}
	if channels <= 0 || height <= 0 || width <= 0 || levels < 0 || channels > math.MaxInt/height/width ||
		levels > maxLevels || height%(1<<levels) != 0 || width%(1<<levels) != 0 {
		return Layout{}, LayoutError{l}
	}
	return l, nil
}

// Len returns the number of coefficients of one image, which is its number of pixels.
func (l Layout) Len() int { return l.Channels * l.Height * l.Width }

// Bands returns the bands of an image in storage order.
func (l Layout) Bands() []Band {
	bands := make([]Band, 0, l.Channels*(1+3*l.Levels))
	for c := range l.Channels {
		bands = append(bands, Band{c, l.Levels, Approximation})
		for level := l.Levels; level > 0; level-- {
			bands = append(bands, Band{c, level, Horizontal}, Band{c, level, Vertical}, Band{c, level, Diagonal})
		}
	}
	return bands
}

// Grid returns the number of rows and columns of a band. It panics with a PlaceError if the
// layout has no such band.
func (l Layout) Grid(b Band) (rows, cols int) {
	if b.Channel < 0 || b.Channel >= l.Channels || b.Orientation < Approximation || b.Orientation > Diagonal ||
		b.Level < 0 || b.Level > l.Levels ||
		b.Orientation == Approximation && b.Level != l.Levels || b.Orientation != Approximation && b.Level == 0 {
		panic(PlaceError{l, Place{Band: b}})
	}
	return l.Height >> b.Level, l.Width >> b.Level
}

// Range returns the half-open range of the indices of a band. It panics with a PlaceError if the
// layout has no such band.
func (l Layout) Range(b Band) (from, to int) {
	// All that is coarser than the details of a level fills as many indices as one band of that
	// level.
	rows, cols := l.Grid(b)
	from = b.Channel*l.Height*l.Width + int(b.Orientation)*rows*cols
	return from, from + rows*cols
}

// Index returns the index of the coefficient at p. It panics with a PlaceError if the layout has
// no such place.
func (l Layout) Index(p Place) int {
	rows, cols := l.Grid(p.Band)
	if p.Row < 0 || p.Row >= rows || p.Col < 0 || p.Col >= cols {
		panic(PlaceError{l, p})
	}
	from, _ := l.Range(p.Band)
	return from + p.Row*cols + p.Col
}

// Place returns the place of the coefficient of index i, the inverse of Index. It panics with an
// IndexError unless 0 <= i < Len.
func (l Layout) Place(i int) Place {
	if i < 0 || i >= l.Len() {
		panic(IndexError{i, l.Len()})
	}
	plane := l.Height * l.Width
	p := Place{Band: Band{Channel: i / plane, Level: l.Levels}}
	i %= plane
	rows, cols := l.Height>>l.Levels, l.Width>>l.Levels
	for i >= 4*rows*cols {
		p.Level--
		rows, cols = 2*rows, 2*cols
	}
	p.Orientation = Orientation(i / (rows * cols))
	i %= rows * cols
	p.Row, p.Col = i/cols, i%cols
	return p
}
