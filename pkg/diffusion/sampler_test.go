package diffusion_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wavescore/pkg/diffusion"
)

// every is each sampler, the stochastic ones with all of their settings in use.
var every = []diffusion.Sampler{
	diffusion.Euler{}, diffusion.Heun{}, diffusion.DDIM{}, diffusion.DDIM{Eta: 0.6}, diffusion.DDIM{Eta: 1}, diffusion.DPMSolver2M{},
	diffusion.Euler{Churn: diffusion.Churn{Amount: 8}},
	diffusion.Heun{Churn: diffusion.Churn{Amount: 30, Low: 0.05, High: 40, Excess: 0.007}},
}

// levels returns a Karras schedule.
func levels(t *testing.T, n int, low, high float64) []float64 {
	t.Helper()
	sigmas, err := diffusion.Karras{}.Levels(n, low, high)
	if err != nil {
		t.Fatal(err)
	}
	return sigmas
}

// TestDDIMIsEuler: with Eta 0, DDIM and Euler's method are the same, to rounding.
func TestDDIMIsEuler(t *testing.T) {
	prior := gaussian{mean: 0.3, deviation: 0.5}
	sigmas := levels(t, 17, 0.02, 80)
	euler := diffusion.Run{Seed: 1}.Start(prior.Shape(), 50, 80, nil)
	ddim := slices.Clone(euler)
	for x, s := range map[*[]float64]diffusion.Sampler{&euler: diffusion.Euler{}, &ddim: diffusion.DDIM{}} {
		if err := s.Sample(context.Background(), prior, *x, sigmas, diffusion.Run{}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range euler {
		if math.Abs(euler[i]-ddim[i]) > 1e-15 {
			t.Errorf("image %d: %v by Euler, %v by DDIM", i, euler[i], ddim[i])
		}
	}
}

// TestDDIMAsPublished: a step of DDIM is equation 12 of Song et al., written in the
// variance-preserving images sqrt(abar) x of a network that predicts noise; and with Eta 1 its
// mean and deviation are those of DDPM's posterior q(x' | x, D), equation 7 of Ho et al.
func TestDDIMAsPublished(t *testing.T) {
	prior := gaussian{mean: 0.3, deviation: 0.5}
	const from, to, y = 3.0, 1.2, 2.5
	abar, abar1 := 1/(1+from*from), 1/(1+to*to)
	denoised := make([]float64, 1)
	if err := prior.Denoise(t.Context(), denoised, []float64{y}, from); err != nil {
		t.Fatal(err)
	}
	epsilon := (y - denoised[0]) / from
	for _, eta := range []float64{0, 0.3, 1} {
		deviation := eta * math.Sqrt((1-abar1)/(1-abar)*(1-abar/abar1))
		mean := math.Sqrt(abar1)*denoised[0] + math.Sqrt(1-abar1-deviation*deviation)*epsilon
		if eta == 1 {
			alpha := abar / abar1
			posterior := math.Sqrt(abar1)*(1-alpha)/(1-abar)*denoised[0] + math.Sqrt(alpha)*(1-abar1)/(1-abar)*math.Sqrt(abar)*y
			if variance := (1 - abar1) / (1 - abar) * (1 - alpha); math.Abs(mean-posterior) > 1e-14 || math.Abs(deviation*deviation-variance) > 1e-14 {
				t.Fatalf("equation 12 at eta 1 has mean %v and variance %v, DDPM's posterior %v and %v", mean, deviation*deviation, posterior, variance)
			}
		}
		const n = 4
		x := []float64{y, y, y, y}
		if err := (diffusion.DDIM{Eta: eta}).Sample(context.Background(), prior, x, []float64{from, to}, diffusion.Run{Seed: 7}); err != nil {
			t.Fatal(err)
		}
		for i := range n {
			want := (mean + deviation*stepNoise(7, i).NormFloat64()) / math.Sqrt(abar1)
			if math.Abs(x[i]-want) > 1e-14 {
				t.Errorf("eta %v, image %d: %v, want %v", eta, i, x[i], want)
			}
		}
	}
}

// stepNoise is the stream of what a sampler adds to an image.
func stepNoise(seed uint64, image int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(2*image+1)))
}

// TestLandsOnTheDenoiser: the last step, to noise 0, ends on the denoised image, whatever the
// sampler.
func TestLandsOnTheDenoiser(t *testing.T) {
	prior := gaussian{mean: -0.1, deviation: 0.4}
	for _, s := range every {
		x := []float64{2, -1}
		var last diffusion.State
		err := s.Sample(context.Background(), prior, x, []float64{3, 1, 0.1, 0}, diffusion.Run{Each: func(s diffusion.State) {
			if s.Denoised != nil {
				last = diffusion.State{Step: s.Step, Sigma: s.Sigma, X: slices.Clone(s.X), Denoised: slices.Clone(s.Denoised)}
			}
		}})
		if err != nil {
			t.Fatal(err)
		}
		if last.Step != 2 || !reflect.DeepEqual(x, last.Denoised) {
			t.Errorf("%#v: ends at %v, the denoiser expected %v in step %d", s, x, last.Denoised, last.Step)
		}
	}
}

// TestEachIsTold: a walk of n steps has n+1 states; their levels are the schedule's, raised by
// the churn's factor; in each but the last the denoised images are those of the noisy ones.
func TestEachIsTold(t *testing.T) {
	prior := gaussian{mean: 0.3, deviation: 0.5}
	sigmas := levels(t, 5, 0.02, 20)
	for _, s := range every {
		factor := 1.0
		switch s := s.(type) {
		case diffusion.Euler:
			factor += min(s.Churn.Amount/5, math.Sqrt2-1)
		case diffusion.Heun:
			factor += min(s.Churn.Amount/5, math.Sqrt2-1)
		}
		x := diffusion.Run{}.Start(prior.Shape(), 70, 20, nil)
		told := 0
		err := s.Sample(context.Background(), prior, x, sigmas, diffusion.Run{Each: func(state diffusion.State) {
			want := sigmas[told]
			if want > 0.05 {
				want *= factor
			} else if _, ok := s.(diffusion.Euler); ok {
				want *= factor
			}
			if state.Step != told || math.Abs(state.Sigma-want) > 1e-14 {
				t.Errorf("%#v: step %d at level %v, want %d at %v", s, state.Step, state.Sigma, told, want)
			}
			told++
			if told == len(sigmas) {
				if state.Denoised != nil || !reflect.DeepEqual(state.X, x) {
					t.Errorf("%#v: the last state is not the result", s)
				}
				return
			}
			denoised := make([]float64, len(state.X))
			if err := prior.Denoise(t.Context(), denoised, state.X, state.Sigma); err != nil {
				t.Error(err)
			}
			if !reflect.DeepEqual(denoised, state.Denoised) {
				t.Errorf("%#v: what is told at step %d is not the denoised images", s, state.Step)
			}
		}})
		if err != nil || told != len(sigmas) {
			t.Errorf("%#v: %d states, %v", s, told, err)
		}
	}
}

// TestSameImagesOnAnyCores: 150 images have the same bits on one core and on two, and cut into
// two batches.
func TestSameImagesOnAnyCores(t *testing.T) {
	prior := &dense{mean: []float64{-0.5, 0.1, 0.3, -0.2}, vectors: rotation(4), variances: []float64{0, 0.01, 0.3, 2}}
	sigmas := levels(t, 12, 0.02, 80)
	draw := func(s diffusion.Sampler, cores, from, to int) []float64 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(cores))
		x, err := diffusion.Draw(context.Background(), prior, s, to-from, sigmas, diffusion.Run{Seed: 3, First: from})
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, s := range every {
		one := draw(s, 1, 0, 150)
		if !slices.Equal(one, draw(s, 2, 0, 150)) {
			t.Errorf("%#v: two cores draw other images than one", s)
		}
		if !slices.Equal(one, slices.Concat(draw(s, 2, 0, 37), draw(s, 2, 37, 150))) {
			t.Errorf("%#v: two batches are other images than one", s)
		}
		if slices.Equal(one[:4], one[4:8]) {
			t.Errorf("%#v: the first two images are the same", s)
		}
	}
}

// TestStartIsWhite: the pixels of 20 000 starting images, and the noise that DDPM adds to them,
// have the mean and covariance of independent noise within 5 standard errors.
func TestStartIsWhite(t *testing.T) {
	const n, sigma = 20000, 3
	shape := diffusion.Shape{C: 1, H: 1, W: 3}
	run := diffusion.Run{Seed: 11, First: 500}
	start := run.Start(shape, n, sigma, []float64{1, -2, 4})
	// A flat prior denoises everything to itself, so what a step changes is all noise.
	stepped := slices.Clone(start)
	flat := &dense{mean: make([]float64, 3), vectors: rotation(3), variances: []float64{1e18, 1e18, 1e18}}
	if err := (diffusion.DDIM{Eta: 1}).Sample(context.Background(), flat, stepped, []float64{2, 1}, run); err != nil {
		t.Fatal(err)
	}
	columns := make([][]float64, 6) // standardised
	for i := range n {
		for p, mean := range []float64{1, -2, 4} {
			columns[p] = append(columns[p], (start[3*i+p]-mean)/sigma)
			columns[3+p] = append(columns[3+p], (stepped[3*i+p]-start[3*i+p])/math.Sqrt(0.75))
		}
	}
	for a := range columns {
		for b := range a + 1 {
			var sum, product float64
			for i := range n {
				sum += columns[a][i] / n
				product += columns[a][i] * columns[b][i] / n
			}
			want, se := 0.0, 1/math.Sqrt(n)
			if a == b {
				want, se = 1, math.Sqrt(2.0/n)
			}
			if math.Abs(sum) > 5/math.Sqrt(n) || math.Abs(product-want) > 5*se {
				t.Errorf("values %d and %d: mean %v, product %v", a, b, sum, product)
			}
		}
	}
}

// broken is a denoiser that answers with NaN for images above 100, and with an infinity below a
// level of noise for those above 10.
type broken struct{ gaussian }

func (b broken) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	noisy := slices.Clone(src)
	err := b.gaussian.Denoise(context.Background(), dst, src, sigma)
	for i, v := range noisy {
		if v > 100 {
			dst[i] = math.NaN()
		} else if v > 10 && sigma < 2 {
			dst[i] = math.Inf(1)
		}
	}
	return err
}

// TestDivergence: the error says at which level which images, of all chunks, are no longer
// finite; those left behind are finite.
func TestDivergence(t *testing.T) {
	for _, s := range []diffusion.Sampler{diffusion.Euler{}, diffusion.Heun{}, diffusion.DDIM{}, diffusion.DPMSolver2M{}} {
		for _, test := range []struct {
			value, sigma float64 // of the images that diverge, and where
		}{{1e3, 8}, {60, 1}} {
			x := make([]float64, 200)
			bad := []int{2, 40, 41, 130, 131, 132, 199}
			for _, i := range bad {
				x[i] = test.value
			}
			err := s.Sample(context.Background(), broken{gaussian{0, 10}}, x, []float64{8, 5, 1, 0.5, 0}, diffusion.Run{})
			var d *diffusion.DivergenceError
			if !errors.As(err, &d) || d.Sigma != test.sigma || !slices.Equal(d.Images, bad) {
				t.Errorf("%T: %v", s, err)
			} else if want := fmt.Sprintf("at sigma %v images are no longer finite: [2 40 41 130 131] and 2 more", test.sigma); !strings.HasSuffix(err.Error(), want) {
				t.Errorf("%T: %v", s, err)
			}
			for i, v := range x {
				if v-v != 0 {
					t.Errorf("%T: image %d is left as %v", s, i, v)
				}
			}
		}
	}
}

// refusing is a denoiser that fails.
type refusing struct{ gaussian }

var errRefused = errors.New("refused")

func (refusing) Denoise(_ context.Context, _, _ []float64, _ float64) error { return errRefused }

func TestSampleErrors(t *testing.T) {
	ctx := context.Background()
	prior := gaussian{0, 1}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	for _, s := range every {
		for _, sigmas := range [][]float64{nil, {1, 2}, {1, 1}, {1, 0, 0}, {1, -1}, {0}, {math.NaN(), 1}, {math.Inf(1), 1}} {
			if err := s.Sample(ctx, prior, []float64{1}, sigmas, diffusion.Run{}); !errors.Is(err, diffusion.ErrSigma) {
				t.Errorf("levels %v: %v", sigmas, err)
			}
			if _, err := diffusion.Draw(ctx, prior, s, 1, sigmas, diffusion.Run{}); !errors.Is(err, diffusion.ErrSigma) {
				t.Errorf("draw with levels %v: %v", sigmas, err)
			}
		}
		if err := s.Sample(cancelled, prior, []float64{1}, []float64{2, 1}, diffusion.Run{}); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: %v", err)
		}
		if err := s.Sample(ctx, refusing{prior}, make([]float64, 100), []float64{2, 1}, diffusion.Run{}); !errors.Is(err, errRefused) || !strings.Contains(err.Error(), "sigma 2") {
			t.Errorf("a denoiser that refuses: %v", err)
		}
		if err := s.Sample(ctx, prior, []float64{1, 2, math.NaN()}, []float64{2, 1}, diffusion.Run{}); !errors.Is(err, diffusion.ErrInput) || !strings.Contains(err.Error(), "image 2") {
			t.Errorf("a NaN to begin with: %v", err)
		}
		if err := s.Sample(ctx, prior, nil, []float64{2, 1}, diffusion.Run{}); err != nil {
			t.Errorf("no images: %v", err)
		}
	}
	for _, s := range []diffusion.Sampler{
		diffusion.DDIM{Eta: 1.5}, diffusion.DDIM{Eta: -1}, diffusion.DDIM{Eta: math.NaN()},
		diffusion.Euler{Churn: diffusion.Churn{Amount: -1}}, diffusion.Heun{Churn: diffusion.Churn{Amount: math.NaN()}},
		diffusion.Heun{Churn: diffusion.Churn{Amount: 1, Excess: -2}}, diffusion.Heun{Churn: diffusion.Churn{Amount: 1, Excess: math.Inf(1)}},
	} {
		x := []float64{1}
		if err := s.Sample(ctx, prior, x, []float64{2, 1}, diffusion.Run{}); err == nil || x[0] != 1 {
			t.Errorf("%#v was accepted, and made %v", s, x)
		}
	}
	func() {
		defer func() {
			if _, ok := recover().(diffusion.LengthError); !ok {
				t.Error("a mean of another shape: no LengthError")
			}
		}()
		diffusion.Run{}.Start(prior.Shape(), 1, 1, []float64{1, 2})
	}()
}

// TestCancelledOnTheWay: a walk ends at the step in which it is cancelled.
func TestCancelledOnTheWay(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	steps := 0
	err := diffusion.Heun{}.Sample(ctx, gaussian{0, 1}, make([]float64, 100), levels(t, 10, 0.1, 1), diffusion.Run{Each: func(s diffusion.State) {
		steps++
		if s.Step == 3 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || steps != 4 {
		t.Errorf("%d states, %v", steps, err)
	}
}
