package dataset

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"testing"
)

// idx returns an IDX file of a magic number, sizes, and data.
func idx(magic uint32, sizes []uint32, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, magic)
	for _, n := range sizes {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return append(b, data...)
}

// idxOf returns the IDX files of a grey set.
func idxOf(s *Images) (images, labels []byte) {
	images = idx(magicImages, []uint32{uint32(s.Len()), uint32(s.Height), uint32(s.Width)}, bytesOf(s.Pixels))
	labels = idx(magicLabels, []uint32{uint32(s.Len())}, nil)
	for _, label := range s.Labels {
		labels = append(labels, byte(label))
	}
	return images, labels
}

func bytesOf(pixels []float32) (b []byte) {
	for _, v := range pixels {
		b = append(b, toByte(v))
	}
	return b
}

func gzipped(b []byte) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	w.Write(b)
	w.Close()
	return out.Bytes()
}

func TestReadIDX(t *testing.T) {
	want := random(1, 7, 1, 4, 3)
	images, labels := idxOf(want)
	for kind, pack := range map[string]func([]byte) []byte{"plain": bytes.Clone, "gzip": gzipped} {
		got, err := ReadIDX(bytes.NewReader(pack(images)), "images")
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		if got.Channels != 1 || got.Height != 4 || got.Width != 3 || !slices.Equal(got.Pixels, want.Pixels) {
			t.Errorf("%s: other images came back", kind)
		}
		gotLabels, err := ReadIDXLabels(bytes.NewReader(pack(labels)), "labels")
		if err != nil || !slices.Equal(gotLabels, want.Labels) {
			t.Errorf("%s: labels %v, want %v (%v)", kind, gotLabels, want.Labels, err)
		}
	}
}

func TestIDXDamage(t *testing.T) {
	read := map[uint32]func([]byte) error{
		magicImages: func(b []byte) error { _, err := ReadIDX(bytes.NewReader(b), "file"); return err },
		magicLabels: func(b []byte) error { _, err := ReadIDXLabels(bytes.NewReader(b), "file"); return err },
	}
	for _, c := range []struct {
		name   string
		magic  uint32
		file   []byte
		offset int64
		found  string
	}{
		{"labels as images", magicImages, idx(magicLabels, []uint32{1}, []byte{3}), 0, "0x00000801"},
		{"images as labels", magicLabels, idx(magicImages, []uint32{1, 1, 1}, []byte{3}), 0, "0x00000803"},
		{"floats", magicImages, idx(0x0d03, []uint32{1, 1, 1}, make([]byte, 4)), 0, "0x00000d03"},
		{"no images", magicImages, idx(magicImages, []uint32{0, 28, 28}, nil), 4, "[0]"},
		{"no columns", magicImages, idx(magicImages, []uint32{2, 28, 0}, nil), 12, "[2 28 0]"},
		{"too many", magicImages, idx(magicImages, []uint32{1 << 20, 1 << 10, 1}, nil), 8, "[1048576 1024]"},
		{"a product that overflows", magicImages, idx(magicImages, []uint32{1 << 28, 1<<32 - 1, 1<<32 - 1}, nil), 8, "[268435456 4294967295]"},
		{"an image short", magicImages, idx(magicImages, []uint32{3, 2, 2}, make([]byte, 8)), 24, "the end of the file"},
		{"a byte too many", magicImages, idx(magicImages, []uint32{2, 2, 2}, make([]byte, 9)), 24, "more data"},
		{"a label too many", magicLabels, idx(magicLabels, []uint32{2}, make([]byte, 3)), 10, "more data"},
		{"nothing", magicImages, nil, 0, "the end of the file"},
	} {
		for kind, pack := range map[string]func([]byte) []byte{"plain": bytes.Clone, "gzip": gzipped} {
			t.Run(c.name+"/"+kind, func(t *testing.T) {
				e := formatError(t, read[c.magic](pack(c.file)))
				if e.File != "file" || e.Offset != c.offset || e.Found != c.found || e.Want == "" {
					t.Errorf("%v: want offset %d and %q", e, c.offset, c.found)
				}
			})
		}
	}
}

func TestGzipDamage(t *testing.T) {
	images, _ := idxOf(random(1, 7, 1, 4, 3))
	packed := gzipped(images)
	for name, file := range map[string][]byte{
		"something after it": append(bytes.Clone(packed), "more"...),
		"a wrong checksum":   spoilt(packed, len(packed)-8),
		"a wrong length":     spoilt(packed, len(packed)-1),
	} {
		_, err := ReadIDX(bytes.NewReader(file), "file")
		if e := formatError(t, err); !e.Compressed {
			t.Errorf("%s: %v does not say that its offset is in the unpacked bytes", name, e)
		}
	}
}

// spoilt returns a copy of b with byte i changed.
func spoilt(b []byte, i int) []byte {
	b = bytes.Clone(b)
	b[i] ^= 0x55
	return b
}

func FuzzIDX(f *testing.F) {
	images, labels := idxOf(random(1, 3, 1, 2, 2))
	for _, seed := range [][]byte{images, labels, gzipped(images), gzipped(labels), images[:9], append(images, 0), nil,
		idx(magicImages, []uint32{1 << 14, 1 << 14, 1}, make([]byte, 100))} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		frugal(t, 2*4*MaxValues, func() { _ = readImages(bytes.NewReader(file)) })
		frugal(t, 2*8*maxLabels, func() { _ = readLabels(bytes.NewReader(file)) })
		if s, err := ReadIDX(bytes.NewReader(file), "file"); err != nil {
			formatError(t, err)
		} else if err := s.Check(); err != nil {
			t.Error(err)
		} else if again, _ := idxOf(s); file[0] == 0 && !bytes.Equal(again, file) {
			t.Error("a plain file was accepted, but its images make another one")
		}
		if labels, err := ReadIDXLabels(bytes.NewReader(file), "file"); err != nil {
			formatError(t, err)
		} else if file[0] == 0 {
			if _, again := idxOf(&Images{Channels: 1, Height: 1, Width: 1, Pixels: make([]float32, len(labels)), Labels: labels}); !bytes.Equal(again, file) {
				t.Error("a plain file was accepted, but its labels make another one")
			}
		}
	})
}

func BenchmarkReadIDX(b *testing.B) {
	images, _ := idxOf(Digits(2000, 1))
	for kind, file := range map[string][]byte{"plain": images, "gzip": gzipped(images)} {
		b.Run(fmt.Sprintf("%s/2000x28x28", kind), func(b *testing.B) {
			b.SetBytes(int64(len(images)))
			for b.Loop() {
				if _, err := ReadIDX(bytes.NewReader(file), "file"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// TestWriteIDX: what is written is read again, to the rounding to 8 bits, and pixels beyond white
// are white.
func TestWriteIDX(t *testing.T) {
	want := random(3, 5, 1, 4, 6)
	want.Pixels[0], want.Pixels[1] = 1.7, -3
	var file bytes.Buffer
	if err := WriteIDX(&file, want); err != nil {
		t.Fatal(err)
	}
	if images, _ := idxOf(want); !bytes.Equal(file.Bytes(), images) {
		t.Error("not the bytes that the tests make by themselves")
	}
	got, err := ReadIDX(&file, "images")
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Pixels {
		if d := v - max(-1, min(1, want.Pixels[i])); d < -1/255.0-1e-6 || d > 1/255.0+1e-6 {
			t.Errorf("pixel %d: %v was written and %v read", i, want.Pixels[i], v)
		}
	}
	if err := WriteIDX(&file, random(3, 2, 3, 4, 6)); err == nil {
		t.Error("colour was written")
	}
	want.Pixels[3] = float32(math.NaN())
	if err := WriteIDX(&file, want); err == nil {
		t.Error("NaN was written")
	}
}
