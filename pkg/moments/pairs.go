package moments

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"slices"

	"wavescore/internal/length"
	"wavescore/internal/parallel"
	"wavescore/pkg/wavelet"
)

// Pair holds joint cumulants of two coefficients a and b over a set of images: those of order two,
// and those of order four that are even in both. For centred a and b,
//
//	AABB = E[a^2 b^2] - E[a^2] E[b^2] - 2 E[a b]^2,
//
// and AAAA = E[a^4] - 3 E[a^2]^2. Cumulants of order four are zero where a and b are jointly
// Gaussian. Independent Gaussian noise of variance sigma^2 on every coefficient adds sigma^2 to AA
// and BB and changes no other cumulant of two different coefficients.
type Pair struct {
	A, B             int // the indices of a and b
	AA, AB, BB       float64
	AAAA, AABB, BBBB float64
}

// Pairs are pairs of coefficients of one kind, such as those of a band and their parents. Its
// methods pool them into one number, at a noise level sigma that may be 0. They sum over the pairs
// before they divide, so that the weight of a pair is its variance, and a coefficient that never
// varies has weight 0. Differences of mean and variance between pairs therefore do not appear as
// dependence. The methods return 0 where nothing varies.
type Pairs []Pair

// PairCumulants returns the cumulants of pairs of coefficients, given as indices. The images are
// given by their coefficients, images x size, and are centred by their own means. The pair of a
// coefficient with itself has the cumulants of that coefficient, which is all that Kurtosis needs.
//
// It returns an error where a coefficient in a pair is not finite or its fourth power is not, and
// ctx's once that is cancelled. It panics with a LengthError unless coefficients are one image or
// more, and with a wavelet.IndexError for an index that an image does not have.
func PairCumulants(ctx context.Context, coefficients []float64, size int, pairs [][2]int) (Pairs, error) {
	if length.Images("coefficients", len(coefficients), size) == 0 {
		panic(LengthError{What: "coefficients", Want: size, Multiple: true})
	}
	cumulants := make(Pairs, len(pairs))
	for k, p := range pairs {
		for _, c := range p {
			if c < 0 || c >= size {
				panic(wavelet.IndexError{Index: c, Len: size})
			}
		}
		cumulants[k].A, cumulants[k].B = p[0], p[1]
	}
	// Every pair is summed by one goroutine, in the order of the images: the same bits whatever
	// GOMAXPROCS is.
	workers := runtime.GOMAXPROCS(0)
	err := parallel.Each(ctx, workers, func(k int) error {
		return cumulants[k*len(pairs)/workers:(k+1)*len(pairs)/workers].measure(ctx, coefficients, size)
	})
	if err != nil {
		return nil, err
	}
	for _, p := range cumulants {
		if s := p.AAAA + p.AABB + p.BBBB; s-s != 0 {
			return nil, fmt.Errorf("%w: coefficients %d and %d have no finite moments of order four", ErrInput, p.A, p.B)
		}
	}
	return cumulants, nil
}

// measure computes the cumulants in two passes over the images, which touch the coefficients of
// the pairs only.
func (ps Pairs) measure(ctx context.Context, coefficients []float64, size int) error {
	var indices []int                  // the coefficients, each once
	place := map[int]int{}             // their places in indices
	ends := make([][2]int, 0, len(ps)) // those of each pair
	for _, p := range ps {
		for _, c := range [...]int{p.A, p.B} {
			if _, known := place[c]; !known {
				place[c] = len(indices)
				indices = append(indices, c)
			}
		}
		ends = append(ends, [2]int{place[p.A], place[p.B]})
	}
	share := float64(size) / float64(len(coefficients)) // of one image in an expectation
	mean := make([]float64, len(indices))
	for w := coefficients; len(w) > 0; w = w[size:] {
		for s, c := range indices {
			// The first image is subtracted, so that a coefficient that never varies has the
			// variance 0 exactly.
			mean[s] += share * (w[c] - coefficients[c])
		}
	}
	for s, c := range indices {
		mean[s] += coefficients[c]
	}
	second, fourth := make([]float64, len(indices)), make([]float64, len(indices))
	centred, square := make([]float64, len(indices)), make([]float64, len(indices))
	for w := coefficients; len(w) > 0; w = w[size:] {
		if err := ctx.Err(); err != nil {
			return err
		}
		for s, c := range indices {
			v := w[c] - mean[s]
			centred[s], square[s] = v, v*v
			second[s] += share * v * v
			fourth[s] += share * v * v * v * v
		}
		for k, s := range ends {
			ps[k].AB += share * centred[s[0]] * centred[s[1]]
			ps[k].AABB += share * square[s[0]] * square[s[1]]
		}
	}
	for k, s := range ends {
		p := &ps[k]
		p.AA, p.BB = second[s[0]], second[s[1]]
		p.AAAA = fourth[s[0]] - 3*p.AA*p.AA
		p.BBBB = fourth[s[1]] - 3*p.BB*p.BB
		p.AABB -= p.AA*p.BB + 2*p.AB*p.AB
	}
	return nil
}

// In returns the pairs whose coefficient a is in one of the bands.
func (ps Pairs) In(l wavelet.Layout, bands ...wavelet.Band) (some Pairs) {
	for _, p := range ps {
		if slices.Contains(bands, l.Place(p.A).Band) {
			some = append(some, p)
		}
	}
	return some
}

// Kurtosis returns the excess kurtosis of the coefficients a,
//
//	sum AAAA / sum (AA + sigma^2)^2.
//
// It is 0 for Gaussian coefficients, whatever their means and variances.
func (ps Pairs) Kurtosis(sigma float64) float64 {
	var fourth, square float64
	for _, p := range ps {
		v := p.AA + sigma*sigma
		fourth += p.AAAA
		square += v * v
	}
	return ratio(fourth, square)
}

// PooledKurtosis returns the excess kurtosis without noise of the n coefficients a that vary, each
// centred by its own mean, and then all taken as one sample,
//
//	n sum (AAAA + 3 AA^2) / (sum AA)^2 - 3.
//
// It is positive also for Gaussian coefficients that differ in variance. (The kurtosis about one
// mean for all would count differences of their means as well.)
func (ps Pairs) PooledKurtosis() float64 {
	var n, second, fourth float64
	for _, p := range ps {
		if p.AA > 0 {
			n++
			second += p.AA
			fourth += p.AAAA + 3*p.AA*p.AA
		}
	}
	if n == 0 {
		return 0
	}
	return n*fourth/(second*second) - 3
}

// SquaredCorrelation returns the squared correlation of a and b,
//
//	sum AB^2 / sqrt(sum (AA + sigma^2)^2  sum (BB + sigma^2)^2),
//
// from 0 to 1, for pairs of different coefficients. Where it is 0 a linear denoiser of a has no
// use for b.
func (ps Pairs) SquaredCorrelation(sigma float64) float64 {
	var joint, first, second float64
	for _, p := range ps {
		a, b := p.AA+sigma*sigma, p.BB+sigma*sigma
		joint += p.AB * p.AB
		first += a * a
		second += b * b
	}
	return ratio(joint, math.Sqrt(first*second))
}

// EnergyCorrelation returns the correlation of a^2 and b^2,
//
//	sum cov(a^2, b^2) / sqrt(sum var(a^2)  sum var(b^2)),
//	cov(a^2, b^2) = AABB + 2 AB^2,  var(a^2) = AAAA + 2 (AA + sigma^2)^2,
//
// from -1 to 1, for pairs of different coefficients. For Gaussian ones it equals
// SquaredCorrelation, by Isserlis' theorem.
func (ps Pairs) EnergyCorrelation(sigma float64) float64 {
	var joint, first, second float64
	for _, p := range ps {
		a, b := p.AA+sigma*sigma, p.BB+sigma*sigma
		joint += p.AABB + 2*p.AB*p.AB
		first += p.AAAA + 2*a*a
		second += p.BBBB + 2*b*b
	}
	return ratio(joint, math.Sqrt(first*second))
}

// ratio returns a/b, or 0 where b is 0.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}
