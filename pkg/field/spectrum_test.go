package field

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestHartley compares the transform with its sum, for even and odd sizes and sides of one pixel,
// and takes it twice.
func TestHartley(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 0))
	for _, size := range [][2]int{{1, 1}, {1, 2}, {1, 5}, {6, 1}, {2, 2}, {3, 3}, {4, 6}, {5, 8}, {7, 5}, {8, 8}} {
		height, width := size[0], size[1]
		x := make([]float64, 2*height*width)
		for i := range x {
			x[i] = rng.NormFloat64()
		}
		basis := newHartley(2, height, width)
		h, back := make([]float64, len(x)), make([]float64, len(x))
		basis.transform(h, x)
		basis.transform(back, h)
		for i := range x {
			ch, k, l := i/(height*width), i/width%height, i%width
			var want float64
			for r := range height {
				for c := range width {
					sin, cos := math.Sincos(2 * math.Pi * (float64(k*r)/float64(height) + float64(l*c)/float64(width)))
					want += x[(ch*height+r)*width+c] * (cos + sin) / math.Sqrt(float64(height*width))
				}
			}
			if math.Abs(h[i]-want) > 1e-13*float64(len(x)) {
				t.Errorf("%dx%d: coefficient %d is %v, want %v", height, width, i, h[i], want)
			}
			if math.Abs(back[i]-x[i]) > 1e-14*float64(len(x)) {
				t.Errorf("%dx%d: value %d is %v after two transforms, was %v", height, width, i, back[i], x[i])
			}
		}
	}
}

// TestPowerLaw checks slope, cutoff and variance.
func TestPowerLaw(t *testing.T) {
	s := law(t, 64, 64, 2, 0.01, 0.25)
	if v := s.Variance(); math.Abs(v-0.0625) > 1e-12 {
		t.Errorf("variance %v, want 0.0625", v)
	}
	ratio := func(a, b int) float64 { return s.Power[a] / s.Power[b] }
	for _, c := range []struct{ got, want float64 }{
		{ratio(16, 32), (0.0001 + 0.25) / (0.0001 + 0.0625)},          // frequency 1/4 over 1/2, along columns
		{ratio(0, 64), (0.0001 + 1./4096) / 0.0001},                   // 0 over 1/64, along rows
		{ratio(3*64+4, 5), 1}, {ratio(5, 59), 1}, {ratio(5*64, 5), 1}, // equal distances from 0
	} {
		if math.Abs(c.got/c.want-1) > 1e-12 {
			t.Errorf("ratio of powers %v, want %v", c.got, c.want)
		}
	}
	for i, p := range law(t, 3, 4, 0, 1, 2).Power {
		if math.Abs(p-4) > 1e-12 {
			t.Errorf("white power %d is %v, want 4", i, p)
		}
	}
}

// TestCovariance compares with the sum of cosines, of a spectrum whose axes cannot be exchanged
// or reflected.
func TestCovariance(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {3, 5}, {4, 6}, {7, 2}} {
		s := sloped(size[0], size[1], 2)
		want := dense(s, 1)
		for d, c := range s.Covariance() {
			if math.Abs(c-want.At(0, d)) > 1e-14 {
				t.Errorf("%v: covariance at %d is %v, want %v", size, d, c, want.At(0, d))
			}
		}
	}
}

// TestRisk checks the limits: the variance of the noise where there is little, that of the pixels
// where there is much.
func TestRisk(t *testing.T) {
	s := law(t, 8, 8, 1, 0.1, 0.5)
	for _, c := range []struct{ sigma, want float64 }{{1e-6, 1e-12}, {1e6, 0.25}, {1e-200, 0}, {1e200, 0.25}} {
		if got := s.Risk(c.sigma); math.Abs(got-c.want) > 1e-9*c.want {
			t.Errorf("risk at sigma %v is %v, want %v", c.sigma, got, c.want)
		}
	}
	if got := law(t, 4, 4, 0, 1, 2).Risk(1); math.Abs(got-0.8) > 1e-14 {
		t.Errorf("risk of white pixels of variance 4 at sigma 1 is %v, want 0.8", got)
	}
}
