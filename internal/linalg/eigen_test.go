package linalg

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/mat"
)

// The eigenvectors diagonalise, are orthonormal, and come by eigenvalue: those of gonum. Matrices
// are of full rank, of half of it, zero in some rows (as the covariance of images with a black
// border is), diagonal, and of one number.
func TestEigenvectors(t *testing.T) {
	covariance := func(n, samples, zeros int) []float64 {
		rnd := rand.New(rand.NewPCG(1, uint64(n)))
		x := make([]float64, samples*n)
		for i := range x {
			if i%n >= zeros {
				x[i] = rnd.NormFloat64() * math.Exp(-float64(i%n)/10)
			}
		}
		c := make([]float64, n*n)
		data := blas64.General{Rows: samples, Cols: n, Stride: n, Data: x}
		blas64.Gemm(blas.Trans, blas.NoTrans, 1, data, data, 0, Square(c, n))
		return c
	}
	for name, a := range map[string][]float64{
		"full rank": covariance(150, 300, 0), "half": covariance(80, 40, 0), "zeros": covariance(60, 100, 25),
		"diagonal": {3, 0, 0, 0, 1, 0, 0, 0, 2}, "one": {7}, "none": make([]float64, 25),
	} {
		t.Run(name, func(t *testing.T) {
			n := int(math.Sqrt(float64(len(a))))
			var eigen mat.EigenSym
			eigen.Factorize(mat.NewSymDense(n, slices.Clone(a)), false)
			want := eigen.Values(nil)
			scale := max(want[n-1], 1)
			values, v, err := Eigen(t.Context(), slices.Clone(a), n)
			if err != nil {
				t.Fatal(err)
			}
			for k, value := range values {
				if math.Abs(value-want[k]) > 1e-12*scale {
					t.Errorf("eigenvalue %d is %v, want %v", k, value, want[k])
				}
			}
			turned, diagonal, gram := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
			multiply(t, Square(turned, n), blas.NoTrans, Square(a, n), Square(v, n))
			multiply(t, Square(diagonal, n), blas.Trans, Square(v, n), Square(turned, n))
			multiply(t, Square(gram, n), blas.Trans, Square(v, n), Square(v, n))
			for i := range n {
				for j := range n {
					var value, one float64
					if i == j {
						value, one = want[i], 1
					}
					if d := diagonal[i*n+j]; math.Abs(d-value) > 1e-12*scale {
						t.Fatalf("V^T A V is %v at %d, %d, want %v", d, i, j, value)
					}
					if g := gram[i*n+j]; math.Abs(g-one) > 1e-12 {
						t.Fatalf("V^T V is %v at %d, %d, want %v", g, i, j, one)
					}
				}
			}
		})
	}
}

func multiply(t *testing.T, dst blas64.General, trans blas.Transpose, a, b blas64.General) {
	t.Helper()
	if err := Multiply(t.Context(), dst, trans, a, b); err != nil {
		t.Fatal(err)
	}
}

// A matrix with a NaN has no eigenvectors, and a cancelled context none either.
func TestEigenErrors(t *testing.T) {
	a := make([]float64, 200*200)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := Eigen(ctx, a, 200); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	for i := range a {
		a[i] = math.NaN()
	}
	if _, _, err := Eigen(t.Context(), a, 200); err == nil {
		t.Error("a matrix of NaN has eigenvectors")
	}
}

func BenchmarkEigen(b *testing.B) {
	const n = 1024
	rnd := rand.New(rand.NewPCG(1, 1))
	a := make([]float64, n*n)
	for i := range n {
		for j := range i + 1 {
			a[i*n+j] = rnd.NormFloat64()
			a[j*n+i] = a[i*n+j]
		}
	}
	for b.Loop() {
		if _, _, err := Eigen(b.Context(), slices.Clone(a), n); err != nil {
			b.Fatal(err)
		}
	}
}
