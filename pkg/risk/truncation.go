package risk

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/internal/parallel"
	"wavescore/pkg/analytic"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

// A Truncation is what the machine of a family makes of the images when it knows only the joint
// cumulants of their coefficients up to an order.
type Truncation struct {
	Error        float64 // exact, per pixel, on the test images with all their moments
	Impossible   int     // groups of coefficients whose moments no distribution has
	Coefficients int     // groups of coefficients in all
}

// Truncate sets the joint cumulants above an order to zero, turns them back into moments, and fits
// the machine of a family to these. At weak noise there need not be a distribution with such
// moments: a Gram matrix is then not positive definite. There the Gaussian machine (order 2) stands
// in.
//
// The bench must be without penalties to choose from, and the family without a linear context and
// with weights per coefficient.
func (b *Bench) Truncate(f moments.Family, order int, sigma float64) Truncation {
	risks := b.truncated(f, order, sigma)
	t := Truncation{Coefficients: len(risks)}
	for g, risk := range risks {
		if math.IsNaN(risk) {
			t.Impossible++
			risk = b.truncated(f, 2, sigma)[g]
		}
		t.Error += risk / float64(len(risks))
	}
	return t
}

// truncated returns the risk of each group, or NaN where no distribution has the moments.
func (b *Bench) truncated(f moments.Family, order int, sigma float64) []float64 {
	return lab.Must1(lab.Cached("truncated", []any{b.key(f), b.of(allTest), order, sigma}, func() ([]float64, error) {
		known := once(&b.tables, [2]any{f, order}, func() *moments.Moments { return lab.Must1(b.Train(f).Gaussianised(order)) })
		test, risks := b.Test(f), make([]float64, len(known.Groups()))
		return risks, parallel.For(context.Background(), len(risks), func() *[2]moments.Normal { return new([2]moments.Normal) },
			func(n *[2]moments.Normal, g int) error {
				basis := known.Groups()[g].Basis
				basis.Transport(&n[0], known.Clean(nil, g), sigma)
				basis.Transport(&n[1], test.Clean(nil, g), sigma)
				var err error
				risks[g], err = fitTruncated(basis, &n[0], &n[1])
				return err
			})
	}))
}

// fitTruncated fits the machine of one group and returns its risk on a probe, or NaN if the Gram
// matrix is not positive definite.
func fitTruncated(basis *moments.Basis, known, probe *moments.Normal) (float64, error) {
	n := basis.Features()
	gram := mat.NewSymDense(n, known.Gram)
	var solver mat.Cholesky
	if !solver.Factorize(gram) {
		return math.NaN(), nil
	}
	for a := range n {
		if basis.Degree(a) > 1 {
			gram.SetSym(a, a, gram.At(a, a)*(1+analytic.Default().Ridge.Nonlinear))
		}
	}
	solver.Factorize(gram) // a larger diagonal
	var theta mat.VecDense
	if err := solver.SolveVecTo(&theta, mat.NewVecDense(n, known.Target)); err != nil {
		if _, ill := err.(mat.Condition); !ill {
			return 0, err
		}
	}
	return probe.Energy - 2*mat.Dot(&theta, mat.NewVecDense(n, probe.Target)) + mat.Inner(&theta, mat.NewSymDense(n, probe.Gram), &theta), nil
}

// ImpossibleTable lists for how many per cent of the coefficients no distribution has the moments
// that are left when the cumulants above an order are set to zero.
func (b *Bench) ImpossibleTable(orders []int, families ...moments.Family) experiment.Table {
	t := experiment.Table{Header: b.Header("coefficients without a distribution, %", "cumulants up to")}
	for _, f := range families {
		for _, order := range orders {
			row := []any{familyName(f) + ", " + termsName(f), fmt.Sprint(order)}
			for _, sigma := range b.Sigmas {
				c := b.Truncate(f, order, sigma)
				row = append(row, fmt.Sprintf("%.1f", 100*float64(c.Impossible)/float64(c.Coefficients)))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}

// CumulantShares draws which share of the gain of a machine over the Gaussian one (order 2) the
// cumulants up to each order explain, a panel for each family. Noise levels where a coefficient is
// impossible are left out, and so is an order without a level left.
func (b *Bench) CumulantShares(orders []int, families ...moments.Family) viz.Panels {
	figure := viz.Panels{Title: "Share of the gain over a Gaussian machine that cumulants up to an order explain"}
	for _, f := range families {
		panel := viz.Lines{Title: familyName(f) + ", " + termsName(f), X: experiment.NoiseAxis(), Y: viz.Axis{Label: "share of the gain", Min: -0.2, Max: 1.1}}
		panel.X.Min, panel.X.Max = 0.9*floats.Min(b.Sigmas), 1.1*floats.Max(b.Sigmas)
		for _, order := range orders {
			share := viz.Series{Name: fmt.Sprintf("up to %d", order)}
			for _, sigma := range b.Sigmas {
				known, gaussian, whole := b.Truncate(f, order, sigma), b.Truncate(f, 2, sigma), b.Truncate(f, 2*f.Degree, sigma)
				if known.Impossible == 0 {
					share.X, share.Y = append(share.X, sigma), append(share.Y, (gaussian.Error-known.Error)/(gaussian.Error-whole.Error))
				}
			}
			if len(share.X) > 0 {
				panel.Series = append(panel.Series, share)
			}
		}
		if len(panel.Series) > 0 {
			figure.Figures = append(figure.Figures, panel)
		}
	}
	figure.Columns = max(1, len(figure.Figures))
	return figure
}
