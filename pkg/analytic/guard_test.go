package analytic

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// TestGuardClamps: the guarded answer is the machine's with every wavelet coefficient moved into
// the range of the clean ones, it says how many it moved, and it is nowhere further from the clean
// image, which is in that range itself.
func TestGuardClamps(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	filter, _ := wavelet.ParseFilter("haar")
	transform := wavelet.NewTransform(filter, layout)
	images := blobs(30, 300, 8)
	for _, family := range families(moments.PerCoefficient) {
		m := machine(t, table(t, family, "haar", layout, images, nil), Default().Ridge)
		guarded := m.Guard()
		levels := []float64{2, 0.5, 0.05}
		for _, sigma := range levels {
			y := withNoise(rand.New(rand.NewPCG(31, 0)), images[:64*50], sigma)
			raw, got := make([]float64, len(y)), make([]float64, len(y))
			if err := m.Denoise(t.Context(), raw, y, sigma); err != nil {
				t.Fatal(err)
			}
			if err := guarded.Denoise(t.Context(), got, y, sigma); err != nil {
				t.Fatal(err)
			}
			transform.Forward(raw, raw)
			transform.Forward(got, got)
			clean := transform.Forward(nil, images[:64*50])
			moved := 0
			for i, v := range raw {
				low, high := m.Moments().Range(i % 64)
				want := math.Max(low, math.Min(high, v))
				if want != v {
					moved++
				}
				if math.Abs(got[i]-want) > 1e-12 {
					t.Errorf("%v, sigma %v: coefficient %d of image %d is %v, want %v", family, sigma, i%64, i/64, got[i], want)
				}
				if math.Abs(got[i]-clean[i]) > math.Abs(v-clean[i])+1e-12 {
					t.Errorf("%v, sigma %v: the guard takes coefficient %d of image %d from %v to %v, away from %v", family, sigma, i%64, i/64, v, got[i], clean[i])
				}
			}
			// Coefficients that never vary are moved, or not, by rounding.
			if use := guarded.Uses()[len(guarded.Uses())-1]; use.Sigma != sigma || use.Seen != len(y) || math.Abs(float64(use.Clamped-moved)) > 0.02*float64(len(y)) {
				t.Errorf("%v, sigma %v: %d coefficients were out of range; the guard says %+v", family, sigma, moved, use)
			}
		}
		if uses := guarded.Uses(); len(uses) != len(levels) {
			t.Errorf("%v: uses at %d levels, want %d: %v", family, len(uses), len(levels), uses)
		}
	}
}

// TestGuardKeepsAnswersInRange: a thousand standard deviations away, where cubics are astronomic,
// every denoised coefficient is in the range of the data, of its own coefficient or of its band
// where that shares weights.
func TestGuardKeepsAnswersInRange(t *testing.T) {
	for _, sharing := range []moments.Sharing{moments.PerCoefficient, moments.PerBand} {
		t.Run(string(sharing), func(t *testing.T) { keepsAnswersInRange(t, sharing) })
	}
}

func keepsAnswersInRange(t *testing.T, sharing moments.Sharing) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(32, 300, 8)
	m := machine(t, table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: sharing}, "haar", layout, images, nil), Default().Ridge)
	guarded := m.Guard()
	if rate := guarded.Rate(); rate != 0 {
		t.Errorf("rate %v before anything was denoised", rate)
	}
	y := make([]float64, 64)
	for i := range y {
		y[i] = 1000 * math.Sin(float64(3*i))
	}
	if err := guarded.Denoise(t.Context(), y, y, 1); err != nil {
		t.Fatal(err)
	}
	filter, _ := wavelet.ParseFilter("haar")
	w := wavelet.NewTransform(filter, layout).Forward(nil, y)
	for _, group := range m.Moments().Groups() {
		least, most := math.Inf(1), math.Inf(-1)
		for _, member := range group.Members {
			low, high := m.Moments().Range(member.Index)
			least, most = min(least, low), max(most, high)
		}
		for _, member := range group.Members {
			if v := w[member.Index]; v < least-1e-9 || v > most+1e-9 {
				t.Errorf("coefficient %d is %v, outside the data's %v to %v", member.Index, v, least, most)
			}
		}
	}
	if rate := guarded.Rate(); rate < 0.5 {
		t.Errorf("%v of the coefficients of an image far from the data were clamped", rate)
	}
}

// TestGuardCommutesWithShifts: a tied machine of J levels commutes with shifts by 2^J, and so does
// its guard, where it acts and images, bright in the middle alone, have other ranges at other
// places.
func TestGuardCommutesWithShifts(t *testing.T) {
	const side = 16
	layout := wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: 2}
	images := make([]float64, 50*side*side)
	for i, v := range blobs(70, 50, side/2) {
		row, column := i/(side/2)%(side/2)+side/4, i%(side/2)+side/4
		images[i/(side*side/4)*side*side+row*side+column] = v + 0.9
	}
	m := machine(t, table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand}, "haar", layout, images, nil), noRidge)
	g := m.Guard()
	y := withNoise(rand.New(rand.NewPCG(71, 0)), images[:20*side*side], 1)
	answers, shifted := make([]float64, len(y)), make([]float64, len(y))
	if err := g.Denoise(t.Context(), answers, y, 0.3); err != nil { // told too little, so that it strays
		t.Fatal(err)
	}
	g.Shape().Roll(shifted, y, 4, 8)
	if err := g.Denoise(t.Context(), shifted, shifted, 0.3); err != nil {
		t.Fatal(err)
	}
	back := make([]float64, len(y))
	g.Shape().Roll(back, shifted, -4, -8)
	if worst := floats.Distance(back, answers, math.Inf(1)); worst > 1e-12 {
		t.Errorf("shifted answers differ by %v", worst)
	}
	if g.Rate() == 0 {
		t.Error("the guard was not needed, so the test says nothing")
	}
}
