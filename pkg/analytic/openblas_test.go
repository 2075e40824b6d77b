//go:build openblas

package analytic

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// TestOpenBLASAgrees: from moments to risk, OpenBLAS and gonum's BLAS agree to 1e-9, with a linear
// context and without.
func TestOpenBLASAgrees(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(70, 400, 8)
	risks := func() (risks []float64) {
		for _, family := range append(families(moments.PerCoefficient), above(moments.PerBand)...) {
			train := table(t, family, "haar", layout, images, nil)
			for _, sigma := range []float64{0.05, 0.5, 5} {
				r, err := machine(t, train, Default().Ridge).Risk(t.Context(), train, sigma, sigma)
				if err != nil {
					t.Fatal(err)
				}
				risks = append(risks, r.PerPixel)
			}
		}
		return risks
	}
	fast := risks()
	defer blas64.Use(blas64.Implementation())
	blas64.Use(gonum.Implementation{})
	for i, want := range risks() {
		if math.Abs(fast[i]-want) > 1e-9*want {
			t.Errorf("risk %d: %v with OpenBLAS, %v with gonum", i, fast[i], want)
		}
	}
}
