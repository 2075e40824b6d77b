package empirical

import (
	"testing"

	"wavescore/pkg/diffusion"
)

// BenchmarkRivals denoises images of 32 x 32 at sigma = 0.5, with 512 training images but for what
// says otherwise. It reports the operations of the formula for one image: a difference, a square
// and the moves of two sums for each pair of pixels that a distance is taken of, and for principal
// a product with the mask.
func BenchmarkRivals(b *testing.B) {
	const side = 7
	shape, images, set := pictures(512, 32)
	_, many, _ := pictures(60000, 32)
	pixels := float64(shape.Size())
	local := func(d *Local, err error) diffusion.Denoiser { return must(b, d, err) }
	composition, err := NewComposition(shape, images.Slice(0, 500), Side(side))
	must(b, composition, err)
	principal, err := NewPrincipal(b.Context(), shape, images, Locality{Threshold: 0.005})
	must(b, principal, err)
	ideal, err := NewIdeal(shape, images)
	must(b, ideal, err)
	whole, err := NewLocal(shape, many, Side(side))
	must(b, whole, err)
	preselected, err := NewPreselected(whole, Select(2000, 4))
	must(b, preselected, err)
	pairs := 0.0 // of pixels that patches at places alike have in common
	for _, s := range amongAlike(shape, patchOf(side)) {
		pairs += float64(s.rows * s.columns)
	}
	for _, d := range []struct {
		name       string
		denoiser   diffusion.Denoiser
		images     int
		operations float64 // of an image
	}{
		{"ideal", ideal, 1, 4 * 512 * pixels},
		{"local", local(NewLocal(shape, images, Side(side))), 1, 10 * 512 * pixels},
		{"local-60000", whole, 1, 10 * 60000 * pixels},
		{"local-2000-of-60000", preselected, 1, 10*2000*pixels + 3*60000*pixels/16},
		{"equivariant", local(NewEquivariant(shape, images, Side(side), Border)), 1, 10 * 512 * pairs},
		{"equivariant-round", local(NewEquivariant(shape, images, Side(side), Round)), 1, 10 * 512 * pixels * pixels},
		{"composition-4-of-500", composition, 4, 4 * 20 * 500 * pixels},
		{"principal", principal, 1, 2 * 512 * pixels * pixels},
	} {
		b.Run(d.name, func(b *testing.B) {
			dst := make([]float64, d.images*shape.Size())
			for b.Loop() {
				if err := d.denoiser.Denoise(b.Context(), dst, set[:len(dst)], 0.5); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(d.operations, "operations")
		})
	}
}

func must[T any](b *testing.B, value T, err error) T {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
	return value
}
