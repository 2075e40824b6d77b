package risk

import (
	"math"
	"strings"
	"testing"

	"wavescore/pkg/field"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// truth is a field with the machines of a pixel's own powers.
func truth(t *testing.T, scales ...float64) *Truth {
	t.Helper()
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	t.Setenv("WAVESCORE_HEADLESS", "1")
	white := lab.Must1(field.PowerLaw(4, 4, 0, 0.05, 0.25)) // pixels are independent
	family := moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerBand}
	return &Truth{
		Field: lab.Must1(field.NewScaleMixture(nil, scales, white)), Images: 20000, Seed: 1,
		Spec: moments.Spec{Family: family, Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: 4, Width: 4}, Centre: make([]float64, 16)},
	}
}

// Of a white Gaussian field the score is -y / (v + sigma^2), which degree 1 has and degree 3 does
// not improve on.
func TestTruthOfGaussian(t *testing.T) {
	const sigma = 0.5
	truth := truth(t, 1)
	noisy, known := truth.Noisy(10, sigma)
	for i, y := range noisy {
		if want := -y / (0.0625 + sigma*sigma); math.Abs(known[i]-want) > 1e-9*(1+math.Abs(want)) {
			t.Fatalf("the score at %v is %v, want %v", y, known[i], want)
		}
	}
	linear := truth.Spec.Family
	linear.Degree = 1
	one, three := truth.Machine(linear), truth.Machine(truth.Spec.Family)
	figure, squares := truth.Scores(sigma, metrics.Candidate{Name: "degree 1", Denoiser: one})
	if len(figure.Images) != 3*16 || figure.Columns != 3 || len(squares) != 1 || squares[0][0] > 1e-3 {
		t.Errorf("a grid of %d values in %d columns, with errors %v", len(figure.Images), figure.Columns, squares)
	}
	gain := truth.Gain(three, one, sigma)
	if gain.Before.Value > 1e-3 || math.Abs(gain.Measured.Value) > 1e-3 || math.Abs(gain.Predicted.Value) > 2e-3 {
		t.Errorf("%+v", gain)
	}
}

// Of a scale mixture degree 3 gains, as much as its moments say.
func TestTruthOfMixture(t *testing.T) {
	truth := truth(t, 0.1, 4)
	linear := truth.Spec.Family
	linear.Degree = 1
	gain := truth.Gain(truth.Machine(truth.Spec.Family), truth.Machine(linear), 0.2)
	if gain.Measured.Z() < 5 || gain.Measured.Value > gain.Before.Value || math.Abs(gain.Measured.Minus(gain.Predicted).Z()) > 4 {
		t.Errorf("before %v, measured %v, predicted %v", gain.Before, gain.Measured, gain.Predicted)
	}
	figure, squares := truth.Scores(0.2)
	if len(figure.Images) != 2*16 || len(squares) != 2 {
		t.Errorf("%d values, %d rows of errors", len(figure.Images), len(squares))
	}
	noisy, _ := truth.Noisy(3, 0.2)
	for i, v := range figure.Images[:16] { // a score points to 0, the mean
		if first, _ := truth.Noisy(truth.firsts()[0]+1, 0.2); v*first[len(first)-16+i] > 0 {
			t.Errorf("the score at %v is %v", first[len(first)-16+i], v)
		}
	}
	if again, _ := truth.Noisy(2, 0.2); again[0] != noisy[0] || again[31] != noisy[31] {
		t.Error("fewer images are other ones")
	}
}

// A component that no image is of stops the search for one.
func TestTruthOfRareComponent(t *testing.T) {
	white := field.Spectrum{Height: 1, Width: 1, Power: []float64{1}}
	truth := &Truth{Field: lab.Must1(field.NewScaleMixture([]float64{1, 1e-12}, []float64{1, 2}, white)), Seed: 1}
	defer func() {
		if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), "give it more weight") {
			t.Errorf("stopped by %v", err)
		}
	}()
	truth.firsts()
	t.Error("found an image of it")
}
