package neural

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"wavescore/pkg/diffusion"
)

// wave is golden.py's: numbers that look random.
func wave(n int, phase, size float64) []float32 {
	s := make([]float32, n)
	for i := range s {
		x := float64(i)
		s[i] = float32(size * math.Sin(phase+3.7*x+0.01*x*x))
	}
	return s
}

// TestGolden compares outputs and all gradients with PyTorch's (testdata/golden.py), to 1e-4 of
// the largest of each tensor.
func TestGolden(t *testing.T) {
	b, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Shape diffusion.Shape
		Level float64
		Cases []struct {
			Architecture  Architecture
			Output, Image []float32
			Gradients     map[string][]float32
		}
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		t.Run(c.Architecture.String(), func(t *testing.T) {
			n, err := New(c.Architecture, golden.Shape, 1)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range n.tensors {
				phase := 0
				for _, letter := range []byte(p.name) {
					phase += int(letter)
				}
				from, to := p.span()
				for i, v := range wave(p.size(), float64(phase), 0.4) {
					n.weights[from:to][i] = float32(p.initial.constant) + v
				}
			}
			gradient := make([]float32, len(n.weights))
			g := n.newGraph(gradient)
			size := golden.Shape.Size()
			agree(t, "output", g.forward(wave(size, 0.5, 1.5), golden.Level), c.Output)
			agree(t, "image", g.backward(wave(size, 2.5, 1)), c.Image)
			if len(c.Gradients) != len(n.tensors) {
				t.Errorf("%d tensors, PyTorch has %d", len(n.tensors), len(c.Gradients))
			}
			for _, p := range n.tensors {
				from, to := p.span()
				agree(t, p.name, gradient[from:to], c.Gradients[p.name])
			}
		})
	}
}

func agree(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, PyTorch has %d", what, len(got), len(want))
		return
	}
	var worst, largest float64
	for i, w := range want {
		worst = max(worst, math.Abs(float64(got[i]-w)))
		largest = max(largest, math.Abs(float64(w)))
	}
	if !(worst <= 1e-4*largest) {
		t.Errorf("%s: off by %v; the largest value is %v", what, worst, largest)
	}
}
