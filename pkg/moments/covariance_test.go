package moments

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/wavelet"
)

// varied are images with pixels that differ in mean and variance and depend on each other; the
// last pixel never varies.
func varied(n, size int) pixels { return pixels{size, skewed(7, n, size)} }

// TestPixelCovariance compares with gonum's, over more images than are multiplied at a time.
func TestPixelCovariance(t *testing.T) {
	const n, size = covarianceImages + 100, 16
	images := varied(n, size)
	c, err := PixelCovariance(t.Context(), images)
	if err != nil {
		t.Fatal(err)
	}
	var want mat.SymDense
	stat.CovarianceMatrix(&want, mat.NewDense(n, size, images.values), nil)
	for i := range size {
		for j := range size {
			if e := math.Abs(c.Values[i*size+j] - want.At(i, j)); !(e < 1e-12*(1+math.Abs(want.At(i, j)))) {
				t.Fatalf("entry (%d, %d) is %v, want %v", i, j, c.Values[i*size+j], want.At(i, j))
			}
		}
	}
	v := c.Variances()
	for i := range v {
		if v[i] != c.Values[i*size+i] {
			t.Errorf("variance %d is %v", i, v[i])
		}
	}
}

// TestCovarianceInABasis: the covariance of the coefficients, taken from the pixels', is that of
// the coefficients themselves; energy and eigenvalues stay what they are.
func TestCovarianceInABasis(t *testing.T) {
	images := varied(200, 16)
	filter, _ := wavelet.ParseFilter("db2")
	transform := wavelet.NewTransform(filter, wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 2})
	pixel, _ := PixelCovariance(t.Context(), images)
	want, _ := PixelCovariance(t.Context(), pixels{16, transform.Forward(nil, images.values)})
	got := pixel.In(transform)
	for i := range got.Values {
		if math.Abs(got.Values[i]-want.Values[i]) > 1e-12 {
			t.Fatalf("value %d is %v, want %v", i, got.Values[i], want.Values[i])
		}
	}
	a, _ := pixel.Eigenvalues()
	b, _ := got.Eigenvalues()
	sum, squares := 0.0, 0.0
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-12 {
			t.Errorf("eigenvalue %d is %v in pixels and %v in coefficients", i, a[i], b[i])
		}
		sum, squares = sum+a[i], squares+a[i]*a[i]
	}
	trace := 0.0
	for _, v := range got.Variances() {
		trace += v
	}
	if math.Abs(trace-sum) > 1e-12*sum {
		t.Errorf("variances sum to %v and eigenvalues to %v", trace, sum)
	}
	diagonal := 0.0
	for _, v := range got.Variances() {
		diagonal += v * v
	}
	if share := got.DiagonalShare(); math.Abs(share-diagonal/squares) > 1e-12 || !slices.IsSorted(a) {
		t.Errorf("a share of %v is on the diagonal, want %v", share, diagonal/squares)
	}
}

func TestCorrelations(t *testing.T) {
	images := varied(300, 5)
	c, _ := PixelCovariance(t.Context(), images)
	r := c.Correlations()
	column := func(i int) (x []float64) {
		for k := i; k < len(images.values); k += 5 {
			x = append(x, images.values[k])
		}
		return x
	}
	for i := range 5 {
		for j := range 5 {
			want := 0.0 // of the last, which never varies
			if i < 4 && j < 4 {
				want = stat.Correlation(column(i), column(j), nil)
			}
			if got := r.Values[i*5+j]; math.Abs(got-want) > 1e-12 {
				t.Errorf("correlation of %d and %d is %v, want %v", i, j, got, want)
			}
		}
	}
	corner := Covariance{3, []float64{1, 2, -3, 2, 5, 0, -3, 0, 9}}
	if got := corner.Corner(2); len(got) != 2 || !slices.Equal(got[0], []float64{1, 2}) || !slices.Equal(got[1], []float64{2, 5}) {
		t.Errorf("corner %v", got)
	}
	if got := corner.Corner(9); len(got) != 3 || len(got[2]) != 3 {
		t.Errorf("a corner of more than there is is %v", got)
	}
	if rms, largest := corner.OffDiagonal(); math.Abs(rms-math.Sqrt(13.0/3)) > 1e-15 || largest != 3 {
		t.Errorf("off the diagonal %v and %v", rms, largest)
	}
	if share := corner.DiagonalShare(); math.Abs(share-107.0/133) > 1e-15 {
		t.Errorf("a share of %v on the diagonal", share)
	}
}

// White noise is the same in every orthonormal basis.
func TestIdentity(t *testing.T) {
	filter, _ := wavelet.ParseFilter("sym4")
	c := Identity(64).In(wavelet.NewTransform(filter, wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}))
	if _, largest := c.OffDiagonal(); largest > 1e-14 {
		t.Errorf("white noise has a covariance of %v between coefficients", largest)
	}
	for _, v := range c.Variances() {
		if math.Abs(v-1) > 1e-14 {
			t.Errorf("white noise has a coefficient of variance %v", v)
		}
	}
	if rms, largest := Identity(1).OffDiagonal(); rms != 0 || largest != 0 {
		t.Errorf("one variable has %v and %v off the diagonal", rms, largest)
	}
}

func TestPixelCovarianceRefuses(t *testing.T) {
	if _, err := PixelCovariance(t.Context(), varied(1, 3)); !errors.Is(err, ErrInput) {
		t.Errorf("one image: %v", err)
	}
	for _, bad := range []float64{math.NaN(), math.Inf(-1), 1e200} {
		images := varied(5, 3)
		images.values[4] = bad
		if _, err := PixelCovariance(t.Context(), images); !errors.Is(err, ErrInput) {
			t.Errorf("%v: %v", bad, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := PixelCovariance(ctx, varied(5, 3)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
