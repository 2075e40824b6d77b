package metrics

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"
)

// normal returns points with independent normal features of the given means and deviations.
func normal(n int, seed uint64, means, deviations []float64) *Points {
	random := rand.New(rand.NewPCG(seed, 0))
	p := &Points{Dim: len(means)}
	for range n {
		for k, m := range means {
			p.Values = append(p.Values, m+deviations[k]*random.NormFloat64())
		}
	}
	return p
}

// TestFrechetOfGaussians: for Gaussians with diagonal covariances the squared distance is the sum
// of the squared differences of means and of deviations. With 4000 points of 6 features the
// extrapolated distance is within 1.5 of its intervals' half widths of the truth, for each of 5
// seeds (95 % intervals; 1.5 of them leaves a chance of some 0.5 % to each).
func TestFrechetOfGaussians(t *testing.T) {
	means, deviations := []float64{0, 1, -1, 0.2, 0, 0}, []float64{1, 0.5, 2, 1, 1, 0.1}
	otherMeans, otherDeviations := []float64{0.3, 1, -1, 0, 0, 0}, []float64{1, 0.7, 1.5, 1, 1, 0.3}
	var want float64
	for k := range means {
		want += math.Pow(means[k]-otherMeans[k], 2) + math.Pow(deviations[k]-otherDeviations[k], 2)
	}
	reference := normal(200000, 99, otherMeans, otherDeviations)
	for seed := range uint64(5) {
		d, err := Frechet(context.Background(), normal(4000, seed, means, deviations), reference)
		if err != nil {
			t.Fatal(err)
		}
		if e := d.Extrapolated; math.Abs(e.Value-want) > 1.5*(e.High-e.Low)/2 || e.High-e.Low > 0.4*want {
			t.Errorf("seed %d: extrapolated distance %v, the truth is %v", seed, e, want)
		}
	}
}

// TestFrechetExtrapolates: samples of the references' own distribution have a distance that falls
// as 1/n and is 0 extrapolated. Of 400 samples of 20 features the plain distance is above the
// interval of the extrapolated one, and that holds 0, of 20 seeds at least 17 times.
func TestFrechetExtrapolates(t *testing.T) {
	means, deviations := make([]float64, 20), slices.Repeat([]float64{1}, 20)
	reference := normal(100000, 77, means, deviations)
	held := 0
	for seed := range uint64(20) {
		d, err := Frechet(context.Background(), normal(400, seed, means, deviations), reference)
		if err != nil {
			t.Fatal(err)
		}
		if e := d.Extrapolated; d.Value > e.High && e.Low < 0.01 && e.High > -0.01 {
			held++
		}
	}
	if held < 17 {
		t.Errorf("the extrapolated distance of equal distributions is 0 for %d of 20 seeds", held)
	}
}

// TestDistancesOfEqualSets are 0, whatever the rank: features that never vary, or always vary
// together, are no trouble.
func TestDistancesOfEqualSets(t *testing.T) {
	ctx := context.Background()
	p := normal(500, 3, []float64{0, 5, 2, 0}, []float64{1, 3, 0, 1})
	for i := range p.Len() {
		p.at(i)[3] = 2 * p.at(i)[0]
	}
	d, err := Frechet(ctx, p, p)
	if err != nil || d.Value != 0 {
		t.Errorf("Fréchet distance of equal sets: %v (%v)", d.Value, err)
	}
	reversed := &Points{Dim: p.Dim}
	for i := range p.Len() {
		reversed.Values = append(reversed.Values, p.at(p.Len()-1-i)...)
	}
	// What is left is the rounding of a difference of traces.
	if d, err = Frechet(ctx, reversed, p); err != nil || d.Value > 1e-9 {
		t.Errorf("Fréchet distance of the same points in another order: %v (%v)", d.Value, err)
	}
	o, err := NewOverlap(ctx, p, p, 3)
	if err != nil || min(o.Precision.Value(), o.Recall.Value(), o.Coverage.Value()) < 1-1e-12 {
		t.Errorf("equal sets overlap by %v, %v, %v (%v)", o.Precision.Value(), o.Recall.Value(), o.Coverage.Value(), err)
	}
	far := p.Slice(0, p.Len())
	far.Values = slices.Clone(far.Values)
	for i := range far.Values {
		far.Values[i] += 1000
	}
	o, err = NewOverlap(ctx, far, p, 3)
	if err != nil || o.Precision.Value() != 0 || o.Recall.Value() != 0 || o.Density.Value() != 0 || o.Coverage.Value() != 0 {
		t.Errorf("sets far apart overlap (%v)", err)
	}
}

// TestKernelHasNoBias: over 40 seeds the mean distance of samples of one distribution is within 4
// of its standard errors of 0, and that of shifted ones is not.
func TestKernelHasNoBias(t *testing.T) {
	means, deviations := make([]float64, 8), slices.Repeat([]float64{1}, 8)
	shifted := slices.Repeat([]float64{0.2}, 8)
	var same, other []float64
	for seed := range uint64(40) {
		reference := normal(200, 1000+seed, means, deviations)
		for i, m := range [][]float64{means, shifted} {
			e, err := Kernel(context.Background(), normal(200, seed, m, deviations), reference)
			if err != nil {
				t.Fatal(err)
			}
			if i == 0 {
				same = append(same, e.Value)
			} else {
				other = append(other, e.Value)
			}
		}
	}
	const width = 4 / 2.02 // in half widths of the 95 % interval of 40 values
	if e := spreadOf(same); math.Abs(e.Value) > width*(e.High-e.Low)/2 {
		t.Errorf("equal distributions: %v", e)
	}
	if e := spreadOf(other); e.Value < width*(e.High-e.Low)/2 {
		t.Errorf("shifted distributions: %v", e)
	}
}

// TestDistancesAreDeterministic: the same bits on one core and on many.
func TestDistancesAreDeterministic(t *testing.T) {
	a, b := wave(700, 9, 0.5, 1, 0.1), wave(600, 9, 1.5, 1, 0)
	measure := func() []any {
		d, err := Frechet(context.Background(), a, b)
		k, err2 := Kernel(context.Background(), a, b)
		o, err3 := NewOverlap(context.Background(), a, b, 5)
		if err := errors.Join(err, err2, err3); err != nil {
			t.Fatal(err)
		}
		return []any{d, k, o.Density.Value(), o.Recall.Value()}
	}
	before := runtime.GOMAXPROCS(1)
	one := measure()
	runtime.GOMAXPROCS(4)
	many := measure()
	runtime.GOMAXPROCS(before)
	if !slices.Equal(one, many) {
		t.Errorf("%v on one core and %v on many", one, many)
	}
}

func TestDistancesOfBadPoints(t *testing.T) {
	ctx := context.Background()
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	good, broken := wave(100, 3, 0, 1, 0), wave(100, 3, 0, 1, 0)
	broken.Values[5] = math.NaN()
	for name, c := range map[string]struct {
		ctx  context.Context
		a, b *Points
	}{
		"NaN":        {ctx, good, broken},
		"dimensions": {ctx, good, wave(100, 4, 0, 1, 0)},
		"too few":    {ctx, good.Slice(0, 3), good},
		"none":       {ctx, good, good.Slice(0, 0)},
		"cancelled":  {cancelled, good, good},
	} {
		_, err := Frechet(c.ctx, c.a, c.b)
		_, err2 := Kernel(c.ctx, c.a, c.b)
		_, err3 := NewOverlap(c.ctx, c.a, c.b, 3)
		if err == nil || err2 == nil || err3 == nil {
			t.Errorf("%s: no error of one: %v, %v, %v", name, err, err2, err3)
		}
	}
	if _, err := NewOverlap(ctx, good, good, 0); err == nil {
		t.Error("balls to no neighbour")
	}
}
