package wavelet

import "testing"

// The batch of environment/bench: 2000 grey images of 32x32 pixels at 3 levels.

func BenchmarkForward(b *testing.B) { benchmark(b, (*Transform).Forward) }
func BenchmarkInverse(b *testing.B) { benchmark(b, (*Transform).Inverse) }

func benchmark(b *testing.B, op func(w *Transform, dst, src []float64) []float64) {
	for _, name := range []string{"haar", "db2", "db4"} {
		b.Run(name, func(b *testing.B) {
			w := NewTransform(mustParse(b, name), Layout{1, 32, 32, 3})
			src := noise(2000*w.Layout().Len(), 1)
			dst := make([]float64, len(src))
			op(w, dst, src) // the first call also waits for the operating system to map dst
			b.ReportAllocs()
			for b.Loop() {
				op(w, dst, src)
			}
			b.ReportMetric(float64(len(src))*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpixel/s")
		})
	}
}
