package metrics

import (
	"math"
	"strings"
	"testing"
)

// exactly returns points whose mean is 0 and whose covariance is diagonal with these deviations,
// to rounding and not on average: pairs of opposite points on each axis.
func exactly(deviations []float64) *Points {
	const pairs = 20
	dim := len(deviations)
	p := &Points{Dim: dim}
	stretch := math.Sqrt(float64(2*dim*pairs-1) / (2 * pairs))
	for range pairs {
		for k, deviation := range deviations {
			for _, sign := range []float64{-1, 1} {
				point := make([]float64, dim)
				point[k] = sign * stretch * deviation
				p.Values = append(p.Values, point...)
			}
		}
	}
	return p
}

// TestFrechetSound measures how often the 95 % interval holds the truth, which has a closed form
// for Gaussians, with references whose moments are exact. Of 100 sets of samples (seeds 0 to 99) a
// sound interval must hold it in 88 at least, two standard errors below 93 %, what the bias that
// is left may cost included. Where two thirds at most do, none may be called sound. Features are
// of equal variance, the hardest case, or of deviations 1/k; in the last case the truth is not 0.
func TestFrechetSound(t *testing.T) {
	for _, c := range []struct {
		name         string
		dim, samples int
		fall         float64 // the deviation of feature k is k^-fall
		shift        float64 // of means
		sound        bool
	}{
		{"equal, the fewest of 16", 16, 40, 0, 0, true},
		{"equal, 6 for each of 16", 16, 96, 0, 0, true},
		{"equal, the fewest of 64", 64, leastSamples(64), 0, 0, false},
		{"equal, 2 for each of 64", 64, 128, 0, 0, false},
		{"equal, 8 for each of 64", 64, 512, 0, 0, true},
		{"falling, 2 for each of 64", 64, 128, 1, 0, true},
		{"shifted, 6 for each of 64", 64, 384, 0, 0.3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			means, deviations := make([]float64, c.dim), make([]float64, c.dim)
			for k := range deviations {
				means[k], deviations[k] = c.shift, math.Pow(float64(k+1), -c.fall)
			}
			reference, truth := exactly(deviations), float64(c.dim)*c.shift*c.shift
			const repeats = 100
			held, sound := 0, 0
			for seed := range uint64(repeats) {
				d, err := Frechet(t.Context(), normal(c.samples, seed, means, deviations), reference)
				if err != nil {
					t.Fatal(err)
				}
				if d.Extrapolated.Low <= truth && truth <= d.Extrapolated.High {
					held++
				}
				if d.Sound {
					sound++
				}
			}
			if c.sound && (held < 88 || sound < 88) {
				t.Errorf("%d of %d intervals hold the truth, and %d are called sound; want both of most", held, repeats, sound)
			}
			if !c.sound && (held > repeats*2/3 || sound > 0) {
				t.Errorf("%d of %d intervals hold the truth, and %d are called sound; there are too few samples for it", held, repeats, sound)
			}
		})
	}
}

// TestFrechetOfTooFew: a covariance that is singular has no extrapolation, and the error says how
// many samples have one.
func TestFrechetOfTooFew(t *testing.T) {
	for dim, least := range map[int]int{3: 40, 37: 40, 38: 42, 64: 69, 256: 271, 1024: 1079} {
		if got := leastSamples(dim); got != least {
			t.Errorf("%d dimensions need %d samples, want %d", dim, got, least)
		}
	}
	samples, reference := wave(68, 64, 0, 1, 0), wave(200, 64, 1, 1, 0)
	_, err := Frechet(t.Context(), samples, reference)
	if err == nil || !strings.Contains(err.Error(), "68 samples of 64 features") || !strings.Contains(err.Error(), "at least 69 samples") {
		t.Errorf("68 samples of 64 dimensions: %v", err)
	}
	if _, err := Frechet(t.Context(), wave(69, 64, 0, 1, 0), reference); err != nil {
		t.Errorf("69 samples of 64 dimensions: %v", err)
	}
}

// TestFrechetOfItself is 0, not nearly 0, and no interval is around it: however many points of
// however many dimensions.
func TestFrechetOfItself(t *testing.T) {
	for _, size := range [][2]int{{500, 4}, {64, 64}, {128, 64}, {1000, 16}} {
		p := wave(size[0], size[1], 0.3, 2, 5)
		again := &Points{Dim: p.Dim, Values: append([]float64(nil), p.Values...)}
		d, err := Frechet(t.Context(), p, again)
		if err != nil || d != (Distance{Sound: true}) {
			t.Errorf("%d points of %d dimensions: %+v (%v)", size[0], size[1], d, err)
		}
	}
}
