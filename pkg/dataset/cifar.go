package dataset

import (
	"fmt"
	"io"
)

// A record of a CIFAR-10 file is a label from 0 to 9 and the red, green and blue planes of a
// 32x32 image.
const (
	cifarSide    = 32
	cifarPixels  = 3 * cifarSide * cifarSide
	cifarClasses = 10
)

// ReadCIFAR reads a CIFAR-10 binary file, plain or gzip. Name is for errors, which are
// FormatErrors.
//
// Source: https://www.cs.toronto.edu/~kriz/cifar.html, "Binary version".
func ReadCIFAR(r io.Reader, name string) (*Images, error) {
	s, err := newSource(r, name)
	if err != nil {
		return nil, err
	}
	images := &Images{Name: name, Channels: 3, Height: cifarSide, Width: cifarSide}
	var record [1 + cifarPixels]byte
	for {
		n, err := io.ReadFull(s.r, record[:])
		if n == 0 && err == io.EOF && images.Len() > 0 {
			return images, nil
		}
		what := fmt.Sprintf("record %d, a label and %d pixels", images.Len(), cifarPixels)
		if err != nil {
			s.offset += int64(n)
			return nil, s.broken(what, err)
		}
		if record[0] >= cifarClasses {
			return nil, s.wrong(fmt.Sprintf("a label from 0 to %d of record %d", cifarClasses-1, images.Len()), fmt.Sprint(record[0]))
		}
		if len(images.Pixels) > MaxValues-cifarPixels {
			return nil, s.wrong(fmt.Sprintf("at most %d images", images.Len()), "more data")
		}
		s.offset += int64(n)
		images.Labels = append(images.Labels, int(record[0]))
		for _, b := range record[1:] {
			images.Pixels = append(images.Pixels, fromByte[b])
		}
	}
}
