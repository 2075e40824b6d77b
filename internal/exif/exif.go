// Package exif reads the one note of a camera that decides how a picture is shown: its orientation.
package exif

import (
	"bytes"
	"encoding/binary"
)

// Orientation returns how a camera noted in a JPEG that its pixels are to be turned: 1 to 8, as
// the Orientation tag of EXIF 2.3 has them, and 1, upright, where there is no note that can be
// read.
func Orientation(jpeg []byte) int {
	const (
		startOfScan = 0xda
		app1        = 0xe1
	)
	// A segment is 0xff, its marker, and its length with the two bytes of the length in it.
	for at := 2; at+4 <= len(jpeg) && jpeg[at] == 0xff; {
		marker := jpeg[at+1]
		if marker == 0xff { // fills
			at++
			continue
		}
		end := at + 2 + int(binary.BigEndian.Uint16(jpeg[at+2:]))
		if marker == startOfScan || end < at+4 || end > len(jpeg) {
			break
		}
		if exif, ok := bytes.CutPrefix(jpeg[at+4:end], []byte("Exif\x00\x00")); ok && marker == app1 {
			return tiffOrientation(exif)
		}
		at = end
	}
	return 1
}

// tiffOrientation returns the Orientation tag of the first directory of a TIFF file.
func tiffOrientation(tiff []byte) int {
	const (
		tagOrientation = 0x0112
		typeShort      = 3
		entryBytes     = 12 // tag, type, count and value
	)
	var order binary.ByteOrder
	switch {
	case bytes.HasPrefix(tiff, []byte("II*\x00")):
		order = binary.LittleEndian
	case bytes.HasPrefix(tiff, []byte("MM\x00*")):
		order = binary.BigEndian
	default:
		return 1
	}
	if len(tiff) < 8 {
		return 1
	}
	directory := uint64(order.Uint32(tiff[4:]))
	if directory+2 > uint64(len(tiff)) {
		return 1
	}
	entries := tiff[directory+2:]
	for range order.Uint16(tiff[directory:]) {
		if len(entries) < entryBytes {
			break
		}
		tag, kind, count := order.Uint16(entries), order.Uint16(entries[2:]), order.Uint32(entries[4:])
		if tag == tagOrientation {
			if value := order.Uint16(entries[8:]); kind == typeShort && count == 1 && value >= 1 && value <= 8 {
				return int(value)
			}
			break
		}
		entries = entries[entryBytes:]
	}
	return 1
}
