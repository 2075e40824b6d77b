package dataset

import (
	"fmt"

	"wavescore/internal/length"
)

// Shifts is a set of images that holds every image of another at every circular shift of less
// than Period rows and columns, image by image and shift by shift: first the image itself, then
// it shifted to the right by 1 pixel, to Period-1; then all that one row further down. Nothing is
// copied before it is asked for. Moments of it are pooled over all shifts modulo Period.
type Shifts struct {
	images *Images
	period int
}

// Shifts returns the images at every shift modulo period. The error is for a period below 1 or
// above the height or the width.
func (s *Images) Shifts(period int) (*Shifts, error) {
	if period < 1 || period > s.Height || period > s.Width {
		return nil, fmt.Errorf("dataset: %s: cannot shift %dx%d images modulo %d: want 1 to the images' size", s.Name, s.Height, s.Width, period)
	}
	return &Shifts{images: s, period: period}, nil
}

// Period returns how many shifts along rows, and as many along columns, each image has.
func (s *Shifts) Period() int { return s.period }

// Len returns the number of shifted images: Period^2 for every image.
func (s *Shifts) Len() int { return s.images.Len() * s.period * s.period }

// Identity implements diffusion.Identified: shifted images have the place of their image,
// Period^2 to each.
func (s *Shifts) Identity() (digest string, from int) {
	return s.images.changed("shifted modulo %d", s.period).digest(), s.images.begin() * s.period * s.period
}

// Size returns the number of values of one image.
func (s *Shifts) Size() int { return s.images.Size() }

// Batch writes shifted images [from, to) to dst as float64 and returns it; a nil dst is
// allocated. It panics with a RangeError or a LengthError.
func (s *Shifts) Batch(dst []float64, from, to int) []float64 {
	if from < 0 || to < from || to > s.Len() {
		panic(RangeError{From: from, To: to, Len: s.Len()})
	}
	size, shifts := s.Size(), s.period*s.period
	if dst == nil {
		dst = make([]float64, (to-from)*size)
	}
	length.Check("values of dst", len(dst), (to-from)*size)
	height, width := s.images.Height, s.images.Width
	for n := from; n < to; n++ {
		pixels := s.images.pixels(n/shifts, n/shifts+1)
		down, right := n%shifts/s.period, n%shifts%s.period
		shifted := dst[(n-from)*size:][:size]
		for p, v := range pixels {
			plane, row, column := p/(height*width), p/width%height, p%width
			shifted[(plane*height+(row+down)%height)*width+(column+right)%width] = float64(v)
		}
	}
	return dst
}
