package analytic

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// TestAllTermsAreTheMachine: turned to Hermite polynomials and with nothing left out, the machine
// is the machine.
func TestAllTermsAreTheMachine(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(50, 300, 8)
	for _, family := range append(families(moments.PerCoefficient), above(moments.PerBand)...) {
		train := table(t, family, "haar", layout, images, nil)
		m := machine(t, train, noRidge)
		all, err := m.Only(func(Term) bool { return true })
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range []float64{0.1, 1} {
			y := withNoise(rand.New(rand.NewPCG(53, 0)), images[:64*20], sigma)
			want, got := make([]float64, len(y)), make([]float64, len(y))
			if err := m.Denoise(t.Context(), want, y, sigma); err != nil {
				t.Fatal(err)
			}
			if err := all.Denoise(t.Context(), got, y, sigma); err != nil {
				t.Fatal(err)
			}
			for i := range want {
				if math.Abs(got[i]-want[i]) > 1e-7 {
					t.Fatalf("%v, sigma %v, pixel %d: %v, want %v", family, sigma, i, got[i], want[i])
				}
			}
		}
	}
}

// TestSubsetsAreSmallerFamilies: keeping the terms of a smaller family gives its machine, except
// that Hermite terms of high order without those of low order are no family of powers.
func TestSubsetsAreSmallerFamilies(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(51, 300, 8)
	train := table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}, "haar", layout, images, nil)
	m := machine(t, train, noRidge)
	for name, test := range map[string]struct {
		keep   func(Term) bool
		family moments.Family
	}{
		"linear":      {func(t Term) bool { return t.Order <= 1 }, moments.Family{Neighbourhood: union, Terms: moments.Powers, Degree: 1}},
		"quadratic":   {func(t Term) bool { return t.Order <= 2 }, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 2}},
		"independent": {func(t Term) bool { return t.Kind == moments.Self }, moments.Family{Neighbourhood: alone, Terms: moments.Powers, Degree: 3}},
		"band-tied": {func(t Term) bool { return t.Kind != moments.SpatialNeighbour },
			moments.Family{Neighbourhood: bands, Terms: moments.Gated, Degree: 3}},
	} {
		only, err := m.Only(test.keep)
		if err != nil {
			t.Fatal(err)
		}
		test.family.Sharing = moments.PerCoefficient
		part, err := train.Restrict(test.family)
		if err != nil {
			t.Fatal(err)
		}
		small := machine(t, part, noRidge)
		for _, sigma := range []float64{0.1, 0.5, 2} {
			got, err := only.Risk(t.Context(), train, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			want, err := small.Risk(t.Context(), train, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(got.PerPixel-want.PerPixel) > 1e-8*want.PerPixel {
				t.Errorf("%s, sigma %v: risk %v, the family's is %v", name, sigma, got.PerPixel, want.PerPixel)
			}
		}
	}
}

// TestAblation: on training images, without ridge, leaving a term out never lowers the risk and
// adding one in never raises it; to a Gaussian machine that has all terms of order 1 the others
// are worth nothing.
func TestAblation(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1, Parents: 2}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand}
	train := table(t, family, "haar", layout, blobs(52, 500, 8), nil)
	m := machine(t, train, noRidge)
	if terms := m.Terms(); len(terms) != 12 || !slices.Contains(terms, Term{3, moments.Ancestor}) {
		t.Errorf("terms %v, want 3 orders of 4 kinds", terms)
	}
	shares, whole, least, err := m.Ablate(t.Context(), train, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shares {
		if s.LeftOut.PerPixel < whole.PerPixel*(1-1e-9) || s.AddedIn.PerPixel > least.PerPixel*(1+1e-9) {
			t.Errorf("%v: %v without, %v whole; %v with, %v least", s.Term, s.LeftOut.PerPixel, whole.PerPixel, s.AddedIn.PerPixel, least.PerPixel)
		}
	}

	gaussian, err := train.Gaussianised(2)
	if err != nil {
		t.Fatal(err)
	}
	g := machine(t, gaussian, noRidge)
	shares, whole, least, err = g.Ablate(t.Context(), gaussian, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	if whole.PerPixel >= least.PerPixel {
		t.Errorf("the whole machine's risk %v is not below the least one's %v", whole.PerPixel, least.PerPixel)
	}
	for _, s := range shares {
		if s.Term.Order > 1 && math.Abs(s.LeftOut.PerPixel/whole.PerPixel-1) > 1e-7 {
			t.Errorf("%v matters to a Gaussian: %v without, %v whole", s.Term, s.LeftOut.PerPixel, whole.PerPixel)
		}
	}
}
