package dataset

import (
	"fmt"
	"slices"
)

// Pad returns the images in the centre of larger ones, with -1 (black) around them; an odd row or
// column more goes below or to the right. The error is for a size smaller than the images'.
func (s *Images) Pad(height, width int) (*Images, error) {
	if height < s.Height || width < s.Width {
		return nil, fmt.Errorf("dataset: %s: its images are %dx%d (width x height), larger than the %dx%d to pad them to: "+
			"take smaller images, or make them so with Resize or Tiles", s.Name, s.Width, s.Height, width, height)
	}
	padded := *s
	padded.Height, padded.Width = height, width
	padded.Pixels = slices.Repeat([]float32{-1}, s.Len()*padded.Size())
	top, left := (height-s.Height)/2, (width-s.Width)/2
	for row := range s.Len() * s.Channels * s.Height {
		plane, y := row/s.Height, row%s.Height
		to := (plane*height+top+y)*width + left
		copy(padded.Pixels[to:to+s.Width], s.Pixels[row*s.Width:])
	}
	padded.of(s.changed("padded to %dx%d", height, width), s.begin())
	return &padded, nil
}

// Resize returns the images resampled bilinearly: the centres of pixels lie at halves, and beyond
// the edges their pixels repeat. It is what PyTorch's interpolate does with align_corners=False
// and antialias=False, so shrinking aliases. It panics with a ShapeError unless the size is
// positive.
func (s *Images) Resize(height, width int) *Images {
	if height < 1 || width < 1 {
		panic(ShapeError{s.Channels, height, width, "a positive size"})
	}
	resized := *s
	resized.Height, resized.Width = height, width
	resized.Pixels = make([]float32, s.Len()*resized.Size())
	rows, columns := bilinear(s.Height, height), bilinear(s.Width, width)
	inRanges(s.Len()*s.Channels, func(from, to int) {
		for plane := from; plane < to; plane++ {
			src := s.Pixels[plane*s.Height*s.Width:]
			dst := resized.Pixels[plane*height*width:]
			for y, row := range rows {
				upper, lower := src[row.low*s.Width:], src[row.high*s.Width:]
				for x, column := range columns {
					above := upper[column.low] + column.weight*(upper[column.high]-upper[column.low])
					below := lower[column.low] + column.weight*(lower[column.high]-lower[column.low])
					dst[y*width+x] = above + row.weight*(below-above)
				}
			}
		}
	})
	resized.of(s.changed("resized to %dx%d", height, width), s.begin())
	return &resized
}

// tap is where a resampled pixel comes from on one axis: (1-weight) of pixel low and weight of
// pixel high.
type tap struct {
	low, high int
	weight    float32
}

// bilinear returns the taps of an axis of n pixels resampled to m: the centre of pixel i lies at
// (i + 1/2) n/m - 1/2.
func bilinear(n, m int) []tap {
	taps := make([]tap, m)
	for i := range taps {
		at := min(max((float64(i)+0.5)*float64(n)/float64(m)-0.5, 0), float64(n-1))
		low := int(at)
		taps[i] = tap{low, min(low+1, n-1), float32(at - float64(low))}
	}
	return taps
}

// Grey returns the images with one channel, the luma 0.299 R + 0.587 G + 0.114 B of ITU-R BT.601;
// images of one channel are returned as they are. It panics with a ShapeError for other numbers
// of channels.
func (s *Images) Grey() *Images {
	switch s.Channels {
	case 1:
		return s
	case 3:
	default:
		panic(ShapeError{s.Channels, s.Height, s.Width, "1 or 3 channels"})
	}
	grey := *s
	grey.Channels = 1
	grey.Pixels = make([]float32, 0, s.Len()*grey.Size())
	plane := s.Height * s.Width
	for i := range s.Len() {
		image := s.pixels(i, i+1)
		for p := range plane {
			grey.Pixels = append(grey.Pixels, 0.299*image[p]+0.587*image[plane+p]+0.114*image[2*plane+p])
		}
	}
	grey.of(s.changed("grey"), s.begin())
	return &grey
}
