package viz

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		axis   Axis
		values []float64
		n      int
		want   string
	}{
		{Axis{Log: true}, []float64{0.02, 20}, 14, "0.02 0.05 0.1 0.2 0.5 1 2 5 10 20"},
		{Axis{Log: true}, []float64{0.02, 20}, 8, "0.03 0.1 0.3 1 3 10"},
		{Axis{Log: true}, []float64{0.02, 20}, 4, "0.1 1 10"},
		{Axis{Log: true}, []float64{1e-9, 1e9}, 7, "1e-9 1e-6 0.001 1 1000 1e6 1e9"},
		{Axis{Log: true}, []float64{2, 4}, 8, "2 3 4"},
		{Axis{Log: true}, []float64{1.0, 1.001}, 5, "1 1.0005 1.001"},
		{Axis{}, []float64{-1, 1}, 5, "-1 -0.5 0 0.5 1"},
		{Axis{}, []float64{0, 0.3}, 5, "0 0.1 0.2 0.3"},
		{Axis{}, []float64{7, 7}, 5, "4 6 8 10"},
		{Axis{}, []float64{1e6, 5e6}, 5, "1e6 2e6 3e6 4e6 5e6"},
		{Axis{Min: 0, Max: 10}, []float64{3}, 6, "0 2 4 6 8 10"},
	} {
		var labels []string
		for _, tick := range c.axis.scale(0, c.values).ticks(c.n) {
			labels = append(labels, format(tick))
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("ticks of %v over %v, at most %d: %s, want %s", c.axis, c.values, c.n, got, c.want)
		}
	}
}

// TestTicksProperties: over many ranges ticks lie within, ascend, are at least two, few enough for
// their labels, and their labels read back to them.
func TestTicksProperties(t *testing.T) {
	rng := rand.New(rand.NewPCG(11, 12))
	for range 20000 {
		a := Axis{Log: rng.IntN(2) == 0}
		lo := math.Pow(10, rng.Float64()*20-10)
		hi := lo * (1 + math.Pow(10, rng.Float64()*8-2))
		if !a.Log && rng.IntN(2) == 0 {
			lo = -lo
		}
		n := 3 + rng.IntN(12)
		s := a.scale(0, []float64{lo, hi})
		ticks := s.ticks(n)
		if len(ticks) < 2 || len(ticks) > 2*n {
			t.Fatalf("%v to %v (log %v), at most %d: %d ticks %v", lo, hi, a.Log, n, len(ticks), ticks)
		}
		if !slices.IsSorted(ticks) {
			t.Fatalf("ticks %v do not ascend", ticks)
		}
		for _, v := range ticks {
			if at := s.at(v); at < -1e-6 || at > 1+1e-6 {
				t.Fatalf("%v to %v (log %v): tick %v lies outside, at %v", lo, hi, a.Log, v, at)
			}
		}
	}
}

func TestFormat(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.02: "0.02", 1: "1", -2.5: "-2.5", 100000: "100000", 1e6: "1e6", 1e-4: "0.0001", 2e-5: "2e-5",
		-3e-7: "-3e-7", 1.5e12: "1.5e12",
	} {
		if got := format(v); got != want {
			t.Errorf("format(%v) = %s, want %s", v, got, want)
		}
	}
	if got := strings.Join(Labels([]float64{0.0431, 12.345, 1234567, math.Copysign(0, -1)}), " "); got != "0.0431 12.3 1.23e6 0" {
		t.Errorf("Labels writes %s", got)
	}
}

// TestGlyphs checks that the font has what labels of this subject need.
func TestGlyphs(t *testing.T) {
	face := fonts.Lookup(labelText.Font, labelText.Font.Size)
	for _, r := range "σΣμθφαβλ²³±×·≤≥≈∞−°√" {
		if glyph, err := face.Face.GlyphIndex(nil, r); err != nil || glyph == 0 {
			t.Errorf("the font has no %c", r)
		}
	}
}
