package moments

import (
	"math"

	"gonum.org/v1/gonum/stat"

	"wavescore/internal/length"
)

// Support says in which images each coefficient is not zero: Support[c][i] is of coefficient c of
// image i.
type Support [][]bool

// leastCoefficient is the magnitude from which a coefficient counts as not zero: transforms leave
// rounding.
const leastCoefficient = 1e-6

// NewSupport returns the support of images, given by their coefficients, images x size. It panics
// with a LengthError unless they are whole images.
func NewSupport(coefficients []float64, size int) Support {
	length.Images("coefficients", len(coefficients), size)
	s := make(Support, size)
	for i, w := range coefficients {
		s[i%size] = append(s[i%size], math.Abs(w) > leastCoefficient)
	}
	return s
}

// Information returns the mutual information, in bits, of two events: that coefficient c is not
// zero, and that any of its partners is not,
//
//	I = H(c) + H(partners) - H(c, partners).
//
// It is at most 1, and 0 where one of them tells nothing about the other, as where c has no
// partners.
func (s Support) Information(c int, partners []int) float64 {
	var p [4]float64 // shares of images: with neither, with partners only, with c only, with both
	for i, event := range s[c] {
		which := 0
		if event {
			which = 2
		}
		for _, partner := range partners {
			if s[partner][i] {
				which++
				break
			}
		}
		p[which] += 1 / float64(len(s[c]))
	}
	entropy := func(p ...float64) float64 { return stat.Entropy(p) / math.Ln2 }
	return entropy(p[0]+p[1], p[2]+p[3]) + entropy(p[0]+p[2], p[1]+p[3]) - entropy(p[:]...)
}
