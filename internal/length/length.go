// Package length checks the lengths of the slices that callers pass. A length that does not fit is
// a mistake in the program, not in its data: it is a panic, whose value every package exports as
// its LengthError.
package length

import "fmt"

// Error is the value of the panic for a slice of the wrong length.
type Error struct {
	What      string // the values that the slice has
	Got, Want int
	Multiple  bool // the length may be any multiple of Want
}

func (e Error) Error() string {
	if e.Multiple {
		return fmt.Sprintf("%d %s: want a multiple of %d", e.Got, e.What, e.Want)
	}
	return fmt.Sprintf("%d %s: want %d", e.Got, e.What, e.Want)
}

// Check panics unless a slice has the length that is wanted.
func Check(what string, got, want int) {
	if got != want {
		panic(Error{What: what, Got: got, Want: want})
	}
}

// Images returns how many images of a size make up a slice. It panics unless the length is a whole
// number of them and the size is positive.
func Images(what string, got, size int) int {
	if size < 1 || got%size != 0 {
		panic(Error{What: what, Got: got, Want: size, Multiple: true})
	}
	return got / size
}

// Batches checks that two batches have the same whole number of images of a size, which it returns.
func Batches(dst, src []float64, size int) int {
	n := Images("values of src", len(src), size)
	Check("values of dst", len(dst), len(src))
	return n
}
