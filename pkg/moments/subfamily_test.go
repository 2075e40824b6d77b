package moments

import (
	"testing"

	"wavescore/pkg/wavelet"
)

// A named neighbourhood has the name that it is parsed by, and a union of others describes itself.
func TestName(t *testing.T) {
	for _, name := range familyNames {
		for _, radius := range []int{1, 2} {
			n, err := ParseNeighbourhood(name, radius, 3)
			if err != nil {
				t.Fatal(err)
			}
			if n.Name() != name {
				t.Errorf("%+v is called %q, want %q", n, n.Name(), name)
			}
		}
	}
	for _, n := range []Neighbourhood{{Orientations: true, Radius: 1}, {Channels: true}, {Orientations: true, Context: AllLevels}} {
		if n.Name() != n.String() {
			t.Errorf("%+v is called %q, want %q", n, n.Name(), n.String())
		}
	}
}

// The number of variables is that of the most features of a linear table, less the constant.
func TestVariables(t *testing.T) {
	layout, err := wavelet.NewLayout(1, 32, 32, 5)
	if err != nil {
		t.Fatal(err)
	}
	for want, n := range map[int]Neighbourhood{1: {}, 3: {Orientations: true}, 9: {Radius: 1}, 4: {Parents: 3}, 25: {Radius: 2},
		15: {Orientations: true, Radius: 1, Parents: 4}, 1024: {Radius: 1, Context: AllLevels}, 5: {Context: 1}, 7: {Parents: 2, Context: 1}} {
		if got := n.Variables(layout); got != want {
			t.Errorf("%v: %d variables, want %d", n, got, want)
		}
		if n.Context > 0 {
			continue
		}
		cost, err := Spec{Family: Family{n, Powers, 1, PerCoefficient}, Filter: "haar", Layout: layout}.Cost()
		if err != nil || cost.Features != want+1 {
			t.Errorf("%v: %d features, want %d (%v)", n, cost.Features, want+1, err)
		}
	}
}

// A family with another neighbourhood is the same in all else.
func TestWith(t *testing.T) {
	f := Family{Neighbourhood{Radius: 1}, Gated, 3, PerBand}
	if got, want := f.With(Neighbourhood{Parents: 2}), (Family{Neighbourhood{Parents: 2}, Gated, 3, PerBand}); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}
