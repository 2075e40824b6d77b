package dataset

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

func TestPad(t *testing.T) {
	s := random(1, 3, 2, 4, 3)
	padded, err := s.Pad(7, 5)
	if err != nil {
		t.Fatal(err)
	}
	// 3 rows more: 1 above and 2 below; 2 columns more: 1 on each side.
	for i := range 3 * 2 {
		for y := range 7 {
			for x := range 5 {
				want := float32(-1)
				if y >= 1 && y < 5 && x >= 1 && x < 4 {
					want = s.Pixels[(i*4+y-1)*3+x-1]
				}
				if got := padded.Pixels[(i*7+y)*5+x]; got != want {
					t.Fatalf("plane %d, row %d, column %d: %v, want %v", i, y, x, got, want)
				}
			}
		}
	}
	if err := padded.Check(); err != nil {
		t.Error(err)
	}
	if same, err := s.Pad(4, 3); err != nil || !slices.Equal(same.Pixels, s.Pixels) {
		t.Errorf("padding by nothing changed the images (%v)", err)
	}
	for _, size := range [][2]int{{3, 9}, {9, 2}} {
		if _, err := s.Pad(size[0], size[1]); err == nil {
			t.Errorf("4x3 images were padded to %v", size)
		} else if want := fmt.Sprintf("random: its images are 3x4 (width x height), larger than the %dx%d", size[1], size[0]); !strings.Contains(err.Error(), want) ||
			!strings.Contains(err.Error(), "Resize or Tiles") {
			t.Errorf("%v: want %q and what to do", err, want)
		}
	}
}

// TestResizeGolden compares with SciPy; testdata/resize.py makes the numbers.
func TestResizeGolden(t *testing.T) {
	type picture struct {
		Height, Width int
		Pixels        []float64
	}
	var golden struct {
		picture
		Cases []picture
	}
	text, err := os.ReadFile("testdata/resize.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &golden); err != nil {
		t.Fatal(err)
	}
	s := &Images{Channels: 1, Height: golden.Height, Width: golden.Width}
	for _, v := range golden.Pixels {
		s.Pixels = append(s.Pixels, float32(v))
	}
	if len(golden.Cases) < 8 {
		t.Fatalf("only %d cases", len(golden.Cases))
	}
	for _, want := range golden.Cases {
		got := s.Resize(want.Height, want.Width)
		if len(got.Pixels) != len(want.Pixels) {
			t.Fatalf("%dx%d: %d pixels, want %d", want.Height, want.Width, len(got.Pixels), len(want.Pixels))
		}
		for i, v := range want.Pixels {
			if math.Abs(float64(got.Pixels[i])-v) > 3e-7 { // a few roundings of float32
				t.Fatalf("%dx%d: pixel %d is %v, want %v", want.Height, want.Width, i, got.Pixels[i], v)
			}
		}
	}
}

func TestResizeEveryPlane(t *testing.T) {
	s := random(2, 3, 3, 5, 4)
	all := s.Resize(7, 9)
	if err := all.Check(); err != nil {
		t.Fatal(err)
	}
	for plane := range 9 {
		alone := (&Images{Channels: 1, Height: 5, Width: 4, Pixels: s.Pixels[plane*20 : plane*20+20]}).Resize(7, 9)
		if !slices.Equal(alone.Pixels, all.Pixels[plane*63:plane*63+63]) {
			t.Errorf("plane %d is resized otherwise among others than alone", plane)
		}
	}
	if !slices.Equal(s.Resize(5, 4).Pixels, s.Pixels) {
		t.Error("resizing to the same size changed the images")
	}
}

func TestGrey(t *testing.T) {
	// Red, green, blue, white and black, side by side.
	s := &Images{Channels: 3, Height: 1, Width: 5, Labels: []int{4}, Pixels: []float32{
		1, -1, -1, 1, -1,
		-1, 1, -1, 1, -1,
		-1, -1, 1, 1, -1,
	}}
	grey := s.Grey()
	for i, luma := range []float64{0.299, 0.587, 0.114, 1, 0} {
		if want := 2*luma - 1; math.Abs(float64(grey.Pixels[i])-want) > 1e-6 {
			t.Errorf("pixel %d is %v, want %v", i, grey.Pixels[i], want)
		}
	}
	if err := grey.Check(); err != nil || grey.Labels[0] != 4 {
		t.Errorf("labels %v, %v", grey.Labels, err)
	}
	if grey.Grey() != grey {
		t.Error("a grey set was copied")
	}
}
