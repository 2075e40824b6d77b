package analytic

import (
	"math"
	"math/rand/v2"
	"testing"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// TestGuardLeavesDataAlone: on a noisy image of the data whose coefficients and answers are within bounds, the guarded machine is the
// machine; a linear machine's variables are never clipped, however far out.
func TestGuardLeavesDataAlone(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(30, 300, 8)
	for _, family := range families(moments.PerCoefficient) {
		m := machine(t, table(t, family, "haar", layout, images, nil), Default.Ridge)
		guarded := m.Guard()
		y := withNoise(rand.New(rand.NewPCG(31, 0)), images[:64*50], 0.05)
		want, got := make([]float64, len(y)), make([]float64, len(y))
		if err := m.Denoise(want, y, 0.05); err != nil {
			t.Fatal(err)
		}
		if err := guarded.Denoise(got, y, 0.05); err != nil {
			t.Fatal(err)
		}
		clipped, clamped := guarded.Rate()
		if clipped > 0.002 || clamped > 0.2 {
			t.Errorf("%v: %v of the variables clipped, %v of the answers clamped", family, clipped, clamped)
		}
		same := 0
		for i := range got {
			if math.Abs(got[i]-want[i]) < 1e-12 {
				same++
			}
		}
		if clipped == 0 && clamped == 0 && same < len(got) {
			t.Errorf("%v: the guard did nothing, and yet %d pixels differ", family, len(got)-same)
		}
	}
}

// TestGuardKeepsAnswersInRange: a thousand standard deviations away, where cubics are astronomic, every denoised coefficient is in the
// range of the data.
func TestGuardKeepsAnswersInRange(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(32, 300, 8)
	m := machine(t, table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand}, "haar", layout, images, nil), Default.Ridge)
	guarded := m.Guard()
	y := make([]float64, 64)
	for i := range y {
		y[i] = 1000 * math.Sin(float64(3*i))
	}
	if err := guarded.Denoise(y, y, 1); err != nil {
		t.Fatal(err)
	}
	filter, _ := wavelet.ParseFilter("haar")
	w := wavelet.NewTransform(filter, layout).Forward(nil, y)
	for c, v := range w {
		if low, high := m.Moments().Range(c); v < low-1e-9 || v > high+1e-9 {
			t.Errorf("coefficient %d is %v, outside the data's %v to %v", c, v, low, high)
		}
	}
	if clipped, clamped := guarded.Rate(); clipped == 0 || clamped == 0 {
		t.Errorf("clipped %v, clamped %v of the coefficients of an image far from the data", clipped, clamped)
	}
}

// TestGuardClipsOnlyNonlinearTerms: the guarded answer is the polynomial with clipped variables in its terms of degree 2 and 3 and the
// variable itself in its linear term, written out for one pixel, then clamped.
func TestGuardClipsOnlyNonlinearTerms(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 1, Width: 1}
	images := []float64{-0.9, -0.5, -0.4, 0.1, 0.2, 0.8}
	m := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerCoefficient}, "haar", layout, images, nil), Default.Ridge)
	const sigma = 0.2
	level, err := m.Level(sigma)
	if err != nil {
		t.Fatal(err)
	}
	theta, centre := level.Weights[0], m.Moments().Spec().Centre[0]
	for _, y := range []float64{-3, -1.2, 0, 1.3, 1.5, 4} {
		v := y - centre
		u := math.Max(-0.9-centre-3*sigma, math.Min(0.8-centre+3*sigma, v))
		want := centre + theta[0] + theta[1]*v + theta[2]*u*u + theta[3]*u*u*u
		want = math.Max(-0.9, math.Min(0.8, want))
		got := []float64{y}
		if err := m.Guard().Denoise(got, got, sigma); err != nil {
			t.Fatal(err)
		}
		if math.Abs(got[0]-want) > 1e-12 {
			t.Errorf("D(%v) = %v, want %v", y, got[0], want)
		}
	}
}
