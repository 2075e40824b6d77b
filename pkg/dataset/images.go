package dataset

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"

	"wavescore/internal/length"
)

// Images is a set of images of one shape in memory.
type Images struct {
	Name                    string // what it is, for messages and captions
	Channels, Height, Width int
	Pixels                  []float32 // Len() images, each row-major channel, row, column; pictures are in [-1, 1]
	Labels                  []int     // nil when unknown; else the class of each image
	Classes                 []string  // the names of the labels; may be nil

	origin *origin  // the set that the images were taken from; nil where they are the set themselves
	from   int      // the index in it of the first image
	first  *float32 // where the pixels began when that was so
}

// RangeError is the value of the panic for images that a set does not have: a mistake in the
// program, not in its data.
type RangeError struct{ From, To, Len int }

func (e RangeError) Error() string {
	return fmt.Sprintf("dataset: images [%d, %d) of a set of %d", e.From, e.To, e.Len)
}

// LengthError is the value of the panic for a slice of the wrong length: a mistake in the program,
// not in its data.
type LengthError = length.Error

// ShapeError is the value of the panic for an operation on a shape that it is not defined for.
type ShapeError struct {
	Channels, Height, Width int
	Want                    string
}

func (e ShapeError) Error() string {
	return fmt.Sprintf("dataset: %dx%dx%d (channels x height x width): want %s", e.Channels, e.Height, e.Width, e.Want)
}

// Size returns the number of values of one image: Channels x Height x Width.
func (s *Images) Size() int { return s.Channels * s.Height * s.Width }

// Len returns the number of images.
func (s *Images) Len() int {
	if size := s.Size(); size > 0 {
		return len(s.Pixels) / size
	}
	return 0
}

// Check returns an error unless the set is whole: a positive shape, at least one image and no
// part of one, finite pixels, and, where it has labels, one an image, each with a name where
// there are Classes. Everything that Open returns passes.
func (s *Images) Check() error {
	if s.Channels < 1 || s.Height < 1 || s.Width < 1 {
		return fmt.Errorf("dataset: %s: shape %dx%dx%d (channels x height x width) is not positive", s.Name, s.Channels, s.Height, s.Width)
	}
	if len(s.Pixels) == 0 {
		return fmt.Errorf("dataset: %s: no images", s.Name)
	}
	if len(s.Pixels)%s.Size() != 0 {
		return fmt.Errorf("dataset: %s: %d values are not a whole number of %dx%dx%d images", s.Name, len(s.Pixels), s.Channels, s.Height, s.Width)
	}
	for i, v := range s.Pixels {
		// v-v is 0 for every finite v, and NaN for NaN and the infinities.
		if v-v != 0 {
			return fmt.Errorf("dataset: %s: image %d has %v at value %d of %d", s.Name, i/s.Size(), v, i%s.Size(), s.Size())
		}
	}
	if s.Labels == nil {
		return nil
	}
	if len(s.Labels) != s.Len() {
		return fmt.Errorf("dataset: %s: %d labels for %d images", s.Name, len(s.Labels), s.Len())
	}
	for i, label := range s.Labels {
		if label < 0 || s.Classes != nil && label >= len(s.Classes) {
			return fmt.Errorf("dataset: %s: image %d has label %d; there are %d classes", s.Name, i, label, len(s.Classes))
		}
	}
	return nil
}

// Batch writes images [from, to) to dst as float64 and returns it; a nil dst is allocated.
// It panics with a RangeError or a LengthError.
func (s *Images) Batch(dst []float64, from, to int) []float64 {
	src := s.pixels(from, to)
	if dst == nil {
		dst = make([]float64, len(src))
	}
	length.Check("values of dst", len(dst), len(src))
	for i, v := range src {
		dst[i] = float64(v)
	}
	return dst
}

// Slice returns the set of images [from, to). It shares pixels and labels with s. It panics with
// a RangeError.
func (s *Images) Slice(from, to int) *Images {
	part := *s
	part.Pixels = s.pixels(from, to)
	part.of(s.source(), s.begin()+from)
	if s.Labels != nil {
		part.Labels = s.Labels[from:to:to]
	}
	return &part
}

// pixels returns the values of images [from, to).
func (s *Images) pixels(from, to int) []float32 {
	if from < 0 || to < from || to > s.Len() {
		panic(RangeError{From: from, To: to, Len: s.Len()})
	}
	size := s.Size()
	return s.Pixels[from*size : to*size : to*size]
}

// Shuffle returns a copy of the set in a random order, the same for the same seed and length.
func (s *Images) Shuffle(seed uint64) *Images {
	shuffled := *s
	shuffled.Pixels = make([]float32, 0, len(s.Pixels))
	shuffled.Labels = nil
	for _, i := range rand.New(rand.NewPCG(seed, 0)).Perm(s.Len()) {
		shuffled.Pixels = append(shuffled.Pixels, s.pixels(i, i+1)...)
		if s.Labels != nil {
			shuffled.Labels = append(shuffled.Labels, s.Labels[i])
		}
	}
	shuffled.of(s.changed("%d images from %d, shuffled with seed %d", s.Len(), s.begin(), seed), 0)
	return &shuffled
}

// Split returns disjoint random parts of the given sizes, the same for the same seed and length:
// say training, validation and test images. They are slices of Shuffle's copy, one after another;
// images left over are in no part.
//
//	parts, err := set.Split(1, 50000, 10000)
func (s *Images) Split(seed uint64, sizes ...int) ([]*Images, error) {
	left := s.Len()
	for _, n := range sizes {
		if n < 0 || n > left {
			return nil, fmt.Errorf("dataset: %s: cannot split %d images into parts of %v", s.Name, s.Len(), sizes)
		}
		left -= n
	}
	rest := s.Shuffle(seed)
	parts := make([]*Images, len(sizes))
	for i, n := range sizes {
		parts[i], rest = rest.Slice(0, n), rest.Slice(n, rest.Len())
	}
	return parts, nil
}

// Image returns image i as a picture of 8 bits a channel, grey or RGB; values outside [-1, 1] are
// clipped. It panics with a RangeError, and with a ShapeError unless the set has one channel or
// three.
func (s *Images) Image(i int) image.Image {
	pixels := s.pixels(i, i+1)
	bounds := image.Rect(0, 0, s.Width, s.Height)
	plane := s.Height * s.Width
	switch s.Channels {
	case 1:
		picture := image.NewGray(bounds)
		for p, v := range pixels {
			picture.Pix[p] = toByte(v)
		}
		return picture
	case 3:
		picture := image.NewNRGBA(bounds)
		for p := range plane {
			picture.SetNRGBA(p%s.Width, p/s.Width, color.NRGBA{
				R: toByte(pixels[p]), G: toByte(pixels[plane+p]), B: toByte(pixels[2*plane+p]), A: 255})
		}
		return picture
	}
	panic(ShapeError{s.Channels, s.Height, s.Width, "1 or 3 channels"})
}

// fromByte holds the value in [-1, 1] of every byte.
var fromByte = func() (table [256]float32) {
	for v := range table {
		table[v] = float32(float64(v)/127.5 - 1)
	}
	return table
}()

// toByte returns the byte nearest to a value, as fromByte has it.
func toByte(v float32) byte {
	return byte(min(max((float64(v)+1)*127.5+0.5, 0), 255))
}
