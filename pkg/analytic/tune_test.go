package analytic

import (
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"

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
	if err := m.Add(t.Context(), wavelet.NewTransform(filter, spec.Layout).Forward(nil, images), nil); err != nil {
		t.Fatal(err)
	}
	return m
}

// TestTuneTakesTheLeastRisk: at every level the tuned machine's validation risk is the least of
// the candidates'; with few train images a larger ridge is chosen than with many.
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
			got, err := tuned.Risk(t.Context(), validation, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			level, err := tuned.Level(t.Context(), sigma)
			if err != nil {
				t.Fatal(err)
			}
			for _, settings := range grid {
				m, err := NewMachine(train, settings)
				if err != nil {
					t.Fatal(err)
				}
				risk, err := m.Risk(t.Context(), validation, sigma, sigma)
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

// TestTuneFoldsIsRefitting: the choice is that of machines fitted on the images outside each fold,
// by hand, and the weights are those of all images with the settings of the choice; also with a
// linear context, which has other axes outside each fold.
func TestTuneFoldsIsRefitting(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(62, 150, 8)
	part := func(k int) []float64 { return images[k*50*64 : (k+1)*50*64] }
	for _, context := range []int{0, 1, moments.AllLevels} {
		family := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
		family.Neighbourhood.Context = context
		all := table(t, family, "haar", layout, images, nil)
		var folds []*moments.Moments
		for k := range 3 {
			folds = append(folds, probeOf(t, all.Spec(), string(rune('a'+k)), part(k)))
		}
		grid := Grid(1e-4, 1e-2, 1)
		tuned, err := TuneFolds(t.Context(), folds, grid)
		if err != nil {
			t.Fatal(err)
		}
		chosen := map[Settings]bool{}
		for _, sigma := range []float64{0.05, 0.3, 2} {
			var best Settings
			least := math.Inf(1)
			for _, settings := range grid {
				var sum float64
				for k := range 3 {
					spec := all.Spec()
					spec.Axes = nil
					outside, err := probeOf(t, spec, "outside", slices.Concat(part((k+1)%3), part((k+2)%3))).Diagonal(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					m, err := NewMachine(outside, settings)
					if err != nil {
						t.Fatal(err)
					}
					risk, err := m.Risk(t.Context(), probeOf(t, outside.Spec(), "inside", part(k)), sigma, sigma)
					if err != nil {
						t.Fatal(err)
					}
					sum += risk.PerPixel
				}
				if sum < least {
					best, least = settings, sum
				}
			}
			level, err := tuned.Level(t.Context(), sigma)
			if err != nil {
				t.Fatal(err)
			}
			if level.Settings != best {
				t.Errorf("context of %d, sigma %v: chose %v, refitting says %v", context, sigma, level.Settings, best)
			}
			chosen[best] = true
			m, err := NewMachine(all, level.Settings)
			if err != nil {
				t.Fatal(err)
			}
			want, err := m.Level(t.Context(), sigma)
			if err != nil {
				t.Fatal(err)
			}
			for g := range want.Weights {
				if d := floats.Distance(level.Weights[g], want.Weights[g], math.Inf(1)); !(d <= 1e-8*(1+floats.Norm(want.Weights[g], math.Inf(1)))) {
					t.Errorf("context of %d, sigma %v, group %d: weights off by %v", context, sigma, g, d)
				}
			}
		}
		if len(chosen) == 1 {
			t.Errorf("context of %d: one choice at all levels, a test that cannot fail", context)
		}
	}
}

func TestTuneFoldsMistakes(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(62, 100, 8)
	spec := table(t, families(moments.PerCoefficient)[0], "haar", layout, images, nil).Spec()
	a, b := probeOf(t, spec, "a", images[:50*64]), probeOf(t, spec, "b", images[50*64:])
	empty, err := moments.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	for name, folds := range map[string][]*moments.Moments{"no folds": nil, "one fold": {a}, "an empty fold": {a, empty, b}} {
		if _, err := TuneFolds(t.Context(), folds, Grid(1)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if _, err := TuneFolds(t.Context(), []*moments.Moments{a, a, b}, Grid(1)); !errors.Is(err, moments.ErrShard) {
		t.Errorf("a fold twice: %v", err)
	}
	if _, err := TuneFolds(t.Context(), []*moments.Moments{a, b}, nil); err == nil {
		t.Error("no candidates: accepted")
	}
	m, err := TuneFolds(t.Context(), []*moments.Moments{a, b}, Grid(1, 2))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Level(t.Context(), 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
}

// TestFreedom: without ridge the degrees of freedom are the features; alone and linear with a
// penalty r on y_c they are 1 + 1/(1+r).
func TestFreedom(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(63, 300, 8)
	m := machine(t, table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}, "haar", layout, images, nil), noRidge)
	freedom, err := m.Freedom(t.Context(), 0.5)
	if err != nil {
		t.Fatal(err)
	}
	for g, group := range m.Moments().Groups() {
		if freedom[g] != float64(group.Basis.Features()) {
			t.Errorf("group %d: %v degrees of freedom of %d features", g, freedom[g], group.Basis.Features())
		}
	}
	linear := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "haar", layout, images, nil), Ridge{Self: 3})
	freedom, err = linear.Freedom(t.Context(), 0.5)
	if err != nil {
		t.Fatal(err)
	}
	for g, f := range freedom {
		if math.Abs(f-1.25) > 1e-9 {
			t.Errorf("group %d: %v degrees of freedom, want 1.25", g, f)
		}
	}
	if _, err := linear.Freedom(t.Context(), 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
}

// TestTunedFamiliesNest: with a ridge chosen on them, validation images lose at most 0.5 % to a
// larger family, at any level, from 1500 train images.
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
			r, err := m.Risk(t.Context(), validation, sigma, sigma)
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
