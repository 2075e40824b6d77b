package neural

import (
	"fmt"
	"testing"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

// BenchmarkStep is a step of training of the reference networks, of 64 images of 32x32.
func BenchmarkStep(b *testing.B) {
	for _, arch := range []Architecture{ReferenceUNet(), ReferenceCNN()} {
		b.Run(string(arch.Kind), func(b *testing.B) {
			images, err := dataset.Digits(256, 1).Pad(32, 32)
			if err != nil {
				b.Fatal(err)
			}
			n, err := New(arch, diffusion.Shape{C: 1, H: 32, W: 32}, 1)
			if err != nil {
				b.Fatal(err)
			}
			t, err := NewTrainer(n, images, "digits", Default())
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := t.Step(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.N)*float64(Default().Batch)/b.Elapsed().Seconds(), "images/s")
		})
	}
}

// BenchmarkConvolution is one convolution, forwards and backwards, at each resolution of the
// reference U-Net, on one core. Its operations are counted without the meaningless columns.
func BenchmarkConvolution(b *testing.B) {
	for _, size := range [][2]int{{16, 32}, {32, 16}, {64, 8}} {
		channels, side := size[0], size[1]
		b.Run(fmt.Sprintf("%dchannels%dx%d", channels, side, side), func(b *testing.B) {
			n := 9*channels*channels + channels
			c := newConv(&builder{weights: make([]float32, n), gradient: make([]float32, n)}, "", channels, channels, side, side, Zero, random)
			x := make([]float32, channels*side*side)
			for b.Loop() {
				c.backward(c.forward(x))
			}
			operations := 3 * 2 * 9 * channels * channels * side * side
			b.ReportMetric(float64(b.N)*float64(operations)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

// BenchmarkDenoise is the reference U-Net on 64 images of 32x32.
func BenchmarkDenoise(b *testing.B) {
	n, err := New(ReferenceUNet(), diffusion.Shape{C: 1, H: 32, W: 32}, 1)
	if err != nil {
		b.Fatal(err)
	}
	images := make([]float64, 64*1024)
	b.ReportAllocs()
	for b.Loop() {
		if err := n.Denoise(b.Context(), images, images, 0.5); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)*64/b.Elapsed().Seconds(), "images/s")
}
