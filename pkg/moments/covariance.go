package moments

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Covariance is the covariance matrix of the pixels of images, or of their coefficients: all that
// a linear denoiser uses of them, besides the mean.
type Covariance struct {
	Size   int       // the number of variables
	Values []float64 // Size x Size, row-major, symmetric
}

// covarianceImages is how many images are centred and multiplied at a time.
const covarianceImages = 1024

// PixelCovariance returns the covariance of the pixels of images about their mean, without bias:
// sums are divided by the number of images less one. It returns an error for fewer than two
// images and for a pixel that is not finite, and ctx's once that is cancelled.
func PixelCovariance(ctx context.Context, images diffusion.Images) (Covariance, error) {
	n, size := images.Len(), images.Size()
	if n < 2 {
		return Covariance{}, fmt.Errorf("%w: the covariance of %d images; want two or more", ErrInput, n)
	}
	mean := make([]float64, size)
	for from := 0; from < n; from += covarianceImages {
		if err := ctx.Err(); err != nil {
			return Covariance{}, err
		}
		to := min(from+covarianceImages, n)
		for x := images.Batch(nil, from, to); len(x) > 0; x = x[size:] {
			floats.Add(mean, x[:size])
		}
	}
	floats.Scale(1/float64(n), mean)
	sum := mat.NewSymDense(size, nil)
	for from := 0; from < n; from += covarianceImages {
		if err := ctx.Err(); err != nil {
			return Covariance{}, err
		}
		to := min(from+covarianceImages, n)
		x := images.Batch(nil, from, to)
		for rest := x; len(rest) > 0; rest = rest[size:] {
			floats.Sub(rest[:size], mean)
		}
		sum.SymRankK(sum, 1/float64(n-1), mat.NewDense(to-from, size, x).T())
	}
	if s := mat.Trace(sum); s-s != 0 {
		return Covariance{}, fmt.Errorf("%w: the images have no finite covariance", ErrInput)
	}
	return Covariance{size, mat.DenseCopyOf(sum).RawMatrix().Data}, nil
}

// Identity returns the covariance of white noise of variance 1.
func Identity(size int) Covariance {
	c := Covariance{size, make([]float64, size*size)}
	for i := range size {
		c.Values[i*size+i] = 1
	}
	return c
}

// In returns the covariance of the coefficients of images whose pixels have covariance c,
// W C W^T. It panics with a wavelet.LengthError if the transform is of images of another size.
func (c Covariance) In(t *wavelet.Transform) Covariance {
	return Covariance{c.Size, t.Covariance(c.Values)}
}

// Variances returns the diagonal.
func (c Covariance) Variances() []float64 {
	v := make([]float64, c.Size)
	for i := range v {
		v[i] = c.Values[i*c.Size+i]
	}
	return v
}

// leastVariance is the variance, as a share of the mean one, below which a variable counts as
// constant: what is left of it is rounding.
const leastVariance = 1e-12

// Correlations returns the matrix of correlations. A variable that never varies has none, not even
// with itself.
func (c Covariance) Correlations() Covariance {
	v := c.Variances()
	least := leastVariance * floats.Sum(v) / float64(c.Size)
	for i := range v {
		if v[i] > least {
			v[i] = 1 / math.Sqrt(v[i])
		} else {
			v[i] = 0
		}
	}
	r := Covariance{c.Size, make([]float64, len(c.Values))}
	for i := range v {
		for j := range v {
			r.Values[i*c.Size+j] = c.Values[i*c.Size+j] * v[i] * v[j]
		}
	}
	return r
}

// Corner returns rows and columns 0 to n-1, or all if there are fewer.
func (c Covariance) Corner(n int) [][]float64 {
	n = min(n, c.Size)
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = c.Values[i*c.Size:][:n]
	}
	return rows
}

// OffDiagonal returns the root mean square and the largest magnitude of the entries off the
// diagonal, 0 where there are none.
func (c Covariance) OffDiagonal() (rms, largest float64) {
	for i := range c.Size {
		for _, v := range c.Values[i*c.Size:][:i] {
			rms += v * v
			largest = max(largest, math.Abs(v))
		}
	}
	return math.Sqrt(ratio(rms, float64(c.Size*(c.Size-1)/2))), largest
}

// DiagonalShare returns what share of the sum of all squared entries is on the diagonal. That sum
// is the same in every orthonormal basis, and the share is 1 in the basis of eigenvectors.
func (c Covariance) DiagonalShare() float64 {
	diagonal, all := floats.Norm(c.Variances(), 2), floats.Norm(c.Values, 2)
	return ratio(diagonal*diagonal, all*all)
}

// Eigenvalues returns the variances along the eigenvectors, in ascending order: no orthonormal
// basis gathers more of the variance in fewer variables. It returns an error where they do not
// converge.
func (c Covariance) Eigenvalues() ([]float64, error) {
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(c.Size, c.Values), false) {
		return nil, fmt.Errorf("%w: the eigenvalues of a covariance of %d variables do not converge", ErrInput, c.Size)
	}
	return e.Values(nil), nil
}
