package neural

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"wavescore/pkg/diffusion"
)

var testShape = diffusion.Shape{C: 1, H: 8, W: 12}

// testArchitectures are small networks of every kind.
var testArchitectures = []Architecture{
	{Kind: CNN, Padding: Zero, Channels: []int{5}, Blocks: 2, Embedding: 6},
	{Kind: CNN, Padding: Circular, Channels: []int{5}, Blocks: 1, Embedding: 6},
	{Kind: UNet, Padding: Zero, Channels: []int{4, 6, 8}, Blocks: 2, Group: 2, Embedding: 6},
	{Kind: UNet, Padding: Circular, Channels: []int{4, 6}, Blocks: 1, Group: 0, Embedding: 6},
}

func (a Architecture) String() string {
	return fmt.Sprintf("%s-%s-%v-group%d", a.Kind, a.Padding, a.Channels, a.Group)
}

// normals returns n normal numbers.
func normals(rnd *rand.Rand, n int) []float32 {
	s := make([]float32, n)
	for i := range s {
		s[i] = float32(rnd.NormFloat64())
	}
	return s
}

// randomise gives every parameter, those that begin at zero too, a normal number around its
// initial constant.
func randomise(n *Network, rnd *rand.Rand) {
	for _, t := range n.tensors {
		from, to := t.span()
		for i := from; i < to; i++ {
			n.weights[i] = float32(t.initial.constant + 0.3*rnd.NormFloat64())
		}
	}
}

func inner(a, b []float32) float64 {
	var s float64
	for i, v := range a {
		s += float64(v) * float64(b[i])
	}
	return s
}

// along checks the gradient of f in values, by the derivative in a direction that is half the
// gradient's own, so that it stands out of the noise of float32, and half random, so that no part
// of it escapes. The difference quotients of steps h and h/2 are extrapolated.
func along(t *testing.T, what string, rnd *rand.Rand, values, gradient []float32, f func() float64) {
	t.Helper()
	direction := normals(rnd, len(values))
	length, norm := math.Sqrt(inner(direction, direction)), math.Sqrt(inner(gradient, gradient))
	for i := range direction {
		direction[i] = direction[i]/float32(length) + gradient[i]/float32(norm)
	}
	saved := slices.Clone(values)
	defer copy(values, saved)
	at := func(h float64) float64 {
		for i := range values {
			values[i] = saved[i] + float32(h)*direction[i]
		}
		return f()
	}
	quotient := func(h float64) float64 { return (at(h) - at(-h)) / (2 * h) }
	const h = 0.04
	got, want := (4*quotient(h/2)-quotient(h))/3, inner(direction, gradient)
	if !(math.Abs(got-want) <= 2e-3*(norm+0.2)) {
		t.Errorf("%s: derivative %v by differences, %v by backpropagation", what, got, want)
	}
}

// TestNetworkGradients: for every kind of network, in each tensor of parameters and in the image.
func TestNetworkGradients(t *testing.T) {
	for _, arch := range testArchitectures {
		t.Run(arch.String(), func(t *testing.T) {
			rnd := rand.New(rand.NewPCG(7, 0))
			n, err := New(arch, testShape, 1)
			if err != nil {
				t.Fatal(err)
			}
			randomise(n, rnd)
			gradient := make([]float32, len(n.weights))
			g := n.newGraph(gradient)
			x, cotangent := normals(rnd, testShape.Size()), normals(rnd, testShape.Size())
			const level = -0.3
			value := func() float64 { return inner(g.forward(x, level), cotangent) }
			value()
			dx := slices.Clone(g.backward(cotangent))

			along(t, "image", rnd, x, dx, value)
			for _, tensor := range n.tensors {
				from, to := tensor.span()
				along(t, tensor.name, rnd, n.weights[from:to], gradient[from:to], value)
			}
		})
	}
}
