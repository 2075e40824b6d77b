package moments

import (
	"sort"
	"sync"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/length"
)

// Basis is an ordered set of monomials in the variables of one neighbourhood, the features.
// Feature 0 is the constant, and feature 1 is y_c, which is variable 0. The other variables follow
// as features 2, 3, ..., and then the terms of higher order.
//
// The set is down-closed: with y^a it holds every y^b, b <= a. The moments of products of features
// are therefore closed under noise: those at any noise level are linear combinations of the clean
// ones.
type Basis struct {
	variables int
	features  []exponents
	steps     []step      // of each feature after the constant
	products  []exponents // the distinct products of two features: the moments
	gram      []int32     // features x features: the index of the moment
	energy    int         // the moment E[w_c^2]
	noisy     transport   // clean moments -> E[y^e] for every product
	target    transport   // clean moments -> E[w_c phi_a(y)] for every feature
	mixed     transport   // E[phi_a(w) u] -> E[phi_a(y) u], for any clean u
	slopes    [][]slope   // variables x features: d phi_a / d y_v
}

// exponents are the powers of the variables in a monomial, one byte a variable.
type exponents string

// step makes a feature as an earlier feature times a variable.
type step struct{ from, variable int }

// slope is the derivative of a feature by a variable: power times another feature.
type slope struct {
	power   float64
	feature int
}

func (e exponents) degree() int {
	d := 0
	for i := range len(e) {
		d += int(e[i])
	}
	return d
}

// plus returns e with power n more of variable v.
func (e exponents) plus(v, n int) exponents {
	b := []byte(e)
	b[v] += byte(n)
	return exponents(b)
}

func (e exponents) times(o exponents) exponents {
	b := []byte(e)
	for i := range b {
		b[i] += o[i]
	}
	return exponents(b)
}

// basisOf returns the monomials of the terms to the degree in n variables. Each basis is made
// once.
func basisOf(terms Terms, degree, n int) *Basis {
	key := struct {
		terms     Terms
		degree, n int
	}{terms, degree, n}
	b, ok := bases.Load(key)
	if !ok {
		b, _ = bases.LoadOrStore(key, newBasis(terms, degree, n))
	}
	return b.(*Basis)
}

var bases sync.Map

// newBasis returns the monomials of the terms to the degree in n variables.
func newBasis(terms Terms, degree, n int) *Basis {
	b := &Basis{variables: n, features: monomials(terms, degree, n)}
	index := make(map[exponents]int, len(b.features))
	for i, f := range b.features {
		index[f] = i
		if i == 0 {
			continue
		}
		v := 0
		for f[v] == 0 {
			v++
		}
		b.steps = append(b.steps, step{from: index[f.plus(v, -1)], variable: v})
	}

	moment := make(map[exponents]int)
	b.gram = make([]int32, len(b.features)*len(b.features))
	for i, f := range b.features {
		for j, g := range b.features {
			p := f.times(g)
			k, ok := moment[p]
			if !ok {
				k = len(b.products)
				moment[p] = k
				b.products = append(b.products, p)
			}
			b.gram[i*len(b.features)+j] = int32(k)
		}
	}
	constant := b.features[0]
	b.energy = moment[constant.plus(0, 2)]

	for _, p := range b.products {
		b.noisy.add(p, constant, moment)
	}
	for _, f := range b.features {
		b.target.add(f, constant.plus(0, 1), moment)
		b.mixed.add(f, constant, index)
	}
	b.slopes = make([][]slope, n)
	for v := range b.slopes {
		b.slopes[v] = make([]slope, len(b.features))
		for a, f := range b.features {
			if f[v] > 0 {
				b.slopes[v][a] = slope{power: float64(f[v]), feature: index[f.plus(v, -1)]}
			}
		}
	}
	return b
}

// monomials lists the exponents of the terms, by degree and then with the earlier variables'
// powers first.
func monomials(terms Terms, degree, n int) []exponents {
	constant := exponents(make([]byte, n))
	set := map[exponents]bool{constant: true}
	switch terms {
	case Full:
		shell := []exponents{constant}
		for range degree {
			var next []exponents
			for _, e := range shell {
				for v := range n {
					if p := e.plus(v, 1); !set[p] {
						set[p] = true
						next = append(next, p)
					}
				}
			}
			shell = next
		}
	default:
		for v := range n {
			for d := 1; d <= degree; d++ {
				set[constant.plus(v, d)] = true
			}
			for d := 1; terms == Gated && v > 0 && d < degree && d <= 2; d++ {
				set[constant.plus(0, 1).plus(v, d)] = true
			}
		}
	}
	list := make([]exponents, 0, len(set))
	for e := range set {
		list = append(list, e)
	}
	sort.Slice(list, func(i, j int) bool {
		if di, dj := list[i].degree(), list[j].degree(); di != dj {
			return di < dj
		}
		return list[i] > list[j]
	})
	return list
}

// Variables returns the number of variables.
func (b *Basis) Variables() int { return b.variables }

// Features returns the number of monomials, the constant included.
func (b *Basis) Features() int { return len(b.features) }

// Moments returns the number of distinct clean moments that the Gram matrix is made of.
func (b *Basis) Moments() int { return len(b.products) }

// Degree returns the total degree of feature a: 0 for the constant, 1 for the variables.
func (b *Basis) Degree(a int) int { return b.features[a].degree() }

// Exponents returns the powers of the variables in feature a.
func (b *Basis) Exponents(a int) []int {
	powers := make([]int, b.variables)
	for v := range powers {
		powers[v] = int(b.features[a][v])
	}
	return powers
}

// Fill evaluates the features of n images. Row v of variables holds variable v of the images. Row
// a of dst (Features x n) receives feature a. Row 0 of dst, the constant, is set by the caller: to
// ones, or to the square roots of weights, which then scale every feature. Fill panics with a
// LengthError where a length does not fit.
func (b *Basis) Fill(dst []float64, variables [][]float64) {
	n := len(dst) / len(b.features)
	length.Check("variables", len(variables), b.variables)
	length.Check("values of features", len(dst), n*len(b.features))
	for i, s := range b.steps {
		floats.MulTo(dst[(i+1)*n:(i+2)*n], dst[s.from*n:(s.from+1)*n], variables[s.variable])
	}
}
