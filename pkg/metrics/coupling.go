package metrics

import (
	"context"
	"fmt"
	"strconv"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Coupling is how much the levels of a wavelet basis depend on one another in a denoiser.
type Coupling struct {
	Levels []string // "approximation", then the levels from the coarsest to "1", the finest

	energy [][]float64 // image: output level x input level, row-major
}

// ScaleCoupling measures, in the basis of the transform, the squared Frobenius norms |P_j J P_k^T|^2 of the blocks of the Jacobian between output
// level j and input level k. A block's norm is the mean of |P_k J^T u|^2 over vectors u of random signs on level j (Hutchinson's
// estimator), of which each noisy image gets as many as probes for every level. It is unbiased; its spread is part of the interval,
// as images have probes of their own.
//
// What is coupled is coupled in this basis: a smoothing filter, although it has no levels, couples neighbouring ones.
func ScaleCoupling(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64, transform *wavelet.Transform, probes int) (*Coupling, error) {
	layout := transform.Layout()
	size := layout.Len()
	if shape := d.Shape(); layout.Channels != shape.C || layout.Height != shape.H || layout.Width != shape.W {
		return nil, fmt.Errorf("metrics: a transform of %dx%dx%d images for a denoiser of %v", layout.Channels, layout.Height, layout.Width, shape)
	}
	c := &Coupling{Levels: []string{"approximation"}}
	for level := layout.Levels; level > 0; level-- {
		c.Levels = append(c.Levels, strconv.Itoa(level))
	}
	levels := len(c.Levels)
	block := make([]int, size) // coefficient -> row of Levels
	for _, b := range layout.Bands() {
		from, to := layout.Range(b)
		for i := from; i < to && b.Orientation != wavelet.Approximation; i++ {
			block[i] = layout.Levels - b.Level + 1
		}
	}
	ask := func(i int, noisy, at, cotangents []float64) {
		rnd := set.random(probeStream, i)
		for k := range levels * probes {
			copy(at[k*size:], noisy)
			for q, level := range block {
				if level == k/probes {
					cotangents[k*size+q] = float64(2*rnd.IntN(2) - 1)
				}
			}
		}
		transform.Inverse(cotangents, cotangents)
	}
	told := func(i int, back []float64) {
		energy := make([]float64, levels*levels)
		transform.Forward(back, back)
		for k, slope := range back {
			energy[k/size/probes*levels+block[k%size]] += slope * slope / float64(probes)
		}
		c.energy = append(c.energy, energy)
	}
	if err := pullBacks(ctx, Differentiate(d), set, sigma, levels*probes, ask, told); err != nil {
		return nil, err
	}
	return c, nil
}

// Share returns the part of the squared Jacobian of output level j that is with input level k, both as numbers in Levels: the shares of an
// output level add up to 1. It is NaN where the output level depends on nothing.
func (c *Coupling) Share(j, k int) Statistic {
	rows := make([][]float64, len(c.energy))
	for i, energy := range c.energy {
		rows[i] = energy[j*len(c.Levels) : (j+1)*len(c.Levels)]
	}
	return NewStatistic(rows, func(means []float64) float64 {
		var sum float64
		for _, e := range means {
			sum += e
		}
		return means[k] / sum
	})
}

// Across returns the part of the whole squared Jacobian that is between different levels: one number for the coupling.
func (c *Coupling) Across() Statistic {
	return NewStatistic(c.energy, func(means []float64) float64 {
		var across, sum float64
		for k, e := range means {
			sum += e
			if k/len(c.Levels) != k%len(c.Levels) {
				across += e
			}
		}
		return across / sum
	})
}
