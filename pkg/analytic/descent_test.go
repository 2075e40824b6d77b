package analytic

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// hermite5 are the nodes and weights of Gauss and Hermite's rule of five points for the standard
// normal distribution, which is exact to degree 9: Abramowitz and Stegun, table 25.10, for
// exp(-x^2), with x times the root of 2 and weights over the root of pi.
var hermite5 = struct{ nodes, weights [5]float64 }{
	[5]float64{-2.856970013872806, -1.355626179974266, 0, 1.355626179974266, 2.856970013872806},
	[5]float64{0.011257411327720691, 0.2220759220056126, 0.5333333333333333, 0.2220759220056126, 0.011257411327720691},
}

// descended trains the cubic polynomial of one coefficient by small steps from 0, on features
// scale[k] y^k, towards (w - skip y) / out, and returns the weights of the denoiser. Expectations
// are means over clean values and sums over nodes of the noise. Steps of two sizes are extrapolated
// to none.
func descended(clean []float64, sigma, t, skip, out float64, scale [4]float64) (theta [4]float64) {
	var gram [4][4]float64
	var right [4]float64
	for _, w := range clean {
		for q, z := range hermite5.nodes {
			y, p := w+sigma*z, hermite5.weights[q]/float64(len(clean))
			for a := range 4 {
				phi := scale[a] * math.Pow(y, float64(a))
				right[a] += p * phi * (w - skip*y) / out
				for b := range 4 {
					gram[a][b] += p * phi * scale[b] * math.Pow(y, float64(b))
				}
			}
		}
	}
	descend := func(steps int) (u [4]float64) {
		rate := t / float64(steps)
		for range steps {
			var slope [4]float64
			for a := range 4 {
				slope[a] = right[a]
				for b := range 4 {
					slope[a] -= gram[a][b] * u[b]
				}
			}
			for a := range 4 {
				u[a] += 2 * rate * slope[a]
			}
		}
		return u
	}
	coarse, fine := descend(100_000), descend(200_000)
	for a := range 4 {
		theta[a] = out * scale[a] * (2*fine[a] - coarse[a])
	}
	theta[1] += skip
	return theta
}

// TestDescentIsSmallSteps: in all coordinates the weights after a time are those of gradient
// descent in small steps, to 1e-6; without end they are those of least squares.
func TestDescentIsSmallSteps(t *testing.T) {
	const side, sigma = 2, 0.6
	images := blobs(3, 60, side)
	layout := wavelet.Layout{Channels: 1, Height: side, Width: side}
	family := moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerCoefficient}
	table := table(t, family, "haar", layout, images, nil)
	const deviation = 0.5
	total := sigma*sigma + deviation*deviation
	for c := range side * side {
		var clean []float64
		for i := c; i < len(images); i += side * side {
			clean = append(clean, images[i])
		}
		floats.AddConst(-floats.Sum(clean)/float64(len(clean)), clean)
		var unit [4]float64
		for a := range 4 {
			for _, w := range clean {
				for q, z := range hermite5.nodes {
					unit[a] += hermite5.weights[q] / float64(len(clean)) * math.Pow(w+sigma*z, 2*float64(a))
				}
			}
			unit[a] = 1 / math.Sqrt(unit[a])
		}
		in := 1 / math.Sqrt(total)
		for _, test := range []struct {
			descent   Descent
			skip, out float64
			scale     [4]float64
		}{
			{Descent{Coordinates: RawFeatures}, 0, 1, [4]float64{1, 1, 1, 1}},
			{Descent{Coordinates: UnitFeatures}, 0, 1, unit},
			{Descent{Coordinates: PreconditionedFeatures, Deviation: deviation}, deviation * deviation / total, sigma * deviation / math.Sqrt(total),
				[4]float64{1, in, in * in, in * in * in}},
		} {
			for _, time := range []float64{0.1, 1, 5} {
				test.descent.Stop = time
				m, err := NewMachine(table, Settings{Descent: test.descent})
				if err != nil {
					t.Fatal(err)
				}
				level, err := m.Level(t.Context(), sigma)
				if err != nil {
					t.Fatal(err)
				}
				want := descended(clean, sigma, time, test.skip, test.out, test.scale)
				if worst := floats.Distance(level.Weights[c], want[:], math.Inf(1)); !(worst < 1e-6) {
					t.Errorf("%+v, coefficient %d: %v, small steps give %v", test.descent, c, level.Weights[c], want)
				}
			}
			test.descent.Stop = 1e9
			ended, err := NewMachine(table, Settings{Descent: test.descent})
			if err != nil {
				t.Fatal(err)
			}
			level, err := ended.Level(t.Context(), sigma)
			if err != nil {
				t.Fatal(err)
			}
			least, err := machine(t, table, noRidge).Level(t.Context(), sigma)
			if err != nil {
				t.Fatal(err)
			}
			if worst := floats.Distance(level.Weights[c], least.Weights[c], math.Inf(1)); !(worst < 1e-6) {
				t.Errorf("%+v: without end %v, least squares %v", test.descent, level.Weights[c], least.Weights[c])
			}
		}
	}
}

// TestDescentOnTrainRisk: the risk on the images that a machine is fitted to falls all the way to
// that of least squares, and shrinks towards the noisy image or the mean in the beginning.
func TestDescentOnTrainRisk(t *testing.T) {
	images := blobs(5, 40, 4)
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	table := table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 2, Sharing: moments.PerCoefficient}, "haar", layout, images, nil)
	for _, settings := range []Settings{
		{}, {Target: ScoreTarget}, {Descent: Descent{Coordinates: UnitFeatures}}, {Descent: Descent{Coordinates: PreconditionedFeatures, Deviation: 0.5}},
		{Ridge: Ridge{Linear: 0.1, Nonlinear: 0.1}},
	} {
		before := math.Inf(1)
		for _, time := range []float64{1e-9, 0.01, 0.1, 1, 10, 100, 0} {
			settings.Descent.Stop = time
			m, err := NewMachine(table, settings)
			if err != nil {
				t.Fatal(err)
			}
			risk, err := m.Risk(t.Context(), table, 0.3, 0.3)
			if err != nil {
				t.Fatal(err)
			}
			if settings.Ridge == noRidge && !(risk.PerPixel <= before*(1+1e-9)) {
				t.Errorf("%+v: after the risk %v comes %v", settings, before, risk.PerPixel)
			}
			if time == 1e-9 && settings.Target == ScoreTarget && math.Abs(risk.PerPixel-0.09) > 1e-6 {
				t.Errorf("before training, towards the score, the risk is %v, and not the noise's", risk.PerPixel)
			}
			before = risk.PerPixel
		}
	}
}

// TestDescentOnGaussian: a linear family learns each value as the closed form says, and the walks
// of its denoisers end with the variance that the closed form says.
func TestDescentOnGaussian(t *testing.T) {
	const n = 2
	images := []float64{1, 0.1, -1, 0.1, 1, -0.1, -1, -0.1} // two pixels of variance 1 and .01, not correlated
	layout := wavelet.Layout{Channels: 1, Height: 1, Width: n}
	table := table(t, moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "haar", layout, images, nil)
	for _, time := range []float64{0.03, 1, 40, 1e4} {
		m, err := NewMachine(table, Settings{Descent: Descent{Stop: time}})
		if err != nil {
			t.Fatal(err)
		}
		for pixel, variance := range []float64{1, 0.01} {
			for _, sigma := range []float64{0.05, 1, 10} {
				level, err := m.Level(t.Context(), sigma)
				if err != nil {
					t.Fatal(err)
				}
				want := (1 - math.Exp(-2*time*(variance+sigma*sigma))) * variance / (variance + sigma*sigma)
				if got := level.Weights[pixel][1]; math.Abs(got-want) > 1e-9 || math.Abs(LearntGain(variance, sigma, time)-want) > 1e-12 {
					t.Errorf("time %v, variance %v, sigma %v: gain %v, want %v", time, variance, sigma, got, want)
				}
			}
			const low, high = 0.01, 50.0
			x, steps := high, 20000                                                                       // Heun's steps, equal in log sigma
			flow := func(x, sigma float64) float64 { return x * (1 - LearntGain(variance, sigma, time)) } // dx / d log sigma
			h := math.Log(low/high) / float64(steps)
			for k := range steps {
				sigma := high * math.Exp(h*float64(k))
				slope := flow(x, sigma)
				x += h / 2 * (slope + flow(x+h*slope, sigma*math.Exp(h)))
			}
			if got := SampledVariance(variance, time, low, high); math.Abs(got/(x*x)-1) > 1e-5 {
				t.Errorf("time %v, variance %v: %v is sampled, the flow ends with %v", time, variance, got, x*x)
			}
		}
	}
	if v := SampledVariance(0.3, 1e6, 0.01, 1e4); math.Abs(v-0.3-0.0001) > 1e-6 {
		t.Errorf("after training without end %v is sampled of 0.3", v)
	}
}

// TestEmergenceTime: half of the gain is learnt at that time, and the time falls with the variance,
// by a power of -1, where that is well above the noise's.
func TestEmergenceTime(t *testing.T) {
	for _, sigma := range []float64{0.1, 1} {
		for _, variance := range []float64{0.01, 1, 100} {
			half := EmergenceTime(variance, sigma)
			if got, want := LearntGain(variance, sigma, half), variance/(variance+sigma*sigma)/2; math.Abs(got-want) > 1e-12 {
				t.Errorf("variance %v, sigma %v: %v is learnt, half is %v", variance, sigma, got, want)
			}
		}
	}
	if power := math.Log(EmergenceTime(200, 0.1)/EmergenceTime(100, 0.1)) / math.Ln2; math.Abs(power+1) > 1e-3 {
		t.Errorf("the time goes with the variance to the power %v", power)
	}
}

// TestDescentEquivalentRidge: where descent has learnt little of an axis the ridge has learnt as
// little of it, and where it has learnt all so has the ridge; in between they differ by less than a
// third.
func TestDescentEquivalentRidge(t *testing.T) {
	for mu := 1e-6; mu < 1e6; mu *= 3 {
		d := Descent{Stop: 2}
		stopped, ridge := learnt(mu, d.Stop)*mu, mu/(mu+d.Ridge().Self)
		if ratio := ridge / stopped; ratio > 1+1e-9 || ratio < 2.0/3 || 4*mu < 1e-3 && ratio < 0.999 || 4*mu > 1e4 && ratio < 0.999 {
			t.Errorf("mu %v: the ridge has learnt %v, descent %v", mu, ridge, stopped)
		}
	}
}

// TestDescentFreedom: the degrees of freedom are none in the beginning, those of the regression in
// the end, and grow in between; of one value of a linear family they are 1 - exp(-2 t (v +
// sigma^2)), and those of the constant 1 - exp(-2 t).
func TestDescentFreedom(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 1, Width: 2}
	linear := table(t, moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "haar", layout, []float64{1, 0.1, -1, 0.1, 1, -0.1, -1, -0.1}, nil)
	before := 0.0
	for _, time := range []float64{1e-6, 0.1, 1, 10, 1e5} {
		m, err := NewMachine(linear, Settings{Descent: Descent{Stop: time}})
		if err != nil {
			t.Fatal(err)
		}
		freedom, err := m.Freedom(t.Context(), 0.5)
		if err != nil {
			t.Fatal(err)
		}
		if want := 2 - math.Exp(-2*time) - math.Exp(-2*time*1.25); math.Abs(freedom[0]-want) > 1e-9 || freedom[0] < before {
			t.Errorf("time %v: %v degrees of freedom, want %v", time, freedom[0], want)
		}
		before = freedom[0]
		if _, err := m.Only(func(Term) bool { return true }); err == nil {
			t.Error("terms are left out of a descent")
		}
	}
	if math.Abs(before-2) > 1e-6 {
		t.Errorf("in the end there are %v degrees of freedom of 2", before)
	}
}

func TestDescentRefused(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	context := table(t, moments.Family{Neighbourhood: moments.Neighbourhood{Context: 1}, Terms: moments.Powers, Degree: 2, Sharing: moments.PerCoefficient}, "haar", layout, blobs(1, 20, 4), nil)
	plain := table(t, moments.Family{Terms: moments.Powers, Degree: 2, Sharing: moments.PerCoefficient}, "haar", layout, blobs(1, 20, 4), nil)
	for _, test := range []struct {
		table    *moments.Moments
		settings Settings
		says     string
	}{
		{context, Settings{Descent: Descent{Stop: 1}}, "context"},
		{plain, Settings{Descent: Descent{Stop: -1}}, "time"},
		{plain, Settings{Descent: Descent{Stop: math.Inf(1)}}, "time"},
		{plain, Settings{Descent: Descent{Stop: 1, Coordinates: "polar"}}, "polar"},
		{plain, Settings{Descent: Descent{Stop: 1, Coordinates: PreconditionedFeatures}}, "deviation"},
		{plain, Settings{Target: ScoreTarget, Descent: Descent{Stop: 1, Coordinates: PreconditionedFeatures, Deviation: 1}}, "target"},
	} {
		if _, err := NewMachine(test.table, test.settings); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%+v: %v", test.settings, err)
		}
	}
}
