package field

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"wavescore/internal/parallel"
	"wavescore/pkg/dataset"
)

// Field is a distribution of images that is known exactly, with its denoiser and its score at
// every noise level: a mixture of stationary Gaussian fields on a torus, independent between
// channels,
//
//	p(x) = sum_k w_k N(x; m_k, C_k)
//
// Noise of standard deviation sigma only adds sigma^2 to the covariances. In the orthonormal
// Hartley basis, where C_k is diagonal with the powers P_k of a Spectrum, and with h and m_k for
// the noisy image and the means in that basis,
//
//	log p_sigma(h) = log sum_k w_k N(h; m_k, P_k + sigma^2)
//	r_k            = w_k N(h; m_k, P_k + sigma^2) / p_sigma(h)            the posterior of component k
//	E[x | h]       = sum_k r_k (m_k + P_k / (P_k + sigma^2) (h - m_k))    the denoiser
//	grad log p     = sum_k r_k (m_k - h) / (P_k + sigma^2)                the score
//
// where products and quotients are frequency by frequency.
//
// A field of one pixel is a distribution on the line. A mixture of deviation 0 has the means as
// its only images: its denoiser is that of a finite training set, which memorises.
//
// dataset.Images are not clipped to [-1, 1]: that would be another distribution, with an unknown
// score. Drawn ones are rounded to float32. A Field is safe for concurrent use.
type Field struct {
	name                    string
	channels, height, width int
	weights                 []float64   // of the components; they sum to 1
	means                   [][]float64 // of the components, in the Hartley basis
	powers                  [][]float64 // as long as a mean; one for all components or one each
}

// limit bounds the sizes of what goes into a field, so that nothing overflows.
const limit = 1e50

// NewGaussian returns the Gaussian field of one channel, zero mean and the given spectrum. Its
// denoiser is the Wiener filter, whose mean squared error is the spectrum's Risk.
func NewGaussian(spectrum Spectrum) (*Field, error) {
	f, err := NewScaleMixture(nil, []float64{1}, spectrum)
	if err != nil {
		return nil, err
	}
	f.name = "gaussian field"
	return f, nil
}

// NewScaleMixture returns the Gaussian scale mixture sqrt(s) u of one channel: u is the Gaussian
// field of zero mean with the given spectrum, and s is one of the scales, the same for the whole
// image, drawn by weight; nil weights are equal. The coefficients of an image are then large or
// small together, as those of natural images are (Wainwright and Simoncelli, NIPS 12, 2000): in
// the Hartley basis they are uncorrelated without being independent.
func NewScaleMixture(weights, scales []float64, spectrum Spectrum) (*Field, error) {
	if err := spectrum.check(); err != nil {
		return nil, err
	}
	if len(scales) == 0 {
		return nil, fmt.Errorf("field: a scale mixture of no scales: must have one or more")
	}
	spectra := make([]Spectrum, len(scales))
	for k, s := range scales {
		if !(s >= 0 && s <= limit) {
			return nil, fmt.Errorf("field: scale %d is %v: must be in [0, %g]", k, s, limit)
		}
		spectra[k] = spectrum.scaled(s)
	}
	f, err := NewMixture(weights, &dataset.Images{
		Channels: 1, Height: spectrum.Height, Width: spectrum.Width,
		Pixels: make([]float32, len(scales)*len(spectrum.Power)),
	}, spectra...)
	if err != nil {
		return nil, err
	}
	f.name = "gaussian scale mixture"
	return f, nil
}

// NewMixture returns the mixture of Gaussian fields around the means, each an image, with one
// spectrum for all or one each. Weights are positive and need not sum to 1; nil weights are
// equal. The error says which weight, mean or power is not usable.
func NewMixture(weights []float64, means *dataset.Images, spectra ...Spectrum) (*Field, error) {
	if err := means.Check(); err != nil {
		return nil, err
	}
	n := means.Len()
	if len(spectra) != 1 && len(spectra) != n {
		return nil, fmt.Errorf("field: %d spectra for %d components: must be one for all or one each", len(spectra), n)
	}
	f := &Field{name: "gaussian mixture", channels: means.Channels, height: means.Height, width: means.Width}
	for _, s := range spectra {
		if err := s.check(); err != nil {
			return nil, err
		}
		if s.Height != f.height || s.Width != f.width {
			return nil, fmt.Errorf("field: a spectrum of %dx%d pixels for means of %dx%d", s.Height, s.Width, f.height, f.width)
		}
		f.powers = append(f.powers, slices.Repeat(s.Power, f.channels))
	}
	var err error
	if f.weights, err = normalised(weights, n); err != nil {
		return nil, err
	}
	basis := newHartley(f.channels, f.height, f.width)
	for k := range n {
		mean := means.Batch(nil, k, k+1)
		basis.transform(mean, mean)
		f.means = append(f.means, mean)
	}
	return f, nil
}

// normalised returns n weights scaled to sum to 1; nil weights are equal.
func normalised(weights []float64, n int) ([]float64, error) {
	if weights == nil {
		return slices.Repeat([]float64{1 / float64(n)}, n), nil
	}
	if len(weights) != n {
		return nil, fmt.Errorf("field: %d weights for %d components: must be one each, or nil for equal ones", len(weights), n)
	}
	var total float64
	for k, w := range weights {
		if !(w >= 1/limit && w <= limit) {
			return nil, fmt.Errorf("field: weight %d is %v: must be in [%g, %g]", k, w, 1/limit, limit)
		}
		total += w
	}
	scaled := make([]float64, n)
	for k, w := range weights {
		scaled[k] = w / total
	}
	return scaled, nil
}

// Dims returns the shape of an image.
func (f *Field) Dims() (channels, height, width int) { return f.channels, f.height, f.width }

// Components returns the number of Gaussians that the field is a mixture of.
func (f *Field) Components() int { return len(f.weights) }

// CacheKey returns all that the field is made of: lab.Cached knows it by that.
func (f *Field) CacheKey() any {
	return []any{f.channels, f.height, f.width, f.weights, f.means, f.powers}
}

// stream tells the random numbers of fields from those of package dataset's images: two kinds that
// are drawn with one seed are independent.
const stream = 2 << 56

// Draw returns n images of the field, labelled with their components. Image i depends on seed and
// i alone.
func (f *Field) Draw(n int, seed uint64) *dataset.Images {
	size := f.channels * f.height * f.width
	set := &dataset.Images{
		Name: f.name, Channels: f.channels, Height: f.height, Width: f.width,
		Pixels: make([]float32, n*size),
		Labels: make([]int, n),
	}
	type scratch struct {
		basis *hartley
		x     []float64
	}
	newScratch := func() *scratch {
		return &scratch{newHartley(f.channels, f.height, f.width), make([]float64, size)}
	}
	// A second or two for the largest sets: it has no context.
	_ = parallel.For(context.Background(), n, newScratch, func(s *scratch, i int) error {
		random := rand.New(rand.NewPCG(seed, stream|uint64(i)))
		k := f.choose(random.Float64())
		set.Labels[i] = k
		mean, power := f.means[k], f.powers[k%len(f.powers)]
		for j := range s.x {
			s.x[j] = mean[j] + math.Sqrt(power[j])*random.NormFloat64()
		}
		s.basis.transform(s.x, s.x)
		for j, p := range s.x {
			set.Pixels[i*size+j] = float32(p)
		}
		return nil
	})
	return set
}

// choose returns the component at u in [0, 1) of the cumulated weights.
func (f *Field) choose(u float64) int {
	last := len(f.weights) - 1
	for k, w := range f.weights[:last] {
		if u -= w; u < 0 {
			return k
		}
	}
	return last
}
