package analytic

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/moments"
)

// hermiteTurn is the turn of a group's regression from powers of the noisy variables to Hermite polynomials of them, each variable with its
// own second moment q:
//
//	He_k(y) = sum over even i of (-q)^(i/2) k! / (2^(i/2) (i/2)! (k-i)!) y^(k-i).
//
// A polynomial takes the place, and has the name, of the feature that leads it.
type hermiteTurn struct {
	terms []Term  // of the features
	lower []lower // what the polynomials have besides their leading features, in their order
	known map[*moments.Basis][]lower
}

// lower is a part of a polynomial: a factor times a feature of lower degree than the one that leads it.
type lower struct {
	leading, feature int
	factor           float64 // where all second moments are 1
	halves           []int   // of each variable: the factor goes with its second moment to this power
}

// turnToHermite turns the prepared regression. Polynomials are scaled, and so penalised, as the features that lead them: of what a
// context leaves of a polynomial nothing but rounding may be left.
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
	for _, l := range slices.Backward(h.lower) { // the highest first: what they are made of has not been turned yet
		floats.AddScaled(row(l.leading), l.factor, row(l.feature))
		for _, r := range []right{s.clean, s.score} {
			r.features[l.leading] += l.factor * r.features[l.feature]
		}
	}
	for a := range n {
		for _, l := range slices.Backward(h.lower) {
			row(a)[l.leading] += l.factor * row(a)[l.feature]
		}
	}
}

// toPowers turns the weights of polynomials to those of powers.
func (h *hermiteTurn) toPowers(theta []float64) {
	for _, l := range h.lower { // the lowest first: the weights of those that lead have not been added to yet
		theta[l.feature] += l.factor * theta[l.leading]
	}
}

// expand lists what the Hermite polynomials of a basis have besides their leading features.
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
