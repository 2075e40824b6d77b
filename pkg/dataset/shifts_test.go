package dataset

import (
	"fmt"
	"slices"
	"testing"
)

func TestShifts(t *testing.T) {
	const period = 3
	s := random(1, 4, 2, 5, 7)
	shifts, err := s.Shifts(period)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := shifts.Len(), 4*period*period; got != want || shifts.Period() != period || shifts.Size() != s.Size() {
		t.Fatalf("%d images of %d values modulo %d, want %d of %d modulo %d", got, shifts.Size(), shifts.Period(), want, s.Size(), period)
	}
	all := shifts.Batch(nil, 0, shifts.Len())
	n := 0
	for i := range 4 {
		for down := range period {
			for right := range period {
				for channel := range 2 {
					for y := range 5 {
						for x := range 7 {
							got := all[n*s.Size()+(channel*5+(y+down)%5)*7+(x+right)%7]
							if want := float64(s.Pixels[i*s.Size()+(channel*5+y)*7+x]); got != want {
								t.Fatalf("image %d down %d right %d, channel %d row %d column %d: %v, want %v", i, down, right, channel, y, x, got, want)
							}
						}
					}
				}
				n++
			}
		}
	}
	if got := shifts.Batch(make([]float64, 5*s.Size()), 7, 12); !slices.Equal(got, all[7*s.Size():12*s.Size()]) {
		t.Error("a batch across images differs from the same part of all")
	}
	if whole, err := s.Shifts(1); err != nil || !slices.Equal(whole.Batch(nil, 0, 4), s.Batch(nil, 0, 4)) {
		t.Errorf("modulo 1 the images are others (%v)", err)
	}
}

func TestShiftsMistakes(t *testing.T) {
	s := random(1, 2, 1, 4, 6)
	for _, period := range []int{-1, 0, 5} {
		if _, err := s.Shifts(period); err == nil {
			t.Errorf("4x6 images were shifted modulo %d", period)
		}
	}
	shifts, err := s.Shifts(4)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := recovered(func() { shifts.Batch(nil, 30, 33) }), (RangeError{From: 30, To: 33, Len: 32}); got != want {
		t.Errorf("panic %v, want %v", got, want)
	}
	if got, want := recovered(func() { shifts.Batch(make([]float64, 5), 0, 1) }), (LengthError{What: "values of dst", Got: 5, Want: 24}); got != want {
		t.Errorf("panic %v, want %v", got, want)
	}
}

func ExampleImages_Shifts() {
	line := &Images{Name: "a line", Channels: 1, Height: 2, Width: 2, Pixels: []float32{1, 0, 1, 0}}
	shifts, err := line.Shifts(2)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range shifts.Len() {
		fmt.Println(shifts.Batch(nil, i, i+1))
	}
	// Output:
	// [1 0 1 0]
	// [0 1 0 1]
	// [1 0 1 0]
	// [0 1 0 1]
}
