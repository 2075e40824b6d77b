package metrics

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestWassersteinOnALine: against the other form of the distance, the area between the two
// distribution functions.
func TestWassersteinOnALine(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 0))
	for _, sizes := range [][2]int{{1, 1}, {1, 5}, {4, 6}, {7, 7}, {100, 31}} {
		a, b := make([]float64, sizes[0]), make([]float64, sizes[1])
		for i := range a {
			a[i] = random.NormFloat64()
		}
		for i := range b {
			b[i] = 0.5 + 2*random.NormFloat64()
		}
		all := slices.Concat(a, b)
		slices.Sort(all)
		share := func(x []float64, v float64) (below float64) {
			for _, w := range x {
				if w <= v {
					below += 1 / float64(len(x))
				}
			}
			return below
		}
		var want float64
		for i := 1; i < len(all); i++ {
			want += (all[i] - all[i-1]) * math.Abs(share(a, all[i-1])-share(b, all[i-1]))
		}
		got, err := SlicedWasserstein(a, b, 1, 3, 1)
		if err != nil || math.Abs(got-want) > 1e-12 {
			t.Errorf("%v points: %v, want %v (%v)", sizes, got, want, err)
		}
	}
}

// TestSlicedWasserstein: 0 for equal samples; for a shift, the mean of |u . shift| over
// directions, which for many directions is the length of the shift times E|u_1| = 2/pi in two
// dimensions and 1/2 in three.
func TestSlicedWasserstein(t *testing.T) {
	random := rand.New(rand.NewPCG(2, 0))
	for dim, share := range map[int]float64{2: 2 / math.Pi, 3: 0.5} {
		a := make([]float64, 50*dim)
		for i := range a {
			a[i] = random.NormFloat64()
		}
		b := slices.Clone(a)
		if d, err := SlicedWasserstein(a, b, dim, 10, 1); err != nil || d != 0 {
			t.Errorf("equal samples: %v, %v", d, err)
		}
		for i := 0; i < len(b); i += dim {
			b[i] += 3
		}
		if d, err := SlicedWasserstein(a, b, dim, 4000, 1); err != nil || math.Abs(d-3*share) > 0.06 {
			t.Errorf("%d dimensions, shifted by 3: %v, want %v (%v)", dim, d, 3*share, err)
		}
	}
}

func TestSlicedWassersteinMistakes(t *testing.T) {
	if _, err := SlicedWasserstein(nil, []float64{1}, 1, 1, 1); err == nil {
		t.Error("no points were accepted")
	}
	if _, err := SlicedWasserstein([]float64{1}, []float64{1}, 1, 0, 1); err == nil {
		t.Error("no directions were accepted")
	}
	for _, v := range []float64{math.NaN(), math.Inf(1)} {
		if d, err := SlicedWasserstein([]float64{1, v}, []float64{1, 2}, 2, 5, 1); err == nil {
			t.Errorf("%v: a distance of %v", v, d)
		}
	}
	defer func() {
		if _, ok := recover().(DimError); !ok {
			t.Error("half a point: no DimError")
		}
	}()
	_, _ = SlicedWasserstein([]float64{1, 2, 3}, []float64{1, 2}, 2, 1, 1)
}
