package main

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/external"
)

// The filter is that of NumPy in environment/bench_external.py.
func TestNumPy(t *testing.T) {
	python, found := external.Python("numpy", "../../environment/.venv/bin/python3")
	if !found {
		t.Skip("no Python with NumPy")
	}
	shape := diffusion.Shape{C: 2, H: 8, W: 12}
	d, err := external.New(shape, external.Settings{}, python, "../../environment/denoiser.py", "../../environment/bench_external.py", "bilateral")
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	noisy := diffusion.Run{Seed: 1}.Start(shape, 3, 1, nil)
	want, err := diffusion.Denoised(t.Context(), d, noisy, 0.7)
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float64, len(noisy))
	if err := denoise(got, noisy, shape, 0.7); err != nil {
		t.Fatal(err)
	}
	if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-5 {
		t.Errorf("off by %v", worst)
	}
}

// Where a pixel differs from all others by much, nothing else counts; flat images stay.
func TestLimits(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 6, W: 6}
	image, got := make([]float64, shape.Size()), make([]float64, shape.Size())
	image[14] = 1
	if err := denoise(got, image, shape, 0.01); err != nil {
		t.Fatal(err)
	}
	if !floats.EqualApprox(got, image, 1e-12) {
		t.Errorf("%v", got)
	}
}
