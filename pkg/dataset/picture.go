package dataset

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	_ "image/jpeg" // a format of ReadPicture
	_ "image/png"  // a format of ReadPicture
	"io"
	"math"
	"wavescore/internal/exif"
)

// What ReadPicture accepts at most. Decoders allocate what a header declares, so that is first
// held against the bytes there are: deflate, in a PNG, expands at most 1032 times, to 8 pixels a
// byte; a JPEG has a bit or more for every block of 8 x 8 pixels.
const (
	maxPictureBytes  = 1 << 27
	maxPicturePixels = 1 << 24
	maxPixelsPerByte = 8 * 1032
	maxPixelsPerJPEG = 8 * 64 // byte
)

// ReadPicture reads one PNG or JPEG picture, grey or colour, of 8 or 16 bits, as a set of one
// image with one channel or three. Transparent pictures are refused. The orientation that a camera
// notes in a JPEG's EXIF data is applied, all 8 of them; a note that cannot be read counts as
// none. Name is for errors, which are FormatErrors.
func ReadPicture(r io.Reader, name string) (*Images, error) {
	content, err := io.ReadAll(io.LimitReader(r, maxPictureBytes+1))
	file := &source{name: name, offset: int64(len(content))}
	switch {
	case err != nil:
		return nil, file.broken("more data", err)
	case len(content) == 0:
		return nil, file.broken("a PNG or JPEG picture", io.EOF)
	case len(content) > maxPictureBytes:
		return nil, file.wrong(fmt.Sprintf("at most %d bytes", maxPictureBytes), "more data")
	}
	file.offset = 0
	declared, format, err := image.DecodeConfig(bytes.NewReader(content))
	if err != nil {
		return nil, file.broken("a PNG or JPEG picture", err)
	}
	if format != "png" && format != "jpeg" { // other packages may have registered other formats
		return nil, file.wrong("a PNG or JPEG picture", "a "+format+" picture")
	}
	perByte := maxPixelsPerByte
	if format == "jpeg" {
		perByte = maxPixelsPerJPEG
	}
	most := min(maxPicturePixels, perByte*len(content))
	if declared.Width < 1 || declared.Height < 1 || declared.Width > most/declared.Height {
		return nil, file.wrong(fmt.Sprintf("a picture of 1 to %d pixels in %d bytes", most, len(content)),
			fmt.Sprintf("%dx%d (width x height)", declared.Width, declared.Height))
	}
	rest := bytes.NewReader(content)
	buffered := bufio.NewReader(rest)
	picture, _, err := image.Decode(buffered)
	if err != nil {
		file.offset = int64(len(content) - rest.Len() - buffered.Buffered())
		return nil, file.broken(fmt.Sprintf("the rest of a %dx%d %s picture", declared.Width, declared.Height, format), err)
	}
	if opaque, ok := picture.(interface{ Opaque() bool }); ok && !opaque.Opaque() {
		return nil, file.wrong("an opaque picture", "transparency; flatten it onto a background")
	}
	images := fromPicture(picture.(image.RGBA64Image)) // as all that image/png and image/jpeg decode to
	images.Name = name
	if format == "jpeg" {
		images = images.turned(exif.Orientation(content))
	}
	return images, nil
}

// fromPicture returns a set of one image: one channel for a grey picture, else three.
func fromPicture(picture image.RGBA64Image) *Images {
	channels := 3
	switch picture.(type) {
	case *image.Gray, *image.Gray16:
		channels = 1
	}
	bounds := picture.Bounds()
	s := &Images{Channels: channels, Height: bounds.Dy(), Width: bounds.Dx()}
	s.Pixels = make([]float32, s.Size())
	plane := s.Height * s.Width
	for p := range plane {
		colour := picture.RGBA64At(bounds.Min.X+p%s.Width, bounds.Min.Y+p/s.Width)
		for c, v := range []uint16{colour.R, colour.G, colour.B}[:channels] {
			s.Pixels[c*plane+p] = float32(float64(v)*2/math.MaxUint16 - 1)
		}
	}
	return s
}
