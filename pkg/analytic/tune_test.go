package analytic

import (
	"errors"
	"math"
	"testing"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// probeOf returns the moments of images with the spec of a table.
func probeOf(t testing.TB, spec moments.Spec, source string, images []float64) *moments.Moments {
	t.Helper()
	filter, err := wavelet.ParseFilter(spec.Filter)
	if err != nil {
		t.Fatal(err)
	}
	m, err := moments.New(spec, moments.Shard{Source: source, From: 0, To: len(images) / spec.Layout.Len()})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(wavelet.NewTransform(filter, spec.Layout).Forward(nil, images), nil); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTuneTakesTheLeastRisk: at every level the tuned machine's validation risk is the least of the candidates'; with few train images
// a larger ridge is chosen than with many.
func TestTuneTakesTheLeastRisk(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	family := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	grid := Grid(0, 1e-3, 1e-2, 1e-1, 1)
	chosen := map[int]float64{}
	for _, n := range []int{100, 4000} {
		train := table(t, family, "haar", layout, blobs(60, n, 8), nil)
		validation := probeOf(t, train.Spec(), "validation", blobs(61, 500, 8))
		tuned, err := Tune(train, validation, grid)
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range []float64{0.05, 0.3, 2} {
			got, err := tuned.Risk(validation, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			level, err := tuned.Level(sigma)
			if err != nil {
				t.Fatal(err)
			}
			for _, settings := range grid {
				m, err := NewMachine(train, settings)
				if err != nil {
					t.Fatal(err)
				}
				risk, err := m.Risk(validation, sigma, sigma)
				if err != nil {
					t.Fatal(err)
				}
				if risk.PerPixel < got.PerPixel || settings == level.Settings && risk.PerPixel != got.PerPixel {
					t.Errorf("%d images, sigma %v: %v of %v against %v of the choice %v", n, sigma, risk.PerPixel, settings, got.PerPixel, level.Settings)
				}
			}
			chosen[n] += level.Settings.Ridge.Nonlinear
		}
	}
	if chosen[100] <= chosen[4000] {
		t.Errorf("ridges add up to %v with 100 images and to %v with 4000", chosen[100], chosen[4000])
	}
}

// TestCrossValidateIsRefitting: the choice is the one of machines fitted on the images outside each fold, by hand.
func TestCrossValidateIsRefitting(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	family := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	images := blobs(62, 150, 8)
	spec := table(t, family, "haar", layout, images, nil).Spec()
	var folds []*moments.Moments
	for k := range 3 {
		folds = append(folds, probeOf(t, spec, string(rune('a'+k)), images[k*50*64:(k+1)*50*64]))
	}
	grid := Grid(1e-4, 1e-2, 1)
	const sigma = 0.3
	got, err := CrossValidate(folds, grid, sigma)
	if err != nil {
		t.Fatal(err)
	}
	var best Settings
	least := math.Inf(1)
	for _, settings := range grid {
		var sum float64
		for k := range 3 {
			var outside []float64
			for i := range 3 {
				if i != k {
					outside = append(outside, images[i*50*64:(i+1)*50*64]...)
				}
			}
			m, err := NewMachine(probeOf(t, spec, "outside", outside), settings)
			if err != nil {
				t.Fatal(err)
			}
			risk, err := m.Risk(folds[k], sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			sum += risk.PerPixel
		}
		if sum < least {
			best, least = settings, sum
		}
	}
	if got != best {
		t.Errorf("chose %v, refitting says %v", got, best)
	}
	if _, err := CrossValidate(folds[:1], grid, sigma); err == nil {
		t.Error("one fold was accepted")
	}
	if _, err := CrossValidate([]*moments.Moments{folds[0], folds[0], folds[1]}, grid, sigma); !errors.Is(err, moments.ErrShard) {
		t.Errorf("a fold twice: %v", err)
	}
	if _, err := CrossValidate(folds, grid, 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
}

// TestFreedom: without ridge the degrees of freedom are the features; alone and linear with a penalty r on y_c they are 1 + 1/(1+r).
func TestFreedom(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(63, 300, 8)
	m := machine(t, table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}, "haar", layout, images, nil), noRidge)
	level, err := m.Level(0.5)
	if err != nil {
		t.Fatal(err)
	}
	for g, group := range m.Moments().Groups() {
		if level.Freedom[g] != float64(group.Basis.Features()) {
			t.Errorf("group %d: %v degrees of freedom of %d features", g, level.Freedom[g], group.Basis.Features())
		}
	}
	linear := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "haar", layout, images, nil), Ridge{Self: 3})
	level, err = linear.Level(0.5)
	if err != nil {
		t.Fatal(err)
	}
	for g, freedom := range level.Freedom {
		if math.Abs(freedom-1.25) > 1e-9 {
			t.Errorf("group %d: %v degrees of freedom, want 1.25", g, freedom)
		}
	}
}

// TestTunedFamiliesNest: with a ridge chosen on them, validation images lose at most 0.5 % to a larger family, at any level, from 1500
// train images.
func TestTunedFamiliesNest(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	whole := moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1, Parents: 2}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	train := table(t, whole, "haar", layout, blobs(64, 1500, 8), nil)
	validation := probeOf(t, train.Spec(), "validation", blobs(65, 1000, 8))
	grid := Grid(1e-4, 1e-3, 1e-2, 1e-1, 1)
	sigmas := []float64{0.02, 0.1, 0.5, 1, 20}
	all := append(families(moments.PerCoefficient), above(moments.PerCoefficient)[0], whole)
	risks := make([][]float64, len(all))
	for i, family := range all {
		part, err := train.Restrict(family)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Tune(part, validation, grid)
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range sigmas {
			r, err := m.Risk(validation, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			risks[i] = append(risks[i], r.PerPixel)
		}
	}
	for i, small := range all {
		for k, large := range all {
			if !large.Neighbourhood.Contains(small.Neighbourhood) || large.Degree < small.Degree || small.Terms == moments.Gated && large.Terms != moments.Gated {
				continue
			}
			for s, sigma := range sigmas {
				if risks[k][s] > 1.005*risks[i][s] {
					t.Errorf("sigma %v: risk %v of (%v) is %.2f %% above %v of (%v)", sigma, risks[k][s], large, 100*(risks[k][s]/risks[i][s]-1), risks[i][s], small)
				}
			}
		}
	}
}
