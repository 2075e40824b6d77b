package moments

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/length"
	"wavescore/internal/linalg"
)

// transport is a sparse map from clean moments to noisy ones, shared by all coefficients with the
// same basis.
//
// For a polynomial p and z ~ N(0, I), E p(w + sigma z) = (exp(sigma^2 Laplacian / 2) p)(w). In one
// variable that is
//
//	E (w + sigma z)^e = sum over even i of C(e, i) (i-1)!! sigma^i E w^(e-i),
//
// and in several variables it is the product of such sums. Every row of the map is therefore a
// finite sum of clean moments, each times a constant and a power of sigma^2.
type transport struct {
	rows  []int // row r has the terms rows[r] to rows[r+1]
	terms []term
	order int // the highest power of sigma^2
}

type term struct {
	moment int32
	power  int32 // of sigma^2
	factor float64
}

// add appends the row E[w^fixed y^e], in which the factor w^fixed is clean and the factor y^e is
// noisy. index maps exponents to moments, and must hold all that occur.
func (t *transport) add(e, fixed exponents, index map[exponents]int) {
	if len(t.rows) == 0 {
		t.rows = []int{0}
	}
	var visit func(v int, left exponents, power int, factor float64)
	visit = func(v int, left exponents, power int, factor float64) {
		for v < len(e) && e[v] == 0 {
			v++
		}
		if v == len(e) {
			k, ok := index[left.times(fixed)]
			if !ok {
				panic("moments: the monomials are not down-closed")
			}
			t.terms = append(t.terms, term{moment: int32(k), power: int32(power), factor: factor})
			t.order = max(t.order, power)
			return
		}
		// c is C(e, i) (i-1)!! for i = 0, 2, 4, ...; each is the one before times
		// (e-i)(e-i-1)/(i+2).
		c := factor
		for i := 0; i <= int(e[v]); i += 2 {
			visit(v+1, left.plus(v, -i), power+i/2, c)
			n := float64(int(e[v]) - i)
			c *= n * (n - 1) / float64(i+2)
		}
	}
	visit(0, e, 0, 1)
	t.rows = append(t.rows, len(t.terms))
}

// apply writes the rows at noise level sigma to dst.
func (t *transport) apply(dst, clean []float64, sigma float64) {
	powers := make([]float64, t.order+1)
	powers[0] = 1
	for k := 1; k <= t.order; k++ {
		powers[k] = powers[k-1] * sigma * sigma
	}
	for r := range dst {
		var sum float64
		for _, m := range t.terms[t.rows[r]:t.rows[r+1]] {
			sum += m.factor * powers[m.power] * clean[m.moment]
		}
		dst[r] = sum
	}
}

// Normal holds the normal equations of one group of coefficients at one noise level. phi are the
// features of the noisy variables y = w + sigma z, and w are the clean ones, centred.
type Normal struct {
	Gram   []float64 // E[phi phi^T], Features x Features, row-major, symmetric
	Target []float64 // E[w_c phi]: the right-hand side of the denoiser
	Slope  []float64 // E[d phi / d y_c] = -E[s_c phi], the right-hand side of the score
	Energy float64   // E[w_c^2]: the error of the denoiser that always answers the centre

	noisy []float64
}

// Transport computes the normal equations at noise level sigma from clean moments, as Clean
// returns them. It writes them to dst, whose slices are reused where they are large enough. Sigma
// may be 0.
func (b *Basis) Transport(dst *Normal, clean []float64, sigma float64) {
	length.Check("clean moments", len(clean), len(b.products))
	n := len(b.features)
	dst.noisy = linalg.Grow(dst.noisy, len(b.products))
	dst.Gram = linalg.Grow(dst.Gram, n*n)
	dst.Target = linalg.Grow(dst.Target, n)
	dst.Slope = linalg.Grow(dst.Slope, n)

	b.noisy.apply(dst.noisy, clean, sigma)
	b.target.apply(dst.Target, clean, sigma)
	for i, k := range b.gram {
		dst.Gram[i] = dst.noisy[k]
	}
	b.SlopeTo(dst.Slope, dst.Gram[:n], 0)
	dst.Energy = clean[b.energy]
}

// SlopeTo writes E[d phi / d y_v] to dst for variable v, given means = E[phi].
func (b *Basis) SlopeTo(dst, means []float64, v int) {
	for a, s := range b.slopes[v] {
		dst[a] = s.power * means[s.feature]
	}
}

// TransportCross writes E[phi(y) u] to dst, given cross = E[phi(w) u], both Features x width. The
// width quantities u may depend on the clean image only. dst and cross must not overlap.
func (b *Basis) TransportCross(dst, cross []float64, sigma float64) {
	width := length.Images("moments of features and context", len(cross), len(b.features))
	length.Check("moments in dst", len(dst), len(cross))
	clear(dst)
	for a := range b.features {
		for _, m := range b.mixed.terms[b.mixed.rows[a]:b.mixed.rows[a+1]] {
			from := int(m.moment) * width
			floats.AddScaled(dst[a*width:(a+1)*width], m.factor*math.Pow(sigma, 2*float64(m.power)), cross[from:from+width])
		}
	}
}
