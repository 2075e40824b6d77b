package empirical

import (
	"fmt"
	"testing"

	"wavescore/pkg/diffusion"
)

// BenchmarkDenoise denoises one image of 32 x 32 with sets of 512 training images.
func BenchmarkDenoise(b *testing.B) {
	shape, images, set := pictures(512, 32)
	local := func(d *Local, err error) diffusion.Denoiser { return must(b, d, err) }
	composition, err := NewComposition(shape, images, Side(7))
	must(b, composition, err)
	principal, err := NewPrincipal(b.Context(), shape, images, Locality{Threshold: 0.005})
	must(b, principal, err)
	ideal, err := NewIdeal(shape, images)
	must(b, ideal, err)
	for _, d := range []struct {
		name     string
		denoiser diffusion.Denoiser
	}{
		{"local", local(NewLocal(shape, images, Side(7)))},
		{"equivariant", local(NewEquivariant(shape, images, Side(7), Border))},
		{"equivariant3", local(NewEquivariant(shape, images, Side(3), Border))},
		{"round", local(NewEquivariant(shape, images, Side(7), Round))},
		{"composition", composition}, {"principal", principal}, {"ideal", ideal},
	} {
		for _, sigma := range []float64{0.1, 1} {
			b.Run(fmt.Sprintf("%s/sigma=%v", d.name, sigma), func(b *testing.B) {
				dst := make([]float64, shape.Size())
				for b.Loop() {
					if err := d.denoiser.Denoise(b.Context(), dst, set[:len(dst)], sigma); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

func must[T any](b *testing.B, value T, err error) T {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	return value
}
