package moments

import (
	"slices"
	"testing"

	"wavescore/pkg/wavelet"
)

// TestRelations compares with the neighbourhoods of the families, which find the same partners in
// another way.
func TestRelations(t *testing.T) {
	l := wavelet.Layout{Channels: 1, Height: 8, Width: 16, Levels: 3}
	for _, c := range []struct {
		relations     []Relation
		neighbourhood Neighbourhood
	}{
		{[]Relation{Orientations}, Neighbourhood{Orientations: true}},
		{[]Relation{Parent}, Neighbourhood{Parents: 1}},
		{[]Relation{Around(1)}, Neighbourhood{Radius: 1}},
		{[]Relation{Around(2)}, Neighbourhood{Radius: 2}},
		{[]Relation{At(-1, -1), At(-1, 0), At(-1, 1), At(0, -1), Beside, At(1, -1), Below, At(1, 1)}, Neighbourhood{Radius: 1}},
	} {
		for i := range l.Len() {
			want, _ := c.neighbourhood.Indices(l, i)
			got := []int{i}
			for _, r := range c.relations {
				got = append(got, r.Partners(l, i)...)
			}
			slices.Sort(got)
			slices.Sort(want)
			if got = slices.Compact(got); !slices.Equal(got, want) {
				t.Fatalf("%s: the partners of %d are %v, want %v", c.relations[0].Name, i, got, want)
			}
		}
	}
	band := wavelet.Band{Level: 1, Orientation: wavelet.Diagonal}
	from, to := l.Range(band)
	pairs := Itself.Pairs(l, band)
	for k, p := range pairs {
		if p != [2]int{from + k, from + k} {
			t.Fatalf("pair %d is %v", k, p)
		}
	}
	if len(pairs) != to-from || len(Itself.Pairs(l)) != l.Len() || len(Orientations.Pairs(l)) != 2*(l.Len()-2) {
		t.Errorf("%d coefficients of the band, %d of all, %d with other orientations", len(pairs), len(Itself.Pairs(l)), len(Orientations.Pairs(l)))
	}
	if got := Parent.Pairs(l, wavelet.Band{Level: 3, Orientation: wavelet.Approximation}); got != nil {
		t.Errorf("an approximation has the parents %v", got)
	}
}
