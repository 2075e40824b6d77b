package neural

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"time"

	"wavescore/internal/openblas"
	"wavescore/pkg/diffusion"
)

// Training is the record of a network's training.
type Training struct {
	Data        string       `json:"data"`         // name of the images
	TrainImages int          `json:"train_images"` // how many there are
	Settings    Settings     `json:"settings"`
	Seconds     float64      `json:"seconds"`     // by the clock
	CPUSeconds  float64      `json:"cpu_seconds"` // of all cores together; 0 where it is not known
	Conditions  string       `json:"conditions"`  // cores, matrix products, version of Go
	Log         []Record     `json:"log"`
	Validation  []LevelError `json:"validation,omitempty"` // on images that were not trained on
}

// Record is a line of the log: means over the steps since the line before.
type Record struct {
	Images   int     `json:"images"` // shown so far
	Seconds  float64 `json:"seconds"`
	Loss     float64 `json:"loss"`
	Gradient float64 `json:"gradient"` // its length, before it is shortened
	Rate     float64 `json:"rate"`     // at the last step
}

// LevelError is the mean squared error per pixel at a noise level.
type LevelError struct {
	Sigma float64 `json:"sigma"`
	MSE   float64 `json:"mse"`
}

// recordEvery is the number of steps of a line of the log.
const recordEvery = 25

// sums are over steps.
type sums struct {
	Steps    int     `json:"steps"`
	Loss     float64 `json:"loss"`
	Gradient float64 `json:"gradient"`
}

// history is the log of a training so far.
type history struct {
	log    []Record
	recent sums // since the last line of the log
	clock  clock
}

// record takes what one step was like; last tells that it was the last.
func (h *history) record(step Record, last bool) {
	h.recent = sums{h.recent.Steps + 1, h.recent.Loss + step.Loss, h.recent.Gradient + step.Gradient}
	if h.recent.Steps < recordEvery && !last {
		return
	}
	n := float64(h.recent.Steps)
	step.Loss, step.Gradient = h.recent.Loss/n, h.recent.Gradient/n
	step.Seconds, _ = h.clock.read()
	h.log, h.recent = append(h.log, step), sums{}
}

// clock measures the time that passes and the time that cores work.
type clock struct {
	began            time.Time
	seconds, working float64 // of earlier runs; less what this process had worked when the clock began
}

// newClock returns a clock that runs on from a reading.
func newClock(seconds, working float64) clock {
	return clock{time.Now(), seconds, working - cpuSeconds()}
}

func (c clock) read() (seconds, working float64) {
	return c.seconds + time.Since(c.began).Seconds(), c.working + cpuSeconds()
}

func conditions() string {
	return fmt.Sprintf("%d cores, %s, %s %s/%s", runtime.GOMAXPROCS(0), openblas.Name, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// Measure returns the mean squared error per pixel of a denoiser on images, each with one draw of
// noise from the seed, the same at every level.
func Measure(ctx context.Context, d diffusion.Denoiser, images diffusion.Images, sigmas []float64, seed uint64) ([]LevelError, error) {
	const batch = 64
	sums := make([]float64, len(sigmas))
	size := d.Shape().Size()
	noise := rand.New(rand.NewPCG(seed, 0))
	room, z, out := make([]float64, batch*size), make([]float64, batch*size), make([]float64, batch*size)
	for from := 0; from < images.Len(); from += batch {
		to := min(from+batch, images.Len())
		clean := images.Batch(room[:(to-from)*size], from, to)
		for i := range clean {
			z[i] = noise.NormFloat64()
		}
		noisy := out[:len(clean)]
		for s, sigma := range sigmas {
			for i, x := range clean {
				noisy[i] = x + sigma*z[i]
			}
			if err := d.Denoise(ctx, noisy, noisy, sigma); err != nil {
				return nil, err
			}
			for i, x := range clean {
				sums[s] += (noisy[i] - x) * (noisy[i] - x)
			}
		}
	}
	errors := make([]LevelError, len(sigmas))
	for s, sigma := range sigmas {
		errors[s] = LevelError{Sigma: sigma, MSE: sums[s] / math.Max(1, float64(images.Len()*size))}
	}
	return errors, nil
}
