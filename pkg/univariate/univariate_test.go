package univariate

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"wavescore/pkg/moments"
)

var (
	gaussian = Mixture{Name: "Gaussian", Weights: []float64{2}, Means: []float64{0.5}, Variances: []float64{1.5}}
	bumps    = Mixture{Name: "two bumps", Weights: []float64{0.35, 0.65}, Means: []float64{-1.25, 0.75}, Variances: []float64{0.06, 0.25}}
	scales   = Mixture{Name: "scale mixture", Weights: []float64{0.75, 0.25}, Means: []float64{0, 0}, Variances: []float64{0.1, 3.7}}
	points   = Mixture{Name: "points", Means: []float64{-1, -0.5, 0.25, 2, 3, 3}}

	all = []Mixture{gaussian, bumps, scales, points}
)

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*(1+math.Abs(want))
}

// The score of a Gaussian is a straight line, and its denoiser the Wiener filter.
func TestGaussian(t *testing.T) {
	const sigma = 0.7
	v, p := 1.5+sigma*sigma, gaussian.Noisy(sigma)
	for _, y := range []float64{-40, -4, -0.5, 0, 0.5, 3} {
		if want := math.Exp(-(y-0.5)*(y-0.5)/(2*v)) / math.Sqrt(2*math.Pi*v); !near(p.Density(y), want, 1e-13) {
			t.Errorf("density at %v: %v, want %v", y, p.Density(y), want)
		}
		if want := -(y - 0.5) / v; !near(p.Score(y), want, 1e-13) {
			t.Errorf("score at %v: %v, want %v", y, p.Score(y), want)
		}
		if got, want := gaussian.PosteriorMean(y, sigma), 0.5+1.5/v*(y-0.5); !near(got, want, 1e-13) {
			t.Errorf("posterior mean at %v: %v, want %v", y, got, want)
		}
	}
	if got := p.Fisher(); !near(got, 1/v, 1e-6) {
		t.Errorf("Fisher information %v, want %v", got, 1/v)
	}
	for degree := 1; degree <= moments.MaxDegree; degree++ {
		fit := gaussian.Fit(degree, sigma)
		if !near(fit.Explained, 1/v, 1e-9) {
			t.Errorf("degree %d explains %v of %v", degree, fit.Explained, 1/v)
		}
		for _, y := range []float64{-4, 0, 3} {
			if got, want := fit.At(y), p.Score(y); !near(got, want, 1e-7) {
				t.Errorf("degree %d at %v: %v, want %v", degree, y, got, want)
			}
		}
	}
}

// The score is the slope of the log density, the posterior mean what Tweedie's formula says, and
// all of them what the field of one pixel says.
func TestScore(t *testing.T) {
	const h = 1e-5
	for _, m := range all {
		field, err := m.Field()
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range []float64{0.3, 1} {
			p := m.Noisy(sigma)
			places := p.Span(101)
			scores, logs := make([]float64, len(places)), make([]float64, len(places))
			if err := errors.Join(field.Score(t.Context(), scores, places, sigma), field.LogDensity(t.Context(), logs, places, sigma)); err != nil {
				t.Fatal(err)
			}
			for i, y := range places {
				s := p.Score(y)
				if slope := (p.LogDensity(y+h) - p.LogDensity(y-h)) / (2 * h); !near(s, slope, 1e-6) {
					t.Fatalf("%s, sigma %v: score %v at %v, where the log density has slope %v", m.Name, sigma, s, y, slope)
				}
				if got, want := m.PosteriorMean(y, sigma), y+sigma*sigma*s; !near(got, want, 1e-12) {
					t.Fatalf("%s, sigma %v: posterior mean %v at %v, want %v", m.Name, sigma, got, y, want)
				}
				if !near(s, scores[i], 1e-12) || !near(p.LogDensity(y), logs[i], 1e-12) {
					t.Fatalf("%s, sigma %v: score %v and log density %v at %v, of the field %v and %v", m.Name, sigma, s, p.LogDensity(y), y, scores[i], logs[i])
				}
			}
		}
	}
	if s := bumps.Noisy(0.1).Score(100); math.IsNaN(s) || s > -100 {
		t.Errorf("far out the score is %v", s)
	}
}

// expect returns E[f(y, s)] by a sum over a fine grid.
func expect(p Mixture, f func(y, s float64) float64) (sum float64) {
	places := p.Span(4001)
	for _, y := range places {
		sum += f(y, p.Score(y)) * p.Density(y) * (places[1] - places[0])
	}
	return sum
}

// The normal equations hold what integrals over the density say, and Stein's identity among it.
func TestNormal(t *testing.T) {
	const degree = 3
	power := func(y float64, k int) float64 { return math.Pow(y, float64(k)) }
	for _, m := range all {
		for _, sigma := range []float64{0.3, 1} {
			n, p := m.Normal(degree, sigma), m.Noisy(sigma)
			for a := range degree + 1 {
				for b := range degree + 1 {
					want := expect(p, func(y, _ float64) float64 { return power(y, a+b) })
					if got := n.Gram[a*(degree+1)+b]; !near(got, want, 1e-4) {
						t.Errorf("%s, sigma %v: E[y^%d] is %v, want %v", m.Name, sigma, a+b, got, want)
					}
				}
				stein := -expect(p, func(y, s float64) float64 { return s * power(y, a) })
				if !near(n.Slope[a], stein, 1e-4) {
					t.Errorf("%s, sigma %v: E[phi'] of y^%d is %v, and -E[s phi] %v", m.Name, sigma, a, n.Slope[a], stein)
				}
				target := expect(p, func(y, s float64) float64 { return (y + sigma*sigma*s) * power(y, a) })
				if !near(n.Target[a], target, 1e-4) {
					t.Errorf("%s, sigma %v: E[w y^%d] is %v, want %v", m.Name, sigma, a, n.Target[a], target)
				}
			}
		}
	}
}

// What a fit explains of the score is what its error says, a higher degree explains more, and none
// all of it. The Fisher information is also minus the mean slope of the score.
func TestFit(t *testing.T) {
	const sigma, h = 0.5, 1e-4
	for _, m := range all {
		p := m.Noisy(sigma)
		fisher, before := p.Fisher(), 0.0
		if slope := -expect(p, func(y, _ float64) float64 { return (p.Score(y+h) - p.Score(y-h)) / (2 * h) }); !near(fisher, slope, 1e-5) {
			t.Errorf("%s: E[s^2] is %v, -E[s'] %v", m.Name, fisher, slope)
		}
		for degree := 1; degree <= 5; degree++ {
			fit := m.Fit(degree, sigma)
			loss := expect(p, func(y, s float64) float64 { return (s - fit.At(y)) * (s - fit.At(y)) })
			if !near(fisher-fit.Explained, loss, 1e-4) {
				t.Errorf("%s, degree %d: explains %v of %v, with an error of %v", m.Name, degree, fit.Explained, fisher, loss)
			}
			if fit.Explained < before-1e-9 || fit.Explained > fisher*(1+1e-6) {
				t.Errorf("%s, degree %d: explains %v of %v, the degree before %v", m.Name, degree, fit.Explained, fisher, before)
			}
			before = fit.Explained
		}
	}
}

func TestDraw(t *testing.T) {
	w, y := bumps.Draw(20000, 0.5, 7)
	again, other := bumps.Draw(20000, 1, 7)
	if !slices.Equal(w, again) {
		t.Error("the clean values depend on sigma")
	}
	var mean, square, noise float64
	for i := range w {
		mean, square, noise = mean+w[i]/20000, square+w[i]*w[i]/20000, noise+(y[i]-w[i])*(y[i]-w[i])/20000
		if !near(other[i]-w[i], 2*(y[i]-w[i]), 1e-9) {
			t.Fatal("the noise of two levels is not in proportion")
		}
	}
	n := bumps.Normal(1, 1e-9) // 1, y
	if !near(mean, n.Gram[1], 0.03) || !near(square, n.Gram[3], 0.03) || !near(noise, 0.25, 0.01) {
		t.Errorf("mean %v, mean square %v, noise %v; want %v, %v, 0.25", mean, square, noise, n.Gram[1], n.Gram[3])
	}
}

func TestQuantile(t *testing.T) {
	m := Mixture{Means: []float64{3, 1, 2, 4}, Weights: []float64{1, 1, 1, 7}}
	for share, want := range map[float64]float64{0.05: 1, 0.15: 2, 0.25: 3, 0.35: 4, 1: 4} {
		if got := m.Quantile(share); got != want {
			t.Errorf("%v lie below %v, want %v", share, got, want)
		}
	}
	if m.Means[0] != 3 {
		t.Error("the means are sorted")
	}
}

func TestCheck(t *testing.T) {
	for _, m := range all {
		if err := m.Check(); err != nil {
			t.Errorf("%s: %v", m.Name, err)
		}
	}
	for i, m := range []Mixture{
		{}, {Means: []float64{math.NaN()}}, {Means: []float64{0, 1}, Weights: []float64{1}}, {Means: []float64{0, 1}, Variances: []float64{1}},
		{Means: []float64{0}, Variances: []float64{-1}}, {Means: []float64{0}, Weights: []float64{0}},
	} {
		if m.Check() == nil {
			t.Errorf("mixture %d is accepted: %+v", i, m)
		}
		for name, f := range map[string]func(){
			"Moments": func() { m.Moments(3) }, "Draw": func() { m.Draw(3, 1, 1) },
		} {
			if !panics(f) {
				t.Errorf("mixture %d: no panic of %s", i, name)
			}
		}
	}
	if !panics(func() { bumps.Moments(6) }) || !panics(func() { bumps.Moments(0) }) {
		t.Error("a bad degree does not panic")
	}
}

func panics(f func()) (panicked bool) {
	defer func() { panicked = recover() != nil }()
	f()
	return false
}

func TestSolve(t *testing.T) {
	// Of very different sizes: x = (1e-6, 2e6).
	got, err := Solve([]float64{4e12, 1, 1, 1e-12}, []float64{4e6 + 2e6, 1e-6 + 2e-6})
	if err != nil || !near(got[0]*1e6, 1, 1e-9) || !near(got[1]/1e6, 2, 1e-9) {
		t.Errorf("%v, %v", got, err)
	}
	for _, gram := range [][]float64{{1, 1, 1, 1}, {1, 0, 0, 0}, {1, 0, 0, -1}, {math.NaN(), 0, 0, 1}} {
		if got, err := Solve(gram, []float64{1, 2}); err == nil {
			t.Errorf("%v: %v", gram, got)
		}
	}
}

func Example() {
	bumps := Mixture{Weights: []float64{0.35, 0.65}, Means: []float64{-1.3, 0.7}, Variances: []float64{0.06, 0.25}}
	const sigma = 0.5
	for _, degree := range []int{1, 3, 5} {
		fmt.Printf("degree %d explains %.0f %% of the score\n", degree, 100*bumps.Fit(degree, sigma).Explained/bumps.Noisy(sigma).Fisher())
	}
	// Output:
	// degree 1 explains 52 % of the score
	// degree 3 explains 79 % of the score
	// degree 5 explains 89 % of the score
}
