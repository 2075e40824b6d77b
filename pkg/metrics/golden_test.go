package metrics

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"testing"
)

// wave is golden.py's: points that look random.
func wave(count, dim int, phase, size, shift float64) *Points {
	p := &Points{Dim: dim, Values: make([]float64, count*dim)}
	for i := range p.Values {
		x := float64(i)
		p.Values[i] = shift + size*math.Sin(phase+3.7*x+0.01*x*x)
	}
	return p
}

// TestGolden compares distances with those of NumPy and SciPy (testdata/golden.py).
func TestGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Samples, References, Dim     int
			Size, Shift, Frechet, Kernel float64
			Overlap                      struct{ Precision, Recall, Density, Coverage float64 }
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for _, c := range golden.Cases {
		samples, reference := wave(c.Samples, c.Dim, 0.5, c.Size, c.Shift), wave(c.References, c.Dim, 1.5, 1, 0)
		// Not Frechet, which refuses fewer points than dimensions. SciPy's root of a singular
		// product, which there is then, is good to half the digits.
		target := newTarget(reference)
		all := newGaussian(target.mean)
		all.add(samples)
		if d, err := target.distance(all); err != nil || math.Abs(d-c.Frechet) > 1e-6*c.Frechet {
			t.Errorf("%d features: Fréchet distance %v, SciPy has %v (%v)", c.Dim, d, c.Frechet, err)
		}
		if d, err := Frechet(ctx, samples, reference); c.Samples > c.Dim && (err != nil || math.Abs(d.Value-c.Frechet) > 1e-6*c.Frechet) {
			t.Errorf("%d features: Fréchet distance %v, SciPy has %v (%v)", c.Dim, d.Value, c.Frechet, err)
		}
		if k := discrepancy(samples, reference); math.Abs(k-c.Kernel) > 1e-10 {
			t.Errorf("%d features: kernel distance %v, NumPy has %v", c.Dim, k, c.Kernel)
		}
		o, err := NewOverlap(ctx, samples, reference, 5)
		if err != nil {
			t.Fatal(err)
		}
		for name, pair := range map[string][2]float64{
			"precision": {o.Precision.Value(), c.Overlap.Precision}, "recall": {o.Recall.Value(), c.Overlap.Recall},
			"density": {o.Density.Value(), c.Overlap.Density}, "coverage": {o.Coverage.Value(), c.Overlap.Coverage},
		} {
			if math.Abs(pair[0]-pair[1]) > 1e-12 {
				t.Errorf("%d features: %s %v, NumPy has %v", c.Dim, name, pair[0], pair[1])
			}
		}
	}
}
