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
	return machine(b, table(b, family, "haar", layout, images, nil), Default().Ridge), images
}

// BenchmarkLevel solves for all weights at a noise level.
func BenchmarkLevel(b *testing.B) {
	m, _ := largest(b)
	for i := 0; b.Loop(); i++ {
		if _, err := m.solve(b.Context(), 0.1+float64(i)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTune solves for all weights at a noise level with each of four settings and judges
// them.
func BenchmarkTune(b *testing.B) {
	m, images := largest(b)
	tuned, err := Tune(m.Moments(), probeOf(b, m.Moments().Spec(), "validation", images), Grid(1e-4, 1e-2, 1, 100))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := tuned.solve(b.Context(), 0.1+float64(i)); err != nil {
			b.Fatal(err)
		}
	}
}

func contextTable(b *testing.B) (*moments.Moments, []float64) {
	layout := wavelet.Layout{Channels: 1, Height: 16, Width: 16, Levels: 4}
	images := blobs(1, 512, 16)
	family := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	family.Neighbourhood.Context = moments.AllLevels
	d, err := table(b, family, "haar", layout, images, nil).Diagonal(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return d, images
}

// BenchmarkContextLevel is BenchmarkLevel with a linear context, on 16 x 16 images.
func BenchmarkContextLevel(b *testing.B) {
	t, _ := contextTable(b)
	m := machine(b, t, Default().Ridge)
	for i := 0; b.Loop(); i++ {
		if _, err := m.solve(b.Context(), 0.1+float64(i)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkContextTune is BenchmarkTune with a linear context, on 16 x 16 images.
func BenchmarkContextTune(b *testing.B) {
	t, images := contextTable(b)
	tuned, err := Tune(t, probeOf(b, t.Spec(), "validation", images), Grid(1e-4, 1e-2, 1, 100))
	if err != nil {
		b.Fatal(err)
	}
	for i := 0; b.Loop(); i++ {
		if _, err := tuned.solve(b.Context(), 0.1+float64(i)); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRisk computes one exact risk at a solved level.
func BenchmarkRisk(b *testing.B) {
	m, _ := largest(b)
	for b.Loop() {
		if _, err := m.Risk(b.Context(), m.Moments(), 0.5, 0.5); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDenoise denoises 512 images at a solved level.
func BenchmarkDenoise(b *testing.B) {
	m, images := largest(b)
	dst := make([]float64, len(images))
	for b.Loop() {
		if err := m.Denoise(b.Context(), dst, images, 0.5); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(512*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
