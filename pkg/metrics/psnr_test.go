package metrics

import (
	"math"
	"testing"
)

// TestPSNR: an error of c in every pixel is 20 log10(2 / c) decibels, pixels are clipped to the range
// of pictures, and the same picture is infinitely good.
func TestPSNR(t *testing.T) {
	for _, test := range []struct {
		denoised, clean []float64
		want            float64
	}{
		{[]float64{-0.9, 0.6, 0.9, -0.35}, []float64{-1, 0.5, 1, -0.25}, 20 * math.Log10(2/0.1)},
		{[]float64{9, 1.5, 1, -0.8}, []float64{1, 1, 1, -1}, 10 * math.Log10(4*4/0.04)},
	} {
		if got := PSNR(test.denoised, test.clean); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%v dB, want %v", got, test.want)
		}
	}
	if got := PSNR([]float64{0.5}, []float64{0.5}); !math.IsInf(got, 1) {
		t.Errorf("a picture is %v dB from itself", got)
	}
}
