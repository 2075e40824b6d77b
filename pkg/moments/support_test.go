package moments

import (
	"math"
	"testing"
)

// TestSupportInformation: a coefficient tells all about itself, nothing about one that is
// independent, and of a noisy copy what a binary symmetric channel lets through, 1 - h(p).
func TestSupportInformation(t *testing.T) {
	const size, n = 5, 16
	w := make([]float64, 0, size*n)
	for i := range n {
		one, other := float64(i&1), float64(i>>1&1)
		copied := one
		if i>>1%4 == 3 { // in a quarter of the images
			copied = 1 - one
		}
		w = append(w, one, other, copied, -3*one, 1e-9)
	}
	s := NewSupport(w, size)
	h := -(0.25*math.Log2(0.25) + 0.75*math.Log2(0.75))
	for _, c := range []struct {
		what     string
		c        int
		partners []int
		want     float64
	}{
		{"itself", 0, []int{0}, 1}, {"an independent one", 0, []int{1}, 0}, {"a noisy copy", 0, []int{2}, 1 - h},
		{"the opposite sign", 0, []int{3}, 1}, {"rounding", 0, []int{4}, 0}, {"rounding and a copy", 0, []int{4, 3}, 1},
		{"no partner", 0, nil, 0}, {"of rounding", 4, []int{0}, 0},
	} {
		if got := s.Information(c.c, c.partners); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%s: %v bits, want %v", c.what, got, c.want)
		}
	}
	// Either of two independent halves: P(partners) = 3/4, P(c, partners) = 1/2.
	want := 1 + h - (0.25*2 + 0.25*2 + 0.5)
	if got := s.Information(0, []int{0, 1}); math.Abs(got-want) > 1e-12 {
		t.Errorf("any of two: %v bits, want %v", got, want)
	}
}
