package length

import "testing"

func TestChecks(t *testing.T) {
	pixels := func(n int) []float64 { return make([]float64, n) }
	if n := Batches(pixels(12), pixels(12), 4); n != 3 {
		t.Errorf("12 values are %d images of 4", n)
	}
	if n := Batches(nil, nil, 4); n != 0 {
		t.Errorf("no values are %d images", n)
	}
	Check("weights", 3, 3)
	for _, test := range []struct {
		call func()
		want Error
		text string
	}{
		{func() { Batches(pixels(12), pixels(13), 4) }, Error{"values of src", 13, 4, true}, "13 values of src: want a multiple of 4"},
		{func() { Batches(pixels(8), pixels(12), 4) }, Error{"values of dst", 8, 12, false}, "8 values of dst: want 12"},
		{func() { Images("pixels", 12, 0) }, Error{"pixels", 12, 0, true}, "12 pixels: want a multiple of 0"},
		{func() { Images("pixels", 12, -3) }, Error{"pixels", 12, -3, true}, "12 pixels: want a multiple of -3"},
		{func() { Check("weights", 0, 1) }, Error{"weights", 0, 1, false}, "0 weights: want 1"},
	} {
		func() {
			defer func() {
				if got := recover(); got != test.want || got.(error).Error() != test.text {
					t.Errorf("panic %v, want %v", got, test.want)
				}
			}()
			test.call()
		}()
	}
}
