package metrics

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

// TestNoise: of unit variance, no image's like another's, the same at every level, whatever batch
// an image is in.
func TestNoise(t *testing.T) {
	set := Set{Images: digits(300, 8), Seed: 3}
	clean, noisy := set.noisy(0, 300, 0.5)
	var square, product float64
	for i := range noisy {
		z := (noisy[i] - clean[i]) / 0.5
		square += z * z / float64(len(noisy))
		product += z * (noisy[(i+64)%len(noisy)] - clean[(i+64)%len(noisy)]) / 0.5 / float64(len(noisy))
	}
	if math.Abs(square-1) > 0.04 || math.Abs(product) > 0.03 { // 4 standard errors of 19 200 numbers
		t.Errorf("variance %v, correlation of one image with the next %v", square, product)
	}
	few, same := set.noisy(7, 9, 2)
	for i := range few {
		if got, want := (same[i]-few[i])/2, (noisy[7*64+i]-clean[7*64+i])/0.5; math.Abs(got-want) > 1e-14 {
			t.Fatalf("in another batch at another level the noise is %v, not %v", got, want)
		}
	}
}

// TestErrorOfFilter: the expected error of a linear filter K is |K x - x|^2 / n + sigma^2 |k|^2
// per pixel; measured within 4 standard errors.
func TestErrorOfFilter(t *testing.T) {
	const sigma = 0.4
	images := digits(600, 8)
	f := kernel{small, taps}
	trial, err := Run(context.Background(), f, Set{Images: images, Seed: 1}, sigma)
	if err != nil {
		t.Fatal(err)
	}
	if trial.Len() != 600 {
		t.Fatalf("%d images", trial.Len())
	}
	filtered := make([]float64, len(trial.Clean))
	if err := f.Denoise(t.Context(), filtered, trial.Clean, sigma); err != nil {
		t.Fatal(err)
	}
	want := squaredDistance(filtered, trial.Clean)/float64(len(filtered)) + sigma*sigma*f.square()
	e := trial.Error().Estimate(1)
	if deviation := (e.High - e.Low) / 4; math.Abs(e.Value-want) > 4*deviation {
		t.Errorf("error %v, want %v", e, want)
	}
}

// TestErrorIsRisk: a machine's measured error is its exact risk on the same images, within 4
// standard errors, level by level and band by band; and the bands add up to the whole.
func TestErrorIsRisk(t *testing.T) {
	const side, levels = 16, 3
	m := machine(t, gated(moments.Neighbourhood{Orientations: true, Radius: 1}, moments.PerCoefficient), side, levels)
	images := digits(400, side)
	probe, err := moments.Collect(context.Background(), m.Moments().Spec(), images, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, sigma := range []float64{0.1, 1} {
		trial, err := Run(context.Background(), m, Set{Images: images, Seed: 2}, sigma)
		if err != nil {
			t.Fatal(err)
		}
		risk, err := m.Risk(t.Context(), probe, sigma, sigma)
		if err != nil {
			t.Fatal(err)
		}
		transform := haar(side, levels)
		whole := 0.0
		for b, s := range trial.BandErrors(transform) {
			from, to := transform.Layout().Range(transform.Layout().Bands()[b])
			var want float64
			for _, r := range risk.Coefficients[from:to] {
				want += r / float64(to-from)
			}
			e := s.Estimate(1)
			if math.Abs(e.Value-want) > 4*(e.High-e.Low)/4 {
				t.Errorf("sigma %v, band %v: error %v, risk %v", sigma, transform.Layout().Bands()[b], e, want)
			}
			whole += e.Value * float64(to-from) / side / side
		}
		e := trial.Error().Estimate(1)
		if math.Abs(e.Value-risk.PerPixel) > (e.High - e.Low) {
			t.Errorf("sigma %v: error %v, risk %v", sigma, e, risk.PerPixel)
		}
		if math.Abs(whole-e.Value) > 1e-12 {
			t.Errorf("sigma %v: bands add up to %v, the error is %v", sigma, whole, e.Value)
		}
	}
}

// TestExplainedByAGain: an output explained by itself times c: 1 - (1 - c)^2 E|a|^2 / E|a - E
// a|^2; its r^2 is 1.
func TestExplainedByAGain(t *testing.T) {
	const c = 0.8
	set := Set{Images: digits(100, 8), Seed: 4}
	f := kernel{small, taps}
	scaled := kernel{small, make(map[[2]int]float64)}
	for offset, tap := range taps {
		scaled.taps[offset] = c * tap
	}
	a, err := Run(context.Background(), f, set, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Again(context.Background(), scaled)
	if err != nil {
		t.Fatal(err)
	}
	spread := squaredNorm(centred(a, Denoised))
	if got, want := Explained(a, b, Denoised).Value(), 1-(1-c)*(1-c)*squaredNorm(a.Denoised)/spread; math.Abs(got-want) > 1e-12 {
		t.Errorf("explained variance %v, want %v", got, want)
	}
	if got := R2(a, b, Denoised).Value(); math.Abs(got-1) > 1e-12 {
		t.Errorf("r^2 %v, want 1", got)
	}
	if got := Explained(a, a, Score).Estimate(1); got != (Estimate{1, 1, 1}) {
		t.Errorf("an output explains %v of itself", got)
	}
}

// TestExplainedScoreOfGains: of scores (g - 1) y and (h - 1) y, with y of zero mean: 1 - (g - h)^2
// / (g - 1)^2, within the effect of a sample's mean; r^2 is exactly 1. The images are black, so
// that nothing but noise varies.
func TestExplainedScoreOfGains(t *testing.T) {
	black := &dataset.Images{Name: "black", Channels: 1, Height: 8, Width: 8, Pixels: make([]float32, 500*64)}
	g, h := gains{small, []float64{0.3}}, gains{small, []float64{0.5}}
	set := Set{Images: black, Seed: 5}
	a, err := Run(context.Background(), g, set, 2)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Again(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	// A mean over 500 images takes 1/500 from the variance.
	if got, want := Explained(a, b, Score).Value(), 1-0.2*0.2/(0.7*0.7)*500/499; math.Abs(got-want) > 1e-4 {
		t.Errorf("explained variance of the score %v, want %v", got, want)
	}
	if got, want := Explained(a, b, Denoised).Value(), 1-0.2*0.2/(0.3*0.3)*500/499; math.Abs(got-want) > 1e-3 {
		t.Errorf("explained variance of the denoised image %v, want %v", got, want)
	}
	if got := R2(a, b, Score).Value(); math.Abs(got-1) > 1e-12 {
		t.Errorf("r^2 %v, want 1", got)
	}
}

// TestR2OfDifferentPixels: the noise of one half of the pixels says nothing of the other half's.
func TestR2OfDifferentPixels(t *testing.T) {
	left, right := make([]float64, 64), make([]float64, 64)
	for p := range left {
		left[p], right[p] = float64(1-p%2), float64(p%2)
	}
	a, err := Run(context.Background(), gains{small, left}, Set{Images: digits(50, 8), Seed: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	b, err := a.Again(context.Background(), gains{small, right})
	if err != nil {
		t.Fatal(err)
	}
	if got := R2(a, b, Denoised).Value(); got != 0 {
		t.Errorf("r^2 %v, want 0", got)
	}
}

func TestRank(t *testing.T) {
	set := Set{Images: digits(100, 8), Seed: 4}
	network, err := Run(context.Background(), gains{small, []float64{0.5}}, set, 0.5)
	if err != nil {
		t.Fatal(err)
	}
	var candidates []Candidate
	for _, g := range []float64{0.9, 0.45, 0.5, 0.3} {
		candidates = append(candidates, Candidate{fmt.Sprint(g), gains{small, []float64{g}}})
	}
	matches, err := Rank(context.Background(), network, candidates)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, m := range matches {
		names = append(names, m.Name)
		if math.Abs(m.Score.Value()-Explained(network, m.Trial, Score).Value()) > 0 {
			t.Errorf("%s: another explained variance than its trial's", m.Name)
		}
	}
	if got := strings.Join(names, " "); got != "0.5 0.45 0.3 0.9" {
		t.Errorf("order %s", got)
	}
	if lead := matches[0].Score.Minus(matches[1].Score).Estimate(1); !lead.Above(0) {
		t.Errorf("the first leads by %v", lead)
	}
	network.Sigma = -1
	if _, err := Rank(context.Background(), network, candidates); !errors.Is(err, diffusion.ErrSigma) || !strings.Contains(err.Error(), "0.9") {
		t.Errorf("a candidate that fails: %v", err)
	}
}

func TestTrialMistakes(t *testing.T) {
	ctx, d := context.Background(), gains{small, []float64{1}}
	set := Set{Images: digits(3, 8)}
	if _, err := Run(ctx, d, set, math.NaN()); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma NaN: %v", err)
	}
	if _, err := Run(ctx, d, Set{Images: digits(3, 16)}, 1); err == nil || !strings.Contains(err.Error(), "256") {
		t.Errorf("images too large: %v", err)
	}
	for name, images := range map[string]diffusion.Images{
		"nil": nil, "no images": digits(3, 8).Slice(0, 0), "no shape": &dataset.Images{}, "no points": &Points{Dim: 64}, "no dimension": &Points{},
	} {
		if _, err := Run(ctx, d, Set{Images: images}, 1); err == nil || !strings.Contains(err.Error(), "a set without images") {
			t.Errorf("%s: %v", name, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := Run(cancelled, d, set, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	var told []int
	set.Progress = func(done, total int) { told = append(told, done, total) }
	a, err := Run(ctx, d, set, 1)
	if err != nil || !slices.Equal(told, []int{3, 3}) {
		t.Errorf("progress %v, error %v", told, err)
	}
	b, err := Run(ctx, d, Set{Images: set.Images, Seed: 9}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := recovered(func() { Explained(a, b, Denoised) }).(MismatchError); !ok {
		t.Error("other noise: no MismatchError")
	}
	if _, ok := recovered(func() { _, _ = a.Again(ctx, gains{diffusion.Shape{C: 1, H: 4, W: 16}, []float64{1}}) }).(diffusion.LengthError); !ok {
		t.Error("another shape: no LengthError")
	}
}

// TestRunOfBrokenDenoiser: a pixel that is not finite is an error that says whose it is.
func TestRunOfBrokenDenoiser(t *testing.T) {
	images := digits(300, 8)
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		// The noise of its first pixel tells which image is to be spoilt.
		whole, err := (Set{Images: images, Seed: 1}).Trial(small, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		d := spoiler{kernel{small, taps}, whole.image(whole.Noisy, 261)[0], v}
		_, err = Run(context.Background(), d, Set{Images: images, Seed: 1}, 0.5)
		if want := fmt.Sprintf("returned %v at pixel 5 of image 261, at sigma = 0.5", v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q in it", err, want)
		}
		healthy, err := Run(context.Background(), d.kernel, Set{Images: images, Seed: 1}, 0.5)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := healthy.Again(context.Background(), d); err == nil || !strings.Contains(err.Error(), "image 261") {
			t.Errorf("again: %v", err)
		}
	}
}

// spoiler spoils pixel 5 of the image whose first noisy pixel it knows.
type spoiler struct {
	kernel
	first, value float64
}

func (s spoiler) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	spoilt := -1
	for at := 0; at < len(src); at += s.Shape().Size() {
		if src[at] == s.first {
			spoilt = at + 5
		}
	}
	err := s.kernel.Denoise(ctx, dst, src, sigma)
	if spoilt >= 0 {
		dst[spoilt] = s.value
	}
	return err
}

// How much of a filter's score does a plain gain explain?
func ExampleExplained() {
	set := Set{Images: digits(200, 8), Seed: 1}
	smooth := kernel{small, map[[2]int]float64{{0, 0}: 0.8, {0, 1}: 0.05, {0, -1}: 0.05, {1, 0}: 0.05, {-1, 0}: 0.05}}
	a, err := Run(context.Background(), smooth, set, 0.3)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := a.Again(context.Background(), gains{small, []float64{0.9}})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("denoised image %.3f, score %.2f\n", Explained(a, b, Denoised).Value(), Explained(a, b, Score).Value())
	// Output: denoised image 0.943, score 0.15
}
