package dataset

import (
	"errors"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// random returns n images whose bytes are random, with labels below 10.
func random(seed uint64, n, channels, height, width int) *Images {
	rng := rand.New(rand.NewPCG(seed, 0))
	s := &Images{Name: "random", Channels: channels, Height: height, Width: width, Labels: make([]int, n)}
	for range n * s.Size() {
		s.Pixels = append(s.Pixels, fromByte[rng.IntN(256)])
	}
	for i := range s.Labels {
		s.Labels[i] = rng.IntN(10)
	}
	return s
}

// elsewhere moves the test to an empty folder that has nothing to do with the project, and returns
// its path. No set lies in a folder of the system either.
func elsewhere(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("WAVESCORE_DATA", "")
	withPlaces(t, nil)
	return dir
}

// withPlaces gives each set of the manifest other folders of the system until the test ends.
func withPlaces(t *testing.T, places map[string][]string) {
	was := manifest
	t.Cleanup(func() { manifest = was })
	sets := Sets()
	for i := range sets {
		sets[i].Places = places[sets[i].Name]
	}
	manifest = func() []Set { return sets }
}

// offline is whether whoever runs the tests wants none of the network; the tests' own servers and
// proxies are not meant by it.
var offline = Offline()

func TestMain(m *testing.M) {
	os.Unsetenv("WAVESCORE_OFFLINE")
	os.Exit(m.Run())
}

// put writes a file, and the folders above it.
func put(t *testing.T, content []byte, path ...string) {
	t.Helper()
	at := filepath.Join(path...)
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, content, 0o644); err != nil {
		t.Fatal(err)
	}
}

// recovered returns what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func TestBatch(t *testing.T) {
	s := random(1, 5, 2, 3, 4)
	got := s.Batch(nil, 1, 4)
	if len(got) != 3*24 {
		t.Fatalf("%d values, want %d", len(got), 3*24)
	}
	for i, v := range got {
		if v != float64(s.Pixels[24+i]) {
			t.Fatalf("value %d is %v, want %v", i, v, s.Pixels[24+i])
		}
	}
	if n := testing.AllocsPerRun(10, func() { s.Batch(got, 1, 4) }); n != 0 {
		t.Errorf("%v allocations with a destination", n)
	}
	if got := s.Batch(nil, 2, 2); len(got) != 0 {
		t.Errorf("an empty batch has %d values", len(got))
	}
}

func TestMistakesPanic(t *testing.T) {
	s := random(1, 5, 2, 3, 4)
	for _, r := range [][2]int{{-1, 2}, {3, 2}, {0, 6}, {6, 6}} {
		want := RangeError{From: r[0], To: r[1], Len: 5}
		if got := recovered(func() { s.Batch(nil, r[0], r[1]) }); got != want {
			t.Errorf("Batch of %v: panic %v, want %v", r, got, want)
		}
		if got := recovered(func() { s.Slice(r[0], r[1]) }); got != want {
			t.Errorf("Slice of %v: panic %v, want %v", r, got, want)
		}
	}
	if got, want := recovered(func() { s.Batch(make([]float64, 7), 0, 1) }), (LengthError{What: "values of dst", Got: 7, Want: 24}); got != want {
		t.Errorf("Batch to a short destination: panic %v, want %v", got, want)
	}
	for name, f := range map[string]func(){
		"Grey of 2 channels": func() { s.Grey() }, "Image of 2 channels": func() { s.Image(0) },
		"Resize to nothing": func() { s.Resize(0, 3) },
	} {
		if got, ok := recovered(f).(ShapeError); !ok {
			t.Errorf("%s: panic %v, want a ShapeError", name, got)
		}
	}
}

func TestSliceShares(t *testing.T) {
	s := random(1, 5, 1, 2, 2)
	part := s.Slice(1, 3)
	if part.Len() != 2 || !slices.Equal(part.Labels, s.Labels[1:3]) {
		t.Fatalf("%d images with labels %v, want 2 with %v", part.Len(), part.Labels, s.Labels[1:3])
	}
	part.Pixels[0] = 0.5
	if s.Pixels[4] != 0.5 {
		t.Error("the slice has pixels of its own")
	}
	part.Pixels, part.Labels = append(part.Pixels, 7), append(part.Labels, 7)
	if s.Pixels[12] == 7 || s.Labels[3] == 7 {
		t.Error("appending to the slice overwrote the set")
	}
}

// numbered returns n images of one pixel that holds their number, labelled with it.
func numbered(n int) *Images {
	s := &Images{Name: "numbered", Channels: 1, Height: 1, Width: 1}
	for i := range n {
		s.Pixels, s.Labels = append(s.Pixels, float32(i)), append(s.Labels, i)
	}
	return s
}

func TestShuffle(t *testing.T) {
	s := numbered(100)
	a, b, c := s.Shuffle(1), s.Shuffle(1), s.Shuffle(2)
	if !slices.Equal(a.Pixels, b.Pixels) {
		t.Error("one seed gave two orders")
	}
	if slices.Equal(a.Pixels, c.Pixels) || slices.Equal(a.Pixels, s.Pixels) {
		t.Error("another seed gave the same order, or the order did not change")
	}
	for i, v := range a.Pixels {
		if int(v) != a.Labels[i] {
			t.Fatalf("image %v has label %d", v, a.Labels[i])
		}
	}
	if slices.Sort(a.Pixels); !slices.Equal(a.Pixels, s.Pixels) {
		t.Error("a shuffled set has other images")
	}
}

func TestSplitIsDisjoint(t *testing.T) {
	s := numbered(100)
	parts, err := s.Split(3, 50, 30, 15)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(map[float32]bool)
	for i, n := range []int{50, 30, 15} {
		if parts[i].Len() != n || len(parts[i].Labels) != n {
			t.Errorf("part %d has %d images and %d labels, want %d", i, parts[i].Len(), len(parts[i].Labels), n)
		}
		for _, v := range parts[i].Pixels {
			if seen[v] {
				t.Errorf("image %v is in two parts", v)
			}
			seen[v] = true
		}
	}
	for _, sizes := range [][]int{{101}, {60, 41}, {-1}} {
		if _, err := s.Split(3, sizes...); err == nil {
			t.Errorf("100 images were split into parts of %v", sizes)
		}
	}
}

func TestCheck(t *testing.T) {
	if err := random(1, 3, 3, 2, 2).Check(); err != nil {
		t.Fatal(err)
	}
	for want, spoil := range map[string]func(s *Images){
		"not positive":          func(s *Images) { s.Height = 0 },
		"no images":             func(s *Images) { s.Pixels = nil },
		"whole number":          func(s *Images) { s.Pixels = s.Pixels[:13] },
		"image 1 has NaN":       func(s *Images) { s.Pixels[14] = float32(math.NaN()) },
		"image 2 has -Inf":      func(s *Images) { s.Pixels[35] = float32(math.Inf(-1)) },
		"2 labels for 3":        func(s *Images) { s.Labels = s.Labels[:2] },
		"image 1 has label -1":  func(s *Images) { s.Labels[1] = -1 },
		"label 4; there are 4 ": func(s *Images) { s.Labels[1], s.Labels[0], s.Labels[2], s.Classes = 4, 0, 0, make([]string, 4) },
	} {
		s := random(1, 3, 3, 2, 2)
		spoil(s)
		if err := s.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error with %q", err, want)
		}
	}
}

func TestBytesAndBack(t *testing.T) {
	if fromByte[0] != -1 || fromByte[255] != 1 {
		t.Errorf("bytes 0 and 255 are %v and %v, want -1 and 1", fromByte[0], fromByte[255])
	}
	for v := range 256 {
		if got := toByte(fromByte[v]); int(got) != v {
			t.Errorf("byte %d came back as %d", v, got)
		}
	}
	for v, want := range map[float32]byte{-7: 0, -1.001: 0, 0.999: 255, 1.2: 255, float32(math.Inf(1)): 255} {
		if got := toByte(v); got != want {
			t.Errorf("%v is byte %d, want %d", v, got, want)
		}
	}
}

func TestImageAndBack(t *testing.T) {
	for _, channels := range []int{1, 3} {
		s := random(uint64(channels), 4, channels, 5, 7)
		back := fromPicture(s.Image(2).(image.RGBA64Image))
		if back.Channels != channels || !slices.Equal(back.Pixels, s.Slice(2, 3).Pixels) {
			t.Errorf("%d channels: the picture has other pixels", channels)
		}
	}
}

// formatError returns the FormatError in err, and fails the test where there is none.
func formatError(t *testing.T, err error) *FormatError {
	t.Helper()
	var e *FormatError
	if !errors.As(err, &e) {
		t.Fatalf("got %v, want a FormatError", err)
	}
	return e
}
