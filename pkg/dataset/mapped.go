package dataset

import (
	"bytes"
	"encoding/gob"
	"fmt"
	"math"
	"unsafe"
)

// mappedHead is all of a set of images but the pixels.
type mappedHead struct {
	Name                       string
	Channels, Height, Width, N int
	Labels                     []int
	Classes                    []string
	Digest                     string // of the set that the images are of
	From                       int    // the place in it of the first
}

// MarshalMapped returns the images in two parts for a file of this machine: all but the pixels, and
// the pixels in the machine's own order of bytes, which are not copied. It implements
// cache.Mapped.
func (s *Images) MarshalMapped() (head, pixels []byte, err error) {
	h := mappedHead{Name: s.Name, Channels: s.Channels, Height: s.Height, Width: s.Width, N: s.Len(), Labels: s.Labels, Classes: s.Classes}
	h.Digest, h.From = s.Identity()
	var b bytes.Buffer
	if err := gob.NewEncoder(&b).Encode(h); err != nil {
		return nil, nil, err
	}
	if len(s.Pixels) > 0 {
		pixels = unsafe.Slice((*byte)(unsafe.Pointer(&s.Pixels[0])), 4*len(s.Pixels))
	}
	return b.Bytes(), pixels, nil
}

// UnmarshalMapped makes s the images that MarshalMapped took apart. Their pixels stay where they
// are; the address of the first must be a multiple of 4. It returns an error where the two parts
// do not belong together.
func (s *Images) UnmarshalMapped(head, pixels []byte) error {
	var h mappedHead
	if err := gob.NewDecoder(bytes.NewReader(head)).Decode(&h); err != nil {
		return fmt.Errorf("dataset: the head of stored images: %w", err)
	}
	values, err := product(h.N, h.Channels, h.Height, h.Width)
	if err != nil || values != len(pixels)/4 || len(pixels)%4 != 0 || (h.Labels != nil && len(h.Labels) != h.N) {
		return fmt.Errorf("dataset: %d bytes of pixels and %d labels for %d stored images of %dx%dx%d (channels x height x width)",
			len(pixels), len(h.Labels), h.N, h.Channels, h.Height, h.Width)
	}
	*s = Images{Name: h.Name, Channels: h.Channels, Height: h.Height, Width: h.Width, Labels: h.Labels, Classes: h.Classes}
	if len(pixels) > 0 {
		s.Pixels = unsafe.Slice((*float32)(unsafe.Pointer(&pixels[0])), len(pixels)/4)
	}
	s.of(&origin{digest: func() string { return h.Digest }, known: true}, h.From)
	return nil
}

// product returns the product of numbers, or an error where one is negative or the product is
// greater than an int holds.
func product(numbers ...int) (int, error) {
	all := 1
	for _, n := range numbers {
		if n < 0 || (n > 0 && all > math.MaxInt/n) {
			return 0, fmt.Errorf("dataset: the product of %d", numbers)
		}
		all *= n
	}
	return all, nil
}
