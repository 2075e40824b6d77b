package analytic

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/moments"
)

// hermiteTurn is the change of basis of a group's regression from powers of the noisy variables to
// Hermite polynomials. For a variable of second moment q,
//
//	He_k(y) = sum over even i of (-q)^(i/2) k! / (2^(i/2) (i/2)! (k-i)!) y^(k-i).
//
// A polynomial takes the place of its leading feature.
type hermiteTurn struct {
	terms []Term  // of the features
	lower []lower // the lower terms of all polynomials, in the order of their leading features
	known map[*moments.Basis][]lower
}

// lower is a lower term of a polynomial: a factor times a feature of lower degree than the leading
// one.
type lower struct {
	leading, feature int
	factor           float64 // for variables of second moment 1
	halves           []int   // variables: the power of its second moment in the factor
}

// turnToHermite changes the prepared regression to Hermite polynomials. A polynomial is scaled,
// and so penalised, as its leading feature is: where a context explains a polynomial, the second
// moment that is left of it may be rounding error.
func (s *solver) turnToHermite() {
	group := s.machine.moments.Groups()[s.g]
	b, h := group.Basis, &s.hermite
	for a := range b.Features() {
		h.terms = append(h.terms, termOf(b, a, group.Members[0].Kinds))
	}
	if h.known == nil {
		h.known = make(map[*moments.Basis][]lower)
	}
	if h.known[b] == nil {
		h.known[b] = expand(b)
	}
	for _, l := range h.known[b] {
		for v, half := range l.halves {
			for range half {
				l.factor *= s.second[1+v] // features 1, 2, ... are the variables
			}
		}
		h.lower = append(h.lower, l)
	}
	n := b.Features()
	row := func(a int) []float64 { return s.normal.Gram[a*n : (a+1)*n] }
	// The highest first: their lower terms are still powers.
	for _, l := range slices.Backward(h.lower) {
		floats.AddScaled(row(l.leading), l.factor, row(l.feature))
		for _, r := range []rightHandSide{s.clean, s.score} {
			r.features[l.leading] += l.factor * r.features[l.feature]
		}
	}
	for a := range n {
		for _, l := range slices.Backward(h.lower) {
			row(a)[l.leading] += l.factor * row(a)[l.feature]
		}
	}
}

// toPowers changes the weights of polynomials to weights of powers.
func (h *hermiteTurn) toPowers(theta []float64) {
	// The lowest first: the weights of leading features are still those of polynomials.
	for _, l := range h.lower {
		theta[l.feature] += l.factor * theta[l.leading]
	}
}

// expand returns the lower terms of the Hermite polynomials of a basis.
func expand(b *moments.Basis) []lower {
	number := make(map[string]int, b.Features())
	for a := range b.Features() {
		number[fmt.Sprint(b.Exponents(a))] = a
	}
	var all []lower
	for a := range b.Features() {
		powers, halves := b.Exponents(a), make([]int, b.Variables())
		var visit func(v int, factor float64)
		visit = func(v int, factor float64) {
			if v == len(powers) {
				if feature := number[fmt.Sprint(powers)]; feature != a {
					all = append(all, lower{a, feature, factor, slices.Clone(halves)})
				}
				return
			}
			// Each term of He_k is the one before times -q (k-i)(k-i-1)/(i+2) y^-2.
			top := powers[v]
			for i := 0; i <= top; i += 2 {
				powers[v], halves[v] = top-i, i/2
				visit(v+1, factor)
				factor *= -float64((top-i)*(top-i-1)) / float64(i+2)
			}
			powers[v], halves[v] = top, 0
		}
		visit(0, 1)
	}
	return all
}
