package moments

import (
	"reflect"
	"slices"
	"testing"
)

func TestMonomialNames(t *testing.T) {
	m := Monomials{{0, 0}, {1, 0}, {0, 2}, {1, 1}, {3, 12}}
	if got, want := m.Names("y", "u"), []string{"1", "y", "u²", "yu", "y³u¹²"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	basis := newBasis(Gated, 2, 2)
	if got, want := basis.Monomials().Names("y", "u"), []string{"1", "y", "u", "y²", "yu", "u²"}; !slices.Equal(got, want) {
		t.Errorf("the features of a basis are %q, want %q", got, want)
	}
	defer func() {
		if (recover() != any(LengthError{What: "names of variables", Want: 2, Got: 1})) {
			t.Error("a name too few is taken")
		}
	}()
	m.Names("y")
}

// Nothing is missing for the transport of a basis, which would not have been made otherwise. Of
// other sets the missing moments are found by hand.
func TestMissing(t *testing.T) {
	for _, terms := range []Terms{Powers, Gated, Full} {
		for degree := 1; degree <= MaxDegree; degree++ {
			if missing := newBasis(terms, degree, 3).Monomials().Missing(); len(missing) > 0 {
				t.Errorf("%s to degree %d: %v is missing", terms, degree, missing)
			}
		}
	}
	for _, test := range []struct{ set, want Monomials }{
		{Monomials{{0}, {1}, {4}}, Monomials{{3}, {6}}}, // of y⁵ and y⁸
		{Monomials{{1}, {3}}, Monomials{{0}}},
		{Monomials{{0, 0}, {1, 0}, {1, 2}}, Monomials{{0, 2}, {0, 4}}},
		{nil, nil},
	} {
		if got := test.set.Missing(); !reflect.DeepEqual(got, test.want) {
			t.Errorf("of %v there is missing %v, want %v", test.set, got, test.want)
		}
	}
}
