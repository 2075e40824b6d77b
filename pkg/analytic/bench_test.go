package analytic

import (
	"testing"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// largest is the machine of 54 features a coefficient on 32 x 32 images that the benchmarks share.
func largest(b *testing.B) (*Machine, []float64) {
	layout := wavelet.Layout{Channels: 1, Height: 32, Width: 32, Levels: 5}
	images := blobs(1, 512, 32)
	family := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	return machine(b, table(b, family, "haar", layout, images, nil), Default.Ridge), images
}

// BenchmarkLevel solves for all weights at a noise level.
func BenchmarkLevel(b *testing.B) {
	m, _ := largest(b)
	for i := 0; b.Loop(); i++ {
		if _, err := m.solve(0.1 + float64(i)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRisk computes one exact risk at a solved level.
func BenchmarkRisk(b *testing.B) {
	m, _ := largest(b)
	for b.Loop() {
		if _, err := m.Risk(m.Moments(), 0.5, 0.5); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDenoise denoises 512 images at a solved level.
func BenchmarkDenoise(b *testing.B) {
	m, images := largest(b)
	dst := make([]float64, len(images))
	for b.Loop() {
		if err := m.Denoise(dst, images, 0.5); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(512*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
