//go:build openblas

package moments

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
)

// TestOpenBLASAgrees: OpenBLAS and gonum's BLAS count the same moments, to 1e-12 of the greatest
// of their group.
func TestOpenBLASAgrees(t *testing.T) {
	images := randomPixels(30, 500, 64)
	spec := testSpec(t, Family{Neighbourhood{Orientations: true, Radius: 1, Parents: 2, Context: AllLevels}, Gated, 3, PerCoefficient}, images)
	spec.Axes = make([]float64, 64*64)
	for i := range 64 {
		spec.Axes[i*64+i] = 1
	}
	fast := collect(t, spec, images)
	defer blas64.Use(blas64.Implementation())
	blas64.Use(gonum.Implementation{})
	plain := collect(t, spec, images)
	for g := range plain.Groups() {
		a, b := append(fast.Clean(nil, g), fast.Cross(nil, g, 0)...), append(plain.Clean(nil, g), plain.Cross(nil, g, 0)...)
		var greatest float64
		for _, v := range b {
			greatest = math.Max(greatest, math.Abs(v))
		}
		for k := range b {
			if math.Abs(a[k]-b[k]) > 1e-12*greatest {
				t.Fatalf("group %d, moment %d: %v with OpenBLAS, %v with gonum", g, k, a[k], b[k])
			}
		}
	}
}
