package guest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
)

// blur divides by 1 + sigma^2, unless it is to err.
type blur struct {
	shape diffusion.Shape
	how   string
	calls *int
}

func (b blur) Shape() diffusion.Shape { return b.shape }

func (b blur) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	*b.calls++
	var mean float64
	for _, v := range src {
		mean += v / float64(len(src))
	}
	for i, v := range src {
		dst[i] = v / (1 + sigma*sigma)
		switch b.how {
		case "mean of the batch":
			dst[i] -= mean
		case "drifts":
			dst[i] += 0.01 * float64(*b.calls)
		case "nan":
			dst[i] = math.NaN()
		case "other":
			dst[i] /= 2
		}
	}
	return nil
}

var shape = diffusion.Shape{C: 1, H: 32, W: 32}

func TestCheck(t *testing.T) {
	for how, says := range map[string]string{"": "", "mean of the batch": "alone than among others", "drifts": "asked again", "nan": "finite"} {
		err := Check(t.Context(), blur{shape, how, new(int)})
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v", how, err)
		}
	}
}

// A guest is measured as it is, once, and anew where its answers change.
func TestOf(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	study := &experiment.Study{Run: lab.Setup(lab.Run{Data: "digits", Train: 20, Test: 4, Seed: 1}), Images: 4, Sigmas: []float64{0.5}}
	errorOf := func(how string) (mean float64, calls int) {
		guest := Of("blur", func(s diffusion.Shape) (diffusion.Denoiser, error) { return blur{s, how, &calls}, nil })
		trial := study.Trials(guest)[0]
		for i, v := range trial.Denoised {
			mean += (v - trial.Clean[i]) * (v - trial.Clean[i]) / float64(len(trial.Denoised))
			want := trial.Noisy[i] / 1.25
			if how == "other" {
				want /= 2
			}
			if math.Abs(v-want) > 1e-12 {
				t.Fatalf("%q: pixel %d is %v, want %v", how, i, v, want)
			}
		}
		return mean, calls
	}
	first, calls := errorOf("")
	again, fewer := errorOf("")
	if again != first || fewer >= calls {
		t.Errorf("errors %v and %v, %d and %d calls: the second is not read from the cache", first, again, calls, fewer)
	}
	if other, _ := errorOf("other"); other == first {
		t.Error("another denoiser has the error of the first")
	}
}

// What cannot be used stops the cell, with the guest's name.
func TestMistakes(t *testing.T) {
	run := lab.Setup(lab.Run{Data: "digits", Train: 20, Test: 4, Seed: 1})
	for how, says := range map[string]string{"nan": "guest mine: ", "shape": "takes images of 1x8x8"} {
		func() {
			defer func() {
				if err, ok := recover().(error); !ok || !strings.Contains(err.Error(), says) {
					t.Errorf("%s: %v", how, err)
				}
			}()
			Of("mine", func(s diffusion.Shape) (diffusion.Denoiser, error) {
				if how == "shape" {
					s = diffusion.Shape{C: 1, H: 8, W: 8}
				}
				return blur{s, how, new(int)}, nil
			}).Make(run, "mine")
		}()
	}
}

// The probe is images with noise of the level asked for.
func TestProbe(t *testing.T) {
	a, b := probe(shape, 0.5), probe(shape, 2)
	for i := range a {
		// Both are disks plus sigma times the same noise, so that this is the disks.
		if disk := (4*a[i] - b[i]) / 3; math.Abs(math.Abs(disk)-1) > 1e-12 {
			t.Fatalf("pixel %d of the clean image is %v", i, disk)
		}
	}
	if slices.Equal(a[:shape.Size()], a[shape.Size():2*shape.Size()]) {
		t.Error("two images are one")
	}
}

// TestMemory: what a guest keeps is not known, and nobody says that it keeps nothing.
func TestMemory(t *testing.T) {
	run := lab.Setup(lab.Run{Data: "digits", Side: 16, Train: 4, Test: 4, Seed: 1})
	study := &experiment.Study{Run: run, Sigmas: []float64{0.5}, Images: 2}
	d := Of("guest", func(diffusion.Shape) (diffusion.Denoiser, error) { return nil, errors.New("it need not be opened") })
	if m := study.Memory(d); m.Holds != "not known" || m.Numbers != 0 {
		t.Errorf("%+v", m)
	}
}
