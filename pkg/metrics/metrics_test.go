package metrics

import (
	"context"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// kernel is a circular linear filter: D_p(y) is the sum over offsets of kernel times y at p +
// offset. All fingerprints of it have closed forms.
type kernel struct {
	shape diffusion.Shape
	taps  map[[2]int]float64
}

func (f kernel) Shape() diffusion.Shape { return f.shape }

func (f kernel) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(f.shape, dst, src, sigma); err != nil {
		return err
	}
	rolled := make([]float64, len(src))
	sum := make([]float64, len(src))
	for offset, tap := range f.taps {
		f.shape.Roll(rolled, src, -offset[0], -offset[1])
		for i, v := range rolled {
			sum[i] += tap * v
		}
	}
	copy(dst, sum)
	return nil
}

// square is the sum of the squared taps.
func (f kernel) square() (sum float64) {
	for _, tap := range f.taps {
		sum += tap * tap
	}
	return sum
}

// gains is a denoiser that multiplies every pixel by a gain of its own: as far from equivariant as
// a linear denoiser can be.
type gains struct {
	shape diffusion.Shape
	gain  []float64
}

func (g gains) Shape() diffusion.Shape { return g.shape }

func (g gains) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(g.shape, dst, src, sigma); err != nil {
		return err
	}
	for i, v := range src {
		dst[i] = v * g.gain[i%len(g.gain)]
	}
	return nil
}

func (g gains) VJP(_ context.Context, dst, src, cotangent []float64, sigma float64) error {
	if err := diffusion.CheckVJP(g.shape, dst, src, cotangent, sigma); err != nil {
		return err
	}
	for i, v := range cotangent {
		dst[i] = v * g.gain[i%len(g.gain)]
	}
	return nil
}

// product is one denoiser after another.
type product struct{ last, first diffusion.Denoiser }

func (d product) Shape() diffusion.Shape { return d.first.Shape() }

func (d product) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := d.first.Denoise(context.Background(), dst, src, sigma); err != nil {
		return err
	}
	return d.last.Denoise(context.Background(), dst, dst, sigma)
}

var small = diffusion.Shape{C: 1, H: 8, W: 8}

// taps are five with squares 0.5 in the middle, 0.3 at distance 1 and 0.2 at distance 2.
var taps = map[[2]int]float64{{0, 0}: 0.7071067811865476, {0, 1}: 0.4, {-1, -1}: -0.37416573867739417, {2, 0}: 0.4, {1, -2}: 0.2}

func digits(n, side int) *dataset.Images { return dataset.Digits(n, 5).Resize(side, side) }

// machine returns a machine of a family on the Haar transform of procedural digits.
func machine(t testing.TB, f moments.Family, side, levels int) *analytic.Machine {
	t.Helper()
	spec := moments.Spec{Family: f, Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: levels}}
	table, err := moments.Collect(context.Background(), spec, dataset.Digits(300, 6).Resize(side, side), "digits", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := analytic.NewMachine(table, analytic.Default())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func gated(n moments.Neighbourhood, s moments.Sharing) moments.Family {
	return moments.Family{Neighbourhood: n, Terms: moments.Gated, Degree: 3, Sharing: s}
}

// haar is the Haar transform of square images.
func haar(side, levels int) *wavelet.Transform {
	f, err := wavelet.ParseFilter("haar")
	if err != nil {
		panic(err)
	}
	return wavelet.NewTransform(f, wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: levels})
}

// recovered returns what f panics with.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}
