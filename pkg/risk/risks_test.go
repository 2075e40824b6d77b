package risk

import (
	"context"
	"math"
	"reflect"
	"slices"
	"testing"

	"wavescore/pkg/analytic"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
	"wavescore/pkg/viz"
)

// candidates are a linear machine of parts and the whole one.
func candidatesOf(p *Parts) []Candidate {
	linear := p.Spec.Family
	linear.Terms, linear.Degree = moments.Powers, 1
	return []Candidate{{"linear", linear, analytic.Default()}, {"gated", p.Spec.Family, analytic.Default()}}
}

// A candidate is known by what it is made of, and not by its name.
func TestCandidateKey(t *testing.T) {
	some := candidatesOf(testParts(t, moments.PerCoefficient))
	renamed, other := some[1], some[1]
	renamed.Name, other.Settings = "another", analytic.Settings{}
	if !reflect.DeepEqual(renamed.CacheKey(), some[1].CacheKey()) {
		t.Error("a name counts")
	}
	if reflect.DeepEqual(other.CacheKey(), some[1].CacheKey()) || reflect.DeepEqual(some[0].CacheKey(), some[1].CacheKey()) {
		t.Error("two candidates are one")
	}
}

// The sampled risk is that of noise, and agrees with the exact one.
func TestCheckRisk(t *testing.T) {
	p := testParts(t, moments.PerCoefficient)
	const n, sigma = 10, 0.5
	c := candidatesOf(p)[1]
	check := p.CheckRisk(c, n, sigma)
	want := lab.Must1(p.Machine(c).Risk(context.Background(), p.FirstTest(n), sigma, sigma)).PerPixel
	if math.Abs(check.Exact-want) > 1e-12 {
		t.Errorf("the exact risk is %v, want %v", check.Exact, want)
	}
	if math.Abs(check.Z()) > 4 || check.SE > 0.1*want || check.SE < 0.001*want {
		t.Errorf("the sampled risk is %v with a standard error of %v, the exact one %v", check.Sampled, check.SE, want)
	}
	f := p.RiskChecks(n, []float64{0.2, sigma}, candidatesOf(p)[0], c)
	unit := p.CheckRisk(candidatesOf(p)[0], n, sigma).Exact
	line := f.Curves[0]
	if i := slices.IndexFunc(line.X, func(x float64) bool { return x > sigma }); (line.Y[i]-check.Exact/unit)*(line.Y[i-1]-check.Exact/unit) > 0 {
		t.Errorf("a curve goes from %v to %v, past %v", line.Y[i-1], line.Y[i], check.Exact/unit)
	}
	if got, want := f.Series[0].Y[1], check.Sampled/unit; math.Abs(got-want) > 1e-12 {
		t.Errorf("a point is at %v, want %v", got, want)
	}
	if got := p.RiskScores(n, []float64{0.2, sigma}, c).Rows[0][2]; got != check.Z() {
		t.Errorf("the table has %v, want %v", got, check.Z())
	}
}

// A ridge path has what the machines themselves say.
func TestRidgePath(t *testing.T) {
	p, ctx, sigma := testParts(t, moments.PerCoefficient), context.Background(), 0.5
	penalties := []float64{1e-3, 1}
	path := p.RidgePath(penalties, sigma)
	for i, settings := range analytic.Grid(penalties...) {
		m := lab.Must1(analytic.NewMachine(p.Fit(), settings))
		var freedom float64
		for _, f := range lab.Must1(m.Freedom(ctx, sigma)) {
			freedom += f / float64(len(p.Fit().Groups()))
		}
		got := []float64{path.Condition[i], path.Freedom[i], path.Validation[i], path.Test[i]}
		want := []float64{lab.Must1(m.Level(ctx, sigma)).Condition, freedom,
			lab.Must1(m.Risk(ctx, p.Validation(), sigma, sigma)).PerPixel, lab.Must1(m.Risk(ctx, p.Test(), sigma, sigma)).PerPixel}
		for k := range want {
			if math.Abs(got[k]-want[k]) > 1e-9*want[k] {
				t.Errorf("%+v: %v, want %v", settings.Ridge, got, want)
			}
		}
	}
	if path.Condition[1] >= path.Condition[0] || path.Freedom[1] >= path.Freedom[0] {
		t.Errorf("more ridge, but the path is %+v", path)
	}
	risk := p.RidgePaths(penalties, []float64{sigma}).Figures[1].(viz.Lines).Series[0]
	if !slices.Equal(risk.Y, Excess(path.Validation)) || !slices.Equal(risk.X, penalties) {
		t.Errorf("the figure has %v at %v", risk.Y, risk.X)
	}
}

func TestExcess(t *testing.T) {
	for i, got := range Excess([]float64{3, 2, 2.5}) {
		if want := []float64{50, 0, 25}[i]; math.Abs(got-want) > 1e-12 {
			t.Errorf("risk %d is %v per cent above the least, want %v", i, got, want)
		}
	}
}

// A learning curve has the risks of machines of more and more parts.
func TestLearningCurve(t *testing.T) {
	p, ctx, sigma := testParts(t, moments.PerCoefficient), context.Background(), 0.5
	linear := candidatesOf(p)[0]
	c := p.LearningCurve(linear, sigma)
	if want := []float64{12, 48, 96}; !slices.Equal(c.Images, want) {
		t.Errorf("a curve over %v images, want %v", c.Images, want)
	}
	m := lab.Must1(analytic.NewMachine(lab.Must1(p.First(2).Restrict(linear.Family)), linear.Settings))
	if got, want := c.Test[1], lab.Must1(m.Risk(ctx, p.Test(), sigma, sigma)).PerPixel; math.Abs(got-want) > 1e-9*want {
		t.Errorf("a test risk of %v, want %v", got, want)
	}
	if gap := c.Gap(); !(gap[0] > gap[2]) || math.Abs(c.Train[0]*(1+gap[0]/100)-c.Test[0]) > 1e-12 {
		t.Errorf("gaps of %v per cent between %v and %v", gap, c.Train, c.Test)
	}
	if got := p.LearningCurves([]float64{sigma}, linear).Figures[0].(viz.Lines).Series[1]; !slices.Equal(got.Y, c.Test) {
		t.Errorf("the figure has %v, want %v", got.Y, c.Test)
	}
	if table := p.GapTable([]float64{sigma}, linear); !slices.Equal(table.Header, []string{"machine", "σ", "N = 12", "N = 48", "N = 96"}) || len(table.Rows[0]) != 5 {
		t.Errorf("the table is %v, %v", table.Header, table.Rows)
	}
}
