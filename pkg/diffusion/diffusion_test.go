package diffusion_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"wavescore/pkg/diffusion"
)

// gaussian denoises single pixels drawn from N(mean, deviation^2), exactly.
type gaussian struct{ mean, deviation float64 }

func (g gaussian) Shape() diffusion.Shape { return diffusion.Shape{C: 1, H: 1, W: 1} }

func (g gaussian) Denoise(dst, src []float64, sigma float64) error {
	if err := diffusion.Check(g.Shape(), dst, src, sigma); err != nil {
		return err
	}
	gain := g.deviation * g.deviation / (g.deviation*g.deviation + sigma*sigma)
	for i, y := range src {
		dst[i] = g.mean + gain*(y-g.mean)
	}
	return nil
}

// flow is the closed form of the probability flow on a Gaussian: distances from the mean shrink with the noisy deviation.
func (g gaussian) flow(x, from, to float64) float64 {
	return g.mean + (x-g.mean)*math.Hypot(g.deviation, to)/math.Hypot(g.deviation, from)
}

func Example() {
	prior := gaussian{mean: 0.2, deviation: 0.1}
	y := []float64{0.5}
	denoised := make([]float64, 1)
	if err := prior.Denoise(denoised, y, 0.2); err != nil {
		fmt.Println(err)
		return
	}
	score := make([]float64, 1)
	diffusion.Score(score, denoised, y, 0.2)
	fmt.Printf("denoised %.2f, score %.2f\n", denoised[0], score[0])
	// Output: denoised 0.26, score -6.00
}

// TestHeunIsOfSecondOrder: against the closed flow of a Gaussian, the error falls by 4 (within 15 %) when the steps are halved.
func TestHeunIsOfSecondOrder(t *testing.T) {
	prior := gaussian{mean: 0.3, deviation: 0.5}
	var previous float64
	for n := 20; n <= 160; n *= 2 {
		sigmas := make([]float64, n+1) // even steps down to 0.1
		for i := range sigmas {
			sigmas[i] = 5 - 4.9*float64(i)/float64(n)
		}
		x := []float64{4}
		if err := diffusion.Heun(context.Background(), prior, x, sigmas, nil); err != nil {
			t.Fatal(err)
		}
		err := math.Abs(x[0] - prior.flow(4, 5, 0.1))
		if n >= 80 && math.Abs(previous/err-4) > 0.6 {
			t.Errorf("%d steps: error %v after %v with half as many, a factor of %v", n, err, previous, previous/err)
		}
		previous = err
	}
}

// TestHeunLandsOnTheDenoiser: the last step, to noise 0, is the denoised image.
func TestHeunLandsOnTheDenoiser(t *testing.T) {
	prior := gaussian{mean: -0.1, deviation: 0.4}
	x := []float64{2, -1}
	var before []float64
	var levels []float64
	err := diffusion.Heun(context.Background(), prior, x, []float64{3, 1, 0.1, 0}, func(sigma float64, x []float64) {
		levels = append(levels, sigma)
		if sigma == 0.1 {
			before = append(before, x...)
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	want := make([]float64, 2)
	if err := prior.Denoise(want, before, 0.1); err != nil {
		t.Fatal(err)
	}
	for i := range want {
		if math.Abs(x[i]-want[i]) > 1e-15 {
			t.Errorf("image %d ends at %v, want %v", i, x[i], want[i])
		}
	}
	if fmt.Sprint(levels) != "[1 0.1 0]" {
		t.Errorf("levels told: %v", levels)
	}
}

// broken is a denoiser that answers with an infinity below a level of noise.
type broken struct{ gaussian }

func (b broken) Denoise(dst, src []float64, sigma float64) error {
	err := b.gaussian.Denoise(dst, src, sigma)
	if sigma < 1 {
		dst[1] = math.Inf(1)
	}
	return err
}

func TestHeunErrors(t *testing.T) {
	ctx := context.Background()
	prior := gaussian{0, 1}
	for _, sigmas := range [][]float64{{1, 2}, {1, 1}, {1, 0, 0}, {1, -1}, {0}, {math.NaN(), 1}, {math.Inf(1), 1}} {
		if err := diffusion.Heun(ctx, prior, []float64{1}, sigmas, nil); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("levels %v: %v", sigmas, err)
		}
	}
	if err := diffusion.Heun(ctx, broken{prior}, []float64{1, 2, 3}, []float64{4, 2, 0.5, 0}, nil); err == nil || !strings.Contains(err.Error(), "image 1") {
		t.Errorf("an infinite image: %v", err)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := diffusion.Heun(cancelled, prior, []float64{1}, []float64{2, 1}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestKarras: the ends, the order, and even spacing in the seventh root.
func TestKarras(t *testing.T) {
	sigmas, err := diffusion.Karras(10, 0.02, 20)
	if err != nil {
		t.Fatal(err)
	}
	if len(sigmas) != 11 || math.Abs(sigmas[0]-20) > 1e-12 || math.Abs(sigmas[9]-0.02) > 1e-14 || sigmas[10] != 0 {
		t.Errorf("levels %v", sigmas)
	}
	for i := 1; i < 9; i++ {
		a, b, c := math.Pow(sigmas[i-1], 1.0/7), math.Pow(sigmas[i], 1.0/7), math.Pow(sigmas[i+1], 1.0/7)
		if math.Abs(a-2*b+c) > 1e-13 {
			t.Errorf("level %d is not halfway in the seventh root", i)
		}
	}
	for _, bad := range [][3]float64{{1, 0.1, 1}, {5, 0, 1}, {5, 1, 1}, {5, 2, 1}, {5, 0.1, math.Inf(1)}, {5, math.NaN(), 1}} {
		if _, err := diffusion.Karras(int(bad[0]), bad[1], bad[2]); err == nil {
			t.Errorf("%v was accepted", bad)
		}
	}
}

func TestCheck(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 2, W: 2}
	ok := make([]float64, 8)
	if err := diffusion.Check(shape, ok, ok, 0.1); err != nil {
		t.Error(err)
	}
	for _, sigma := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if err := diffusion.Check(shape, ok, ok, sigma); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("sigma %v: %v", sigma, err)
		}
	}
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		bad := make([]float64, 8)
		bad[6] = v
		if err := diffusion.Check(shape, ok, bad, 1); !errors.Is(err, diffusion.ErrInput) || !strings.Contains(err.Error(), "image 1") {
			t.Errorf("pixel %v: %v", v, err)
		}
	}
	for _, lengths := range [][2]int{{8, 4}, {5, 5}} {
		func() {
			defer func() {
				if _, ok := recover().(diffusion.LengthError); !ok {
					t.Errorf("lengths %v: no LengthError", lengths)
				}
			}()
			_ = diffusion.Check(shape, make([]float64, lengths[0]), make([]float64, lengths[1]), 1)
		}()
	}
}
