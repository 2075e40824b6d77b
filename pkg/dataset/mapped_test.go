package dataset

import (
	"slices"
	"testing"
	"unsafe"
)

// What is taken apart and put together again is the same images, with the same identity.
func TestMapped(t *testing.T) {
	digits := Digits(7, 3)
	padded, err := digits.Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	colour := &Images{Name: "colour", Channels: 3, Height: 2, Width: 1, Pixels: make([]float32, 12)}
	for _, want := range []*Images{digits, padded, padded.Slice(2, 5), colour, padded.Slice(3, 3), {Name: "none", Channels: 1, Height: 2, Width: 2}} {
		head, pixels, err := want.MarshalMapped()
		if err != nil {
			t.Fatal(err)
		}
		got := new(Images)
		if err := got.UnmarshalMapped(head, pixels); err != nil {
			t.Fatal(err)
		}
		if got.Name != want.Name || got.Len() != want.Len() || got.Channels != want.Channels || got.Height != want.Height || got.Width != want.Width ||
			!slices.Equal(got.Pixels, want.Pixels) || !slices.Equal(got.Labels, want.Labels) || !slices.Equal(got.Classes, want.Classes) {
			t.Errorf("%s: got %v of %v", want.Name, got, want)
		}
		if identity(got) != identity(want) || (got.Len() > 1 && identity(got.Slice(1, 2)) != identity(want.Slice(1, 2))) {
			t.Errorf("%s: the identity has changed", want.Name)
		}
		if len(pixels) > 0 && unsafe.Pointer(&got.Pixels[0]) != unsafe.Pointer(&pixels[0]) {
			t.Errorf("%s: the pixels were copied", want.Name)
		}
	}
}

func TestMappedRefuses(t *testing.T) {
	head, pixels, err := Digits(3, 1).MarshalMapped()
	if err != nil {
		t.Fatal(err)
	}
	for name, parts := range map[string][2][]byte{
		"no head": {nil, pixels}, "half a head": {head[:len(head)/2], pixels}, "no pixels": {head, nil},
		"a byte less": {head, pixels[:len(pixels)-1]}, "an image less": {head, pixels[:len(pixels)/3*2]},
	} {
		if err := new(Images).UnmarshalMapped(parts[0], parts[1]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for _, numbers := range [][]int{{-1, 2}, {1 << 40, 1 << 40}} {
		if n, err := product(numbers...); err == nil {
			t.Errorf("the product of %v is %d", numbers, n)
		}
	}
}
