package diffusion_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/analytic"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

// tied returns a band-tied, spatially coupled, cubic machine of digits under Haar, whose bands
// share their weights.
func tied(t testing.TB, levels int) *analytic.Machine {
	t.Helper()
	spec := moments.Spec{
		Family: moments.Family{Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1}, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand},
		Filter: "haar",
		Layout: wavelet.Layout{Channels: 1, Height: 16, Width: 16, Levels: levels},
	}
	table, err := moments.Collect(context.Background(), spec, dataset.Digits(60, 1).Resize(16, 16), "digits", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := analytic.NewMachine(table, analytic.Default())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// commutes returns the greatest difference between the shifted answers of d and its answers to
// shifted images.
func commutes(t *testing.T, d diffusion.Denoiser, noisy []float64, sigma float64, down, right int) float64 {
	t.Helper()
	answer, shifted := make([]float64, len(noisy)), make([]float64, len(noisy))
	if err := d.Denoise(t.Context(), answer, noisy, sigma); err != nil {
		t.Fatal(err)
	}
	d.Shape().Roll(shifted, noisy, down, right)
	if err := d.Denoise(t.Context(), shifted, shifted, sigma); err != nil {
		t.Fatal(err)
	}
	back := make([]float64, len(noisy))
	d.Shape().Roll(back, shifted, -down, -right)
	return floats.Distance(back, answer, math.Inf(1))
}

// TestCycleSpinCommutesWithEveryShift: a tied machine of J levels commutes with shifts by 2^J and
// not by 1; spun over 2^J, with all.
func TestCycleSpinCommutesWithEveryShift(t *testing.T) {
	noisy := noisyDigits(3, 0.3)
	for levels := 1; levels <= 3; levels++ {
		m, period := tied(t, levels), 1<<levels
		if worst := commutes(t, m, noisy, 0.3, period, -period); worst > 1e-12 {
			t.Errorf("%d levels: shifts by %d change the plain machine by %v", levels, period, worst)
		}
		if worst := commutes(t, m, noisy, 0.3, 1, 0); worst < 1e-2 {
			t.Errorf("%d levels: the plain machine commutes with a shift by 1, to %v: the test sees nothing", levels, worst)
		}
		spun := diffusion.CycleSpin(m, period)
		for _, shift := range [][2]int{{1, 0}, {0, 1}, {3, -5}, {8, 7}} {
			if worst := commutes(t, spun, noisy, 0.3, shift[0], shift[1]); worst > 1e-12 {
				t.Errorf("%d levels, shift %v: the spun machine changes by %v", levels, shift, worst)
			}
		}
	}
}

func noisyDigits(n int, sigma float64) []float64 {
	noisy := dataset.Digits(n, 2).Resize(16, 16).Batch(nil, 0, n)
	rnd := rand.New(rand.NewPCG(3, 0))
	for i := range noisy {
		noisy[i] += sigma * rnd.NormFloat64()
	}
	return noisy
}

// TestCycleSpinIsTheMean: against the definition, written out, with more shifted images than fit
// in one batch and dst being src.
func TestCycleSpinIsTheMean(t *testing.T) {
	const period = 16
	d := tied(t, 2)
	noisy := noisyDigits(3, 0.5)
	size := d.Shape().Size()
	want, shifted := make([]float64, len(noisy)), make([]float64, size)
	back := make([]float64, size)
	for i := 0; i < len(noisy); i += size {
		for down := range period {
			for right := range period {
				d.Shape().Roll(shifted, noisy[i:i+size], down, right)
				if err := d.Denoise(t.Context(), shifted, shifted, 0.5); err != nil {
					t.Fatal(err)
				}
				d.Shape().Roll(back, shifted, -down, -right)
				floats.AddScaled(want[i:i+size], 1.0/period/period, back)
			}
		}
	}
	if err := diffusion.CycleSpin(d, period).Denoise(t.Context(), noisy, noisy, 0.5); err != nil {
		t.Fatal(err)
	}
	if worst := floats.Distance(noisy, want, math.Inf(1)); worst > 1e-12 {
		t.Errorf("off by %v", worst)
	}
}

// TestCycleSpinVJP: against central differences of the spun machine along random directions.
func TestCycleSpinVJP(t *testing.T) {
	const sigma, h = 0.4, 1e-4
	d, ok := diffusion.CycleSpin(tied(t, 2), 4).(diffusion.Differentiable)
	if !ok {
		t.Fatal("the spun machine has no VJP; the machine has one")
	}
	noisy := noisyDigits(1, sigma)
	rnd := rand.New(rand.NewPCG(4, 0))
	for range 5 {
		u, v := make([]float64, len(noisy)), make([]float64, len(noisy))
		for i := range u {
			u[i], v[i] = rnd.NormFloat64(), rnd.NormFloat64()
		}
		ahead, behind := make([]float64, len(noisy)), make([]float64, len(noisy))
		floats.AddScaledTo(ahead, noisy, h, v)
		floats.AddScaledTo(behind, noisy, -h, v)
		for _, y := range [][]float64{ahead, behind} {
			if err := d.Denoise(t.Context(), y, y, sigma); err != nil {
				t.Fatal(err)
			}
		}
		want := (floats.Dot(u, ahead) - floats.Dot(u, behind)) / (2 * h)
		back := append([]float64(nil), u...)
		if err := d.VJP(t.Context(), back, noisy, back, sigma); err != nil {
			t.Fatal(err)
		}
		if got := floats.Dot(back, v); math.Abs(got-want) > 1e-6*math.Abs(want)+1e-8 {
			t.Errorf("u^T J v is %v, by differences %v", got, want)
		}
	}
}

func TestCycleSpinMistakes(t *testing.T) {
	d := gaussian{0, 1}
	spun := diffusion.CycleSpin(d, 2)
	if err := spun.Denoise(t.Context(), make([]float64, 1), []float64{1}, 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
	if err := spun.Denoise(t.Context(), make([]float64, 1), []float64{math.NaN()}, 1); !errors.Is(err, diffusion.ErrInput) {
		t.Errorf("NaN: %v", err)
	}
	if err := spun.Denoise(t.Context(), nil, nil, 1); err != nil {
		t.Errorf("no images: %v", err)
	}
	if _, ok := spun.(diffusion.Differentiable); ok {
		t.Error("spinning has given a denoiser a VJP that it does not have")
	}
	for _, wrong := range []func(){
		func() { _ = spun.Denoise(t.Context(), make([]float64, 1), make([]float64, 2), 1) },
		func() { diffusion.Shape{C: 1, H: 2, W: 2}.Roll(make([]float64, 3), make([]float64, 3), 1, 1) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(diffusion.LengthError); !ok {
					t.Error("no LengthError")
				}
			}()
			wrong()
		}()
	}
	defer func() {
		if e, ok := recover().(diffusion.PeriodError); !ok || int(e) != 0 {
			t.Error("a period of 0: no PeriodError")
		}
	}()
	diffusion.CycleSpin(d, 0)
}

// failing is a denoiser whose own computation fails.
type failing struct{ gaussian }

var errFailing = errors.New("no solution")

func (failing) Denoise(_ context.Context, dst, src []float64, sigma float64) error { return errFailing }

func TestCycleSpinReportsFailure(t *testing.T) {
	err := diffusion.CycleSpin(failing{}, 2).Denoise(t.Context(), make([]float64, 3), make([]float64, 3), 1)
	if !errors.Is(err, errFailing) {
		t.Errorf("error %v", err)
	}
}

// Where an image is shifted by more than it is wide, whole turns are left out.
func ExampleShape_Roll() {
	image := []float64{
		1, 2, 3,
		4, 5, 6,
	}
	shifted := make([]float64, 6)
	diffusion.Shape{C: 1, H: 2, W: 3}.Roll(shifted, image, 1, -4)
	fmt.Println(shifted[:3])
	fmt.Println(shifted[3:])
	// Output:
	// [5 6 4]
	// [2 3 1]
}

// halves denoises with a gain that depends on whether the column is even, as a decimated
// transform does.
type halves struct{}

func (halves) Shape() diffusion.Shape { return diffusion.Shape{C: 1, H: 1, W: 4} }

func (h halves) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(h.Shape(), dst, src, sigma); err != nil {
		return err
	}
	for i, y := range src {
		dst[i] = y * float64(1+i%2) / 2
	}
	return nil
}

func ExampleCycleSpin() {
	noisy, plain, spun := []float64{8, 0, 0, 4}, make([]float64, 4), make([]float64, 4)
	if err := (halves{}).Denoise(context.Background(), plain, noisy, 1); err != nil {
		fmt.Println(err)
	}
	if err := diffusion.CycleSpin(halves{}, 2).Denoise(context.Background(), spun, noisy, 1); err != nil {
		fmt.Println(err)
	}
	fmt.Println(plain, spun)
	// Output: [4 0 0 4] [6 0 0 3]
}
