package dataset

// The orientations that have names here.
const (
	upright    = 1
	transposed = 5 // rows are columns
)

// turned returns the images, stored in one of the 8 orientations of EXIF, upright.
func (s *Images) turned(orientation int) *Images {
	if orientation == upright {
		return s
	}
	var fromBelow, fromRight bool // whether the first row, or column, is the last of those stored
	switch orientation {
	case 3, 4, 6, 7:
		fromBelow = true
	}
	switch orientation {
	case 2, 3, 7, 8:
		fromRight = true
	}
	turned := *s
	if orientation >= transposed {
		turned.Height, turned.Width = s.Width, s.Height
	}
	turned.Pixels = make([]float32, 0, len(s.Pixels))
	for at := 0; at < len(s.Pixels); at += s.Height * s.Width {
		plane := s.Pixels[at : at+s.Height*s.Width]
		for y := range turned.Height {
			for x := range turned.Width {
				row, column := y, x
				if orientation >= transposed {
					row, column = x, y
				}
				if fromBelow {
					row = s.Height - 1 - row
				}
				if fromRight {
					column = s.Width - 1 - column
				}
				turned.Pixels = append(turned.Pixels, plane[row*s.Width+column])
			}
		}
	}
	return &turned
}
