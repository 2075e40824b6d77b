package dataset

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestTiles(t *testing.T) {
	s := random(1, 3, 2, 8, 5)
	s.Labels = []int{4, 0, 2}
	tiles, err := s.Tiles(3, 2)
	if err != nil {
		t.Fatal(err)
	}
	if err := tiles.Check(); err != nil {
		t.Error(err)
	}
	// 8 x 5 pixels hold 2 x 2 parts of 3 x 2. Two rows are left over, one above and one below, and
	// a column at the right.
	if got, want := tiles.Len(), 3*2*2; got != want {
		t.Fatalf("%d parts, want %d", got, want)
	}
	if want := []int{4, 4, 4, 4, 0, 0, 0, 0, 2, 2, 2, 2}; !slices.Equal(tiles.Labels, want) {
		t.Errorf("labels %v, want %v", tiles.Labels, want)
	}
	for i := range 3 {
		for channel := range 2 {
			for y := range 6 {
				for x := range 4 {
					part := i*4 + y/3*2 + x/2
					got := tiles.Pixels[((part*2+channel)*3+y%3)*2+x%2]
					if want := s.Pixels[((i*2+channel)*8+y+1)*5+x]; got != want {
						t.Fatalf("image %d, channel %d, row %d, column %d: %v, want %v", i, channel, y, x, got, want)
					}
				}
			}
		}
	}
	if whole, err := s.Tiles(8, 5); err != nil || !slices.Equal(whole.Pixels, s.Pixels) {
		t.Errorf("one part that is the whole image is another image (%v)", err)
	}
	for _, size := range [][2]int{{0, 1}, {1, 0}, {-1, 2}, {9, 5}, {8, 6}} {
		if _, err := s.Tiles(size[0], size[1]); err == nil {
			t.Errorf("8x5 images were cut into parts of %v", size)
		} else if want := fmt.Sprintf("random: its images are 5x8 (width x height), and cannot be cut into parts of %dx%d", size[1], size[0]); !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q in it", err, want)
		}
	}
}

func ExampleImages_Tiles() {
	digits := Digits(10, 1)
	quarters, err := digits.Tiles(14, 14)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(quarters.Len(), "quarters of", quarters.Height, "x", quarters.Width)
	// Output: 40 quarters of 14 x 14
}
