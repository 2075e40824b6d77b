package empirical

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/denoisertest"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

var (
	_ = []diffusion.Denoiser{(*Local)(nil), (*Composition)(nil), (*Principal)(nil), (*Smoothed)(nil)}

	rectangle = diffusion.Shape{C: 2, H: 5, W: 6}
)

// noise returns n images of noise.
func noise(shape diffusion.Shape, n int, seed uint64) *dataset.Images {
	rnd := rand.New(rand.NewPCG(seed, 0))
	s := &dataset.Images{Channels: shape.C, Height: shape.H, Width: shape.W}
	for range n * shape.Size() {
		s.Pixels = append(s.Pixels, float32(rnd.NormFloat64()/2))
	}
	return s
}

// pixel returns a pixel of an image, 0 beyond its edges, or the one around them.
func pixel(x []float64, s diffusion.Shape, c, row, column int, round bool) float64 {
	if round {
		row, column = modulo(row, s.H), modulo(column, s.W)
	}
	if row < 0 || row >= s.H || column < 0 || column >= s.W {
		return 0
	}
	return x[(c*s.H+row)*s.W+column]
}

// kind says how a patch is cut by the edges of a stretch of pixels.
func kind(at, size int, p patch) int {
	switch {
	case at < p.before && at >= size-p.after:
		return 1000 + at
	case at < p.before:
		return at
	case at >= size-p.after:
		return -(size - at)
	}
	return 1 << 20 // not at all
}

// localByDefinition denoises one image patch by patch, as the papers write it.
func localByDefinition(l *Local, y []float64, sigma float64) []float64 {
	s, p := l.shape, patchOf(l.sides.At(sigma))
	round := l.places == everywhere
	set := l.images.Batch(nil, 0, l.images.Len())
	dst := make([]float64, s.Size())
	for row := range s.H {
		for column := range s.W {
			var logs []float64
			var sources [][]float64
			for n := range l.images.Len() {
				x := set[n*s.Size():][:s.Size()]
				for r := range s.H {
					for c := range s.W {
						switch {
						case l.places == samePlace && (r != row || c != column),
							l.places == alike && (kind(r, s.H, p) != kind(row, s.H, p) || kind(c, s.W, p) != kind(column, s.W, p)):
							continue
						}
						distance, source := 0.0, make([]float64, s.C)
						for ch := range s.C {
							source[ch] = pixel(x, s, ch, r, c, false)
							for a := -p.before; a <= p.after; a++ {
								for b := -p.before; b <= p.after; b++ {
									e := pixel(y, s, ch, row+a, column+b, round) - pixel(x, s, ch, r+a, c+b, round)
									distance += e * e
								}
							}
						}
						logs, sources = append(logs, -distance/(2*sigma*sigma)), append(sources, source)
					}
				}
			}
			total := floats.LogSumExp(logs)
			for k, source := range sources {
				for ch, v := range source {
					dst[(ch*s.H+row)*s.W+column] += math.Exp(logs[k]-total) * v
				}
			}
		}
	}
	return dst
}

// TestLocalByDefinition: at its own place, at places alike and around the edges, with patches of
// odd and even sides and larger than the image, in two channels, from weak noise to strong.
func TestLocalByDefinition(t *testing.T) {
	images := noise(rectangle, 7, 1)
	for _, side := range []int{1, 2, 3, 4, 5, 7, 13} {
		for _, p := range []places{samePlace, alike, everywhere} {
			if p == everywhere && side > 5 {
				continue
			}
			l, err := newLocal(rectangle, images, Side(side), p)
			if err != nil {
				t.Fatal(err)
			}
			for _, sigma := range []float64{0.05, 0.4, 3, 100} {
				y := withNoise(rand.New(rand.NewPCG(2, 0)), images.Batch(nil, 0, 2), sigma)
				want := append(localByDefinition(l, y[:60], sigma), localByDefinition(l, y[60:], sigma)...)
				if err := l.Denoise(t.Context(), y, y, sigma); err != nil {
					t.Fatal(err)
				}
				if worst := floats.Distance(y, want, math.Inf(1)); worst > 1e-7 {
					t.Errorf("side %d, places %d, sigma %v: off by %v", side, p, sigma, worst)
				}
			}
		}
	}
}

// TestLargePatchesAreIdeal: a patch that covers the image from every pixel knows the whole image,
// and so do a crop as large as the image and a threshold of 0.
func TestLargePatchesAreIdeal(t *testing.T) {
	const n = 60
	shape, images, set := pictures(n, 8)
	ideal, err := NewIdeal(shape, images)
	if err != nil {
		t.Fatal(err)
	}
	same, err := NewLocal(shape, images, Side(99))
	if err != nil {
		t.Fatal(err)
	}
	border, err := NewEquivariant(shape, images, Side(16), Border)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := NewComposition(shape, images, Side(8))
	if err != nil {
		t.Fatal(err)
	}
	larger, err := NewComposition(shape, images, Side(20))
	if err != nil {
		t.Fatal(err)
	}
	unsmoothed, err := NewSmoothed(ideal, Smoothing{Draws: 3})
	if err != nil {
		t.Fatal(err)
	}
	for _, sigma := range []float64{0.05, 0.5, 2, 50} {
		y := withNoise(rand.New(rand.NewPCG(3, 0)), set[:64*20], sigma)
		want := make([]float64, len(y))
		if err := ideal.Denoise(t.Context(), want, y, sigma); err != nil {
			t.Fatal(err)
		}
		for what, d := range map[string]diffusion.Denoiser{"same place": same, "borders": border, "crops": whole, "larger crops": larger, "unsmoothed": unsmoothed} {
			got := make([]float64, len(y))
			if err := d.Denoise(t.Context(), got, y, sigma); err != nil {
				t.Fatal(err)
			}
			if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-7 {
				t.Errorf("%s, sigma %v: off by %v from the ideal", what, sigma, worst)
			}
		}
	}
}

// TestEquivariance: around the edges the machine commutes with shifts, and it makes the same of an
// image when each training image has been shifted.
func TestEquivariance(t *testing.T) {
	images := noise(rectangle, 6, 4)
	l, err := NewEquivariant(rectangle, images, Side(3), Round)
	if err != nil {
		t.Fatal(err)
	}
	y := noise(rectangle, 1, 5).Batch(nil, 0, 1)
	rolled, want, got := make([]float64, len(y)), make([]float64, len(y)), make([]float64, len(y))
	rectangle.Roll(rolled, y, 2, 3)
	if err := l.Denoise(t.Context(), y, y, 0.7); err != nil {
		t.Fatal(err)
	}
	rectangle.Roll(want, y, 2, 3)
	if err := l.Denoise(t.Context(), got, rolled, 0.7); err != nil {
		t.Fatal(err)
	}
	if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-9 {
		t.Errorf("off by %v", worst)
	}
	moved, batch := *images, images.Batch(nil, 0, images.Len())
	moved.Pixels = nil
	for n := range images.Len() {
		rectangle.Roll(got, batch[n*len(got):][:len(got)], n, 2*n+1)
		for _, v := range got {
			moved.Pixels = append(moved.Pixels, float32(v))
		}
	}
	other, err := NewEquivariant(rectangle, &moved, Side(3), Round)
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Denoise(t.Context(), got, rolled, 0.7); err != nil {
		t.Fatal(err)
	}
	if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-7 {
		t.Errorf("of shifted training images: off by %v", worst)
	}
}

// every returns one machine of each kind.
func every(t *testing.T, shape diffusion.Shape, images diffusion.Images, sides Sides) map[string]diffusion.Denoiser {
	t.Helper()
	all := make(map[string]diffusion.Denoiser)
	keep := func(name string) func(d diffusion.Denoiser, err error) {
		return func(d diffusion.Denoiser, err error) {
			if err != nil {
				t.Fatal(name, err)
			}
			all[name] = d
		}
	}
	local, err := NewLocal(shape, images, sides)
	keep("local")(local, err)
	equivariant, err := NewEquivariant(shape, images, sides, Border)
	keep("equivariant")(equivariant, err)
	round, err := NewEquivariant(shape, images, sides, Round)
	keep("round")(round, err)
	composition, err := NewComposition(shape, images, sides)
	keep("composition")(composition, err)
	principal, err := NewPrincipal(t.Context(), shape, images, Locality{Threshold: 0.05})
	keep("principal")(principal, err)
	ideal, err := NewIdeal(shape, images)
	keep("ideal")(ideal, err)
	smoothed, err := NewSmoothed(ideal, Smoothing{Spread: 0.1, Draws: 2, Seed: 1})
	keep("smoothed")(smoothed, err)
	preselected, err := NewPreselected(local, Select(images.Len(), 2))
	keep("preselected")(preselected, err)
	return all
}

// TestFew: of one training image every machine makes that image, or its pixels; of constant images
// a constant; at every noise level.
func TestFew(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 6, W: 6}
	grey := func(values ...float32) *dataset.Images {
		s := &dataset.Images{Channels: 1, Height: 6, Width: 6}
		for _, v := range values {
			s.Pixels = append(s.Pixels, slices.Repeat([]float32{v}, 36)...)
		}
		return s
	}
	for _, images := range []*dataset.Images{grey(0.25), grey(0.25, 0.25, 0.25)} {
		for _, side := range []int{1, 3, 40} {
			for name, d := range every(t, shape, images, Side(side)) {
				for _, sigma := range []float64{1e-3, 0.5, 100} {
					y := withNoise(rand.New(rand.NewPCG(8, 0)), make([]float64, 36*3), sigma)
					if err := d.Denoise(t.Context(), y, y, sigma); err != nil {
						t.Errorf("%s, %d images, sigma %v: %v", name, images.Len(), sigma, err)
						continue
					}
					if math.Abs(floats.Max(y)-0.25) > 1e-6 || math.Abs(floats.Min(y)-0.25) > 1e-6 {
						t.Errorf("%s of grey images, side %d, sigma %v: from %v to %v", name, side, sigma, floats.Min(y), floats.Max(y))
					}
				}
			}
		}
	}
}

// TestEvery: the same bits on any number of cores, contexts, and noise levels that are none. There
// are enough images for several blocks of a strip.
func TestEvery(t *testing.T) {
	shape, images, set := pictures(300, 8)
	y := withNoise(rand.New(rand.NewPCG(9, 0)), set[:64*20], 0.6)
	for name, d := range every(t, shape, images, Side(3)) {
		denoisertest.Run(t, name, d, y, 0.6)
	}
}

func TestMistakes(t *testing.T) {
	shape, images, _ := pictures(5, 8)
	bad := images.Slice(0, 5)
	bad.Pixels = slices.Clone(bad.Pixels)
	bad.Pixels[70] = float32(math.NaN())
	makers := map[string]func(shape diffusion.Shape, images diffusion.Images) error{
		"local": func(s diffusion.Shape, i diffusion.Images) error { _, err := NewLocal(s, i, Side(3)); return err },
		"equivariant": func(s diffusion.Shape, i diffusion.Images) error {
			_, err := NewEquivariant(s, i, Side(3), Round)
			return err
		},
		"composition": func(s diffusion.Shape, i diffusion.Images) error { _, err := NewComposition(s, i, Side(3)); return err },
		"principal": func(s diffusion.Shape, i diffusion.Images) error {
			_, err := NewPrincipal(t.Context(), s, i, Locality{Threshold: 0.1})
			return err
		},
	}
	for name, make := range makers {
		if make(diffusion.Shape{C: 1, H: 4, W: 4}, images) == nil || make(shape, images.Slice(0, 0)) == nil {
			t.Errorf("%s: images of another shape, or none, are taken", name)
		}
		if err := make(shape, bad); !errors.Is(err, diffusion.ErrInput) {
			t.Errorf("%s: a pixel that is no number gives %v", name, err)
		}
	}
	for _, sides := range []Sides{{}, Side(0), {Sigmas: []float64{1, 2}, Pixels: []int{3}}, {Sigmas: []float64{2, 1}, Pixels: []int{3, 3}},
		{Sigmas: []float64{0}, Pixels: []int{3}}, {Sigmas: []float64{math.Inf(1)}, Pixels: []int{3}}} {
		if _, err := NewLocal(shape, images, sides); err == nil {
			t.Errorf("%v is taken", sides)
		}
		if _, err := NewComposition(shape, images, sides); err == nil {
			t.Errorf("%v is taken by a composition", sides)
		}
	}
	for _, l := range []Locality{{Threshold: -1}, {Threshold: 2}, {Threshold: math.NaN()}, {Batch: -1}} {
		if _, err := NewPrincipal(t.Context(), shape, images, l); err == nil {
			t.Errorf("%v is taken", l)
		}
	}
	ideal, err := NewIdeal(shape, images)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []Smoothing{{Spread: -1, Draws: 1}, {Spread: math.NaN(), Draws: 1}, {Spread: 1}} {
		if _, err := NewSmoothed(ideal, s); err == nil {
			t.Errorf("%v is taken", s)
		}
	}
}

func TestSides(t *testing.T) {
	s := Sides{Sigmas: []float64{0.1, 1, 4}, Pixels: []int{3, 7, 15}}
	for sigma, want := range map[float64]int{0.01: 3, 0.1: 3, 0.3: 3, 0.32: 7, 1: 7, 1.9: 7, 2.1: 15, 100: 15} {
		if got := s.At(sigma); got != want {
			t.Errorf("at sigma %v the side is %d, want %d", sigma, got, want)
		}
	}
}

// decay is exp to a relative 3e-9, on all that it is asked for.
func TestDecay(t *testing.T) {
	for x := 0.0; x <= negligible; x += 0.00037 {
		if got, want := decay(x), math.Exp(-x); math.Abs(got/want-1) > 3e-9 {
			t.Fatalf("exp(-%v) is %v, want %v", x, got, want)
		}
	}
	if got := decay(negligible); math.Abs(got/math.Exp(-negligible)-1) > 3e-9 {
		t.Errorf("exp(-%v) is %v", negligible, got)
	}
}

// TestChooseSides: the minima of losses that have one, growing with the noise; errors travel.
func TestChooseSides(t *testing.T) {
	calls := 0
	loss := func(_ context.Context, side int, sigma float64) (float64, error) {
		calls++
		return math.Pow(float64(side)-10*sigma, 2), nil
	}
	got, err := ChooseSides(t.Context(), []float64{0.1, 0.3, 0.9}, []int{1, 3, 5, 7, 9, 11}, loss, nil)
	if err != nil || !slices.Equal(got.Pixels, []int{1, 3, 9}) {
		t.Errorf("%v, %v", got, err)
	}
	if calls != 2+3+5 {
		t.Errorf("%d calls", calls)
	}
	wrong := errors.New("wrong")
	if _, err := ChooseSides(t.Context(), []float64{1}, []int{1, 3}, func(_ context.Context, side int, _ float64) (float64, error) {
		return 0, map[int]error{3: wrong}[side]
	}, nil); !errors.Is(err, wrong) {
		t.Error(err)
	}
	for _, candidates := range [][]int{nil, {3, 1}} {
		if _, err := ChooseSides(t.Context(), []float64{1}, candidates, loss, nil); err == nil {
			t.Errorf("%v are taken", candidates)
		}
	}
	if _, err := ChooseSides(t.Context(), []float64{2, 1}, []int{1}, loss, nil); err == nil {
		t.Error("levels that descend are taken")
	}
}
