package shrinkage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/dsp/fourier"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/denoisertest"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

var _ diffusion.Denoiser = (*BM3D)(nil)

// TestCosines: along rows and columns the coefficients are gonum's, scaled to be orthonormal, and a
// block comes back.
func TestCosines(t *testing.T) {
	const n, width = 8, 13
	image := make([]float64, 11*width)
	rnd := rand.New(rand.NewPCG(1, 0))
	for i := range image {
		image[i] = rnd.NormFloat64()
	}
	f := newFilter(diffusion.Shape{C: 1, H: 11, W: width}, stages(0.1)[0], 0.1, image, image)
	s := f.newStack()
	const at = 2*width + 3
	got, want := make([]float64, n*n), make([]float64, n*n)
	s.transform(got, image, at)
	scale := func(k int) float64 { // gonum's quarter wave functions are twice the cosines
		if k == 0 {
			return math.Sqrt(1/float64(n)) / 4
		}
		return math.Sqrt(2/float64(n)) / 4
	}
	quarter := fourier.NewQuarterWaveFFT(n)
	rows := make([]float64, n*n)
	for i := range n {
		quarter.CosSequence(rows[i*n:(i+1)*n], image[at+i*width:][:n])
	}
	for k := range n {
		column := make([]float64, n)
		for i := range n {
			column[i] = rows[i*n+k]
		}
		quarter.CosSequence(column, column)
		for l := range n {
			want[l*n+k] = column[l] * scale(l) * scale(k)
		}
	}
	if worst := floats.Distance(got, want, math.Inf(1)); worst > 1e-12 {
		t.Errorf("coefficients are off by %v", worst)
	}
	s.back(got)
	for i := range got {
		if v := image[at+i/n*width+i%n]; math.Abs(got[i]-v) > 1e-12 {
			t.Fatalf("pixel %d comes back as %v, want %v", i, got[i], v)
		}
	}
}

// TestHaar: the transform keeps lengths, finds the mean, and comes back.
func TestHaar(t *testing.T) {
	rnd := rand.New(rand.NewPCG(2, 0))
	for _, n := range []int{1, 2, 8, 32} {
		x := make([]float64, n)
		for i := range x {
			x[i] = rnd.NormFloat64()
		}
		y := slices.Clone(x)
		haar(y, false)
		if math.Abs(floats.Norm(y, 2)-floats.Norm(x, 2)) > 1e-12 || math.Abs(y[0]-floats.Sum(x)/math.Sqrt(float64(n))) > 1e-12 {
			t.Errorf("%d values: of length %v, and first %v", n, floats.Norm(y, 2), y[0])
		}
		if haar(y, true); floats.Distance(x, y, math.Inf(1)) > 1e-12 {
			t.Errorf("%d values do not come back", n)
		}
	}
}

// TestKaiser: numpy.kaiser(8, 2), NumPy 1.24.
func TestKaiser(t *testing.T) {
	want := []float64{0.43867628, 0.68132426, 0.87683991, 0.98582251}
	window := kaiser(8)
	for i, v := range want {
		if got := math.Sqrt(window[i*8+i]); math.Abs(got-v) > 1e-8 || math.Abs(window[i*8+i]-window[(7-i)*8+7-i]) > 1e-15 {
			t.Errorf("value %d is %v, want %v", i, got, v)
		}
	}
}

// psnr returns that of an estimate clipped to the range of pictures.
func psnr(x, clean []float64) float64 {
	sum := 0.0
	for i, v := range x {
		e := max(-1, min(1, v)) - clean[i]
		sum += e * e
	}
	return 10 * math.Log10(4*float64(len(x))/sum)
}

// TestBM3DOnDeadLeaves: at every noise level it is ahead of a scale mixture that is spun.
func TestBM3DOnDeadLeaves(t *testing.T) {
	leaves, err := dataset.NewDeadLeaves(96, 96, 4, 40)
	if err != nil {
		t.Fatal(err)
	}
	clean := leaves.Draw(1, 3).Batch(nil, 0, 1)
	shape := diffusion.Shape{C: 1, H: 96, W: 96}
	haar, err := wavelet.ParseFilter("haar")
	if err != nil {
		t.Fatal(err)
	}
	mixture, err := New(GSM, wavelet.NewTransform(haar, wavelet.Layout{Channels: 1, Height: 96, Width: 96, Levels: 4}))
	if err != nil {
		t.Fatal(err)
	}
	for _, level := range []float64{15, 25, 50} {
		sigma := level * byte255
		y := slices.Clone(clean)
		rnd := rand.New(rand.NewPCG(4, 0))
		for i := range y {
			y[i] += sigma * rnd.NormFloat64()
		}
		quality := func(d diffusion.Denoiser) float64 {
			x := make([]float64, len(y))
			if err := d.Denoise(t.Context(), x, y, sigma); err != nil {
				t.Fatal(err)
			}
			return psnr(x, clean)
		}
		if got, other := quality(NewBM3D(shape)), quality(diffusion.CycleSpin(mixture, 4)); got < other+0.2 || got < psnr(y, clean)+5 {
			t.Errorf("sigma %v: %.2f dB, a spun scale mixture has %.2f, the noisy image %.2f", level, got, other, psnr(y, clean))
		}
	}
}

// TestBM3DExtremes: constants stay nearly so, small images and several channels are taken, all
// noise levels give finite images, on one core as on three; a cancelled context ends it.
func TestBM3DExtremes(t *testing.T) {
	for _, shape := range []diffusion.Shape{{C: 1, H: 1, W: 1}, {C: 2, H: 3, W: 9}, {C: 1, H: 17, W: 12}} {
		d := NewBM3D(shape)
		for _, sigma := range []float64{1e-3, 0.2, 1, 100} {
			x := slices.Repeat([]float64{0.3}, 2*shape.Size())
			if err := d.Denoise(t.Context(), x, x, sigma); err != nil {
				t.Fatal(err)
			}
			// The Wiener filter takes a little off a constant, and more where noise drowns it.
			if worst := max(floats.Max(x)-0.3, 0.3-floats.Min(x)); worst > 0.005 && sigma <= 0.2 && shape.H > 1 {
				t.Errorf("%v, sigma %v: a constant is changed by %v", shape, sigma, worst)
			}
		}
		denoisertest.Run(t, fmt.Sprint(shape), d, noiseOf(shape, 5), 0.4)
	}
}

func noiseOf(shape diffusion.Shape, seed uint64) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 0))
	y := make([]float64, shape.Size())
	for i := range y {
		y[i] = rnd.NormFloat64()
	}
	return y
}

// BenchmarkBM3D denoises a picture of 256 x 256.
func BenchmarkBM3D(b *testing.B) {
	_, y := noisy(256, 25*byte255, 1)
	d := NewBM3D(diffusion.Shape{C: 1, H: 256, W: 256})
	x := make([]float64, len(y))
	for b.Loop() {
		if err := d.Denoise(b.Context(), x, y, 25*byte255); err != nil {
			b.Fatal(err)
		}
	}
}
