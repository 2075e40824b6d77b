package analytic

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// TestLinearIsTheWienerFilter: with every coefficient as linear context the machine is C (C +
// sigma^2 I)^-1 of the sample covariance of the pixels, whatever the wavelet and whoever shares
// weights: it has none to share.
func TestLinearIsTheWienerFilter(t *testing.T) {
	const side, size, n = 8, 64, 150
	images := blobs(40, n, side)
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, mat.NewDense(n, size, append([]float64(nil), images...)), nil)
	covariance.ScaleSym(float64(n-1)/n, &covariance)
	mean := make([]float64, size)
	for i, x := range images {
		mean[i%size] += x / n
	}
	for _, filter := range []string{"haar", "db3"} {
		for levels := 0; levels <= 3; levels++ {
			layout := wavelet.Layout{Channels: 1, Height: side, Width: side, Levels: levels}
			family := moments.Family{Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels}, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
			m := machine(t, table(t, family, filter, layout, images, nil), Default().Ridge)
			for _, sigma := range []float64{0.01, 0.3, 5} {
				y := withNoise(rand.New(rand.NewPCG(41, 0)), images[:size], sigma)
				got := make([]float64, size)
				if err := m.Denoise(t.Context(), got, y, sigma); err != nil {
					t.Fatal(err)
				}
				var noisy mat.SymDense
				noisy.ScaleSym(1, &covariance)
				residual := mat.NewVecDense(size, nil)
				for i := range size {
					noisy.SetSym(i, i, noisy.At(i, i)+sigma*sigma)
					residual.SetVec(i, y[i]-mean[i])
				}
				var x mat.VecDense
				if err := x.SolveVec(&noisy, residual); err != nil {
					t.Fatal(err)
				}
				x.MulVec(&covariance, &x)
				for i := range size {
					if want := mean[i] + x.AtVec(i); math.Abs(got[i]-want) > 1e-8 {
						t.Fatalf("%s, %d levels, sigma %v, pixel %d: %v, want %v", filter, levels, sigma, i, got[i], want)
					}
				}
			}
		}
	}
}

// TestContextIsLinearNeighbours: on 4x4 pixels a radius of 2 reaches all of them, so taking the
// linear terms from a context of all pixels and eliminating them gives the machine that has them
// among its features; with tied weights the context's are not, so that machine can only do better
// on its own images.
func TestContextIsLinearNeighbours(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4}
	images := blobs(42, 400, 4)
	for _, target := range []Target{CleanTarget, ScoreTarget} {
		for _, terms := range []moments.Terms{moments.Powers, moments.Gated} {
			plain := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 2}, Terms: terms, Degree: 3, Sharing: moments.PerCoefficient}
			context := plain
			context.Neighbourhood.Context = moments.AllLevels
			settings := Settings{Target: target}
			a, err := NewMachine(table(t, plain, "haar", layout, images, nil), settings)
			if err != nil {
				t.Fatal(err)
			}
			b, err := NewMachine(table(t, context, "haar", layout, images, nil), settings)
			if err != nil {
				t.Fatal(err)
			}
			for _, sigma := range []float64{0.1, 0.5, 3} {
				y := withNoise(rand.New(rand.NewPCG(43, 0)), images[:160], sigma)
				x, z := make([]float64, len(y)), make([]float64, len(y))
				if err := a.Denoise(t.Context(), x, y, sigma); err != nil {
					t.Fatal(err)
				}
				if err := b.Denoise(t.Context(), z, y, sigma); err != nil {
					t.Fatal(err)
				}
				for i := range x {
					if math.Abs(x[i]-z[i]) > 1e-7 {
						t.Fatalf("%s, %s, sigma %v, pixel %d: %v with neighbours, %v with context", target, terms, sigma, i, x[i], z[i])
					}
				}
			}
		}
	}
}

// TestTiedContextIsBest: with weights tied over bands and a context per coefficient, a small
// change of any weight raises the exact training risk. The weights are changed one at a time, by 1
// % of the largest.
func TestTiedContextIsBest(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 2}
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1, Parents: 1, Context: 1}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand}
	train := table(t, family, "haar", layout, blobs(44, 300, 8), nil)
	m := machine(t, train, noRidge)
	const sigma = 0.4
	level, err := m.Level(t.Context(), sigma)
	if err != nil {
		t.Fatal(err)
	}
	risk := func() float64 {
		r, err := m.Risk(t.Context(), train, sigma, sigma)
		if err != nil {
			t.Fatal(err)
		}
		return r.PerPixel
	}
	best := risk()
	change := func(weights []float64, i int) {
		largest := 0.0
		for _, w := range weights {
			largest = math.Max(largest, math.Abs(w))
		}
		for _, step := range []float64{0.01 * largest, -0.01 * largest} {
			before := weights[i]
			weights[i] += step
			if r := risk(); r < best*(1-1e-12) {
				t.Errorf("weight %d of %d changed by %v: risk %v below the best, %v", i, len(weights), step, r, best)
			}
			weights[i] = before
		}
	}
	for _, g := range []int{0, 1, len(level.Weights) - 1} {
		for a := range level.Weights[g] {
			if !m.linearIn(train.Groups()[g].Members[0], train.Groups()[g].Basis, a) {
				change(level.Weights[g], a)
			}
		}
	}
	for _, i := range []int{0, 5, 17, 16*63 + 3} {
		change(level.along, i)
	}
}

// TestTiedContextRisk: where images are not alike at all places, the exact risk of tied weights
// with a context is still within 4 standard errors of the error over 400 noisy copies (seed 48).
func TestTiedContextRisk(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4}
	images := blobs(48, 200, 4)
	for i := range images {
		images[i] *= 0.2 + float64(i%16)/12 // variances and means grow across the image
	}
	for _, terms := range []moments.Terms{moments.Powers, moments.Gated} {
		family := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1, Context: moments.AllLevels}, Terms: terms, Degree: 3, Sharing: moments.PerBand}
		train := table(t, family, "haar", layout, images, nil)
		m := machine(t, train, noRidge)
		for _, sigma := range []float64{0.1, 0.5} {
			risk, err := m.Risk(t.Context(), train, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			rnd := rand.New(rand.NewPCG(48, 0))
			var errs []float64
			for range 400 {
				y := withNoise(rnd, images, sigma)
				if err := m.Denoise(t.Context(), y, y, sigma); err != nil {
					t.Fatal(err)
				}
				var sum float64
				for i := range y {
					sum += (y[i] - images[i]) * (y[i] - images[i]) / float64(len(y))
				}
				errs = append(errs, sum)
			}
			mean, sd := stat.MeanStdDev(errs, nil)
			if z := (risk.PerPixel - mean) / (sd / 20); math.Abs(z) > 4 {
				t.Errorf("%s, sigma %v: risk %v, sampled %v, %.1f standard errors apart", terms, sigma, risk.PerPixel, mean, z)
			}
		}
	}
}

// TestTargetsAgree: unless y_c is penalised the two targets give the same denoiser; penalised
// without bound, the clean target answers the centre (for a coefficient alone and linear), the
// score target y itself.
func TestTargetsAgree(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(45, 300, 8)
	y := withNoise(rand.New(rand.NewPCG(46, 0)), images[:64], 0.5)
	denoise := func(family moments.Family, settings Settings) []float64 {
		m, err := NewMachine(table(t, family, "haar", layout, images, nil), settings)
		if err != nil {
			t.Fatal(err)
		}
		x := make([]float64, len(y))
		if err := m.Denoise(t.Context(), x, y, 0.5); err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, sharing := range []moments.Sharing{moments.PerCoefficient, moments.PerBand} {
		for _, family := range append(families(sharing), above(sharing)...) {
			ridge := Ridge{Linear: 1e-3, Nonlinear: 1e-2}
			a, b := denoise(family, Settings{Ridge: ridge, Target: CleanTarget}), denoise(family, Settings{Ridge: ridge, Target: ScoreTarget})
			for i := range a {
				if math.Abs(a[i]-b[i]) > 1e-8 {
					t.Fatalf("%v, pixel %d: %v for the clean target, %v for the score", family, i, a[i], b[i])
				}
			}
		}
	}
	linear := moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	clean, score := denoise(linear, Settings{Ridge: Ridge{Self: 1e12}, Target: CleanTarget}), denoise(linear, Settings{Ridge: Ridge{Self: 1e12}, Target: ScoreTarget})
	for i := range y {
		mean := 0.0
		for k := i; k < len(images); k += 64 {
			mean += images[k] / 300
		}
		if math.Abs(clean[i]-mean) > 1e-8 || math.Abs(score[i]-y[i]) > 1e-8 {
			t.Fatalf("pixel %d: %v and %v, want the mean %v and y, %v", i, clean[i], score[i], mean, y[i])
		}
	}
}

// TestContextMustBeDiagonal: a table whose context is correlated along its axes is refused.
func TestContextMustBeDiagonal(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Context: 1}, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}
	m, err := moments.New(moments.Spec{Family: family, Filter: "haar", Layout: layout, Centre: make([]float64, 16)}, moments.Shard{Source: "raw", From: 0, To: 30})
	if err != nil {
		t.Fatal(err)
	}
	filter, _ := wavelet.ParseFilter("haar")
	transform := wavelet.NewTransform(filter, layout)
	if err := m.Add(t.Context(), transform.Forward(nil, blobs(47, 30, 4)), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := NewMachine(m, Default()); err == nil || !strings.Contains(err.Error(), "Diagonal") {
		t.Errorf("a raw table: %v", err)
	}

	// Merged with other images along its axes, a diagonal table is not so any more, until it is
	// made so again.
	d, err := m.Diagonal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Merge(probeOf(t, d.Spec(), "more", blobs(49, 30, 4))); err != nil {
		t.Fatal(err)
	}
	if _, err := NewMachine(d, Default()); err == nil || !strings.Contains(err.Error(), "Diagonal") {
		t.Errorf("a merged table: %v", err)
	}
	if d, err = d.Diagonal(t.Context()); err != nil {
		t.Fatal(err)
	}
	both, err := moments.New(m.Spec(), moments.Shard{Source: "both", From: 0, To: 60})
	if err != nil {
		t.Fatal(err)
	}
	if err := both.Add(t.Context(), transform.Forward(nil, append(blobs(47, 30, 4), blobs(49, 30, 4)...)), nil); err != nil {
		t.Fatal(err)
	}
	if both, err = both.Diagonal(t.Context()); err != nil {
		t.Fatal(err)
	}
	x, y := blobs(49, 5, 4), blobs(49, 5, 4)
	if err := errors.Join(machine(t, d, noRidge).Denoise(t.Context(), x, x, 0.3), machine(t, both, noRidge).Denoise(t.Context(), y, y, 0.3)); err != nil {
		t.Fatal(err)
	}
	for i := range x {
		if math.Abs(x[i]-y[i]) > 1e-10 {
			t.Fatalf("pixel %d: %v merged, %v at once", i, x[i], y[i])
		}
	}
}

// The exact risk keeps its precision at every noise level: as sigma falls it approaches sigma^2
// from below, and it is never negative. For a Gaussian coefficient of variance v it is sigma^2 v /
// (v + sigma^2) in closed form; the table here is one of its own.
func TestRiskIsPrecise(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	images := blobs(70, 60, 4)
	for name, family := range map[string]moments.Family{
		"alone":   {Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient},
		"gated":   {Neighbourhood: moments.Neighbourhood{Radius: 1, Parents: 1}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand},
		"linear":  {Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels}, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient},
		"context": {Neighbourhood: moments.Neighbourhood{Context: 1}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient},
	} {
		train, err := table(t, family, "haar", layout, images, nil).Diagonal(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		m := machine(t, train, noRidge)
		for _, sigma := range []float64{1e-12, 1e-9, 1e-6, 1e-4, 1e-2, 1, 100, 1e4} {
			risk, err := m.Risk(t.Context(), train, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			tolerance := 1e-9
			if sigma < 1e-9 {
				tolerance = 1e-4 // the weights themselves are known to 1e-16
			}
			if most := sigma * sigma * (1 + tolerance); risk.PerPixel < 0 || risk.PerPixel > most || sigma < 1e-3 && risk.PerPixel < 0.5*most {
				t.Errorf("%s at sigma %v: a risk of %v per pixel", name, sigma, risk.PerPixel)
			}
			if name != "alone" {
				continue
			}
			for g, group := range train.Groups() {
				v := train.Energy(g)
				want := sigma * sigma * v / (v + sigma*sigma)
				if got := risk.Coefficients[group.Members[0].Index]; math.Abs(got-want) > tolerance*want {
					t.Errorf("coefficient %d at sigma %v: %v, want %v", g, sigma, got, want)
				}
			}
		}
	}
}

// A probe whose linear context has no axes is refused; along the machine's axes it is taken.
func TestProbeWithoutAxes(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Context: 1}, Terms: moments.Gated, Degree: 2, Sharing: moments.PerCoefficient}
	images := blobs(71, 60, 4)
	train := table(t, family, "haar", layout, images, nil)
	m := machine(t, train, noRidge)
	spec := train.Spec()
	spec.Axes = nil
	raw, err := moments.New(spec)
	if err != nil {
		t.Fatal(err)
	}
	filter, _ := wavelet.ParseFilter("haar")
	if err := raw.Add(t.Context(), wavelet.NewTransform(filter, layout).Forward(nil, images), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Risk(t.Context(), raw, 0.5, 0.5); err == nil || !strings.Contains(err.Error(), "no axes") {
		t.Errorf("got %v", err)
	}
	if _, _, _, err := m.Ablate(t.Context(), raw, 0.5); err == nil || !strings.Contains(err.Error(), "no axes") {
		t.Errorf("got %v", err)
	}
	along, err := raw.Along(t.Context(), train.Spec().Axes)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Risk(t.Context(), along, 0.5, 0.5); err != nil {
		t.Error(err)
	}
}

// A cancelled context ends the solution of a level and spoils nothing: the level is solved for
// whoever asks next, and for whoever was waiting for it.
func TestCancelledLevel(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 2}
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	m := machine(t, table(t, family, "haar", layout, blobs(72, 40, 8), nil), Default().Ridge)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	y := make([]float64, 64)
	_, levelErr := m.Level(cancelled, 0.5)
	_, riskErr := m.Risk(cancelled, m.Moments(), 0.5, 0.5)
	for what, err := range map[string]error{"Level": levelErr, "Risk": riskErr, "Denoise": m.Denoise(cancelled, y, y, 0.5), "VJP": m.VJP(cancelled, y, y, y, 0.5)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", what, err)
		}
	}
	want, err := m.Level(t.Context(), 0.5)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := m.Level(t.Context(), 0.5); err != nil || again != want {
		t.Errorf("the level was solved again: %v", err)
	}

	// One caller solves, and is cancelled; the other waits, and then solves itself.
	var known levels
	known.most = 2
	solving, release := make(chan struct{}), make(chan struct{})
	go known.get(t.Context(), 1, func() (*Level, error) {
		close(solving)
		<-release
		return nil, context.Canceled
	})
	<-solving
	got := make(chan *Level)
	go func() {
		level, _ := known.get(t.Context(), 1, func() (*Level, error) { return &Level{Sigma: 1}, nil })
		got <- level
	}()
	close(release)
	if level := <-got; level == nil || level.Sigma != 1 {
		t.Errorf("the one who waited got %v", level)
	}
}
