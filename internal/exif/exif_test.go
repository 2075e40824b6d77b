package exif

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"testing"
)

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
		if got := Orientation(c.jpeg); got != c.want {
			t.Errorf("%s: orientation %d, want %d", name, got, c.want)
		}
	}
	for n := range withExif(plain, big) {
		Orientation(withExif(plain, big)[:n]) // no panic
	}
	for n := range big {
		if got := Orientation(withExif(plain, big[:n])); got != 1 && got != 8 {
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
		if got := Orientation(jpeg); got < 1 || got > 8 {
			t.Errorf("orientation %d", got)
		}
		tiffOrientation(jpeg)
	})
}
