package diffusion_test

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"

	"wavescore/internal/denoisertest"
	"wavescore/pkg/diffusion"
)

// blur is the mean of a pixel and those a step away along rows and columns, over reflected edges,
// in which the even rows and columns count double: it reaches one pixel, and repeats after two.
type blur struct{ shape diffusion.Shape }

func (b blur) Shape() diffusion.Shape { return b.shape }
func (b blur) Reach() (pixels, multiple int) {
	return 2, 2
}
func (b blur) At(shape diffusion.Shape) (diffusion.Denoiser, error) { return blur{shape}, nil }
func (b blur) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(b.shape, dst, src, sigma); err != nil {
		return err
	}
	src = slices.Clone(src)
	h, w := b.shape.H, b.shape.W
	for i := range dst {
		plane, r, c := i/(h*w)*h*w, i/w%h, i%w
		var sum, weight float64
		for _, step := range [][2]int{{0, 0}, {1, 0}, {-1, 0}, {0, 1}, {0, -1}} {
			row, column := diffusion.Mirror(r+step[0], h), diffusion.Mirror(c+step[1], w)
			k := 1 + float64((row+1)%2) + float64((column+1)%2)
			sum, weight = sum+k*src[plane+row*w+column], weight+k
		}
		dst[i] = sum / weight
	}
	return ctx.Err()
}

func wave(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Sin(float64(i * i))
	}
	return x
}

// Tiles of every side make of an image what the whole does.
func TestTiles(t *testing.T) {
	for _, shape := range []diffusion.Shape{{C: 3, H: 13, W: 22}, {C: 1, H: 1, W: 9}, {C: 2, H: 8, W: 8}} {
		src := wave(2 * shape.Size())
		want, err := diffusion.Denoised(t.Context(), blur{shape}, src, 1)
		if err != nil {
			t.Fatal(err)
		}
		for side := 1; side < 25; side++ {
			tiles, err := diffusion.Tiles(blur{shape}, shape, side, nil)
			if err != nil {
				t.Fatal(err)
			}
			got, err := diffusion.Denoised(t.Context(), tiles, src, 1)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%v in tiles of %d differs from the whole", shape, side)
			}
		}
	}
	shape := diffusion.Shape{C: 1, H: 30, W: 20}
	tiles, err := diffusion.Tiles(blur{shape}, shape, 16, nil)
	if err != nil {
		t.Fatal(err)
	}
	denoisertest.Run(t, "tiles", tiles, wave(shape.Size()), 1)
	if _, err := diffusion.Tiles(blur{shape}, shape, 0, nil); err == nil {
		t.Error("tiles of no pixels are accepted")
	}
}

// identity returns its images and remembers the noise level.
type identity struct {
	blur
	sigma *float64
}

func (i identity) At(shape diffusion.Shape) (diffusion.Denoiser, error) {
	return identity{blur{shape}, i.sigma}, nil
}
func (i identity) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	*i.sigma = sigma
	copy(dst, src)
	return nil
}

// The opponent transform is orthonormal: what the grey denoiser leaves alone comes back, a grey
// picture has no differences of colours, and its luminance and noise are a third of the squares'.
func TestOpponent(t *testing.T) {
	var sigma float64
	grey := identity{blur{diffusion.Shape{C: 1, H: 3, W: 4}}, &sigma}
	colour, err := diffusion.Opponent(grey)
	if err != nil {
		t.Fatal(err)
	}
	src := wave(2 * colour.Shape().Size())
	got, err := diffusion.Denoised(t.Context(), colour, src, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if math.Abs(got[i]-src[i]) > 1e-12 {
			t.Fatalf("pixel %d is %v, was %v", i, got[i], src[i])
		}
	}
	if math.Abs(sigma-0.3/math.Sqrt(3)) > 1e-12 {
		t.Errorf("the grey denoiser is told sigma %v", sigma)
	}
	// A grey picture is denoised as the grey denoiser does.
	anySize, ok := colour.(diffusion.AnySize)
	if !ok {
		t.Fatal("a denoiser of any size becomes one of a fixed size")
	}
	at, err := anySize.At(diffusion.Shape{C: 3, H: 5, W: 6})
	if err != nil {
		t.Fatal(err)
	}
	blurred, err := diffusion.Opponent(blur{diffusion.Shape{C: 1, H: 5, W: 6}})
	if err != nil {
		t.Fatal(err)
	}
	plane := wave(30)
	want, err := diffusion.Denoised(t.Context(), blur{diffusion.Shape{C: 1, H: 5, W: 6}}, plane, 1)
	if err != nil {
		t.Fatal(err)
	}
	got, err = diffusion.Denoised(t.Context(), blurred, slices.Concat(plane, plane, plane), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		if math.Abs(got[i]-want[i%30]) > 1e-12 {
			t.Fatalf("value %d of a grey picture is %v, want %v", i, got[i], want[i%30])
		}
	}
	denoisertest.Run(t, "opponent", blurred, wave(90), 1)
	if at.Shape() != (diffusion.Shape{C: 3, H: 5, W: 6}) {
		t.Errorf("the shape is %v", at.Shape())
	}
	if _, err := anySize.At(diffusion.Shape{C: 1, H: 5, W: 6}); err == nil || !strings.Contains(err.Error(), "three channels") {
		t.Errorf("a grey shape: %v", err)
	}
	if _, err := diffusion.Opponent(blur{diffusion.Shape{C: 3, H: 5, W: 6}}); err == nil || !strings.Contains(err.Error(), "one channel") {
		t.Errorf("a colour denoiser: %v", err)
	}
}
