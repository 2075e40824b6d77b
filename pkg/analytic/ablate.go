package analytic

import (
	"context"
	"errors"
	"fmt"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

// Term names a group of features by their factors: products of Hermite polynomials of the noisy
// variables. Where the variables are Gaussian and independent, such a product is uncorrelated with
// all products of lower order, which powers are not.
type Term struct {
	Order int          // of the polynomial: 1 for the variables themselves, 0 for the constant
	Kind  moments.Kind // of the variables besides y_c; Self where there are none
}

func (t Term) String() string { return fmt.Sprintf("order %d, %s", t.Order, t.Kind) }

// termOf returns the term of feature a, given the kinds of its variables. A product of several
// kinds belongs to the last of them.
func termOf(b *moments.Basis, a int, kinds []moments.Kind) Term {
	t := Term{Order: b.Degree(a), Kind: moments.Self}
	for v, power := range b.Exponents(a) {
		if power > 0 && v > 0 {
			t.Kind = kinds[v]
		}
	}
	return t
}

// Terms returns the terms of the machine. The constant is left out, and so are the terms of order
// 1 that a linear context replaces.
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

// Only returns the machine refitted with the constant and those of its terms for which keep is
// true. The other terms are left out of the regression, not set to zero afterwards. A linear
// context stays. A ridge penalises Hermite polynomials here, not powers, so that with a ridge the
// machine of all terms differs a little from this one. Only refuses a tuned machine, and one of a
// descent that stops.
func (m *Machine) Only(keep func(Term) bool) (*Machine, error) {
	if err := m.ablatable(); err != nil {
		return nil, err
	}
	only, err := NewMachine(m.moments, m.candidates[0].Settings)
	if err != nil {
		return nil, err
	}
	only.candidates[0] = m.only(keep)
	return only, nil
}

// ablatable returns an error unless terms of the machine can be left out.
func (m *Machine) ablatable() error {
	if len(m.trials) > 0 {
		return errors.New("analytic: a tuned machine has no one set of settings to be refitted with")
	}
	if m.candidates[0].Descent.Stop > 0 {
		return errors.New("analytic: gradient descent goes along monomials, of which no Hermite polynomial can be left out: take a machine of descent without end")
	}
	return nil
}

// only returns the candidate with those of the machine's terms for which keep is true.
func (m *Machine) only(keep func(Term) bool) candidate {
	whole := m.candidates[0]
	return candidate{whole.Settings, func(t Term) bool { return t.Order == 0 || keep(t) && (whole.keep == nil || whole.keep(t)) }}
}

// Share is the worth of a term at one noise level: the change in exact risk per pixel on a probe,
// measured in two ways. The two differ where terms can replace each other, or help only together.
type Share struct {
	Term    Term
	LeftOut Risk // of the machine without the term
	AddedIn Risk // of the constant, y_c and the term alone
}

// Ablate measures every term of the machine at noise level sigma on a probe, which is as Risk
// takes it. It also returns the risk of the whole machine and that of the least machine, the
// constant and y_c alone: the baselines of the shares. Ablate refuses what Only does.
func (m *Machine) Ablate(ctx context.Context, probe *moments.Moments, sigma float64) (shares []Share, whole, least Risk, err error) {
	if err := m.ablatable(); err != nil {
		return nil, Risk{}, Risk{}, err
	}
	if err := diffusion.CheckSigma(sigma); err != nil {
		return nil, Risk{}, Risk{}, err
	}
	probe, err = m.fitting(probe)
	if err != nil {
		return nil, Risk{}, Risk{}, err
	}
	itself := Term{Order: 1, Kind: moments.Self}
	terms := m.Terms()
	candidates := []candidate{m.only(func(Term) bool { return true }), m.only(func(t Term) bool { return t == itself })}
	for _, term := range terms {
		candidates = append(candidates, m.only(func(t Term) bool { return t != term }), m.only(func(t Term) bool { return t == itself || t == term }))
	}
	levels, err := m.fit(ctx, sigma, candidates)
	if err != nil {
		return nil, Risk{}, Risk{}, err
	}
	risks, err := m.risks(ctx, levels, probe, sigma)
	if err != nil {
		return nil, Risk{}, Risk{}, err
	}
	for k, term := range terms {
		shares = append(shares, Share{Term: term, LeftOut: risks[2+2*k], AddedIn: risks[3+2*k]})
	}
	return shares, risks[0], risks[1], nil
}
