package diffusion

import (
	"context"
	"slices"
	"testing"
)

// seen is a denoiser that returns its images, and keeps them.
type seen struct {
	shape  Shape
	images []float64
}

func (s *seen) Shape() Shape { return s.shape }

func (s *seen) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	s.images = slices.Clone(src)
	copy(dst, src)
	return Check(s.shape, dst, src, sigma)
}

// TestReflect: what the denoiser sees is numpy.pad(..., mode="symmetric"), also where the margin is
// wider than the image; what comes back is the middle.
func TestReflect(t *testing.T) {
	inner := &seen{shape: Shape{C: 2, H: 3, W: 8}}
	d, err := Reflect(inner, Shape{C: 2, H: 2, W: 3})
	if err != nil {
		t.Fatal(err)
	}
	images := []float64{1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60}
	got := make([]float64, 12)
	if err := d.Denoise(t.Context(), got, images, 1); err != nil || !slices.Equal(got, images) {
		t.Errorf("%v, %v", got, err)
	}
	want := []float64{
		2, 1, 1, 2, 3, 3, 2, 1, 5, 4, 4, 5, 6, 6, 5, 4, 5, 4, 4, 5, 6, 6, 5, 4,
		20, 10, 10, 20, 30, 30, 20, 10, 50, 40, 40, 50, 60, 60, 50, 40, 50, 40, 40, 50, 60, 60, 50, 40,
	}
	if !slices.Equal(inner.images, want) {
		t.Errorf("it sees %v", inner.images)
	}
	if same, err := Reflect(inner, inner.shape); err != nil || same.Shape() != inner.shape {
		t.Errorf("of the same shape: %v", err)
	}
	for _, shape := range []Shape{{1, 2, 3}, {2, 4, 3}, {2, 3, 9}, {2, 0, 3}} {
		if _, err := Reflect(inner, shape); err == nil {
			t.Errorf("images of %v are taken", shape)
		}
	}
}
