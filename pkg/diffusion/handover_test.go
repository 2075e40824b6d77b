package diffusion_test

import (
	"context"
	"math"
	"slices"
	"testing"

	"wavescore/pkg/diffusion"
)

// A handover answers as one of the two does at each noise level; one between denoisers of different
// shapes is an error.
func TestHandover(t *testing.T) {
	above, below := gaussian{0, 1}, gaussian{3, 0.5}
	h := diffusion.Handover{Above: above, Below: below, At: 0.5}
	for sigma, want := range map[float64]diffusion.Denoiser{2: above, 0.5: above, 0.49: below, 0.01: below} {
		a, b := []float64{0.7, -0.2}, []float64{0.7, -0.2}
		if err := h.Denoise(t.Context(), a, a, sigma); err != nil {
			t.Fatal(err)
		}
		if err := want.Denoise(t.Context(), b, b, sigma); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a, b) {
			t.Errorf("at sigma %v: %v, want %v", sigma, a, b)
		}
	}
	h.Below = nanDenoiser{}
	if err := h.Denoise(t.Context(), make([]float64, 1), make([]float64, 1), 2); err == nil {
		t.Error("two shapes are accepted")
	}
}

// cubic denoises small values, and throws others out.
type cubic struct{ gaussian }

func (c cubic) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	err := c.gaussian.Denoise(ctx, dst, src, sigma)
	for i, y := range src {
		dst[i] += y * y * y
	}
	return err
}

// A fence changes nothing inside, and what is lost stays lost and finite to the end of the walk.
func TestFence(t *testing.T) {
	inside := []float64{0.3, -1.2}
	d := gaussian{0, 1}
	fence := diffusion.Fence{Denoiser: d, Limit: 10}
	a, b := make([]float64, 2), make([]float64, 2)
	if err := fence.Denoise(t.Context(), a, inside, 0.5); err != nil {
		t.Fatal(err)
	}
	if err := d.Denoise(t.Context(), b, inside, 0.5); err != nil || !slices.Equal(a, b) || fence.Lost(a[:1]) {
		t.Errorf("inside: %v, want %v (%v)", a, b, err)
	}
	fence.Denoiser = cubic{d}
	x := []float64{0.1, 5, 30}
	states, err := diffusion.Record(t.Context(), fence, diffusion.Heun{}, x, []float64{1, 0.5, 0.2, 0.1, 0}, diffusion.Run{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range states[:4] {
		if fence.Lost(s.Denoised[:1]) || !fence.Lost(s.Denoised[1:2]) || !fence.Lost(s.Denoised[2:3]) {
			t.Errorf("at sigma %v: %v", s.Sigma, s.Denoised)
		}
	}
	for _, v := range x {
		if math.Abs(v) > 1000 {
			t.Errorf("the walks end at %v", x)
		}
	}
}

// A record holds the states that Each is told, as they were, and the walk's end.
func TestRecord(t *testing.T) {
	d := gaussian{0.5, 1}
	x, told := []float64{3}, []float64{}
	run := diffusion.Run{Each: func(s diffusion.State) { told = append(told, s.X[0]) }}
	states, err := diffusion.Record(t.Context(), d, diffusion.Euler{}, x, []float64{2, 1, 0}, run)
	if err != nil || len(states) != 3 || len(told) != 3 {
		t.Fatalf("%d states, %d told (%v)", len(states), len(told), err)
	}
	for i, s := range states {
		if s.X[0] != told[i] || s.Step != i {
			t.Errorf("state %d is %v, and %v was told", i, s, told[i])
		}
	}
	if states[0].X[0] != 3 || states[2].X[0] != x[0] || states[2].Denoised != nil || states[2].Sigma != 0 {
		t.Errorf("from %v to %v", states[0], states[2])
	}
	if want := 0.5 + 2.5/5; math.Abs(states[0].Denoised[0]-want) > 1e-12 {
		t.Errorf("%v is expected behind 3, want %v", states[0].Denoised[0], want)
	}
	if _, err := diffusion.Record(t.Context(), d, diffusion.Euler{}, x, nil, diffusion.Run{}); err == nil {
		t.Error("no levels are accepted")
	}
}
