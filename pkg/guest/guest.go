package guest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/experiment"
	"wavescore/pkg/lab"
)

// Of returns a denoiser of package experiment that open makes for the shape of a run's images. It
// is opened and checked when it is first needed. It is given to samplers as it is, without a guard.
func Of(name string, open func(diffusion.Shape) (diffusion.Denoiser, error)) experiment.Denoiser {
	return experiment.Denoiser{Name: name, Recipe: &recipe{open: open}}
}

type recipe struct {
	open   func(diffusion.Shape) (diffusion.Denoiser, error)
	guests sync.Map // func() opened, by the shape
}

// opened is a denoiser, and what it is known by.
type opened struct {
	denoiser diffusion.Denoiser
	digest   string
}

func (r *recipe) opened(run lab.Run, name string) opened {
	shape := run.Shape()
	guest, _ := r.guests.LoadOrStore(shape, sync.OnceValue(func() opened {
		d, err := r.open(shape)
		if err == nil && d.Shape() != shape {
			err = fmt.Errorf("it takes images of %v; those of the run are %v", d.Shape(), shape)
		}
		var digest string
		if err == nil {
			digest, err = check(context.Background(), d)
		}
		if err != nil {
			lab.Must(fmt.Errorf("guest %s: %w", name, err))
		}
		return opened{d, digest}
	}))
	return guest.(func() opened)()
}

// Make implements experiment.Recipe.
func (r *recipe) Make(run lab.Run, name string) diffusion.Denoiser {
	return r.opened(run, name).denoiser
}

// Sampler implements experiment.Recipe.
func (r *recipe) Sampler(run lab.Run, name string) diffusion.Denoiser { return r.Make(run, name) }

// Key implements experiment.Recipe.
func (r *recipe) Key(run lab.Run) any { return "guest " + r.opened(run, "to be measured").digest }

// Images implements experiment.Recipe. How many images a guest has learnt from is not known.
func (r *recipe) Images(lab.Run) int { return 0 }

// Available implements experiment.Recipe.
func (r *recipe) Available(lab.Run) bool { return true }

// Memory says that what a guest keeps is not known.
func (r *recipe) Memory() experiment.Memory { return experiment.Memory{Holds: "not known"} }

// The noisy images that a guest is checked and known by.
const (
	probes    = 3
	tolerance = 1e-3 // between answers that ought to be equal, in pixels of [-1, 1]: more than float32 rounds
)

var probeLevels = []float64{0.1, 0.5, 2}

// Check returns an error unless a denoiser answers at noise levels of 0.1, 0.5 and 2 with finite
// pixels, the same whenever it is asked, in whatever memory, and for each image whatever the others
// of its batch. Differences up to 0.001 pass.
func Check(ctx context.Context, d diffusion.Denoiser) error {
	_, err := check(ctx, d)
	return err
}

// check checks a denoiser and returns a digest of its answers.
func check(ctx context.Context, d diffusion.Denoiser) (digest string, err error) {
	size, hash := d.Shape().Size(), sha256.New()
	for _, sigma := range probeLevels {
		noisy := probe(d.Shape(), sigma)
		answers, err := diffusion.Denoised(ctx, d, noisy, sigma)
		if err != nil {
			return "", err
		}
		if err := diffusion.CheckFinite(d.Shape(), answers, sigma); err != nil {
			return "", err
		}
		again := append([]float64(nil), noisy...)
		if err := d.Denoise(ctx, again, again, sigma); err != nil { // in place
			return "", err
		}
		if apart := floats.Distance(again, answers, math.Inf(1)); !(apart <= tolerance) {
			return "", fmt.Errorf("at sigma %v it answers otherwise when it is asked again: by up to %.2g in a pixel", sigma, apart)
		}
		for i := 0; i < len(noisy); i += size {
			alone, err := diffusion.Denoised(ctx, d, noisy[i:i+size], sigma)
			if err != nil {
				return "", err
			}
			if apart := floats.Distance(alone, answers[i:i+size], math.Inf(1)); !(apart <= tolerance) {
				return "", fmt.Errorf("at sigma %v it answers otherwise to an image alone than among others: by up to %.2g in a pixel; "+
					"is it a network that is still set to be trained?", sigma, apart)
			}
		}
		for _, v := range answers {
			_ = binary.Write(hash, binary.LittleEndian, v) // which never fails
		}
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}

// probe returns noisy images of bright disks on black, of several sizes.
func probe(shape diffusion.Shape, sigma float64) []float64 {
	noisy := diffusion.Run{Seed: 1}.Start(shape, probes, sigma, nil)
	for i := range noisy {
		n, row, col := i/shape.Size(), i/shape.W%shape.H, i%shape.W
		y, x := 2*float64(row)/float64(shape.H)-1, 2*float64(col)/float64(shape.W)-1
		if math.Hypot(x, y) < 0.2*float64(n+1) {
			noisy[i]++
		} else {
			noisy[i]--
		}
	}
	return noisy
}
