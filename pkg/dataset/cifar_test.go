package dataset

import (
	"bytes"
	"slices"
	"testing"
)

// cifarOf returns the CIFAR-10 file of a set.
func cifarOf(s *Images) (b []byte) {
	for i := range s.Len() {
		b = append(b, byte(s.Labels[i]))
		b = append(b, bytesOf(s.pixels(i, i+1))...)
	}
	return b
}

func TestReadCIFAR(t *testing.T) {
	want := random(1, 5, 3, 32, 32)
	for _, file := range [][]byte{cifarOf(want), gzipped(cifarOf(want))} {
		got, err := ReadCIFAR(bytes.NewReader(file), "file")
		if err != nil {
			t.Fatal(err)
		}
		if got.Channels != 3 || got.Height != 32 || got.Width != 32 || !slices.Equal(got.Pixels, want.Pixels) || !slices.Equal(got.Labels, want.Labels) {
			t.Error("other images came back")
		}
	}
}

func TestCIFARDamage(t *testing.T) {
	file := cifarOf(random(1, 3, 3, 32, 32))
	label := bytes.Clone(file)
	label[3073] = 10
	for _, c := range []struct {
		name   string
		file   []byte
		offset int64
		found  string
	}{
		{"nothing", nil, 0, "the end of the file"},
		{"a label without an image", file[:2*3073+1], 2*3073 + 1, "the end of the file"},
		{"a pixel short", file[:len(file)-1], int64(len(file) - 1), "the end of the file"},
		{"a byte too many", append(bytes.Clone(file), 0), int64(len(file) + 1), "the end of the file"},
		{"label 10", label, 3073, "10"},
	} {
		for kind, pack := range map[string]func([]byte) []byte{"plain": bytes.Clone, "gzip": gzipped} {
			t.Run(c.name+"/"+kind, func(t *testing.T) {
				_, err := ReadCIFAR(bytes.NewReader(pack(c.file)), "file")
				if e := formatError(t, err); e.File != "file" || e.Offset != c.offset || e.Found != c.found || e.Want == "" {
					t.Errorf("%v: want offset %d and %q", e, c.offset, c.found)
				}
			})
		}
	}
}

// FuzzCIFAR gets nowhere unless it is run with -fuzzminimizetime 10x: files of 3 kB take minutes
// to shrink.
func FuzzCIFAR(f *testing.F) {
	file := cifarOf(random(1, 2, 3, 32, 32))
	for _, seed := range [][]byte{file, gzipped(file), file[:4000], file[:3073], gzipped(file)[:2000], nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		frugal(t, 6*4*MaxValues, func() { _ = readCIFAR(bytes.NewReader(file)) })
		s, err := ReadCIFAR(bytes.NewReader(file), "file")
		if err != nil {
			formatError(t, err)
			return
		}
		if err := s.Check(); err != nil {
			t.Error(err)
		}
		if file[0] < 10 && !bytes.Equal(cifarOf(s), file) {
			t.Error("a plain file was accepted, but its images make another one")
		}
	})
}
