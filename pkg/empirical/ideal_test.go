package empirical

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

// bruteForce is the posterior mean by its definition, distance by distance.
func bruteForce(set, src []float64, size int, sigma float64) []float64 {
	var all []float64
	for i := 0; i < len(src); i += size {
		y := src[i : i+size]
		var logs []float64
		for k := 0; k < len(set); k += size {
			distance := floats.Distance(y, set[k:k+size], 2)
			logs = append(logs, -distance*distance/(2*sigma*sigma))
		}
		total := floats.LogSumExp(logs)
		mean := make([]float64, size)
		for k, l := range logs {
			floats.AddScaled(mean, math.Exp(l-total), set[k*size:(k+1)*size])
		}
		all = append(all, mean...)
	}
	return all
}

func pictures(n, side int) (diffusion.Shape, *dataset.Images, []float64) {
	images := dataset.Digits(n, 3).Resize(side, side)
	return diffusion.Shape{C: 1, H: side, W: side}, images, images.Batch(nil, 0, n)
}

// withNoise returns images with noise added to them.
func withNoise(rnd *rand.Rand, images []float64, sigma float64) []float64 {
	y := make([]float64, len(images))
	for i, x := range images {
		y[i] = x + sigma*rnd.NormFloat64()
	}
	return y
}

// TestIdealIsThePosteriorMean: for sets of one image to more than a block a strip, at all noise
// levels, and in place.
func TestIdealIsThePosteriorMean(t *testing.T) {
	for _, n := range []int{1, 7, 300, 4500} {
		shape, images, set := pictures(n, 8)
		d, err := NewIdeal(shape, images)
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range []float64{1e-3, 0.02, 0.3, 1, 5, 1e3} {
			src := set[:64*min(n, 40)]
			y := withNoise(rand.New(rand.NewPCG(5, 0)), src, sigma)
			want := bruteForce(set, y, 64, sigma)
			if err := d.Denoise(t.Context(), y, y, sigma); err != nil {
				t.Fatal(err)
			}
			if worst := floats.Distance(y, want, math.Inf(1)); worst > 1e-9 {
				t.Errorf("%d images, sigma %v: off by %v", n, sigma, worst)
			}
		}
	}
}

// TestIdealPosterior: the weights are probabilities; under little noise the image itself has all
// of them, under much all have the same.
func TestIdealPosterior(t *testing.T) {
	const n = 500
	shape, images, set := pictures(n, 8)
	d, err := NewIdeal(shape, images)
	if err != nil {
		t.Fatal(err)
	}
	for _, sigma := range []float64{0.01, 1, 1e5} {
		y := withNoise(rand.New(rand.NewPCG(6, 0)), set[:64*10], sigma)
		weights, err := d.Posterior(t.Context(), y, sigma)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			w := weights[i*n : (i+1)*n]
			if floats.Min(w) < 0 || math.Abs(floats.Sum(w)-1) > 1e-12 {
				t.Errorf("sigma %v, image %d: weights from %v sum to %v", sigma, i, floats.Min(w), floats.Sum(w))
			}
			if sigma == 0.01 && w[i] < 1-1e-9 {
				t.Errorf("sigma %v: image %d has the weight %v behind itself", sigma, i, w[i])
			}
			if sigma == 1e5 && floats.Max(w)*n > 1.001 {
				t.Errorf("sigma %v, image %d: a weight of %v among %d", sigma, i, floats.Max(w), n)
			}
		}
	}
}

var _ diffusion.Differentiable = (*Ideal)(nil)

// TestVJPOfTheIdeal: against central differences along random directions, to 1e-5, from levels
// where one image is all there is, and the covariance 0, to those where all images are alike.
func TestVJPOfTheIdeal(t *testing.T) {
	shape, images, set := pictures(300, 8)
	d, err := NewIdeal(shape, images)
	if err != nil {
		t.Fatal(err)
	}
	const n = 40
	rnd := rand.New(rand.NewPCG(64, 0))
	for _, sigma := range []float64{0.02, 0.3, 1, 5} {
		y := withNoise(rnd, set[:n*64], sigma)
		u, v := make([]float64, len(y)), make([]float64, len(y))
		for i := range u {
			u[i], v[i] = rnd.NormFloat64(), rnd.NormFloat64()
		}
		h := 1e-4 * sigma
		ahead, behind := make([]float64, len(y)), make([]float64, len(y))
		floats.AddScaledTo(ahead, y, h, v)
		floats.AddScaledTo(behind, y, -h, v)
		for _, at := range [][]float64{ahead, behind} {
			if err := d.Denoise(t.Context(), at, at, sigma); err != nil {
				t.Fatal(err)
			}
		}
		back := slices.Clone(u)
		if err := d.VJP(t.Context(), back, y, back, sigma); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(y); i += 64 {
			want := (floats.Dot(u[i:i+64], ahead[i:i+64]) - floats.Dot(u[i:i+64], behind[i:i+64])) / (2 * h)
			if got := floats.Dot(back[i:i+64], v[i:i+64]); math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
				t.Errorf("sigma %v, image %d: u^T J v is %v, by differences %v", sigma, i/64, got, want)
			}
		}
	}
}

func TestIdealErrors(t *testing.T) {
	shape, images, _ := pictures(5, 8)
	if _, err := NewIdeal(diffusion.Shape{C: 1, H: 4, W: 4}, images); err == nil {
		t.Error("images of another shape were accepted")
	}
	if _, err := NewIdeal(shape, images.Slice(0, 0)); err == nil {
		t.Error("no images were accepted")
	}
	d, err := NewIdeal(shape, images)
	if err != nil {
		t.Fatal(err)
	}
	y := make([]float64, 64)
	if err := d.Denoise(t.Context(), y, y, 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Error(err)
	}
	y[3] = math.NaN()
	if _, err := d.Posterior(t.Context(), y, 1); !errors.Is(err, diffusion.ErrInput) {
		t.Error(err)
	}
	images.Pixels[100] = float32(math.Inf(1))
	if _, err := NewIdeal(shape, images); !errors.Is(err, diffusion.ErrInput) {
		t.Error(err)
	}
}

// BenchmarkIdeal denoises 32 images of 32 x 32 against a set of 10 000.
func BenchmarkIdeal(b *testing.B) {
	shape, images, set := pictures(10000, 32)
	d, err := NewIdeal(shape, images)
	if err != nil {
		b.Fatal(err)
	}
	dst := make([]float64, 32*shape.Size())
	for b.Loop() {
		if err := d.Denoise(b.Context(), dst, set[:len(dst)], 0.5); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(32*float64(b.N)/b.Elapsed().Seconds(), "images/s")
}
