package dataset

import "fmt"

// Tiles returns the images cut into parts of the given size that do not overlap, row by row, image
// by image. What is left over is dropped at the edges, the same on both sides; an odd row or
// column more goes below or to the right. A part has the label of its image. The error is for a
// size that is not positive, or larger than the images'.
func (s *Images) Tiles(height, width int) (*Images, error) {
	if height < 1 || width < 1 || height > s.Height || width > s.Width {
		return nil, fmt.Errorf("dataset: %s: its images are %dx%d (width x height), and cannot be cut into parts of %dx%d: "+
			"want parts from 1x1 to the images' size", s.Name, s.Width, s.Height, width, height)
	}
	rows, columns := s.Height/height, s.Width/width
	firstRow, firstColumn := s.Height%height/2, s.Width%width/2
	tiles := *s
	tiles.Height, tiles.Width = height, width
	tiles.Pixels = make([]float32, 0, s.Len()*rows*columns*tiles.Size())
	tiles.Labels = nil
	for i := range s.Len() {
		image := s.pixels(i, i+1)
		for tile := range rows * columns {
			top, left := firstRow+tile/columns*height, firstColumn+tile%columns*width
			for line := range s.Channels * height {
				at := (line/height*s.Height+top+line%height)*s.Width + left
				tiles.Pixels = append(tiles.Pixels, image[at:at+width]...)
			}
			if s.Labels != nil {
				tiles.Labels = append(tiles.Labels, s.Labels[i])
			}
		}
	}
	tiles.of(s.changed("cut into %dx%d", height, width), s.begin()*rows*columns)
	return &tiles, nil
}
