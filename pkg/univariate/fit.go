package univariate

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// Moments returns the table of the moments of the mixture itself, not of a sample of it: those of
// the powers w, w^2, ... up to a degree and of all their products. A table of package moments
// counts the nodes of a Gauss-Hermite rule as weighted data, which integrates polynomials without
// error.
func (m Mixture) Moments(degree int) *moments.Moments {
	if err := m.Check(); err != nil {
		panic(err)
	}
	table := must(moments.New(moments.Spec{
		Family: moments.Family{Terms: moments.Powers, Degree: degree, Sharing: moments.PerCoefficient},
		Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: 1, Width: 1}, Centre: []float64{0},
	}))
	nodes, shares := make([]float64, degree+1), make([]float64, degree+1) // exact up to power 2 degree + 1
	quad.Hermite{}.FixedLocations(nodes, shares, math.Inf(-1), math.Inf(1))
	var values, weights []float64
	for k, mean := range m.Means {
		weight, deviation := m.weight(k), math.Sqrt(2*m.variance(k))
		if deviation == 0 {
			values, weights = append(values, mean), append(weights, weight)
			continue
		}
		for i, node := range nodes {
			values, weights = append(values, mean+deviation*node), append(weights, weight*shares[i]/math.SqrtPi)
		}
	}
	if err := table.Add(context.Background(), values, weights); err != nil {
		panic(err)
	}
	return table
}

// Normal returns the normal equations of the features phi = (1, y, ..., y^degree) at a noise level:
// the Gram matrix G = E[phi phi^T], the targets E[w phi] and the slopes E[phi'] = -E[s phi]. They
// come from Moments by transport.
func (m Mixture) Normal(degree int, sigma float64) (n moments.Normal) {
	table := m.Moments(degree)
	table.Groups()[0].Basis.Transport(&n, table.Clean(nil, 0), sigma)
	return n
}

// Fit is a polynomial score theta . phi, with phi = (1, y, y^2, ...).
type Fit struct {
	Weights   []float64 // theta
	Explained float64   // of E[s^2]: E[s^2] - E[(s - theta . phi)^2]
}

// FitScore returns the polynomial that is closest to the score in mean square. By Stein's identity
// its weights are theta = -G^-1 E[phi'], and with b = E[phi'] it explains b^T G^-1 b of the mean
// square of the score.
func FitScore(n moments.Normal) (Fit, error) {
	b := make([]float64, len(n.Slope))
	floats.ScaleTo(b, -1, n.Slope)
	theta, err := Solve(n.Gram, b)
	if err != nil {
		return Fit{}, err
	}
	return Fit{theta, floats.Dot(theta, b)}, nil
}

// Fit returns the polynomial score of a degree that FitScore does, from the moments of the mixture.
// It panics where these are those of too few points for the degree, with too little noise.
func (m Mixture) Fit(degree int, sigma float64) Fit { return must(FitScore(m.Normal(degree, sigma))) }

// At returns the polynomial at y.
func (f Fit) At(y float64) (s float64) {
	for a := len(f.Weights) - 1; a >= 0; a-- {
		s = s*y + f.Weights[a]
	}
	return s
}

// Solve returns the solution of gram theta = right, gram being n x n and symmetric, for n numbers
// on the right. Rows and columns are scaled to a diagonal of ones first, as powers of y differ much
// in size. It returns an error where the diagonal is not positive and where gram is singular to
// working precision.
func Solve(gram, right []float64) ([]float64, error) {
	n := len(right)
	scale, scaled := make([]float64, n), mat.NewSymDense(n, nil)
	for a := range n {
		scale[a] = 1 / math.Sqrt(gram[a*n+a])
		if !(scale[a] > 0) || math.IsInf(scale[a], 1) {
			return nil, fmt.Errorf("univariate: the second moment of feature %d is %v: must be positive", a, gram[a*n+a])
		}
		for b := range a + 1 {
			scaled.SetSym(a, b, scale[a]*gram[a*n+b]*scale[b])
		}
	}
	theta := mat.NewVecDense(n, nil)
	if err := theta.SolveVec(scaled, mat.NewVecDense(n, floats.MulTo(make([]float64, n), scale, right))); err != nil {
		return nil, fmt.Errorf("univariate: the moments of %d features do not tell them apart: %w", n, err)
	}
	return floats.MulTo(make([]float64, n), scale, theta.RawVector().Data), nil
}
