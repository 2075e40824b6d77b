package analytic

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/moments"
)

// Term names a group of features by what they are made of: products of Hermite polynomials of the noisy variables, which unlike
// powers are uncorrelated with all of lower order where the variables are Gaussian and independent.
type Term struct {
	Order int          // of the polynomial: 1 for the variables themselves, 0 for the constant
	Kind  moments.Kind // of the variables besides y_c; Self where there are none
}

func (t Term) String() string { return fmt.Sprintf("order %d, %s", t.Order, t.Kind) }

// termOf returns the term of a feature, its variables being of the kinds. A product of several kinds counts as the last of them.
func termOf(b *moments.Basis, a int, kinds []moments.Kind) Term {
	t := Term{Order: b.Degree(a), Kind: moments.Self}
	for v, power := range b.Exponents(a) {
		if power > 0 && v > 0 {
			t.Kind = kinds[v]
		}
	}
	return t
}

// Terms returns the terms of the machine, except the constant and those of order 1 that a linear context stands in for.
func (m *Machine) Terms() []Term {
	var terms []Term
	seen := map[Term]bool{}
	for _, g := range m.moments.Groups() {
		for a := 1; a < g.Basis.Features(); a++ {
			t := termOf(g.Basis, a, g.Members[0].Kinds)
			if !seen[t] && !m.linearIn(g.Members[0], g.Basis, a) {
				seen[t] = true
				terms = append(terms, t)
			}
		}
	}
	return terms
}

// Only returns the machine refitted with those of its terms for which keep is true, and the constant. What is left out is left out of
// the regression, not set to zero afterwards; a linear context stays. A ridge penalises polynomials here, not powers, so that
// with one even the machine of all terms is not quite this one. A tuned machine is refused.
func (m *Machine) Only(keep func(Term) bool) (*Machine, error) {
	if m.validation != nil {
		return nil, errors.New("analytic: a tuned machine has no one set of settings to be refitted with")
	}
	only, err := NewMachine(m.moments, m.candidates[0])
	if err != nil {
		return nil, err
	}
	before := m.keep
	only.keep = func(t Term) bool { return t.Order == 0 || keep(t) && (before == nil || before(t)) }
	return only, nil
}

// Share is what a term is worth at one noise level: the change in exact risk per pixel on a probe, two ways. The two differ where
// terms stand in for each other or work only together.
type Share struct {
	Term    Term
	LeftOut Risk // of the machine without the term
	AddedIn Risk // of the constant, y_c and the term alone
}

// Ablate measures every term of the machine at noise level sigma on a probe, which is as Risk takes it. It also returns the risks of
// the whole machine and of the least one, the constant and y_c alone, which shares are differences from.
func (m *Machine) Ablate(probe *moments.Moments, sigma float64) (shares []Share, whole, least Risk, err error) {
	risk := func(keep func(Term) bool) (Risk, error) {
		only, err := m.Only(keep)
		if err != nil {
			return Risk{}, err
		}
		return only.Risk(probe, sigma, sigma)
	}
	itself := Term{Order: 1, Kind: moments.Self}
	if whole, err = risk(func(Term) bool { return true }); err != nil {
		return nil, Risk{}, Risk{}, err
	}
	if least, err = risk(func(t Term) bool { return t == itself }); err != nil {
		return nil, Risk{}, Risk{}, err
	}
	for _, term := range m.Terms() {
		s := Share{Term: term}
		if s.LeftOut, err = risk(func(t Term) bool { return t != term }); err != nil {
			return nil, Risk{}, Risk{}, err
		}
		if s.AddedIn, err = risk(func(t Term) bool { return t == itself || t == term }); err != nil {
			return nil, Risk{}, Risk{}, err
		}
		shares = append(shares, s)
	}
	return shares, whole, least, nil
}

// turnToHermite turns the regression from powers to Hermite polynomials of the noisy variables, each with its own second moment, and
// returns the matrix that does it, a row a polynomial. They are scaled, and so penalised, as the powers that lead them.
func (s *solver) turnToHermite(b *moments.Basis) *mat.Dense {
	n := b.Features()
	h := mat.NewDense(n, n, nil)
	number := make(map[string]int, n)
	for a := range n {
		number[fmt.Sprint(b.Exponents(a))] = a
	}
	variance := make([]float64, b.Variables())
	for v := range variance {
		variance[v] = s.second[1+v] // features 1, 2, ... are the variables
	}
	for a := range n {
		var expand func(v int, powers []int, factor float64)
		expand = func(v int, powers []int, factor float64) {
			if v == len(powers) {
				h.Set(a, number[fmt.Sprint(powers)], factor)
				return
			}
			// He_k(y) with E y^2 = q is the sum over even i of (-q)^(i/2) k! / (2^(i/2) (i/2)! (k-i)!) y^(k-i); each term is the
			// one before times -q (k-i)(k-i-1)/(i+2).
			top := powers[v]
			for i := 0; i <= top; i += 2 {
				powers[v] = top - i
				expand(v+1, powers, factor)
				factor *= -variance[v] * float64((top-i)*(top-i-1)) / float64(i+2)
			}
			powers[v] = top
		}
		expand(0, b.Exponents(a), 1)
	}
	var turned mat.Dense
	turned.Mul(h, mat.NewDense(n, n, s.normal.Gram))
	var gram mat.Dense
	gram.Mul(&turned, h.T())
	var right mat.VecDense
	right.MulVec(h, mat.NewVecDense(n, s.right))
	copy(s.normal.Gram, gram.RawMatrix().Data)
	copy(s.right, right.RawVector().Data)
	for a := range n {
		// Of what a context leaves of a polynomial nothing but rounding may be left, so it is scaled as its power is.
		s.scale[a] = 1 / math.Sqrt(s.second[a])
	}
	return h
}
