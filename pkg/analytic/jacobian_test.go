package analytic

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

var _ diffusion.Differentiable = (*Machine)(nil)

// TestVJPIsDifferences: u^T J v against central differences along random directions v, for every
// family, both ways of sharing, and with a linear context; 70 images are more than a block. A
// cubic's differences are off by h^2 times a sixth of its third derivative, some 1e-7 here.
func TestVJPIsDifferences(t *testing.T) {
	const side, n, sigma, h = 8, 70, 0.3, 1e-4
	layout := wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: 2}
	images := blobs(60, 300, side)
	all := slices.Concat(families(moments.PerBand), families(moments.PerCoefficient), above(moments.PerBand), above(moments.PerCoefficient))
	for _, family := range all {
		m := machine(t, table(t, family, "db2", layout, images, nil), Default().Ridge)
		rnd := rand.New(rand.NewPCG(61, 0))
		y := withNoise(rnd, images[:n*side*side], sigma)
		u, v := make([]float64, len(y)), make([]float64, len(y))
		for i := range u {
			u[i], v[i] = rnd.NormFloat64(), rnd.NormFloat64()
		}
		ahead, behind := make([]float64, len(y)), make([]float64, len(y))
		floats.AddScaledTo(ahead, y, h, v)
		floats.AddScaledTo(behind, y, -h, v)
		for _, at := range [][]float64{ahead, behind} {
			if err := m.Denoise(t.Context(), at, at, sigma); err != nil {
				t.Fatal(err)
			}
		}
		back := make([]float64, len(y))
		if err := m.VJP(t.Context(), back, y, u, sigma); err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(y); i += side * side {
			part := func(x []float64) []float64 { return x[i : i+side*side] }
			want := (floats.Dot(part(u), part(ahead)) - floats.Dot(part(u), part(behind))) / (2 * h)
			if got := floats.Dot(part(back), part(v)); math.Abs(got-want) > 1e-6*(1+math.Abs(want)) {
				t.Errorf("(%v), image %d: u^T J v is %v, by differences %v", family, i/side/side, got, want)
			}
		}
	}
}

// TestVJPOfTheWienerFilter: the Jacobian of the linear machine is C (C + sigma^2 I)^-1, row by
// row.
func TestVJPOfTheWienerFilter(t *testing.T) {
	const side, size, n, sigma = 4, 16, 200, 0.4
	images := blobs(62, n, side)
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels}, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	m := machine(t, table(t, family, "haar", wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: 1}, images, nil), Default().Ridge)

	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, mat.NewDense(n, size, append([]float64(nil), images...)), nil)
	covariance.ScaleSym(float64(n-1)/n, &covariance)
	noisy := mat.NewDense(size, size, nil)
	noisy.Copy(&covariance)
	for i := range size {
		noisy.Set(i, i, noisy.At(i, i)+sigma*sigma)
	}
	var jacobian mat.Dense
	// The two commute, so that their order does not matter.
	if err := jacobian.Solve(noisy, &covariance); err != nil {
		t.Fatal(err)
	}
	y, rows := make([]float64, size*size), make([]float64, size*size)
	for p := range size {
		rows[p*size+p] = 1
	}
	if err := m.VJP(t.Context(), rows, y, rows, sigma); err != nil {
		t.Fatal(err)
	}
	if worst := floats.Distance(rows, jacobian.RawMatrix().Data, math.Inf(1)); worst > 1e-8 {
		t.Errorf("off by %v", worst)
	}
}

func TestVJPMistakes(t *testing.T) {
	m := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerBand}, "haar",
		wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}, blobs(63, 20, 4), nil), Default().Ridge)
	y := make([]float64, 32)
	if err := m.VJP(t.Context(), y, y, y, -1); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma -1: %v", err)
	}
	y[20] = math.Inf(1)
	if err := m.VJP(t.Context(), make([]float64, 32), y, make([]float64, 32), 1); !errors.Is(err, diffusion.ErrInput) {
		t.Errorf("an infinite pixel: %v", err)
	}
	y[20] = 1e200
	if err := m.VJP(t.Context(), make([]float64, 32), y, y, 1); err == nil {
		t.Error("a slope that is not finite is not reported")
	}
	defer func() {
		if _, ok := recover().(diffusion.LengthError); !ok {
			t.Error("a short cotangent: no LengthError")
		}
	}()
	_ = m.VJP(t.Context(), y, y, make([]float64, 16), 1)
}
