package external

import (
	"testing"

	"wavescore/pkg/diffusion"
)

const perCall = 1024 // images: 16 batches

// The denoisers of environment/bench_external.py, which measures them alone.
func BenchmarkProgram(b *testing.B) {
	for _, name := range []string{"linear", "bilateral"} {
		b.Run(name, func(b *testing.B) {
			shape := diffusion.Shape{C: 1, H: 32, W: 32}
			d, err := New(shape, Settings{}, python(b, "numpy"), "../../environment/denoiser.py", "../../environment/bench_external.py", name)
			if err != nil {
				b.Fatal(err)
			}
			defer d.Close()
			noisy := diffusion.Run{}.Start(shape, perCall, 1, nil)
			dst := make([]float64, len(noisy))
			denoise := func() {
				if err := d.Denoise(b.Context(), dst, noisy, 0.5); err != nil {
					b.Fatal(err)
				}
			}
			denoise() // starts it
			for b.Loop() {
				denoise()
			}
			b.ReportMetric(perCall*float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
