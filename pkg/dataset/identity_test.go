package dataset

import (
	"testing"

	"wavescore/pkg/diffusion"
)

var _, _ diffusion.Identified = new(Images), new(Shifts)

// Slices know their place in their set, through what changes every image alike; names and labels
// do not matter, pixels do.
func TestIdentity(t *testing.T) {
	set := unknown(Digits(60, 1))
	digest, from := set.Identity()
	if len(digest) != 16 || from != 0 {
		t.Fatalf("a set has the identity %q, %d", digest, from)
	}
	if identity(Digits(60, 1)) != identity(Digits(6, 1)) || identity(Digits(60, 1)) == identity(Digits(60, 2)) {
		t.Error("the identity of digits is not that of their seed")
	}
	renamed := *set
	renamed.Name, renamed.Labels = "other", nil
	if d, _ := renamed.Identity(); d != digest {
		t.Error("another name is another identity")
	}
	part := set.Slice(10, 50).Slice(5, 20)
	if d, f := part.Identity(); d != digest || f != 15 {
		t.Errorf("a slice of a slice has the identity %q, %d; want %q, 15", d, f, digest)
	}
	other := *part
	other.Pixels = make([]float32, len(part.Pixels))
	if d, f := other.Identity(); d == digest || f != 0 {
		t.Errorf("other pixels in a copy have the identity %q, %d", d, f)
	}
	same := *set
	same.Pixels = append([]float32(nil), set.Pixels...)
	if d, _ := same.Identity(); d != digest {
		t.Error("the same pixels elsewhere are another identity")
	}

	pad := func(s *Images) *Images {
		padded, err := s.Pad(32, 32)
		if err != nil {
			t.Fatal(err)
		}
		return padded
	}
	tiles := func(s *Images) *Images {
		cut, err := s.Tiles(14, 14)
		if err != nil {
			t.Fatal(err)
		}
		return cut
	}
	for name, change := range map[string]func(*Images) *Images{
		"pad": pad, "resize": func(s *Images) *Images { return s.Resize(14, 14) },
		"twice": func(s *Images) *Images { return pad(s).Resize(14, 14) },
	} {
		whole, _ := change(set).Identity()
		d, f := change(part).Identity()
		if d != whole || f != 15 || d == digest {
			t.Errorf("%s: a slice has the identity %q, %d; the whole %q", name, d, f, whole)
		}
	}
	whole, _ := tiles(set).Identity()
	if d, f := tiles(part).Identity(); d != whole || f != 4*15 {
		t.Errorf("tiles of a slice have the identity %q, %d; want %q, 60", d, f, whole)
	}
	if a, _ := set.Shuffle(1).Identity(); a == digest {
		t.Error("shuffled images have the identity of the others")
	}
	if a, b := set.Shuffle(1), set.Shuffle(2); identity(a) == identity(b) || identity(a) != identity(set.Shuffle(1)) {
		t.Error("the identity of shuffled images is not that of their seed")
	}
	if a, b := part.Shuffle(1), set.Slice(14, 29).Shuffle(1); identity(a) == identity(b) {
		t.Error("two slices, shuffled, have one identity")
	}
	shifts, err := part.Shifts(2)
	if err != nil {
		t.Fatal(err)
	}
	if d, f := shifts.Identity(); d == digest || f != 60 {
		t.Errorf("shifts have the identity %q, %d", d, f)
	}
}

// unknown returns the images as a set of which nothing else is known.
func unknown(s *Images) *Images {
	return &Images{Name: s.Name, Channels: s.Channels, Height: s.Height, Width: s.Width, Pixels: s.Pixels, Labels: s.Labels}
}

func identity(s *Images) string {
	digest, _ := s.Identity()
	return digest
}
