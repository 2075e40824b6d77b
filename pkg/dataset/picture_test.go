package dataset

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/color/palette"
	_ "image/gif" // a format that ReadPicture must refuse even where it is registered
	"image/jpeg"
	"image/png"
	"math"
	"slices"
	"strings"
	"testing"
)

func pngOf(picture image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func jpegOf(picture image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, picture, &jpeg.Options{Quality: 100}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// ramp fills a picture with colours that differ from place to place and channel to channel.
func ramp[P interface {
	image.Image
	Set(x, y int, c color.Color)
}](picture P) P {
	for y := range picture.Bounds().Dy() {
		for x := range picture.Bounds().Dx() {
			picture.Set(x, y, color.NRGBA64{R: uint16(5000*x + 77), G: uint16(6000*y + 300), B: uint16(3000 * (x + y)), A: 0xffff})
		}
	}
	return picture
}

// TestReadPicture reads what the standard library wrote, of every kind, and compares each pixel
// with what went in.
func TestReadPicture(t *testing.T) {
	at := image.Rect(0, 0, 6, 9)
	for _, c := range []struct {
		name     string
		picture  image.Image
		channels int
		encode   func(image.Image) []byte
		within   float64
	}{
		{"grey 8 bits", ramp(image.NewGray(at)), 1, pngOf, 1e-7},
		{"grey 16 bits", ramp(image.NewGray16(at)), 1, pngOf, 1e-7},
		{"colour 8 bits", ramp(image.NewNRGBA(at)), 3, pngOf, 1e-7},
		{"colour 16 bits", ramp(image.NewNRGBA64(at)), 3, pngOf, 1e-7},
		{"palette", ramp(image.NewPaletted(at, palette.Plan9)), 3, pngOf, 1e-7},
		{"grey JPEG", ramp(image.NewGray(at)), 1, jpegOf, 0.03},
		{"colour JPEG", ramp(image.NewNRGBA(at)), 3, jpegOf, 0.25}, // its colours are halved in resolution
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := ReadPicture(bytes.NewReader(c.encode(c.picture)), "file")
			if err != nil {
				t.Fatal(err)
			}
			if s.Len() != 1 || s.Channels != c.channels || s.Height != 9 || s.Width != 6 {
				t.Fatalf("got %d images of %dx%dx%d", s.Len(), s.Channels, s.Height, s.Width)
			}
			for y := range 9 {
				for x := range 6 {
					r, g, b, _ := c.picture.At(x, y).RGBA()
					for channel, v := range []uint32{r, g, b}[:c.channels] {
						want := float64(v)/32767.5 - 1
						if got := float64(s.Pixels[(channel*9+y)*6+x]); math.Abs(got-want) > c.within {
							t.Fatalf("channel %d, row %d, column %d: %v, want %v", channel, y, x, got, want)
						}
					}
				}
			}
		})
	}
}

func TestPictureBytesAreExact(t *testing.T) {
	picture := image.NewGray(image.Rect(0, 0, 256, 1))
	for v := range 256 {
		picture.Pix[v] = byte(v)
	}
	for v, got := range fromPicture(picture).Pixels {
		if got != fromByte[v] {
			t.Errorf("byte %d is %v in a picture and %v in an IDX file", v, got, fromByte[v])
		}
	}
}

// pngDeclaring returns a PNG that declares a size that it has no pixels for.
func pngDeclaring(width, height uint32) []byte {
	file := pngOf(image.NewGray(image.Rect(0, 0, 1, 1)))
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestPictureDamage(t *testing.T) {
	whole := pngOf(ramp(image.NewGray(image.Rect(0, 0, 6, 9))))
	glass := image.NewNRGBA(image.Rect(0, 0, 2, 2))
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"nothing":                 {nil, "found the end of the file"},
		"a text":                  {[]byte("not a picture"), "expected a PNG or JPEG picture"},
		"a GIF":                   {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "found a gif picture"},
		"a flipped bit":           {spoilt(whole, len(whole)-20), "the rest of a 6x9 png picture"},
		"transparency":            {pngOf(glass), "transparency"},
		"huge":                    {pngDeclaring(1<<20, 1<<20), "1048576x1048576 (width x height)"},
		"too large for its bytes": {pngDeclaring(4000, 4000), "4000x4000 (width x height)"},
	} {
		_, err := ReadPicture(bytes.NewReader(c.file), "file")
		if e := formatError(t, err); e.File != "file" || !strings.Contains(e.Error(), c.want) {
			t.Errorf("%s: %v, want %q in it", name, e, c.want)
		}
	}
}

func FuzzPicture(f *testing.F) {
	at := image.Rect(0, 0, 6, 9)
	for _, seed := range [][]byte{pngOf(ramp(image.NewGray(at))), pngOf(ramp(image.NewNRGBA64(at))), jpegOf(ramp(image.NewNRGBA(at))),
		pngOf(ramp(image.NewPaletted(at, palette.Plan9))), pngDeclaring(1<<12, 1<<12), nil,
		quarterTurned(jpegOf(ramp(image.NewGray(at))))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		// Decoders have at most 8 bytes a pixel and channels of float32 12, which are turned once.
		frugal(t, 2*(8+2*12)*maxPicturePixels, func() { _ = readPicture(bytes.NewReader(file)) })
		s, err := ReadPicture(bytes.NewReader(file), "file")
		if err != nil {
			formatError(t, err)
		} else if err := s.Check(); err != nil || s.Len() != 1 {
			t.Errorf("%d images, %v", s.Len(), err)
		}
	})
}

// quarterTurned returns a JPEG with a note put first that says that it is to be turned.
func quarterTurned(jpeg []byte) []byte {
	const note = "\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00"
	return slices.Concat(jpeg[:2], []byte(note), jpeg[2:])
}
