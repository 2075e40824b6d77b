package dataset

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
)

// TestOrientationGolden compares pictures in all 8 orientations with what Pillow shows of them;
// testdata/exif.py makes the files. Within 0.02 they are the same: two JPEG decoders round
// otherwise.
func TestOrientationGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/exif/shown.json")
	if err != nil {
		t.Fatal(err)
	}
	var shown map[int]struct {
		Width, Height int
		Pixels        [][]float64
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		t.Fatal(err)
	}
	for value := 1; value <= 8; value++ {
		want, known := shown[value]
		if !known {
			t.Fatalf("orientation %d: nothing to compare with", value)
		}
		name := fmt.Sprintf("testdata/exif/orientation-%d.jpg", value)
		got, err := readFile(name, ReadPicture)
		if err != nil {
			t.Fatal(err)
		}
		if got.Channels != 3 || got.Width != want.Width || got.Height != want.Height || got.Name != name {
			t.Fatalf("%s: %q of %dx%d and %d channels, want %dx%d", name, got.Name, got.Width, got.Height, got.Channels, want.Width, want.Height)
		}
		plane := got.Width * got.Height
		var worst float64
		for p, colour := range want.Pixels {
			for c, v := range colour {
				worst = max(worst, math.Abs(float64(got.Pixels[c*plane+p])-(v/127.5-1)))
			}
		}
		if worst > 0.02 {
			t.Errorf("%s: a pixel is %v off", name, worst)
		}
	}
}

// TestTurned turns an image of which no two pixels are equal by each orientation's sequence of a
// transposition and mirrorings, as EXIF 2.3 describes where row 0 and column 0 lie.
func TestTurned(t *testing.T) {
	s := &Images{Channels: 1, Height: 2, Width: 3, Pixels: []float32{1, 2, 3, 4, 5, 6}, Labels: []int{7}}
	for orientation, want := range map[int]struct {
		width  int
		pixels []float32
	}{
		1: {3, []float32{1, 2, 3, 4, 5, 6}},
		2: {3, []float32{3, 2, 1, 6, 5, 4}},
		3: {3, []float32{6, 5, 4, 3, 2, 1}},
		4: {3, []float32{4, 5, 6, 1, 2, 3}},
		5: {2, []float32{1, 4, 2, 5, 3, 6}},
		6: {2, []float32{4, 1, 5, 2, 6, 3}},
		7: {2, []float32{6, 3, 5, 2, 4, 1}},
		8: {2, []float32{3, 6, 2, 5, 1, 4}},
	} {
		got := s.turned(orientation)
		if got.Width != want.width || got.Height != 6/want.width || !slices.Equal(got.Pixels, want.pixels) || got.Labels[0] != 7 {
			t.Errorf("orientation %d: %dx%d %v, want width %d and %v", orientation, got.Width, got.Height, got.Pixels, want.width, want.pixels)
		}
	}
	many := random(1, 2, 3, 4, 5)
	if again := many.turned(6).turned(8); !slices.Equal(again.Pixels, many.Pixels) || again.Width != 5 {
		t.Error("a quarter turn and back give other images")
	}
}

// withExif returns a JPEG with a segment APP1 put first.
func withExif(jpeg, exif []byte) []byte {
	segment := binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(2+len(exif)))
	return slices.Concat(jpeg[:2], segment, exif, jpeg[2:])
}

// exifOf returns EXIF data with the Orientation tag of a type and a value, after another tag.
func exifOf(order binary.AppendByteOrder, kind, value uint16) []byte {
	mark := "II*\x00"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "MM\x00*"
	}
	b := append([]byte("Exif\x00\x00"), mark...)
	b = order.AppendUint32(b, 8) // where the directory begins
	b = order.AppendUint16(b, 2) // its entries
	for _, entry := range [][3]uint16{{0x0100, 3, 24}, {0x0112, kind, value}} {
		b = order.AppendUint16(b, entry[0])
		b = order.AppendUint16(b, entry[1])
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, entry[2])
		b = order.AppendUint16(b, 0)
	}
	return order.AppendUint32(b, 0)
}

// TestOrientationNotes has notes in both byte orders, after other segments, and damaged ones, which
// leave the picture upright.
func TestOrientationNotes(t *testing.T) {
	plain := []byte{0xff, 0xd8, 0xff, 0xda, 0, 2}
	little, big := exifOf(binary.LittleEndian, 3, 6), exifOf(binary.BigEndian, 3, 8)
	outside := bytes.Clone(little)
	binary.LittleEndian.PutUint32(outside[10:], math.MaxUint32)
	for name, c := range map[string]struct {
		jpeg []byte
		want int
	}{
		"none":                    {plain, 1},
		"little endian":           {withExif(plain, little), 6},
		"big endian":              {withExif(plain, big), 8},
		"after XMP":               {withExif(withExif(plain, big), []byte("http://ns.adobe.com/xap/1.0/\x00")), 8},
		"after fills":             {slices.Concat(plain[:2], []byte{0xff, 0xff}, withExif(plain, big)[2:]), 8},
		"after the pixels":        {slices.Concat(plain, withExif(plain, big)[2:]), 1},
		"value 0":                 {withExif(plain, exifOf(binary.LittleEndian, 3, 0)), 1},
		"value 9":                 {withExif(plain, exifOf(binary.LittleEndian, 3, 9)), 1},
		"another type":            {withExif(plain, exifOf(binary.LittleEndian, 2, 6)), 1},
		"a directory outside":     {withExif(plain, outside), 1},
		"no TIFF":                 {withExif(plain, []byte("Exif\x00\x00??*\x00")), 1},
		"a segment without bytes": {[]byte{0xff, 0xd8, 0xff, 0xe1, 0, 0}, 1},
	} {
		if got := orientation(c.jpeg); got != c.want {
			t.Errorf("%s: orientation %d, want %d", name, got, c.want)
		}
	}
	for n := range withExif(plain, big) {
		orientation(withExif(plain, big)[:n]) // no panic
	}
	for n := range big {
		if got := orientation(withExif(plain, big[:n])); got != 1 && got != 8 {
			t.Errorf("cut after %d bytes: orientation %d", n, got)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	plain := []byte{0xff, 0xd8, 0xff, 0xda, 0, 2}
	for _, seed := range [][]byte{nil, plain, withExif(plain, exifOf(binary.LittleEndian, 3, 6)), withExif(plain, exifOf(binary.BigEndian, 3, 8))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, jpeg []byte) {
		if got := orientation(jpeg); got < 1 || got > 8 {
			t.Errorf("orientation %d", got)
		}
		frugal(t, 1<<20, func() { tiffOrientation(jpeg) })
	})
}
