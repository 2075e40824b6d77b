package moments

import (
	"fmt"
	"slices"
)

// Gaussianised returns the table of the data with all joint cumulants above an order set to zero.
// At order 2 these are the moments of the Gaussian with the same mean and covariance, and at order
// 3 the third cumulants are kept besides. A machine fitted on the table uses only the cumulants of
// the data up to that order.
//
// From order 3 on there need not be a distribution with such moments, and the Gram matrix of a
// machine need not be positive definite. Its Level then reports groups that were truncated, and
// fails where the second moment of a feature is not positive. Gaussianised refuses tables with a
// linear context: it does not transform their cross moments.
func (m *Moments) Gaussianised(order int) (*Moments, error) {
	if order < 1 {
		return nil, fmt.Errorf("moments: cumulants up to order %d; want at least 1", order)
	}
	if len(m.linear.indices) > 0 {
		return nil, fmt.Errorf("moments: (%v) has a linear context; cumulants are known without", m.spec.Family)
	}
	g := m.empty(m.shards...)
	g.images, g.low, g.high = m.images, slices.Clone(m.low), slices.Clone(m.high)
	known := make(map[*Basis]*cumulants)
	for k, group := range m.groups {
		c := known[group.Basis]
		if c == nil {
			c = newCumulants(group.Basis)
			known[group.Basis] = c
		}
		total := m.sums[k][0]
		clean := m.Clean(nil, k)
		cumulant := c.of(clean)
		for i, p := range group.Basis.products {
			if p.degree() > order {
				cumulant[i] = 0
			}
		}
		for i, v := range c.moments(cumulant) {
			g.sums[k][i] = v * total
		}
	}
	return g, nil
}

// cumulants turns the moments of a basis into joint cumulants and back. For exponents e and a
// variable v that is in them,
//
//	E w^e = sum over s <= e - v of C(e - v, s) kappa(s + v) E w^(e - v - s),
//
// v standing for its own exponents. The last term of the sum, s = e - v, is kappa(e) itself.
type cumulants struct {
	order []int         // the moments by ascending degree
	terms [][]splitting // of each moment, without the last
}

type splitting struct {
	factor           float64
	cumulant, moment int
}

func newCumulants(b *Basis) *cumulants {
	number := make(map[exponents]int, len(b.products))
	for k, p := range b.products {
		number[p] = k
	}
	c := &cumulants{terms: make([][]splitting, len(b.products))}
	for degree := 0; degree <= 2*MaxDegree; degree++ {
		for k, p := range b.products {
			if p.degree() == degree {
				c.order = append(c.order, k)
			}
		}
	}
	for k, p := range b.products {
		if p.degree() == 0 {
			continue
		}
		first := 0
		for p[first] == 0 {
			first++
		}
		rest := p.plus(first, -1)
		var visit func(v int, s, left exponents, factor float64)
		visit = func(v int, s, left exponents, factor float64) {
			if v == len(rest) {
				if left.degree() > 0 {
					c.terms[k] = append(c.terms[k], splitting{factor, number[s.plus(first, 1)], number[left]})
				}
				return
			}
			choose := factor
			for i := 0; i <= int(rest[v]); i++ {
				visit(v+1, s.plus(v, i), left.plus(v, -i), choose)
				choose *= float64(int(rest[v])-i) / float64(i+1)
			}
		}
		visit(0, b.features[0], rest, 1)
	}
	return c
}

// of returns the cumulants of moments; that of the constant is 0.
func (c *cumulants) of(moments []float64) []float64 {
	kappa := make([]float64, len(moments))
	for _, k := range c.order[1:] {
		kappa[k] = moments[k]
		for _, t := range c.terms[k] {
			kappa[k] -= t.factor * kappa[t.cumulant] * moments[t.moment]
		}
	}
	return kappa
}

// moments is the inverse of of.
func (c *cumulants) moments(kappa []float64) []float64 {
	moments := make([]float64, len(kappa))
	moments[c.order[0]] = 1
	for _, k := range c.order[1:] {
		moments[k] = kappa[k]
		for _, t := range c.terms[k] {
			moments[k] += t.factor * kappa[t.cumulant] * moments[t.moment]
		}
	}
	return moments
}
