package dataset

import (
	"encoding/binary"
	"fmt"
	"io"
)

// The magic numbers of IDX files: two zeros, the type (8 is an unsigned byte), the number of
// dimensions.
const (
	magicImages = 0x00000803
	magicLabels = 0x00000801
)

// ReadIDX reads the images of an IDX file of unsigned bytes, plain or gzip: a magic number, the
// numbers of images, rows and columns, all big-endian in 4 bytes, and the pixels. Name is for
// errors, which are FormatErrors.
//
// Source: http://yann.lecun.com/exdb/mnist, "The IDX file format".
func ReadIDX(r io.Reader, name string) (*Images, error) { return readIDX(r, name, 0) }

// readIDX reads the first images of an IDX file, all where first is 0.
func readIDX(r io.Reader, name string, first int) (*Images, error) {
	s, err := newSource(r, name)
	if err != nil {
		return nil, err
	}
	var size [3]uint32
	if err := s.header(magicImages, "images", size[:], MaxValues); err != nil {
		return nil, err
	}
	n, height, width := int(size[0]), int(size[1]), int(size[2])
	part := first > 0 && first < n
	if part {
		n = first
	}
	what := fmt.Sprintf("the pixels of %d images of %dx%d", n, height, width)
	pixels, err := take(s, n*height*width, &fromByte, what)
	if err != nil {
		return nil, err
	}
	if !part {
		if err := s.end(what); err != nil {
			return nil, err
		}
	}
	return &Images{Name: name, Channels: 1, Height: height, Width: width, Pixels: pixels}, nil
}

// maxLabels is the largest number of labels that a reader accepts in one file: those of 16 million
// images, which with 4 x 4 pixels have MaxValues.
const maxLabels = 1 << 24

// labelOf holds the label of every byte.
var labelOf = func() (table [256]int) {
	for v := range table {
		table[v] = v
	}
	return table
}()

// ReadIDXLabels reads the labels of an IDX file of unsigned bytes, plain or gzip. Name is for
// errors, which are FormatErrors.
func ReadIDXLabels(r io.Reader, name string) ([]int, error) {
	s, err := newSource(r, name)
	if err != nil {
		return nil, err
	}
	var size [1]uint32
	if err := s.header(magicLabels, "labels", size[:], maxLabels); err != nil {
		return nil, err
	}
	what := fmt.Sprintf("%d labels", size[0])
	labels, err := take(s, int(size[0]), &labelOf, what)
	if err != nil {
		return nil, err
	}
	return labels, s.end(what)
}

// header reads a magic number and the sizes that follow it, whose product must be from 1 to most.
func (s *source) header(magic uint32, what string, sizes []uint32, most uint64) error {
	var word [4]byte
	want := fmt.Sprintf("the magic number %#08x of IDX %s", magic, what)
	if err := s.read(word[:], want); err != nil {
		return err
	}
	if found := binary.BigEndian.Uint32(word[:]); found != magic {
		s.offset = 0
		return s.wrong(want, fmt.Sprintf("%#08x", found))
	}
	product := uint64(1)
	for i := range sizes {
		if err := s.read(word[:], fmt.Sprintf("size %d of %d", i+1, len(sizes))); err != nil {
			return err
		}
		sizes[i] = binary.BigEndian.Uint32(word[:])
		product *= uint64(sizes[i])
		if product < 1 || product > most {
			s.offset -= int64(len(word))
			return s.wrong(fmt.Sprintf("sizes whose product is from 1 to %d", most), fmt.Sprint(sizes[:i+1]))
		}
	}
	return nil
}

// WriteIDX writes a grey set as the images of an IDX file, plain: ReadIDX reads it. Pixels are
// clipped to [-1, 1] and rounded to 8 bits, as pictures' are. It returns an error for a set that
// Check refuses, and for more than one channel, which IDX images have not.
func WriteIDX(w io.Writer, s *Images) error {
	if err := s.Check(); err != nil {
		return err
	}
	if s.Channels != 1 {
		return fmt.Errorf("dataset: %s: %d channels; an IDX file holds grey images", s.Name, s.Channels)
	}
	b := make([]byte, 0, 16+len(s.Pixels))
	for _, n := range []int{magicImages, s.Len(), s.Height, s.Width} {
		b = binary.BigEndian.AppendUint32(b, uint32(n))
	}
	for _, v := range s.Pixels {
		b = append(b, toByte(v))
	}
	_, err := w.Write(b)
	return err
}
