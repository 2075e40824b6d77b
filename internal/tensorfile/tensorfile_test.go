package tensorfile

import (
	"errors"
	"reflect"
	"testing"
)

var sample = Tensors{
	Text: map[string]string{"kind": "sample"},
	Values: map[string]Tensor{
		"a": {Shape: []int{2, 3}, Data: []float64{1, -2, 3e300, 0, 5, 6}},
		"b": {Shape: []int{1}, Data: []float64{7}},
		"c": {Shape: []int{3}, Data: []float64{0.5, -3, 1 << 100}, Single: true},
		"d": {Shape: []int{2, 1}, Bytes: []byte{0, 255}},
	},
}

func TestRoundTrip(t *testing.T) {
	b, err := Encode(sample)
	if err != nil {
		t.Fatal(err)
	}
	got, err := Decode(b)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, sample) {
		t.Errorf("got %v, want %v", got, sample)
	}
}

// TestDamage flips every bit and cuts at every length: no damaged file is read as if it were
// whole. A flip that leaves the contents as they were, in the white space of the header, is no
// damage.
func TestDamage(t *testing.T) {
	b, err := Encode(sample)
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		for bit := range 8 {
			d := append([]byte(nil), b...)
			d[i] ^= 1 << bit
			if got, err := Decode(d); err == nil && !reflect.DeepEqual(got, sample) {
				t.Fatalf("byte %d bit %d flipped: read as %v", i, bit, got)
			} else if err != nil && !errors.Is(err, ErrDamaged) {
				t.Fatalf("byte %d bit %d flipped: %v does not wrap ErrDamaged", i, bit, err)
			}
		}
		if _, err := Decode(b[:i]); !errors.Is(err, ErrDamaged) {
			t.Fatalf("cut to %d of %d bytes: %v", i, len(b), err)
		}
	}
}

func TestEncodeRefusesUnfilledShape(t *testing.T) {
	if _, err := Encode(Tensors{Values: map[string]Tensor{"a": {Shape: []int{3}, Data: []float64{1}}}}); err == nil {
		t.Error("a tensor of shape 3 with one value was written")
	}
}

func FuzzDecode(f *testing.F) {
	b, err := Encode(sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add(b[:20])
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := Decode(b); err != nil && !errors.Is(err, ErrDamaged) {
			t.Errorf("%v does not wrap ErrDamaged", err)
		}
	})
}
