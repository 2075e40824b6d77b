package neural

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestLayerGradients: of each layer alone, in its input and its parameters, against differences.
func TestLayerGradients(t *testing.T) {
	type layer struct {
		name      string
		in        int
		forward   func(x []float32) []float32
		backward  func(dy []float32) []float32
		gradients []parameter
	}
	const channels, h, w = 4, 6, 8
	rnd := rand.New(rand.NewPCG(3, 0))
	// A builder whose weights are all random and whose gradients are kept.
	b := &builder{weights: normals(rnd, 5000), gradient: make([]float32, 5000)}
	layers := []layer{}
	for _, padding := range []Padding{Zero, Circular} {
		c := newConv(b, "", channels, 3, h, w, padding, random)
		layers = append(layers, layer{"conv " + string(padding), channels * h * w, c.forward, c.backward, []parameter{c.weight, c.bias}})
	}
	p := newPointwise(b, "", channels, 3, h*w)
	layers = append(layers, layer{"pointwise", channels * h * w, p.forward, p.backward, []parameter{p.weight, p.bias}})
	l := newLinear(b, "", 7, 5, random)
	layers = append(layers, layer{"linear", 7, l.forward, l.backward, []parameter{l.weight, l.bias}})
	half := newHalve(b, channels, h, w)
	layers = append(layers, layer{"halve", channels * h * w, half.forward, half.backward, nil})
	twice := newDouble(b, channels, h, w)
	layers = append(layers, layer{"double", channels * h * w, twice.forward, twice.backward, nil})
	for _, group := range []int{0, 1, 2} {
		a := newActivation(b, "", channels, h*w, group)
		// The modulation is one more parameter, whose gradient backward returns.
		modulation := parameter{value: normals(rnd, 2*channels), gradient: make([]float32, 2*channels)}
		parameters := []parameter{modulation}
		if group > 0 {
			parameters = append(parameters, a.gain, a.offset)
		}
		layers = append(layers, layer{"activation", channels * h * w,
			func(x []float32) []float32 { return a.forward(x, modulation.value) },
			func(dy []float32) []float32 {
				dx, dmodulation := a.backward(dy)
				copy(modulation.gradient, dmodulation)
				return dx
			}, parameters})
	}
	for _, l := range layers {
		x := normals(rnd, l.in)
		cotangent := normals(rnd, len(l.forward(x)))
		value := func() float64 { return inner(l.forward(x), cotangent) }
		value()
		along(t, l.name, rnd, x, slices.Clone(l.backward(cotangent)), value)
		for _, p := range l.gradients {
			along(t, l.name+" parameter", rnd, p.value, p.gradient, value)
		}
	}
}

// TestConvolution: against the sum that its comment gives.
func TestConvolution(t *testing.T) {
	const in, out, h, w = 3, 2, 4, 5
	rnd := rand.New(rand.NewPCG(4, 0))
	for _, padding := range []Padding{Zero, Circular} {
		b := &builder{weights: normals(rnd, 9*in*out+out)}
		c := newConv(b, "", in, out, h, w, padding, random)
		x := normals(rnd, in*h*w)
		y := c.forward(x)
		for o := range out {
			for r := range h {
				for col := range w {
					want := float64(c.bias.value[o])
					for k := range 9 {
						kr, kc := r+k/3-1, col+k%3-1
						if padding == Circular {
							kr, kc = (kr+h)%h, (kc+w)%w
						} else if kr < 0 || kr >= h || kc < 0 || kc >= w {
							continue
						}
						for i := range in {
							want += float64(c.weight.value[(k*out+o)*in+i]) * float64(x[(i*h+kr)*w+kc])
						}
					}
					if got := y[(o*h+r)*w+col]; math.Abs(float64(got)-want) > 1e-5 {
						t.Fatalf("%s padding: output %d at (%d, %d) is %v, want %v", padding, o, r, col, got, want)
					}
				}
			}
		}
	}
}

// TestSilu: value and slope, far out too.
func TestSilu(t *testing.T) {
	for _, u := range []float64{-1e20, -200, -88, -80, -20, -5.3, -1, -1e-3, 0, 1e-20, 0.3, 1, 2.7, 9, 30, 88, 200, 1e20} {
		var y, slope [1]float32
		silu(y[:], slope[:], []float32{float32(u)}, 1, 0)
		s := 1 / (1 + math.Exp(-float64(float32(u))))
		wantY, wantSlope := u*s, s*(1+u*(1-s))
		if math.Abs(float64(y[0])-wantY) > 1e-6*math.Abs(wantY)+1e-17 {
			t.Errorf("silu(%v) = %v, want %v", u, y[0], wantY)
		}
		if math.Abs(float64(slope[0])-wantSlope) > 2e-6 {
			t.Errorf("silu'(%v) = %v, want %v", u, slope[0], wantSlope)
		}
	}
}
