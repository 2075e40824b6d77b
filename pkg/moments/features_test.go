package moments

import (
	"math"
	"math/rand/v2"
	"testing"

	"wavescore/pkg/wavelet"
)

// Features are the monomials of the exponents, and those of a table's own images have its moments
// as their means.
func TestGroupFeatures(t *testing.T) {
	family := Family{Neighbourhood: Neighbourhood{Orientations: true}, Terms: Gated, Degree: 3, Sharing: PerCoefficient}
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	table, err := New(Spec{Family: family, Filter: "haar", Layout: layout, Centre: make([]float64, 16)})
	if err != nil {
		t.Fatal(err)
	}
	rnd := rand.New(rand.NewPCG(1, 0))
	const n = 7
	y := make([]float64, n*16)
	for i := range y {
		y[i] = rnd.NormFloat64()
	}
	if err := table.Add(t.Context(), y, nil); err != nil {
		t.Fatal(err)
	}
	for g, group := range table.Groups() {
		features := group.Features(0, y, 16)
		var normal Normal
		group.Basis.Transport(&normal, table.Clean(nil, g), 0)
		for a := range group.Basis.Features() {
			mean := 0.0
			for k := range n {
				want := 1.0
				for v, p := range group.Basis.Exponents(a) {
					want *= math.Pow(y[k*16+group.Members[0].Variables[v]], float64(p))
				}
				if got := features[a*n+k]; math.Abs(got-want) > 1e-12*(1+math.Abs(want)) {
					t.Fatalf("group %d, feature %d of image %d is %v, want %v", g, a, k, got, want)
				}
				mean += want / n
			}
			if math.Abs(normal.Gram[a]-mean) > 1e-12*(1+math.Abs(mean)) {
				t.Errorf("group %d: feature %d has mean %v, and %v in the table", g, a, mean, normal.Gram[a])
			}
		}
	}
}

func TestGroupFeaturesPanics(t *testing.T) {
	defer func() {
		if _, ok := recover().(LengthError); !ok {
			t.Error("part of an image: no LengthError")
		}
	}()
	Group{}.Features(0, make([]float64, 3), 2)
}
