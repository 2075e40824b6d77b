package neural

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"wavescore/pkg/diffusion"
)

// testNetwork returns a network with random parameters, also where training would begin at zero.
func testNetwork(t *testing.T, arch Architecture, shape diffusion.Shape) *Network {
	t.Helper()
	n, err := New(arch, shape, 1)
	if err != nil {
		t.Fatal(err)
	}
	randomise(n, rand.New(rand.NewPCG(2, 0)))
	n.mean, n.deviation = -0.6, 0.5
	return n
}

// noisy returns n noisy values.
func noisy(seed uint64, n int) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 0))
	s := make([]float64, n)
	for i := range s {
		s[i] = rnd.NormFloat64()
	}
	return s
}

// TestEquivariance: the CNN with circular padding commutes with every circular shift, the one
// with zero padding does not.
func TestEquivariance(t *testing.T) {
	shape := diffusion.Shape{C: 2, H: 8, W: 12}
	shifted := func(src []float64, down, right int) []float64 {
		dst := make([]float64, len(src))
		for c := range shape.C {
			for r := range shape.H {
				for col := range shape.W {
					dst[(c*shape.H+(r+down)%shape.H)*shape.W+(col+right)%shape.W] = src[(c*shape.H+r)*shape.W+col]
				}
			}
		}
		return dst
	}
	for _, padding := range []Padding{Circular, Zero} {
		n := testNetwork(t, Architecture{Kind: CNN, Padding: padding, Channels: []int{6}, Blocks: 2, Embedding: 8}, shape)
		src := noisy(1, shape.Size())
		dst := make([]float64, len(src))
		if err := n.Denoise(t.Context(), dst, src, 0.7); err != nil {
			t.Fatal(err)
		}
		least := math.Inf(1)
		for down := range shape.H {
			for right := range shape.W {
				if down == 0 && right == 0 {
					continue
				}
				moved := shifted(src, down, right)
				if err := n.Denoise(t.Context(), moved, moved, 0.7); err != nil {
					t.Fatal(err)
				}
				var worst float64
				for i, v := range shifted(dst, down, right) {
					worst = max(worst, math.Abs(v-moved[i]))
				}
				if padding == Circular && worst > 1e-6 {
					t.Errorf("circular padding, shift (%d, %d): off by %v", down, right, worst)
				}
				least = min(least, worst)
			}
		}
		if padding == Zero && least < 1e-2 {
			t.Errorf("zero padding: a shift changes the result by %v only", least)
		}
	}
}

// TestReceptiveField: outside of the window of the stated side a pixel's row of the Jacobian is
// exactly zero; at its corners it is not.
func TestReceptiveField(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 24, W: 24}
	for blocks := 1; blocks <= 3; blocks++ {
		n := testNetwork(t, Architecture{Kind: CNN, Padding: Circular, Channels: []int{4}, Blocks: blocks, Embedding: 8}, shape)
		field := n.ReceptiveField()
		if want := 5 + 4*blocks; field != want {
			t.Errorf("%d blocks: receptive field %d, want %d", blocks, field, want)
		}
		row, src := make([]float64, shape.Size()), noisy(3, shape.Size())
		row[12*24+12] = 1
		if err := n.VJP(t.Context(), row, src, row, 0.5); err != nil {
			t.Fatal(err)
		}
		for i, v := range row {
			reach := max(abs(i/24-12), abs(i%24-12))
			if reach > field/2 && v != 0 {
				t.Errorf("%d blocks: the pixel at distance %d has weight %v", blocks, reach, v)
			}
			if abs(i/24-12) == field/2 && abs(i%24-12) == field/2 && v == 0 {
				t.Errorf("%d blocks: the corner %d has no weight", blocks, i)
			}
		}
	}
	n := testNetwork(t, Architecture{Kind: CNN, Padding: Zero, Channels: []int{2}, Blocks: 3, Embedding: 4}, testShape)
	if n.ReceptiveField() != testShape.W {
		t.Errorf("a field larger than the image: %d", n.ReceptiveField())
	}
}

func abs(v int) int { return max(v, -v) }

// TestVJP: a batch of cotangents against differences of Denoise along a direction.
func TestVJP(t *testing.T) {
	const images = 3
	for _, arch := range testArchitectures {
		n := testNetwork(t, arch, testShape)
		size := images * testShape.Size()
		for _, sigma := range []float64{0.05, 0.5, 3} {
			src, direction, cotangent := noisy(5, size), noisy(6, size), noisy(7, size)
			product := make([]float64, size)
			if err := n.VJP(t.Context(), product, src, cotangent, sigma); err != nil {
				t.Fatal(err)
			}
			at := func(h float64) []float64 {
				dst := make([]float64, size)
				for i := range dst {
					dst[i] = src[i] + h*direction[i]
				}
				if err := n.Denoise(t.Context(), dst, dst, sigma); err != nil {
					t.Fatal(err)
				}
				return dst
			}
			h := 0.01 * math.Hypot(sigma, n.deviation)
			plus, minus := at(h), at(-h)
			for i := range images {
				var got, want, scale float64
				for p := i * testShape.Size(); p < (i+1)*testShape.Size(); p++ {
					got += (plus[p] - minus[p]) / (2 * h) * cotangent[p]
					want += product[p] * direction[p]
					scale += product[p] * product[p]
				}
				if math.Abs(got-want) > 1e-2*math.Sqrt(scale) {
					t.Errorf("%v, sigma %v, image %d: %v by differences, %v by VJP", arch, sigma, i, got, want)
				}
			}
		}
	}
}

// Cotangents of equal images in a row, which share the way forwards, are carried back as each
// alone is, to the bit.
func TestVJPOfEqualImages(t *testing.T) {
	size := testShape.Size()
	two := noisy(1, 2*size)
	src := slices.Concat(two, two[size:], two[size:], two[:size])
	cotangent := noisy(2, len(src))
	for _, arch := range testArchitectures {
		n := testNetwork(t, arch, testShape)
		together, alone := slices.Clone(src), make([]float64, len(src))
		if err := n.VJP(t.Context(), together, together, cotangent, 0.5); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(src); i += size {
			if err := n.VJP(t.Context(), alone[i:i+size], src[i:i+size], cotangent[i:i+size], 0.5); err != nil {
				t.Fatal(err)
			}
		}
		if !slices.Equal(together, alone) {
			t.Errorf("%v: images give other products together than alone", arch)
		}
		if err := n.VJP(t.Context(), nil, nil, nil, 0.5); err != nil {
			t.Errorf("%v, no images: %v", arch, err)
		}
	}
}

// TestDenoiseUntrained: a new network is the linear filter of white data.
func TestDenoiseUntrained(t *testing.T) {
	n, err := New(ReferenceUNet(), diffusion.Shape{C: 1, H: 8, W: 8}, 1)
	if err != nil {
		t.Fatal(err)
	}
	src := noisy(1, 64)
	dst := make([]float64, 64)
	if err := n.Denoise(t.Context(), dst, src, 2); err != nil {
		t.Fatal(err)
	}
	for i, v := range dst {
		if want := src[i] / 5; math.Abs(v-want) > 1e-15 {
			t.Fatalf("pixel %d: %v, want %v", i, v, want)
		}
	}
}

// TestDenoiseSameBits: whether alone or in a batch, on one core or more, at the same time as
// others or not.
func TestDenoiseSameBits(t *testing.T) {
	n := testNetwork(t, testArchitectures[2], testShape)
	const images = 9
	src := noisy(4, images*testShape.Size())
	want := make([]float64, len(src))
	for i := range images {
		if err := n.Denoise(t.Context(), image(want, i, testShape), image(src, i, testShape), 0.4); err != nil {
			t.Fatal(err)
		}
	}
	for _, cores := range []int{1, 2, 5} {
		before := runtime.GOMAXPROCS(cores)
		var group sync.WaitGroup
		for range 4 {
			group.Go(func() {
				got := slices.Clone(src)
				if err := n.Denoise(t.Context(), got, got, 0.4); err != nil {
					t.Error(err)
				}
				if !slices.Equal(got, want) {
					t.Errorf("other bits on %d cores", cores)
				}
			})
		}
		group.Wait()
		runtime.GOMAXPROCS(before)
	}
}

func TestDenoiseErrors(t *testing.T) {
	n := testNetwork(t, testArchitectures[0], testShape)
	src := noisy(1, 2*testShape.Size())
	dst := make([]float64, len(src))
	for _, sigma := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if err := n.Denoise(t.Context(), dst, src, sigma); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("sigma %v: %v", sigma, err)
		}
		if err := n.VJP(t.Context(), dst, src, src, sigma); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("VJP, sigma %v: %v", sigma, err)
		}
	}
	bad := slices.Clone(src)
	bad[testShape.Size()+1] = math.NaN()
	if err := n.Denoise(t.Context(), dst, bad, 1); !errors.Is(err, diffusion.ErrInput) {
		t.Errorf("NaN: %v", err)
	}
	if err := n.VJP(t.Context(), dst, src, bad, 1); !errors.Is(err, diffusion.ErrInput) {
		t.Errorf("NaN in the cotangent: %v", err)
	}
	bad[testShape.Size()+1] = 1e300
	if err := n.Denoise(t.Context(), dst, bad, 1); !errors.Is(err, ErrOverflow) || !strings.Contains(err.Error(), "image 1") {
		t.Errorf("1e300: %v", err)
	}
	defer func() {
		if _, ok := recover().(diffusion.LengthError); !ok {
			t.Error("no LengthError")
		}
	}()
	_ = n.Denoise(t.Context(), dst, src[1:], 1)
}

func TestArchitectureErrors(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 32, W: 32}
	for _, reference := range []Architecture{ReferenceCNN(), ReferenceUNet()} {
		if err := reference.Check(shape); err != nil {
			t.Error(err)
		}
	}
	for says, change := range map[string]func(a *Architecture){
		"mlp":        func(a *Architecture) { a.Kind = "mlp" },
		"mirror":     func(a *Architecture) { a.Padding = "mirror" },
		"channels":   func(a *Architecture) { a.Channels = nil },
		"[0]":        func(a *Architecture) { a.Channels = []int{0} },
		"blocks":     func(a *Architecture) { a.Blocks = 0 },
		"vector":     func(a *Architecture) { a.Embedding = 0 },
		"groups":     func(a *Architecture) { a.Group = 5 },
		"multiples":  func(a *Architecture) { a.Channels = []int{4, 4, 4, 4, 4, 4, 4} },
		"at most":    func(a *Architecture) { a.Channels = []int{4, 4, 4, 4, 4, 4, 4, 4, 4} },
		"no normali": func(a *Architecture) { a.Kind = CNN },
	} {
		arch := ReferenceUNet()
		change(&arch)
		if _, err := New(arch, shape, 1); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := New(ReferenceUNet(), diffusion.Shape{C: 1, H: 0, W: 32}, 1); err == nil {
		t.Error("images without rows")
	}
}
