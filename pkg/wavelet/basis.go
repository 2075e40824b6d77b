package wavelet

import (
	"math"
	"math/cmplx"

	"wavescore/internal/length"
)

// Response returns the squared frequency responses |H(omega)|^2 and |G(omega)|^2 of the low-pass
// and the high-pass filter at a frequency in radians a sample, with
//
//	H(omega) = sum_k h[k] exp(-i omega k).
//
// As the filter is orthonormal, their sum is 2 at every frequency.
func (f Filter) Response(omega float64) (low, high float64) {
	return response(f.Lowpass(), omega), response(f.Highpass(), omega)
}

func response(taps []float64, omega float64) float64 {
	var sum complex128
	for k, tap := range taps {
		sum += complex(tap, 0) * cmplx.Exp(complex(0, -omega*float64(k)))
	}
	return math.Pow(cmplx.Abs(sum), 2)
}

// Atom returns the image whose weight is the coefficient of index i: row i of W, of norm 1. An
// image is the sum of all atoms, each times its coefficient. It panics with an IndexError unless
// 0 <= i < Layout().Len().
func (t *Transform) Atom(i int) []float64 {
	atom := make([]float64, t.layout.Len())
	if i < 0 || i >= len(atom) {
		panic(IndexError{Index: i, Len: len(atom)})
	}
	atom[i] = 1
	return t.Inverse(atom, atom)
}

// Covariance returns W C W^T, the covariance of the coefficients of images whose pixels have
// covariance C, row-major, Len x Len. It panics with a LengthError if C has another length.
func (t *Transform) Covariance(c []float64) []float64 {
	n := t.layout.Len()
	length.Check("values of a covariance", len(c), n*n)
	turned := t.Forward(nil, c) // every row
	transpose(turned, n)
	t.Forward(turned, turned) // every column
	transpose(turned, n)
	return turned
}

func transpose(a []float64, n int) {
	for i := range n {
		for j := range i {
			a[i*n+j], a[j*n+i] = a[j*n+i], a[i*n+j]
		}
	}
}
