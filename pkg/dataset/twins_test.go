package dataset

import (
	"math"
	"slices"
	"testing"
)

// TestTwins: mean, variance and covariance of many twins are those of the images, within 5
// standard errors, and their kurtosis is a Gaussian's, where that of the images is not.
func TestTwins(t *testing.T) {
	images := &Images{Name: "four", Channels: 1, Height: 1, Width: 3, Pixels: []float32{
		1, 0, -1,
		-1, 0.5, -1,
		0, 0.5, -1,
		-1, 1, -1,
	}}
	want := [3]float64{-0.25, 0.5, -1} // the mean
	const n = 20000
	twins := images.Twins(n, 1)
	if twins.Len() != n || twins.Height != 1 || twins.Width != 3 {
		t.Fatalf("%d twins of %dx%d", twins.Len(), twins.Height, twins.Width)
	}
	x := twins.Batch(nil, 0, n)
	var mean [3]float64
	var second [3][3]float64
	var fourth float64
	for i := 0; i < len(x); i += 3 {
		for p := range 3 {
			mean[p] += x[i+p] / n
			for q := range 3 {
				second[p][q] += (x[i+p] - want[p]) * (x[i+q] - want[q]) / n
			}
		}
		fourth += math.Pow(x[i]-want[0], 4) / n
	}
	covariance := [3][3]float64{{0.6875, -0.25, 0}, {-0.25, 0.125, 0}, {}}
	for p := range 3 {
		if e := math.Abs(mean[p] - want[p]); e > 5*math.Sqrt(covariance[p][p]/n)+1e-7 {
			t.Errorf("mean of pixel %d is %v, want %v", p, mean[p], want[p])
		}
		for q := range 3 {
			spread := math.Sqrt((covariance[p][p]*covariance[q][q] + covariance[p][q]*covariance[p][q]) / n)
			if e := math.Abs(second[p][q] - covariance[p][q]); e > 5*spread+1e-7 {
				t.Errorf("covariance of pixels %d and %d is %v, want %v", p, q, second[p][q], covariance[p][q])
			}
		}
	}
	if k := fourth / math.Pow(covariance[0][0], 2); math.Abs(k-3) > 5*math.Sqrt(96.0/n) {
		t.Errorf("a pixel's fourth moment is %v times its variance squared, want 3", k)
	}
	if few := images.Twins(2, 1); !slices.Equal(few.Pixels, twins.Pixels[:6]) {
		t.Error("two twins are not the first of many")
	}
	if other := images.Twins(2, 2); slices.Equal(other.Pixels, twins.Pixels[:6]) {
		t.Error("twins do not depend on the seed")
	}
}
