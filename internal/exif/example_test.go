package exif_test

import (
	"fmt"

	"wavescore/internal/exif"
)

func ExampleOrientation() {
	jpeg := []byte("\xff\xd8\xff\xe1\x00\x22Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")
	fmt.Println(exif.Orientation(jpeg)) // a quarter turn
	// Output: 6
}
