package dataset

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"
)

// TestOrientationGolden compares pictures in all 8 orientations with what Pillow shows of them;
// testdata/exif.py makes the files. Within 0.02 they are the same: two JPEG decoders round
// otherwise.
func TestOrientationGolden(t *testing.T) {
	text, err := os.ReadFile("testdata/exif/shown.json")
	if err != nil {
		t.Fatal(err)
	}
	var shown map[int]struct {
		Width, Height int
		Pixels        [][]float64
	}
	if err := json.Unmarshal(text, &shown); err != nil {
		t.Fatal(err)
	}
	for value := 1; value <= 8; value++ {
		want, known := shown[value]
		if !known {
			t.Fatalf("orientation %d: nothing to compare with", value)
		}
		name := fmt.Sprintf("testdata/exif/orientation-%d.jpg", value)
		got, err := readFile(name, ReadPicture)
		if err != nil {
			t.Fatal(err)
		}
		if got.Channels != 3 || got.Width != want.Width || got.Height != want.Height || got.Name != name {
			t.Fatalf("%s: %q of %dx%d and %d channels, want %dx%d", name, got.Name, got.Width, got.Height, got.Channels, want.Width, want.Height)
		}
		plane := got.Width * got.Height
		var worst float64
		for p, colour := range want.Pixels {
			for c, v := range colour {
				worst = max(worst, math.Abs(float64(got.Pixels[c*plane+p])-(v/127.5-1)))
			}
		}
		if worst > 0.02 {
			t.Errorf("%s: a pixel is %v off", name, worst)
		}
	}
}

// TestTurned turns an image of which no two pixels are equal by each orientation's sequence of a
// transposition and mirrorings, as EXIF 2.3 describes where row 0 and column 0 lie.
func TestTurned(t *testing.T) {
	s := &Images{Channels: 1, Height: 2, Width: 3, Pixels: []float32{1, 2, 3, 4, 5, 6}, Labels: []int{7}}
	for orientation, want := range map[int]struct {
		width  int
		pixels []float32
	}{
		1: {3, []float32{1, 2, 3, 4, 5, 6}},
		2: {3, []float32{3, 2, 1, 6, 5, 4}},
		3: {3, []float32{6, 5, 4, 3, 2, 1}},
		4: {3, []float32{4, 5, 6, 1, 2, 3}},
		5: {2, []float32{1, 4, 2, 5, 3, 6}},
		6: {2, []float32{4, 1, 5, 2, 6, 3}},
		7: {2, []float32{6, 3, 5, 2, 4, 1}},
		8: {2, []float32{3, 6, 2, 5, 1, 4}},
	} {
		got := s.turned(orientation)
		if got.Width != want.width || got.Height != 6/want.width || !slices.Equal(got.Pixels, want.pixels) || got.Labels[0] != 7 {
			t.Errorf("orientation %d: %dx%d %v, want width %d and %v", orientation, got.Width, got.Height, got.Pixels, want.width, want.pixels)
		}
	}
	many := random(1, 2, 3, 4, 5)
	if again := many.turned(6).turned(8); !slices.Equal(again.Pixels, many.Pixels) || again.Width != 5 {
		t.Error("a quarter turn and back give other images")
	}
}
