package npy

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestEncode: the bytes are those that NumPy writes.
func TestEncode(t *testing.T) {
	values := []float32{-1, 0, 0.5, 1, float32(math.Copysign(0, -1)), 1e-40, 3.4e38, math.Pi}
	many := slices.Repeat(values, 12)
	for golden, got := range map[string][]byte{"two.npy": Encode(values, 4, 2), "four.npy": Encode(many, 8, 1, 4, 3)} {
		want, err := os.ReadFile(filepath.Join("testdata", golden))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s:\n%q\nwant\n%q", golden, got, want)
		}
	}
}

// TestRead: arrays come back one after another from a stream, with no byte too much.
func TestRead(t *testing.T) {
	var stream bytes.Buffer
	shapes := [][]int{{}, {3}, {2, 0}, {2, 1, 3}}
	for _, shape := range shapes {
		size := 1
		for _, n := range shape {
			size *= n
		}
		values := make([]float32, size)
		for i := range values {
			values[i] = float32(i) - 0.5
		}
		stream.Write(Encode(values, shape...))
	}
	double := strings.Replace(string(Encode([]float32{0, 0}, 2)), "<f4", "<f8", 1)
	stream.WriteString(double[:len(double)-8])
	stream.Write([]byte{0x18, 0x2d, 0x44, 0x54, 0xfb, 0x21, 0x09, 0x40, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf}) // pi, -1
	for _, want := range shapes {
		values, shape, err := Read(&stream, 10)
		if err != nil || !slices.Equal(shape, want) {
			t.Fatalf("%v, %v: want the shape %v", shape, err, want)
		}
		for i, v := range values {
			if v != float64(i)-0.5 {
				t.Errorf("shape %v, value %d: %v", shape, i, v)
			}
		}
	}
	if values, _, err := Read(&stream, 10); err != nil || !slices.Equal(values, []float64{math.Pi, -1}) {
		t.Errorf("float64: %v, %v", values, err)
	}
	if _, _, err := Read(&stream, 10); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
}

// TestReadIntegers: arrays that NumPy wrote of bytes and of 16 bits are read as such, and Read
// refuses them.
func TestReadIntegers(t *testing.T) {
	for name, bits := range map[string]int{"bytes.npy": 8, "shorts.npy": 16} {
		file, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		a, err := ReadArray(bytes.NewReader(file), 10)
		if err != nil || a.Bits != bits || !slices.Equal(a.Shape, []int{2, 3}) {
			t.Fatalf("%s: %d bits, %v, %v", name, a.Bits, a.Shape, err)
		}
		most := float64(int(1)<<bits - 1)
		if want := []float64{0, 1, 2, most - 2, most - 1, most}; !slices.Equal(a.Values, want) {
			t.Errorf("%s holds %v, want %v", name, a.Values, want)
		}
		if _, _, err := Read(bytes.NewReader(file), 10); !errors.Is(err, ErrFormat) {
			t.Errorf("%s as floating-point numbers: %v", name, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	whole := string(Encode([]float32{1, 2, 3, 4}, 2, 2))
	for name, text := range map[string]string{
		"not NumPy's":       strings.Replace(whole, "NUMPY", "NUMPI", 1),
		"version 2":         strings.Replace(whole, "\x01\x00", "\x02\x00", 1),
		"integers":          strings.Replace(whole, "<f4", "<i4", 1),
		"big-endian":        strings.Replace(whole, "<f4", ">f4", 1),
		"columns first":     strings.Replace(whole, "False", "True", 1),
		"cut in its header": whole[:40],
		"cut":               whole[:len(whole)-1],
		"huge":              strings.Replace(whole, "(2, 2), }      ", "(99999999, 9),}", 1),
		"huge beyond int":   strings.Replace(whole, "(2, 2), }                     ", "(99999999999999999999999), }  ", 1),
	} {
		if _, _, err := Read(strings.NewReader(text), 100); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
	defer func() {
		if recover() == nil {
			t.Error("three values for four are written")
		}
	}()
	Encode([]float32{1, 2, 3}, 2, 2)
}

// FuzzRead: whatever the bytes, there is an array of at most the limit or an error.
func FuzzRead(f *testing.F) {
	f.Add(Encode([]float32{1, 2, 3, 4}, 2, 2))
	f.Add([]byte(strings.Replace(string(Encode([]float32{0}, 1)), "<f4", "<f8", 1) + "1234"))
	f.Fuzz(func(t *testing.T, b []byte) {
		values, shape, err := Read(bytes.NewReader(b), 1000)
		if err != nil {
			return
		}
		size := 1
		for _, n := range shape {
			size *= n
		}
		if size != len(values) || size > 1000 {
			t.Errorf("%d values of the shape %v", len(values), shape)
		}
	})
}
