package univariate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/dataset"
	"wavescore/pkg/field"
)

// Mixture is a mixture of Gaussians on the line,
//
//	p(w) = sum_k Weights[k] N(w; Means[k], Variances[k]).
type Mixture struct {
	Name      string    // for titles
	Weights   []float64 // positive, of any sum; nil: equal
	Means     []float64
	Variances []float64 // 0 is a point; nil: points
}

// Field returns the mixture as a field of one pixel of package dataset. Its means are rounded to
// float32.
func (m Mixture) Field() (*field.Field, error) {
	if m.Variances != nil && len(m.Variances) != len(m.Means) {
		return nil, fmt.Errorf("univariate: %d variances of %d means", len(m.Variances), len(m.Means))
	}
	means := &dataset.Images{Channels: 1, Height: 1, Width: 1}
	var spectra []field.Spectrum
	for k, mean := range m.Means {
		means.Pixels = append(means.Pixels, float32(mean))
		spectra = append(spectra, field.Spectrum{Height: 1, Width: 1, Power: []float64{m.variance(k)}})
	}
	return field.NewMixture(m.Weights, means, spectra...)
}

// Check returns an error unless there is a mean, all numbers are finite, weights are positive,
// variances are not negative, and there are as many of each.
func (m Mixture) Check() error {
	_, err := m.Field()
	return err
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// variance returns the variance of component k.
func (m Mixture) variance(k int) float64 {
	if m.Variances == nil {
		return 0
	}
	return m.Variances[k]
}

// weight returns the weight of component k. The weights are of any sum.
func (m Mixture) weight(k int) float64 {
	if m.Weights == nil {
		return 1
	}
	return m.Weights[k]
}

// Noisy returns p_sigma, the density of y = w + sigma z: noise adds sigma^2 to the variances.
func (m Mixture) Noisy(sigma float64) Mixture {
	noisy := m
	noisy.Variances = make([]float64, len(m.Means))
	for k := range noisy.Variances {
		noisy.Variances[k] = m.variance(k) + sigma*sigma
	}
	return noisy
}

// sum returns log p(y), and the mean of f over the components, each by its posterior probability
// given y. The greatest exponent is taken out of the sum, which would underflow otherwise.
func (m Mixture) sum(y float64, f func(k int) float64) (logDensity, mean float64) {
	nearest, whole, total := math.Inf(1), 0.0, 0.0
	for k, centre := range m.Means {
		nearest = min(nearest, (y-centre)*(y-centre)/m.variance(k)/2)
		whole += m.weight(k)
	}
	for k, centre := range m.Means {
		v := m.variance(k)
		share := m.weight(k) / whole / math.Sqrt(2*math.Pi*v) * math.Exp(nearest-(y-centre)*(y-centre)/v/2)
		total, mean = total+share, mean+share*f(k)
	}
	return math.Log(total) - nearest, mean / total
}

// LogDensity returns log p(y).
func (m Mixture) LogDensity(y float64) float64 {
	log, _ := m.sum(y, func(int) float64 { return 0 })
	return log
}

// Density returns p(y).
func (m Mixture) Density(y float64) float64 { return math.Exp(m.LogDensity(y)) }

// Score returns (log p)'(y): with r_k the posterior probability of component k given y, it is
// sum_k r_k (m_k - y) / v_k.
func (m Mixture) Score(y float64) float64 {
	_, s := m.sum(y, func(k int) float64 { return (m.Means[k] - y) / m.variance(k) })
	return s
}

// PosteriorMean returns E[w | w + sigma z = y], the best denoiser: sum_k r_k (m_k + v_k (y - m_k) /
// (v_k + sigma^2)). By Tweedie's formula it is y + sigma^2 Noisy(sigma).Score(y).
func (m Mixture) PosteriorMean(y, sigma float64) float64 {
	_, w := m.Noisy(sigma).sum(y, func(k int) float64 {
		v := m.variance(k)
		return m.Means[k] + v/(v+sigma*sigma)*(y-m.Means[k])
	})
	return w
}

// Draw returns n clean values of the mixture, and each with noise. They depend on the seed; the
// clean values do not depend on sigma, and the noise of two sigmas differs by a factor alone.
func (m Mixture) Draw(n int, sigma float64, seed uint64) (clean, noisy []float64) {
	clean = must(m.Field()).Draw(n, seed).Batch(nil, 0, n)
	rnd := rand.New(rand.NewPCG(seed, 1))
	noisy = make([]float64, n)
	for i, w := range clean {
		noisy[i] = w + sigma*rnd.NormFloat64()
	}
	return clean, noisy
}

// Span returns n places that are evenly spaced from end to end of the density: to six standard
// deviations from its outermost components.
func (m Mixture) Span(n int) []float64 {
	low, high := math.Inf(1), math.Inf(-1)
	for k, mean := range m.Means {
		reach := 6 * math.Sqrt(m.variance(k))
		low, high = min(low, mean-reach), max(high, mean+reach)
	}
	return floats.Span(make([]float64, n), low, high)
}

// Quantile returns the place that a share of the means lie below, by weight: of a set of numbers,
// one of them.
func (m Mixture) Quantile(share float64) float64 {
	order := make([]int, len(m.Means))
	means := slices.Clone(m.Means)
	floats.Argsort(means, order)
	weights := make([]float64, len(means))
	for i, k := range order {
		weights[i] = m.weight(k)
	}
	return stat.Quantile(share, stat.Empirical, means, weights)
}

// Fisher returns the mean square of the score, E[s^2]: the Fisher information of the density about
// its place. It is a sum over Span, with a step of a sixteenth of the narrowest component's
// standard deviation, and right to about six digits.
func (m Mixture) Fisher() float64 {
	ends := m.Span(2)
	y := m.Span(2 + int(16*(ends[1]-ends[0])/math.Sqrt(slices.Min(m.Variances))))
	sum := 0.0
	for _, y := range y {
		s := m.Score(y)
		sum += s * s * m.Density(y)
	}
	return sum * (y[1] - y[0])
}
