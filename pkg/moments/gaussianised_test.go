package moments

import (
	"math"
	"math/rand/v2"
	"testing"
)

// TestCumulantsRoundTrip: moments from cumulants from moments are the moments, and the cumulants
// of independent variables that mix two of them are zero.
func TestCumulantsRoundTrip(t *testing.T) {
	b := newBasis(Full, 3, 3)
	c := newCumulants(b)
	w := points(rand.New(rand.NewPCG(1, 0)), 3, 9)
	clean := cleanOf(b, w)
	again := c.moments(c.of(clean))
	for k := range clean {
		if math.Abs(again[k]-clean[k]) > 1e-9*(1+math.Abs(clean[k])) {
			t.Errorf("moment %v: %v, then %v", []byte(b.products[k]), clean[k], again[k])
		}
	}

	// All pairs of two values of u and three of v: independent.
	two := newBasis(Full, 3, 2)
	var u, v []float64
	for _, x := range []float64{-0.3, 1.1} {
		for _, y := range []float64{-2, 0.5, 0.7} {
			u, v = append(u, x), append(v, y)
		}
	}
	kappa := newCumulants(two).of(cleanOf(two, [][]float64{u, v}))
	for k, p := range two.products {
		if p[0] > 0 && p[1] > 0 && math.Abs(kappa[k]) > 1e-10 {
			t.Errorf("independent variables have the cumulant %v of powers %v", kappa[k], []byte(p))
		}
	}
	// A sign has cumulants 1, -2, 16 of orders 2, 4, 6 (log cosh).
	one := newBasis(Powers, 3, 1)
	kappa = newCumulants(one).of(cleanOf(one, [][]float64{{-1, 1}}))
	for k, p := range one.products {
		want := []float64{0, 0, 1, 0, -2, 0, 16}[p[0]]
		if math.Abs(kappa[k]-want) > 1e-12 {
			t.Errorf("cumulant %d of a sign is %v, want %v", p[0], kappa[k], want)
		}
	}
}

// TestGaussianisedMoments: with cumulants to order 2 the moments are Isserlis' sums of products of
// covariances.
func TestGaussianisedMoments(t *testing.T) {
	images := randomPixels(20, 100, 64)
	spec := testSpec(t, Family{Neighbourhood{Orientations: true}, Gated, 3, PerBand}, images)
	m := collect(t, spec, images)
	gaussian, err := m.Gaussianised(2)
	if err != nil {
		t.Fatal(err)
	}
	last := len(m.Groups()) - 1
	b := m.Groups()[last].Basis
	covariance := func(clean []float64, i, j int) float64 {
		for k, p := range b.products {
			if p == b.features[0].plus(i, 1).plus(j, 1) {
				return clean[k]
			}
		}
		panic("no covariance")
	}
	clean, got := m.Clean(nil, last), gaussian.Clean(nil, last)
	for k, p := range b.products {
		if p.degree() == 1 && math.Abs(clean[k]) > 1e-12 {
			t.Fatalf("powers %v: a mean of %v, so the group is not centred", []byte(p), clean[k])
		}
	}
	for k, p := range b.products {
		var factors []int
		for v := range len(p) {
			for range int(p[v]) {
				factors = append(factors, v)
			}
		}
		var isserlis func(left []int) float64
		isserlis = func(left []int) float64 {
			if len(left) == 0 {
				return 1
			}
			var sum float64
			for i := 1; i < len(left); i++ {
				rest := append(append([]int(nil), left[1:i]...), left[i+1:]...)
				sum += covariance(clean, left[0], left[i]) * isserlis(rest)
			}
			return sum
		}
		if want := isserlis(factors); math.Abs(got[k]-want) > 1e-10*(1+math.Abs(want)) {
			t.Errorf("powers %v: %v, want %v", []byte(p), got[k], want)
		}
	}
	same, err := m.Gaussianised(6)
	if err != nil {
		t.Fatal(err)
	}
	for k, want := range clean {
		if got := same.Clean(nil, last)[k]; math.Abs(got-want) > 1e-9*(1+math.Abs(want)) {
			t.Errorf("with all cumulants, moment %d is %v, was %v", k, got, want)
		}
	}
	if _, err := m.Gaussianised(0); err == nil {
		t.Error("order 0 was accepted")
	}
}
