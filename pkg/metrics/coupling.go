package metrics

import (
	"context"
	"fmt"
	"strconv"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Coupling holds the squared Jacobian of a denoiser between the levels of a wavelet basis.
type Coupling struct {
	Levels []string // "approximation", then the levels from the coarsest to "1", the finest

	energy [][]float64 // images x output levels x input levels
}

// ScaleCoupling measures the squared Frobenius norms |P_j J P_k^T|^2 of the blocks of the Jacobian
// J between output level j and input level k, in the basis of the transform. The squared norm of a
// block is the mean of |P_k J^T u|^2 over vectors u of random signs on level j (Hutchinson's
// estimator). Each noisy image has its own vectors, as many as probes for every level. The
// estimate is unbiased, and its variance over the vectors is part of the interval.
//
// The coupling is that in this basis. A smoothing filter has no levels, and yet couples
// neighbouring ones.
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
	levelOf := make([]int, size) // coefficient -> index in Levels
	for _, b := range layout.Bands() {
		from, to := layout.Range(b)
		for i := from; i < to && b.Orientation != wavelet.Approximation; i++ {
			levelOf[i] = layout.Levels - b.Level + 1
		}
	}
	inputs := func(i int, noisy, points, cotangents []float64) {
		rnd := set.random(probeStream, i)
		for k := range levels * probes {
			copy(points[k*size:], noisy)
			for q, level := range levelOf {
				if level == k/probes {
					cotangents[k*size+q] = float64(2*rnd.IntN(2) - 1)
				}
			}
		}
		transform.Inverse(cotangents, cotangents)
	}
	collect := func(_ int, products []float64) {
		energy := make([]float64, levels*levels)
		transform.Forward(products, products)
		for k, slope := range products {
			energy[k/size/probes*levels+levelOf[k%size]] += slope * slope / float64(probes)
		}
		c.energy = append(c.energy, energy)
	}
	probe := jacobianProbe{perImage: levels * probes, inputs: inputs, collect: collect}
	if err := probe.run(ctx, Differentiate(d), set, sigma); err != nil {
		return nil, err
	}
	return c, nil
}

// Share returns the share of input level k in the squared Jacobian of output level j, both indices
// in Levels. The shares of an output level have the sum 1. They are NaN where the level's Jacobian
// is 0.
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

// Across returns the share of the whole squared Jacobian that is between different levels.
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
