package diffusion_test

import (
	"math"
	"testing"

	"wavescore/pkg/diffusion"
)

// TestScheduleEnds: every schedule has n levels that fall strictly from high to low, exactly, and
// then 0; it refuses what it cannot space.
func TestScheduleEnds(t *testing.T) {
	for _, name := range diffusion.Schedules() {
		schedule, err := diffusion.ParseSchedule(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{2, 3, 40, 1000} {
			levels, err := schedule.Levels(n, 0.002, 80)
			if err != nil {
				t.Fatal(err)
			}
			if len(levels) != n+1 || levels[0] != 80 || levels[n-1] != 0.002 || levels[n] != 0 {
				t.Errorf("%s: %d levels from %v over %v to %v", name, len(levels), levels[0], levels[n-1], levels[n])
			}
			for i := range n {
				if !(levels[i+1] < levels[i]) {
					t.Errorf("%s: level %d is %v after %v", name, i+1, levels[i+1], levels[i])
				}
			}
		}
		for _, bad := range [][3]float64{{1, 0.1, 1}, {-3, 0.1, 1}, {5, 0, 1}, {5, 1, 1}, {5, 2, 1}, {5, 0.1, math.Inf(1)}, {5, math.NaN(), 1}, {5, 0.1, math.NaN()}} {
			if _, err := schedule.Levels(int(bad[0]), bad[1], bad[2]); err == nil {
				t.Errorf("%s accepted %v", name, bad)
			}
		}
	}
	for _, rho := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := (diffusion.Karras{Rho: rho}).Levels(5, 0.1, 1); err == nil {
			t.Errorf("rho %v was accepted", rho)
		}
	}
}

// TestSchedulesAreEven: in the function of sigma that a schedule is named for, its levels are
// equally far apart. The two of variance-preserving processes are put back into the published
// abar(t), t even between its ends.
func TestSchedulesAreEven(t *testing.T) {
	linear := func(t float64) float64 { return math.Exp(-(20-0.1)*t*t/2 - 0.1*t) }
	cosine := func(t float64) float64 {
		f := func(t float64) float64 { return math.Pow(math.Cos((t+0.008)/1.008*math.Pi/2), 2) }
		return f(t) / f(0)
	}
	const n = 41
	for _, test := range []struct {
		schedule diffusion.Schedule
		high     float64
		want     func(share float64) float64 // the level at a share of the way
	}{
		{diffusion.Karras{}, 80, func(s float64) float64 {
			return math.Pow((1-s)*math.Pow(80, 1./7)+s*math.Pow(0.02, 1./7), 7)
		}},
		{diffusion.Karras{Rho: 3}, 80, func(s float64) float64 { return math.Pow((1-s)*math.Cbrt(80)+s*math.Cbrt(0.02), 3) }},
		{diffusion.LogUniform{}, 80, func(s float64) float64 { return 80 * math.Pow(0.02/80, s) }},
		{diffusion.VPLinear{}, toSigma(linear(0.9)), func(s float64) float64 { return toSigma(linear(0.9 + s*(inverse(linear, 0.02)-0.9))) }},
		{diffusion.VPCosine{}, toSigma(cosine(0.9)), func(s float64) float64 { return toSigma(cosine(0.9 + s*(inverse(cosine, 0.02)-0.9))) }},
	} {
		levels, err := test.schedule.Levels(n, 0.02, test.high)
		if err != nil {
			t.Fatal(err)
		}
		for i, got := range levels[:n] {
			if want := test.want(float64(i) / (n - 1)); math.Abs(got-want) > 1e-9*want {
				t.Errorf("%T: level %d is %v, want %v", test.schedule, i, got, want)
			}
		}
	}
}

// toSigma is the conversion from the signal's share abar of a variance-preserving process.
func toSigma(abar float64) float64 { return math.Sqrt(1-abar) / math.Sqrt(abar) }

// inverse finds the time of a level by bisection.
func inverse(abar func(t float64) float64, sigma float64) float64 {
	low, high := 0.0, 1.0
	for range 100 {
		if middle := (low + high) / 2; toSigma(abar(middle)) < sigma {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

// TestVPLinearIsDDPM: the 1000 betas of DDPM multiply to nearly the abar of the continuous
// process: at each hundredth of them sigma differs by less than 2 %.
func TestVPLinearIsDDPM(t *testing.T) {
	abar, sigmas := 1.0, []float64{}
	for i := range 1000 {
		abar *= 1 - (1e-4 + (0.02-1e-4)*float64(i)/999)
		sigmas = append(sigmas, toSigma(abar))
	}
	levels, err := diffusion.VPLinear{}.Levels(10, sigmas[99], sigmas[999]) // evenly from t = 1 down to t = 0.1
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range levels[:10] {
		if want := sigmas[999-100*i]; math.Abs(got/want-1) > 0.02 {
			t.Errorf("at t = %v: %v, DDPM %v", 1-0.1*float64(i), got, want)
		}
	}
}

func TestUnknownNames(t *testing.T) {
	for _, name := range diffusion.Samplers() {
		if _, err := diffusion.ParseSampler(name); err != nil {
			t.Error(err)
		}
	}
	if _, err := diffusion.ParseSampler("Heun"); err == nil || err.Error() != `diffusion: unknown sampler "Heun"; accepted: euler, heun, ddim, ddpm, dpm-solver++2m` {
		t.Error(err)
	}
	if _, err := diffusion.ParseSchedule(""); err == nil || err.Error() != `diffusion: unknown schedule ""; accepted: karras, log-uniform, vp-linear, vp-cosine` {
		t.Error(err)
	}
}
