package lab

import (
	"math"
	"testing"

	"wavescore/pkg/wavelet"
)

// The finest Haar details of a place are half the differences of its four pixels.
func TestValues(t *testing.T) {
	run := digits(t)
	place := wavelet.Place{Band: wavelet.Band{Level: 1, Orientation: wavelet.Horizontal}, Row: 3, Col: 4}
	values, images := run.TrainValues("haar", place), run.TrainImages()
	if len(values) != images.Len() {
		t.Fatalf("%d values of %d images", len(values), images.Len())
	}
	varies := false
	for i, v := range values {
		x := images.Batch(nil, i, i+1)
		at := 6*16 + 8
		want := math.Abs(x[at]+x[at+1]-x[at+16]-x[at+17]) / 2
		if math.Abs(math.Abs(v)-want) > 1e-6 {
			t.Fatalf("image %d: %v, want %v or its negative", i, v, want)
		}
		varies = varies || want > 0.1
	}
	if !varies {
		t.Error("all values are 0")
	}
}
