package field

import (
	"context"
	"fmt"
	"math"

	"wavescore/internal/length"
	"wavescore/internal/parallel"
)

// LengthError is the value of the panic for a slice of the wrong length: a mistake in the program,
// not in its data.
type LengthError = length.Error

// Denoise writes E[x | x + sigma z = src], z ~ N(0, I), to dst for a batch of noisy images,
// row-major; dst may be src. It returns an error unless sigma is in [1e-50, 1e50] and the values
// of src are finite and of a size up to 1e50, and panics with a LengthError if src is not a whole
// number of images or dst has another length.
func (f *Field) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	return f.each(ctx, dst, src, sigma, f.channels*f.height*f.width, func(out []float64, p *posterior) {
		clear(p.sum)
		for k, r := range p.weights {
			mean, power, precision := f.means[k], f.powers[k%len(f.powers)], p.precisions[k%len(f.powers)]
			for j, h := range p.noisy {
				p.sum[j] += r * (mean[j] + power[j]*precision[j]*(h-mean[j]))
			}
		}
		p.basis.transform(out, p.sum)
	})
}

// Score writes the gradient of log p_sigma at each image of src to dst, which may be src: (E[x |
// src] - src) / sigma^2, without the loss of digits of that difference. Errors and panics are
// those of Denoise.
func (f *Field) Score(ctx context.Context, dst, src []float64, sigma float64) error {
	return f.each(ctx, dst, src, sigma, f.channels*f.height*f.width, func(out []float64, p *posterior) {
		clear(p.sum)
		for k, r := range p.weights {
			mean, precision := f.means[k], p.precisions[k%len(f.powers)]
			for j, h := range p.noisy {
				p.sum[j] += r * (mean[j] - h) * precision[j]
			}
		}
		p.basis.transform(out, p.sum)
	})
}

// LogDensity writes log p_sigma (natural, with respect to pixels) at each image of src to dst,
// one value an image. Errors are those of Denoise; it panics with a LengthError if src is not a
// whole number of images or dst has not one value each.
func (f *Field) LogDensity(ctx context.Context, dst, src []float64, sigma float64) error {
	return f.each(ctx, dst, src, sigma, 1, func(out []float64, p *posterior) { out[0] = p.logDensity })
}

// each calls do for every image of src with its posterior and its part of dst, perImage values.
func (f *Field) each(ctx context.Context, dst, src []float64, sigma float64, perImage int, do func(out []float64, p *posterior)) error {
	size := f.channels * f.height * f.width
	n := length.Images("values of src", len(src), size)
	length.Check("values of dst", len(dst), n*perImage)
	if !(sigma >= 1/limit && sigma <= limit) {
		return fmt.Errorf("field: sigma is %v: must be positive, in [%g, %g]", sigma, 1/limit, limit)
	}
	for i, v := range src {
		if !(math.Abs(v) <= limit) {
			return fmt.Errorf("field: image %d has %v at value %d of %d: must be finite, in [%g, %g]",
				i/size, v, i%size, size, -limit, limit)
		}
	}
	l := f.level(sigma)
	newPosterior := func() *posterior {
		return &posterior{
			level: l, means: f.means, basis: newHartley(f.channels, f.height, f.width),
			noisy: make([]float64, size), weights: make([]float64, len(f.weights)), sum: make([]float64, size),
		}
	}
	return parallel.For(ctx, n, newPosterior, func(p *posterior, i int) error {
		p.observe(src[i*size : (i+1)*size])
		do(dst[i*perImage:(i+1)*perImage], p)
		return nil
	})
}

// level is what the posteriors at one noise level share.
type level struct {
	precisions [][]float64 // 1 / (power + sigma^2), one for all components or one each
	logWeights []float64   // log of weight and normalisation of each component
}

func (f *Field) level(sigma float64) level {
	l := level{precisions: make([][]float64, len(f.powers)), logWeights: make([]float64, len(f.weights))}
	logNorms := make([]float64, len(f.powers))
	for s, power := range f.powers {
		l.precisions[s] = make([]float64, len(power))
		for j, p := range power {
			variance := p + sigma*sigma
			l.precisions[s][j] = 1 / variance
			logNorms[s] -= math.Log(2*math.Pi*variance) / 2
		}
	}
	for k, w := range f.weights {
		l.logWeights[k] = math.Log(w) + logNorms[k%len(logNorms)]
	}
	return l
}

// posterior is what one noisy image tells of its component. It is reused from image to image.
type posterior struct {
	level
	means      [][]float64
	basis      *hartley
	noisy      []float64 // the image in the Hartley basis
	weights    []float64 // the probability of each component, given the image
	logDensity float64
	sum        []float64 // scratch for a sum over components
}

// observe sets the posterior of a noisy image. The greatest logarithm is taken out of the sum of
// densities, which would underflow otherwise.
func (p *posterior) observe(image []float64) {
	p.basis.transform(p.noisy, image)
	most := math.Inf(-1)
	for k, mean := range p.means {
		precision := p.precisions[k%len(p.precisions)]
		var distance float64
		for j, h := range p.noisy {
			d := h - mean[j]
			distance += d * d * precision[j]
		}
		p.weights[k] = p.logWeights[k] - distance/2
		most = max(most, p.weights[k])
	}
	var total float64
	for k, w := range p.weights {
		p.weights[k] = math.Exp(w - most)
		total += p.weights[k]
	}
	for k := range p.weights {
		p.weights[k] /= total
	}
	p.logDensity = most + math.Log(total)
}
