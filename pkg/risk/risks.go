package risk

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/analytic"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/viz"
)

// A Check is the exact risk per pixel of a machine on test images, and the same sampled with
// drawn noise.
type Check struct {
	Exact, Sampled float64
	SE             float64 // the standard error of Sampled over the noise alone
}

// Z returns how far the sampled risk is above the exact one, in standard errors.
func (c Check) Z() float64 { return (c.Sampled - c.Exact) / c.SE }

// riskDraws is how often CheckRisk adds noise to each image. A few images have errors that are
// large under rare noise, of which a few draws would not tell.
const riskDraws = 16

// CheckRisk checks the risk of a candidate, fitted to all parts but the last, on the first n test
// images, or all where there are fewer. All of them are denoised with sixteen draws of noise; the
// standard error comes from the spread between the draws, to which the choice of images adds
// nothing.
func (p *Parts) CheckRisk(c Candidate, n int, sigma float64) Check {
	return lab.Must1(lab.Cached("risk check", []any{p, c, n, sigma, p.Run.Seed}, func() (check Check, err error) {
		m, table := p.Machine(c), p.FirstTest(n)
		set := metrics.Set{Images: p.Run.TestImages().Slice(0, table.Images()), Seed: p.Run.Seed}
		risks := make([]float64, riskDraws)
		for i := range risks {
			risks[i] = lab.Must1(metrics.Run(context.Background(), m, set, sigma)).Error().Value()
			set.Seed++
		}
		mean, deviation := stat.MeanStdDev(risks, nil)
		return Check{Exact: lab.Must1(m.Risk(context.Background(), table, sigma, sigma)).PerPixel,
			Sampled: mean, SE: stat.StdErr(deviation, riskDraws)}, nil
	}))
}

// exactRisks returns the exact risks per pixel of a candidate on the first n test images.
func (p *Parts) exactRisks(c Candidate, n int, sigmas []float64) []float64 {
	return lab.Must1(lab.Cached("exact risks", []any{p, c, n, sigmas}, func() (risks []float64, err error) {
		m, table := p.Machine(c), p.FirstTest(n)
		for _, sigma := range sigmas {
			risks = append(risks, lab.Must1(m.Risk(context.Background(), table, sigma, sigma)).PerPixel)
		}
		return risks, nil
	}))
}

// RiskChecks draws the risks of candidates on the first n test images as shares of a reference's
// exact one: exact ones as lines, sampled ones at the noise levels as points with two standard
// errors. The lines go somewhat beyond the points.
func (p *Parts) RiskChecks(n int, sigmas []float64, reference Candidate, candidates ...Candidate) viz.Scatter {
	f := viz.Scatter{X: experiment.NoiseAxis(), Y: viz.Axis{Label: "error / error of " + reference.Name}}
	levels := floats.LogSpan(make([]float64, 20), slices.Min(sigmas)/2, slices.Max(sigmas)*1.5)
	units := p.exactRisks(reference, n, levels)
	for k, c := range candidates {
		line := viz.Series{Name: c.Name, Look: viz.Look(k + 1), X: levels, Y: slices.Clone(p.exactRisks(c, n, levels))}
		floats.Div(line.Y, units)
		points := viz.Series{Name: c.Name + ", sampled", Look: line.Look}
		for i, unit := range p.exactRisks(reference, n, sigmas) {
			check := p.CheckRisk(c, n, sigmas[i])
			points.Add(sigmas[i], check.Sampled/unit, 2*check.SE/unit)
		}
		f.Series, f.Curves = append(f.Series, points), append(f.Curves, line)
	}
	return f
}

// RiskScores lists how far the sampled risks of candidates are above the exact ones, in standard
// errors.
func (p *Parts) RiskScores(n int, sigmas []float64, candidates ...Candidate) experiment.Table {
	t := experiment.Table{Header: append([]string{"z of the sampled error at σ ="}, viz.Labels(sigmas)...)}
	for _, c := range candidates {
		row := []any{c.Name}
		for _, sigma := range sigmas {
			row = append(row, p.CheckRisk(c, n, sigma).Z())
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// A RidgePath is what machines of the parts to fit are like at one noise level, for a list of
// penalties on their nonlinear terms: a value for each of them.
type RidgePath struct {
	Condition        []float64 // the greatest condition number among the coefficients' regressions
	Freedom          []float64 // effective degrees of freedom, mean over regressions
	Validation, Test []float64 // exact risks per pixel
}

// RidgePath returns the path of penalties at a noise level. The other settings are the default.
func (p *Parts) RidgePath(penalties []float64, sigma float64) (path RidgePath) {
	report := lab.Progress(fmt.Sprintf("ridges at σ = %v", sigma))
	for i, settings := range analytic.Grid(penalties...) {
		one := lab.Must1(lab.Cached("ridge", []any{p, settings, sigma}, func() (one [4]float64, err error) {
			ctx := context.Background()
			m := lab.Must1(analytic.NewMachine(p.Fit(), settings))
			return [4]float64{lab.Must1(m.Level(ctx, sigma)).Condition, stat.Mean(lab.Must1(m.Freedom(ctx, sigma)), nil),
				lab.Must1(m.Risk(ctx, p.Validation(), sigma, sigma)).PerPixel, lab.Must1(m.Risk(ctx, p.Test(), sigma, sigma)).PerPixel}, nil
		}))
		for k, quantity := range []*[]float64{&path.Condition, &path.Freedom, &path.Validation, &path.Test} {
			*quantity = append(*quantity, one[k])
		}
		report(i+1, len(penalties))
	}
	return path
}

// Excess returns how far each of some risks is above the least of them, in per cent of that.
func Excess(risks []float64) []float64 {
	least, excess := slices.Min(risks), make([]float64, len(risks))
	for i, risk := range risks {
		excess[i] = 100 * (risk/least - 1)
	}
	return excess
}

// RidgePaths draws paths at noise levels: the condition, the excess of the validation risk and the
// degrees of freedom against the penalty.
func (p *Parts) RidgePaths(penalties, sigmas []float64) viz.Panels {
	x := viz.Axis{Label: "ridge on nonlinear terms", Log: true}
	condition := viz.Lines{Title: "condition", X: x, Y: viz.Axis{Label: "greatest condition number", Log: true}}
	risk := viz.Lines{Title: "risk", X: x, Y: viz.Axis{Label: "validation error above best, %"}}
	freedom := viz.Lines{Title: "degrees of freedom", X: x, Y: viz.Axis{Label: "mean over regressions"}}
	for i, label := range viz.Labels(sigmas) {
		path, name := p.RidgePath(penalties, sigmas[i]), "σ = "+label
		condition.Series = append(condition.Series, viz.Series{Name: name, X: penalties, Y: path.Condition})
		risk.Series = append(risk.Series, viz.Series{Name: name, X: penalties, Y: Excess(path.Validation)})
		freedom.Series = append(freedom.Series, viz.Series{Name: name, X: penalties, Y: path.Freedom})
	}
	return viz.Panels{Title: "What the ridge does", Columns: 3, Figures: []viz.Figure{condition, risk, freedom}}
}

// A LearningCurve is the exact risks per pixel of a machine that is fitted to more and more parts,
// on the images that it was fitted to and on the test images.
type LearningCurve struct{ Images, Train, Test []float64 }

// Gap returns how far the test risks are above the train risks, in per cent of these.
func (c LearningCurve) Gap() []float64 {
	gap := make([]float64, len(c.Train))
	for i := range gap {
		gap[i] = 100 * (c.Test[i]/c.Train[i] - 1)
	}
	return gap
}

// LearningCurve returns the curve of a candidate at a noise level.
func (p *Parts) LearningCurve(c Candidate, sigma float64) LearningCurve {
	return lab.Must1(lab.Cached("learning curve", []any{p, c, sigma}, func() (curve LearningCurve, err error) {
		ctx := context.Background()
		for k := 1; k < len(p.Ends); k++ {
			table := p.First(k)
			m := machineOf(c, table)
			curve.Images = append(curve.Images, float64(table.Images()))
			curve.Train = append(curve.Train, lab.Must1(m.Risk(ctx, table, sigma, sigma)).PerPixel)
			curve.Test = append(curve.Test, lab.Must1(m.Risk(ctx, p.Test(), sigma, sigma)).PerPixel)
		}
		return curve, nil
	}))
}

// LearningCurves draws the curves of candidates, a panel for each noise level.
func (p *Parts) LearningCurves(sigmas []float64, candidates ...Candidate) viz.Panels {
	f := viz.Panels{Title: "Errors on the images fitted and on others", Columns: 2}
	for i, label := range viz.Labels(sigmas) {
		panel := viz.Lines{Title: "σ = " + label, X: viz.Axis{Label: "images fitted", Log: true}, Y: viz.Axis{Label: "error a pixel"}}
		for _, c := range candidates {
			curve := p.LearningCurve(c, sigmas[i])
			panel.Series = append(panel.Series, viz.Series{Name: c.Name + ": train", X: curve.Images, Y: curve.Train},
				viz.Series{Name: c.Name + ": test", X: curve.Images, Y: curve.Test})
		}
		f.Figures = append(f.Figures, panel)
	}
	return f
}

// GapTable lists the gaps of the learning curves of candidates, in per cent.
func (p *Parts) GapTable(sigmas []float64, candidates ...Candidate) experiment.Table {
	t := experiment.Table{Header: []string{"machine", "σ"}}
	for k := 1; k < len(p.Ends); k++ {
		t.Header = append(t.Header, fmt.Sprint("N = ", p.Images(k)))
	}
	for _, c := range candidates {
		for i, label := range viz.Labels(sigmas) {
			row := []any{c.Name, label}
			for _, gap := range p.LearningCurve(c, sigmas[i]).Gap() {
				row = append(row, fmt.Sprintf("%.3g", gap))
			}
			t.Rows = append(t.Rows, row)
		}
	}
	return t
}
