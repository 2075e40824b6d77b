package field

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/dataset"
)

// noisyImages returns n drawn images with noise, and the images.
func noisyImages(f *Field, n int, sigma float64, seed uint64) (noisy, clean []float64) {
	clean = f.Draw(n, seed).Batch(nil, 0, n)
	noisy = slices.Clone(clean)
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range noisy {
		noisy[i] += sigma * rng.NormFloat64()
	}
	return noisy, clean
}

// TestFieldAgainstDense compares density, denoiser and score, the score also with finite
// differences of gonum's density.
func TestFieldAgainstDense(t *testing.T) {
	const n = 3
	for name, k := range knownFields(t) {
		for _, sigma := range []float64{0.05, 0.3, 2, 20} {
			y, _ := noisyImages(k.field, n, sigma, 3)
			size := len(y) / n
			denoised, score, logs := make([]float64, len(y)), make([]float64, len(y)), make([]float64, n)
			for _, err := range []error{
				k.field.Denoise(t.Context(), denoised, y, sigma), k.field.Score(t.Context(), score, y, sigma), k.field.LogDensity(t.Context(), logs, y, sigma),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			for i := range n {
				image := y[i*size : (i+1)*size]
				wantLog, want := k.at(t, image, sigma)
				if math.Abs(logs[i]-wantLog) > 1e-9*(1+math.Abs(wantLog)) {
					t.Errorf("%s, sigma %v: log density %v, want %v", name, sigma, logs[i], wantLog)
				}
				for j, w := range want {
					if got := denoised[i*size+j]; math.Abs(got-w) > 1e-10 {
						t.Errorf("%s, sigma %v: denoised %v, want %v", name, sigma, got, w)
					}
					if got, w := score[i*size+j], (w-image[j])/(sigma*sigma); math.Abs(got-w) > 1e-9*(1+math.Abs(w)) {
						t.Errorf("%s, sigma %v: score %v, want by Tweedie's formula %v", name, sigma, got, w)
					}
				}
				// Central differences in steps of 1e-4 sigma leave about 1e-8 of the score's
				// size, 1 / sigma, of step and about 1e-9 of rounding.
				step := 1e-4 * sigma
				for j := range size {
					shifted := slices.Clone(image)
					shifted[j] = image[j] + step
					above, _ := k.at(t, shifted, sigma)
					shifted[j] = image[j] - step
					below, _ := k.at(t, shifted, sigma)
					if got, w := score[i*size+j], (above-below)/(2*step); math.Abs(got-w) > 1e-6/sigma {
						t.Errorf("%s, sigma %v: score %v, want by differences %v", name, sigma, got, w)
					}
				}
			}
		}
	}
}

// TestFieldDraws compares the mean and covariance of 8000 drawn images with the closed form, each
// entry within 5 standard errors, and the share of every component within 4.
func TestFieldDraws(t *testing.T) {
	const n = 8000
	for name, k := range knownFields(t) {
		set := k.field.Draw(n, 11)
		if c, h, w := k.field.Dims(); c != set.Channels || h != set.Height || w != set.Width {
			t.Errorf("%s: dims %d, %d, %d of images %dx%dx%d", name, c, h, w, set.Channels, set.Height, set.Width)
		}
		x := set.Batch(nil, 0, n)
		size := set.Size()
		counts := make([]float64, len(k.weights))
		for _, label := range set.Labels {
			counts[label]++
		}
		for c, w := range k.weights {
			if e := math.Sqrt(w * (1 - w) / n); math.Abs(counts[c]/n-w) > 4*e {
				t.Errorf("%s: component %d has share %v, want %v", name, c, counts[c]/n, w)
			}
		}
		want := func(i, j int) (mean, product float64) {
			for c, w := range k.weights {
				mean += w * k.means[c][i]
				product += w * (k.covariances[c].At(i, j) + k.means[c][i]*k.means[c][j])
			}
			return mean, product
		}
		for i := range size {
			for j := i; j < size; j++ {
				wantMean, wantProduct := want(i, j)
				var mean, square, product, products float64
				for from := 0; from < len(x); from += size {
					v, p := x[from+i], x[from+i]*x[from+j]
					mean, square, product, products = mean+v/n, square+v*v/n, product+p/n, products+p*p/n
				}
				if e := math.Sqrt((square - mean*mean) / n); i == j && math.Abs(mean-wantMean) > 5*e {
					t.Errorf("%s: mean of pixel %d is %v, want %v within %v", name, i, mean, wantMean, e)
				}
				if e := math.Sqrt((products - product*product) / n); math.Abs(product-wantProduct) > 5*e {
					t.Errorf("%s: mean product of pixels %d, %d is %v, want %v within %v", name, i, j, product, wantProduct, e)
				}
			}
		}
	}
}

// TestFieldDenoiserIsOptimal checks the denoiser on drawn images: its error is orthogonal to what
// the noisy image tells, here the noisy and the denoised image, and on a Gaussian field its mean
// square is the closed-form risk; all within 4 standard errors.
func TestFieldDenoiserIsOptimal(t *testing.T) {
	const n = 4000
	for name, k := range knownFields(t) {
		for _, sigma := range []float64{0.1, 0.5, 2} {
			y, x := noisyImages(k.field, n, sigma, 17)
			d := make([]float64, len(y))
			if err := k.field.Denoise(t.Context(), d, y, sigma); err != nil {
				t.Fatal(err)
			}
			size := len(y) / n
			within := func(what string, want float64, value func(p int) float64) {
				t.Helper()
				var sum, squares float64
				for i := range n {
					var v float64
					for p := i * size; p < (i+1)*size; p++ {
						v += value(p) / float64(size)
					}
					sum, squares = sum+v/n, squares+v*v/n
				}
				if e := math.Sqrt((squares - sum*sum) / n); math.Abs(sum-want) > 4*e {
					t.Errorf("%s, sigma %v: %s %v, want %v within %v", name, sigma, what, sum, want, e)
				}
			}
			within("error times noisy", 0, func(p int) float64 { return (x[p] - d[p]) * y[p] })
			within("error times denoised", 0, func(p int) float64 { return (x[p] - d[p]) * d[p] })
			if name == "gaussian" {
				risk := law(t, 4, 6, 2, 0.1, 0.3).Risk(sigma)
				within("squared error", risk, func(p int) float64 { return (x[p] - d[p]) * (x[p] - d[p]) })
			}
		}
	}
}

// TestScaleMixtureKurtosis: E x^4 = 3 E[s^2] v^2, where v is the variance of u.
func TestScaleMixtureKurtosis(t *testing.T) {
	const n = 200000
	f, err := NewScaleMixture([]float64{3, 1}, []float64{1, 9}, law(t, 1, 1, 0, 1, 0.2))
	if err != nil {
		t.Fatal(err)
	}
	kurtosis := stat.ExKurtosis(f.Draw(n, 1).Batch(nil, 0, n), nil) + 3
	if want := 3 * (3 + 81) / 4.0 / 9; math.Abs(kurtosis-want) > 0.2 {
		t.Errorf("kurtosis %v, want %v", kurtosis, want)
	}
}

// TestFieldExtremes: two images without spread at -1 and 1 have the denoiser tanh(y / sigma^2),
// at any level that is accepted.
func TestFieldExtremes(t *testing.T) {
	two := &dataset.Images{Channels: 1, Height: 1, Width: 1, Pixels: []float32{-1, 1}}
	f, err := NewMixture(nil, two, law(t, 1, 1, 0, 1, 0))
	if err != nil {
		t.Fatal(err)
	}
	for _, sigma := range []float64{1e-50, 0.002, 0.5, 1, 80, 1e50} {
		for _, y := range []float64{-1000, -80, -1, -0.3, 0, 1e-6, 0.9, 2, 1000} {
			v := []float64{y}
			if err := f.Denoise(t.Context(), v, v, sigma); err != nil {
				t.Fatal(err)
			}
			if want := math.Tanh(y / sigma / sigma); math.Abs(v[0]-want) > 1e-12 {
				t.Errorf("sigma %v, y %v: denoised %v, want %v", sigma, y, v[0], want)
			}
		}
	}
	for name, k := range knownFields(t) {
		size := len(k.means[0])
		for _, sigma := range []float64{1e-50, 0.002, 80, 1e50} {
			for _, far := range []float64{0, 1, 1e50} {
				y, out := slices.Repeat([]float64{far}, size), make([]float64, size)
				logs := make([]float64, 1)
				for _, err := range []error{k.field.Denoise(t.Context(), out, y, sigma), k.field.LogDensity(t.Context(), logs, y, sigma)} {
					if err != nil {
						t.Fatal(err)
					}
				}
				score := make([]float64, size)
				if err := k.field.Score(t.Context(), score, y, sigma); err != nil {
					t.Fatal(err)
				}
				for _, v := range slices.Concat(out, score, logs) {
					if math.IsNaN(v) || math.IsInf(v, 0) {
						t.Fatalf("%s, sigma %v, image of %v: %v", name, sigma, far, v)
					}
				}
			}
		}
		// With little noise the image itself remains, with much the mean of the distribution.
		y, _ := noisyImages(k.field, 1, 0, 5)
		out := make([]float64, size)
		if err := k.field.Denoise(t.Context(), out, y, 1e-7); err != nil {
			t.Fatal(err)
		}
		for j := range out {
			if math.Abs(out[j]-y[j]) > 1e-9 {
				t.Errorf("%s: pixel %v became %v without noise", name, y[j], out[j])
			}
		}
		if err := k.field.Denoise(t.Context(), out, y, 1e4); err != nil {
			t.Fatal(err)
		}
		for j := range out {
			var mean float64
			for c, w := range k.weights {
				mean += w * k.means[c][j]
			}
			if math.Abs(out[j]-mean) > 1e-5 {
				t.Errorf("%s: pixel %v became %v in much noise, want the mean %v", name, y[j], out[j], mean)
			}
		}
	}
}

// TestFieldIsDeterministic draws and denoises with other numbers of threads, in other batches, in
// place.
func TestFieldIsDeterministic(t *testing.T) {
	for name, k := range knownFields(t) {
		y, _ := noisyImages(k.field, 30, 0.3, 9)
		want := make([]float64, len(y))
		if err := k.field.Denoise(t.Context(), want, y, 0.3); err != nil {
			t.Fatal(err)
		}
		drawn := k.field.Draw(30, 9)
		for _, procs := range []int{1, 7} {
			onProcs(procs, func() {
				got := slices.Clone(y[:len(y)/3])
				if err := k.field.Denoise(t.Context(), got, got, 0.3); err != nil {
					t.Fatal(err)
				}
				if !slices.Equal(got, want[:len(got)]) {
					t.Errorf("%s, GOMAXPROCS %d: denoised differently", name, procs)
				}
				if part := k.field.Draw(10, 9); !slices.Equal(part.Pixels, drawn.Slice(0, 10).Pixels) {
					t.Errorf("%s, GOMAXPROCS %d: drawn differently", name, procs)
				}
			})
		}
	}
}

func TestFieldErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	s := law(t, 2, 2, 1, 0.1, 0.2)
	means := random(1, 2, 1, 2, 2)
	broken := random(1, 2, 1, 2, 2)
	broken.Pixels[5] = float32(nan)
	spectrum := func(power ...float64) Spectrum { return Spectrum{2, 2, power} }
	lopsided := Spectrum{1, 3, []float64{1, 2, 3}}

	fields := map[string]func() (*Field, error){
		"weight 1 is -1":                  func() (*Field, error) { return NewMixture([]float64{1, -1}, means, s) },
		"weight 0 is NaN":                 func() (*Field, error) { return NewMixture([]float64{nan, 1}, means, s) },
		"weight 1 is +Inf":                func() (*Field, error) { return NewMixture([]float64{1, inf}, means, s) },
		"weight 0 is 0":                   func() (*Field, error) { return NewScaleMixture([]float64{0}, []float64{1}, s) },
		"3 weights for 2 components":      func() (*Field, error) { return NewMixture([]float64{1, 1, 1}, means, s) },
		"3 spectra for 2 components":      func() (*Field, error) { return NewMixture(nil, means, s, s, s) },
		"0 spectra for 2 components":      func() (*Field, error) { return NewMixture(nil, means) },
		"2x2 pixels for means of 3x3":     func() (*Field, error) { return NewMixture(nil, random(1, 1, 1, 3, 3), s) },
		"image 1 has NaN":                 func() (*Field, error) { return NewMixture(nil, broken, s) },
		"no images":                       func() (*Field, error) { return NewMixture(nil, means.Slice(0, 0), s) },
		"scale 1 is -2":                   func() (*Field, error) { return NewScaleMixture(nil, []float64{1, -2}, s) },
		"scale 0 is NaN":                  func() (*Field, error) { return NewScaleMixture(nil, []float64{nan}, s) },
		"no scales":                       func() (*Field, error) { return NewScaleMixture(nil, nil, s) },
		"2x2 pixels with 3 powers":        func() (*Field, error) { return NewGaussian(spectrum(1, 1, 1)) },
		"0x0 pixels with 0 powers":        func() (*Field, error) { return NewGaussian(Spectrum{}) },
		"power -1 at frequency (0, 1)":    func() (*Field, error) { return NewGaussian(spectrum(1, -1, 1, 1)) },
		"power NaN at frequency (1, 0)":   func() (*Field, error) { return NewGaussian(spectrum(1, 1, nan, 1)) },
		"power +Inf at frequency (0, 0)":  func() (*Field, error) { return NewGaussian(spectrum(inf, 1, 1, 1)) },
		"2 at frequency (0, 1) and 3 at":  func() (*Field, error) { return NewGaussian(lopsided) },
		"power 2e+50 at frequency (0, 0)": func() (*Field, error) { return NewScaleMixture(nil, []float64{2}, spectrum(1e50, 1, 1, 1)) },
	}
	for want, make := range fields {
		if _, err := make(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want one with %q", err, want)
		}
	}
	for _, p := range [][3]float64{{-1, 0.1, 1}, {nan, 0.1, 1}, {1, 0, 1}, {1, nan, 1}, {1, 0.1, -1}, {1, 0.1, inf}} {
		if _, err := PowerLaw(4, 4, p[0], p[1], p[2]); err == nil || !strings.Contains(err.Error(), "must be in") {
			t.Errorf("power law of %v: error %v", p, err)
		}
	}
	if _, err := PowerLaw(0, 4, 1, 0.1, 1); err == nil {
		t.Error("a spectrum of no pixels is accepted")
	}

	f, err := NewGaussian(s)
	if err != nil {
		t.Fatal(err)
	}
	four := make([]float64, 4)
	for _, sigma := range []float64{0, -1, nan, inf, 1e-60, 1e60} {
		for what, err := range map[string]error{
			"Denoise": f.Denoise(t.Context(), four, four, sigma), "Score": f.Score(t.Context(), four, four, sigma), "LogDensity": f.LogDensity(t.Context(), four[:1], four, sigma),
		} {
			if err == nil || !strings.Contains(err.Error(), "must be positive") {
				t.Errorf("%s at sigma %v: error %v", what, sigma, err)
			}
		}
	}
	for _, v := range []float64{nan, inf, -inf, 1e60} {
		if err := f.Denoise(t.Context(), make([]float64, 8), []float64{0, 0, 0, 0, 0, v, 0, 0}, 1); err == nil ||
			!strings.Contains(err.Error(), "image 1 has") || !strings.Contains(err.Error(), "value 1 of 4") {
			t.Errorf("an image with %v: error %v", v, err)
		}
	}
	for what, mistake := range map[string]func(){
		"dst":     func() { f.Denoise(t.Context(), four[:3], four, 1) },
		"src":     func() { f.Score(t.Context(), four[:3], four[:3], 1) },
		"density": func() { f.LogDensity(t.Context(), four, four, 1) },
	} {
		if _, ok := recovered(mistake).(LengthError); !ok {
			t.Errorf("a wrong length of %s does not panic with a LengthError", what)
		}
	}
}

func benchmarkField(b *testing.B, f *Field, err error) {
	if err != nil {
		b.Fatal(err)
	}
	const n = 256
	rate := func(b *testing.B) { b.ReportMetric(n*float64(b.N)/b.Elapsed().Seconds(), "images/s") }
	b.Run("Draw", func(b *testing.B) {
		for b.Loop() {
			f.Draw(n, 1)
		}
		rate(b)
	})
	y, _ := noisyImages(f, n, 0.5, 1)
	dst := make([]float64, len(y))
	b.Run("Denoise", func(b *testing.B) {
		for b.Loop() {
			if err := f.Denoise(b.Context(), dst, y, 0.5); err != nil {
				b.Fatal(err)
			}
		}
		rate(b)
	})
}

// 32x32 pixels, one channel.
func BenchmarkFields(b *testing.B) {
	s := law(b, 32, 32, 2, 1./32, 0.25)
	b.Run("Gaussian", func(b *testing.B) { f, err := NewGaussian(s); benchmarkField(b, f, err) })
	b.Run("Mixture/10", func(b *testing.B) {
		f, err := NewMixture(nil, random(1, 10, 1, 32, 32), s)
		benchmarkField(b, f, err)
	})
}

// Fields that differ in anything have different keys.
func TestFieldCacheKey(t *testing.T) {
	field := func(weights, scales []float64, alpha float64) *Field {
		spectrum, err := PowerLaw(4, 4, alpha, 0.05, 0.25)
		if err != nil {
			t.Fatal(err)
		}
		f, err := NewScaleMixture(weights, scales, spectrum)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	one := field(nil, []float64{0.1, 3}, 2)
	if !reflect.DeepEqual(one.CacheKey(), field([]float64{2, 2}, []float64{0.1, 3}, 2).CacheKey()) {
		t.Error("two equal fields have different keys")
	}
	for i, other := range []*Field{field([]float64{1, 2}, []float64{0.1, 3}, 2), field(nil, []float64{0.1, 2}, 2), field(nil, []float64{0.1, 3}, 1), field(nil, []float64{0.1, 3, 1}, 2)} {
		if reflect.DeepEqual(one.CacheKey(), other.CacheKey()) {
			t.Errorf("field %d has the key of another", i)
		}
	}
	if n := field(nil, []float64{1, 2, 3}, 2).Components(); n != 3 {
		t.Errorf("%d components, want 3", n)
	}
}
