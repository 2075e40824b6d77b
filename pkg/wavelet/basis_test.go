package wavelet

import (
	"errors"
	"math"
	"testing"
)

// TestResponse: the two responses sum to 2, the one of Haar is the textbook's, and those of a
// longer filter are flat at 0 and pi as its vanishing moments say.
func TestResponse(t *testing.T) {
	for _, name := range Filters() {
		f := mustParse(t, name)
		for _, omega := range []float64{0, 0.3, 1, math.Pi / 2, 2.5, math.Pi, 7} {
			low, high := f.Response(omega)
			if math.Abs(low+high-2) > 1e-12 {
				t.Errorf("%s at %v: %v and %v do not sum to 2", name, omega, low, high)
			}
			mirror, _ := f.Response(math.Pi - omega)
			if math.Abs(high-mirror) > 1e-12 {
				t.Errorf("%s: high-pass %v at %v, low-pass %v at its mirror", name, high, omega, mirror)
			}
			if want := 2 * math.Pow(math.Cos(omega/2), 2); name == "haar" && math.Abs(low-want) > 1e-15 {
				t.Errorf("haar at %v: %v, want %v", omega, low, want)
			}
		}
		if _, high := f.Response(0); high > 1e-20 {
			t.Errorf("%s lets %v of a constant through its high-pass filter", name, high)
		}
	}
}

// TestAtom: an image is the sum of its coefficients times the atoms, and a coefficient is the
// image's product with its atom.
func TestAtom(t *testing.T) {
	each(t, func(t *testing.T, w *Transform) {
		x := noise(w.Layout().Len(), 5)
		coefficients := w.Forward(nil, x)
		for _, i := range []int{0, len(x) / 3, len(x) - 1} {
			atom := w.Atom(i)
			if e := math.Abs(dot(atom, x) - coefficients[i]); !(e < 1e-12) {
				t.Errorf("product with atom %d differs from the coefficient by %.1e", i, e)
			}
			if e := math.Abs(dot(atom, atom) - 1); !(e < 1e-12) {
				t.Errorf("atom %d has a squared norm off by %.1e", i, e)
			}
		}
	})
	defer func() {
		err, _ := recover().(error)
		if !errors.As(err, &IndexError{}) {
			t.Errorf("an index that there is not panics with %v", err)
		}
	}()
	NewTransform(Filter{}, Layout{1, 2, 2, 1}).Atom(4)
}

// TestCovarianceOfCoefficients compares W C W^T with the products of single coefficients' atoms,
// for a C that is not symmetric, so that rows and columns cannot be mistaken.
func TestCovarianceOfCoefficients(t *testing.T) {
	for _, name := range []string{"haar", "db3"} {
		w := NewTransform(mustParse(t, name), Layout{1, 4, 8, 2})
		n := w.Layout().Len()
		c := noise(n*n, 6)
		got := w.Covariance(c)
		for i := range n {
			for j := range n {
				want := 0.0
				for k, a := range w.Atom(i) {
					want += a * dot(c[k*n:(k+1)*n], w.Atom(j))
				}
				if math.Abs(got[i*n+j]-want) > 1e-12 {
					t.Fatalf("%s: entry (%d, %d) is %v, want %v", name, i, j, got[i*n+j], want)
				}
			}
		}
	}
	defer func() {
		err, _ := recover().(error)
		if !errors.As(err, &LengthError{}) {
			t.Errorf("a matrix of another size panics with %v", err)
		}
	}()
	NewTransform(Filter{}, Layout{1, 2, 2, 1}).Covariance(make([]float64, 15))
}
