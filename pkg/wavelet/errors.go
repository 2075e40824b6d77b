package wavelet

import (
	"fmt"
	"math"
	"math/bits"

	"wavescore/internal/length"
)

// maxLevels keeps 2^levels within an int.
const maxLevels = bits.UintSize - 2

// LayoutError is the error of a layout that there cannot be. It says why, and which sizes there
// are instead.
type LayoutError struct{ Layout Layout }

func (e LayoutError) Error() string {
	l := e.Layout
	var why string
	switch {
	case l.Channels <= 0 || l.Height <= 0 || l.Width <= 0:
		why = "channels, height and width must be positive"
	case l.Levels < 0:
		why = "levels must not be negative"
	case l.Channels > math.MaxInt/l.Height/l.Width:
		why = "there are more pixels than an int can count"
	case l.Levels > maxLevels:
		why = fmt.Sprintf("there can be at most %d levels", maxLevels)
	default:
		unit := 1 << l.Levels
		why = fmt.Sprintf("2^%d = %d must divide height and width", l.Levels, unit)
		why += nearest("height", l.Height, unit) + nearest("width", l.Width, unit)
		deepest := min(bits.TrailingZeros(uint(l.Height)), bits.TrailingZeros(uint(l.Width)))
		why += fmt.Sprintf("; this size allows levels 0 to %d", deepest)
	}
	return fmt.Sprintf("wavelet: no layout for %dx%dx%d images (channels, height, width) and %d levels: %s",
		l.Channels, l.Height, l.Width, l.Levels, why)
}

// nearest names the multiples of unit on both sides of n, or nothing if n is one itself.
func nearest(side string, n, unit int) string {
	switch below := n / unit * unit; {
	case below == n:
		return ""
	case below == 0:
		return fmt.Sprintf("; the nearest %s is %d", side, unit)
	default:
		return fmt.Sprintf("; the nearest %ss are %d and %d", side, below, below+unit)
	}
}

// PlaceError is the value of the panic for a place, or the band of one, that the layout does not
// have.
type PlaceError struct {
	Layout Layout
	Place  Place
}

func (e PlaceError) Error() string {
	return fmt.Sprintf("wavelet: %+v has no %+v", e.Layout, e.Place)
}

// IndexError is the value of the panic for an index outside [0, Len).
type IndexError struct{ Index, Len int }

func (e IndexError) Error() string {
	return fmt.Sprintf("wavelet: index %d is outside [0, %d)", e.Index, e.Len)
}

// LengthError is the value of the panic for a slice of the wrong length: a mistake in the program,
// not in its data.
type LengthError = length.Error
