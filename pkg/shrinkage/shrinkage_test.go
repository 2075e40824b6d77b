package shrinkage

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/internal/denoisertest"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// denoiser returns the denoiser of a rule for square images.
func denoiser(t testing.TB, rule Rule, filter string, channels, side, levels int) *Denoiser {
	t.Helper()
	f, err := wavelet.ParseFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	layout, err := wavelet.NewLayout(channels, side, side, levels)
	if err != nil {
		t.Fatal(err)
	}
	d, err := New(rule, wavelet.NewTransform(f, layout))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestAgainstOthers: thresholds as in scikit-image, the scale mixture as in NumPy;
// testdata/generate.py writes what they make.
func TestAgainstOthers(t *testing.T) {
	b, err := os.ReadFile("testdata/shrinkage.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Levels, Side int
		Sigma        float64
		Noisy        []float64
		Denoised     map[Rule][]float64
	}
	if err := json.Unmarshal(b, &golden); err != nil {
		t.Fatal(err)
	}
	if len(golden.Denoised) != 4 {
		t.Fatalf("%d rules have been computed", len(golden.Denoised))
	}
	for rule, want := range golden.Denoised {
		got := make([]float64, len(golden.Noisy))
		if err := denoiser(t, rule, "haar", 1, golden.Side, golden.Levels).Denoise(t.Context(), got, golden.Noisy, golden.Sigma); err != nil {
			t.Fatal(err)
		}
		if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-9 {
			t.Errorf("%s: off by %v", rule, worst)
		}
	}
}

// noisy returns a piecewise constant image, and it with noise.
func noisy(side int, sigma float64, seed uint64) (clean, y []float64) {
	rnd := rand.New(rand.NewPCG(seed, 0))
	for i := range side * side {
		v := -0.5
		if r, c := i/side-side/2, i%side-side/3; r*r+c*c < side*side/16 {
			v = 0.8
		}
		clean, y = append(clean, v), append(y, v+sigma*rnd.NormFloat64())
	}
	return clean, y
}

// TestSURE: the threshold has the least estimated risk of all on a fine grid, by the estimate as it
// is defined, n + sum (g^2 + 2 g') with g the change of a value; a band of noise has the universal
// one.
func TestSURE(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 0))
	const sigma, n = 0.4, 400
	band := make([]float64, n)
	for i := range band {
		band[i] = sigma * rnd.NormFloat64()
		if i%2 == 0 {
			band[i] += 3 * sigma * rnd.NormFloat64()
		}
	}
	estimate := func(threshold float64) float64 {
		risk := float64(n)
		for _, v := range band {
			y, t := v/sigma, threshold/sigma
			if g := min(math.Abs(y), t); math.Abs(y) <= t {
				risk += g*g - 2
			} else {
				risk += g * g
			}
		}
		return risk
	}
	got := sureThreshold(band, sigma)
	for threshold := 0.0; threshold <= universal(n, sigma); threshold += 0.001 {
		if estimate(threshold) < estimate(got)-1e-9 {
			t.Fatalf("the threshold %v has the risk %v, but %v has %v", got, estimate(got), threshold, estimate(threshold))
		}
	}
	if got <= 0 || got >= universal(n, sigma) {
		t.Errorf("a threshold of %v", got)
	}
	for i := range band {
		band[i] = sigma * rnd.NormFloat64()
	}
	if got, want := sureThreshold(band, sigma), universal(n, sigma); got != want {
		t.Errorf("noise alone has the threshold %v, want the universal one, %v", got, want)
	}
}

// TestSURELET: the weights are the least squares ones for the unbiased estimate, solved by gonum,
// and the error is below that of the best single gain.
func TestSURELET(t *testing.T) {
	rnd := rand.New(rand.NewPCG(4, 0))
	const sigma, n = 0.5, 4096
	clean, y := make([]float64, n), make([]float64, n)
	f := mat.NewDense(n, 2, nil)
	c := mat.NewVecDense(2, nil)
	for i := range y {
		if rnd.IntN(5) == 0 {
			clean[i] = 2 * rnd.NormFloat64()
		}
		y[i] = clean[i] + sigma*rnd.NormFloat64()
		e := math.Exp(-y[i] * y[i] / (12 * sigma * sigma))
		f.SetRow(i, []float64{y[i], y[i] * e})
		const h = 1e-6
		slope := ((y[i]+h)*math.Exp(-(y[i]+h)*(y[i]+h)/(12*sigma*sigma)) - (y[i]-h)*math.Exp(-(y[i]-h)*(y[i]-h)/(12*sigma*sigma))) / (2 * h)
		c.SetVec(0, c.AtVec(0)+y[i]*y[i]-sigma*sigma)
		c.SetVec(1, c.AtVec(1)+y[i]*y[i]*e-sigma*sigma*slope)
	}
	var gram mat.Dense
	gram.Mul(f.T(), f)
	var a, want mat.VecDense
	if err := a.SolveVec(&gram, c); err != nil {
		t.Fatal(err)
	}
	want.MulVec(f, &a)
	got := slices.Clone(y)
	combine(got, sigma)
	if worst := floats.Distance(got, want.RawVector().Data, math.Inf(1)); worst > 1e-6 {
		t.Errorf("off by %v", worst)
	}
	gain := floats.Dot(clean, y) / floats.Dot(y, y)
	floats.Scale(gain, y)
	if let, wiener := floats.Distance(got, clean, 2), floats.Distance(y, clean, 2); let > 0.95*wiener {
		t.Errorf("an error of %v, and %v with one gain", let, wiener)
	}
}

// TestOnAnImage: each rule takes off most of the noise of a simple image, and SURELET, Bayes and
// GSM more than a universal soft threshold; spinning takes off more.
func TestOnAnImage(t *testing.T) {
	const side, sigma = 64, 0.3
	clean, y := noisy(side, sigma, 5)
	mse := func(d diffusion.Denoiser) float64 {
		x := make([]float64, len(y))
		if err := d.Denoise(t.Context(), x, y, sigma); err != nil {
			t.Fatal(err)
		}
		return math.Pow(floats.Distance(x, clean, 2), 2) / float64(len(x))
	}
	soft := mse(denoiser(t, UniversalSoft, "haar", 1, side, 4))
	for _, rule := range Rules() {
		d := denoiser(t, rule, "haar", 1, side, 4)
		e := mse(d)
		if e > 0.4*sigma*sigma {
			t.Errorf("%s leaves %.3f of the noise", rule, e/(sigma*sigma))
		}
		if slices.Contains([]Rule{Bayes, SURELET, GSM}, rule) && e >= soft {
			t.Errorf("%s has the error %v, a universal soft threshold %v", rule, e, soft)
		}
		if spun := mse(diffusion.CycleSpin(d, 4)); spun >= e {
			t.Errorf("%s has the error %v, spun %v", rule, e, spun)
		}
	}
}

// TestExtremes: constant images, bands of one coefficient, several channels and images, and noise
// from 1e-3 to 100 give finite images; nothing is shrunk where there is no noise to speak of.
func TestExtremes(t *testing.T) {
	for _, rule := range Rules() {
		d := denoiser(t, rule, "db2", 3, 8, 3)
		for _, sigma := range []float64{1e-3, 0.3, 100} {
			for _, v := range []float64{0, 0.7, -1} {
				x := slices.Repeat([]float64{v}, 2*d.Shape().Size())
				if err := d.Denoise(t.Context(), x, x, sigma); err != nil {
					t.Errorf("%s, sigma %v: %v", rule, sigma, err)
				}
				if worst := math.Max(floats.Max(x)-v, v-floats.Min(x)); worst > 1e-9 {
					t.Errorf("%s, sigma %v: a constant is changed by %v", rule, sigma, worst)
				}
			}
		}
		clean, y := noisy(8, 1e-6, 6)
		one := denoiser(t, rule, "haar", 1, 8, 2)
		if err := one.Denoise(t.Context(), y, y, 1e-6); err != nil {
			t.Fatal(err)
		}
		if worst := floats.Distance(y, clean, math.Inf(1)); worst > 1e-4 {
			t.Errorf("%s changes an image without noise by %v", rule, worst)
		}
	}
}

func TestMistakes(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8}
	haar, err := wavelet.ParseFilter("haar")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := New(Bayes, wavelet.NewTransform(haar, layout)); err == nil {
		t.Error("a transform without levels is taken")
	}
	layout.Levels = 2
	if _, err := New("firm", wavelet.NewTransform(haar, layout)); err == nil {
		t.Error("an unknown rule is taken")
	}
	_, y := noisy(8, 0.5, 7)
	for _, rule := range Rules() {
		denoisertest.Run(t, string(rule), denoiser(t, rule, "haar", 1, 8, 2), y, 0.5)
	}
}

// BenchmarkDenoise denoises a picture of 256 x 256.
func BenchmarkDenoise(b *testing.B) {
	_, y := noisy(256, 0.2, 1)
	for _, rule := range Rules() {
		b.Run(string(rule), func(b *testing.B) {
			d := denoiser(b, rule, "db2", 1, 256, 4)
			x := make([]float64, len(y))
			for b.Loop() {
				if err := d.Denoise(b.Context(), x, y, 0.2); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
