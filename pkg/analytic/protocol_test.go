package analytic_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// TestWienerOfProtocolB: the Gaussian score of MNIST's test images, resized bilinearly to 32 x 32, has the errors on those images that an
// independent computation of the Wiener filter found, within 0.2 %: with the noise level matched, and with the filter told the level of
// the published notebooks, whose noise in [-1, 1] units was 0.6162 of it. Errors are of pixels in [0, 1].
func TestWienerOfProtocolB(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the eigenvectors of 1024 coefficients take some seconds")
	}
	images, err := dataset.Open("mnist", dataset.Test)
	if errors.Is(err, dataset.ErrNotFound) {
		t.Skip("MNIST was not found: ", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	spec := moments.Spec{
		Family: moments.Family{Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels}, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient},
		Filter: "haar",
		Layout: wavelet.Layout{Channels: 1, Height: 32, Width: 32, Levels: 5},
	}
	table, err := moments.Collect(context.Background(), spec, images.Resize(32, 32), "mnist test", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := analytic.NewMachine(table, analytic.Default)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ matched, published float64 }{{.00802, .00924}, {.01645, .01895}, {.02351, .02688}, {.02924, .03311}} {
		sigma := float64(i + 1)
		for _, c := range []struct{ told, want float64 }{{2 * 0.3081 * sigma, want.matched}, {sigma, want.published}} {
			risk, err := m.Risk(table, c.told, 2*0.3081*sigma)
			if err != nil {
				t.Fatal(err)
			}
			if got := risk.PerPixel / 4; math.Abs(got/c.want-1) > 0.002 {
				t.Errorf("sigma %v, told %v: error %.6f, want %v", sigma, c.told, got, c.want)
			}
		}
	}
}
