package moments

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat"
)

// TestDraw: without noise the values are the coefficients; with it their covariance grows by the
// noise; and the twins have the same means and covariance, and the kurtosis of Gaussians. The
// tolerances are more than 5 standard errors.
func TestDraw(t *testing.T) {
	const n, size = 20000, 3
	w := skewed(9, n, size)
	ps := measured(t, w, size, [][2]int{{1, 0}, {0, 2}})
	a, b := ps.Noisy(w, size, 0, 1)
	if len(a) != 2*n || len(b) != 2*n || a[5] != w[5*size+1] || b[5] != w[5*size] || a[n+7] != w[7*size] || b[n+7] != w[7*size+2] {
		t.Fatal("without noise the values are not the coefficients")
	}
	const sigma = 0.5
	p := ps[0]
	for name, draw := range map[string]func([]float64, int, float64, uint64) ([]float64, []float64){
		"noisy": ps.Noisy, "twins": ps.GaussianTwins,
	} {
		a, b := draw(w, size, sigma, 1)
		a, b = a[:n], b[:n]
		scale := p.AA + p.BB + sigma*sigma
		for _, v := range []struct {
			what      string
			got, want float64
		}{
			{"mean of a", stat.Mean(a, nil), 1 + 0.3*0},
			{"mean of b", stat.Mean(b, nil), 0},
			{"variance of a", stat.Variance(a, nil), p.AA + sigma*sigma},
			{"variance of b", stat.Variance(b, nil), p.BB + sigma*sigma},
			{"covariance", stat.Covariance(a, b, nil), p.AB},
		} {
			if math.Abs(v.got-v.want) > 0.08*scale {
				t.Errorf("%s: the %s is %v, want %v", name, v.what, v.got, v.want)
			}
		}
		kurtosis := stat.ExKurtosis(b, nil)
		if gaussian := math.Abs(kurtosis) < 0.2; gaussian != (name == "twins") {
			t.Errorf("%s: a kurtosis of %v", name, kurtosis)
		}
	}
}
