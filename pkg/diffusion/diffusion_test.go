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

func (g gaussian) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(g.Shape(), dst, src, sigma); err != nil {
		return err
	}
	gain := g.deviation * g.deviation / (g.deviation*g.deviation + sigma*sigma)
	for i, y := range src {
		dst[i] = g.mean + gain*(y-g.mean)
	}
	return nil
}

func Example() {
	prior := gaussian{mean: 0.2, deviation: 0.1}
	y := []float64{0.5}
	denoised := make([]float64, 1)
	if err := prior.Denoise(context.Background(), denoised, y, 0.2); err != nil {
		fmt.Println(err)
		return
	}
	score := make([]float64, 1)
	diffusion.Score(score, denoised, y, 0.2)
	fmt.Printf("denoised %.2f, score %.2f\n", denoised[0], score[0])
	// Output: denoised 0.26, score -6.00
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
