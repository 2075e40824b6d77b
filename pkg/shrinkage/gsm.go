package shrinkage

import (
	"context"
	"math"

	"wavescore/internal/linalg"
	"wavescore/pkg/wavelet"
)

// The multipliers z of a Gaussian scale mixture: exp of these, equally likely, as in the authors'
// program.
const (
	logLeast, logMost, logStep = -20.5, 3.5, 2.0
)

// neighbourRadius is the reach of a neighbourhood.
const neighbourRadius = 1

// scaleMixture replaces the detail coefficients of an image by their posterior means. A
// coefficient, its eight neighbours and its parent are sqrt(z) u + noise, where u is Gaussian and z
// is a multiplier of the place. The covariance of u is that of the band's neighbourhoods less
// sigma^2 I; in its eigenbasis every z has a diagonal covariance, so that
//
//	E[x | y] = sum_z p(z | y) sum_k q_k z l_k / (z l_k + sigma^2) (Q^T y)_k,
//
// with q the row of the coefficient in Q.
func scaleMixture(ctx context.Context, layout wavelet.Layout, w []float64, sigma float64) error {
	noisy := append([]float64(nil), w...)
	for _, band := range layout.Bands() {
		if band.Orientation == wavelet.Approximation {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		m, err := newMixture(ctx, layout, band, noisy, sigma)
		if err != nil {
			return err
		}
		from, _ := layout.Range(band)
		for i, neighbours := range m.neighbourhoods {
			w[from+i] = m.mean(noisy, neighbours)
		}
	}
	return nil
}

// mixture is the Gaussian scale mixture of one band.
type mixture struct {
	neighbourhoods [][]int // of each coefficient of the band: itself first
	values         []float64
	vectors        []float64 // one a column
	zs             []float64
	logNorms       []float64 // of each z: -1/2 sum_k log(z l_k + sigma^2)
	variance       float64   // of the noise
	turned, logs   []float64 // scratch
}

// newMixture returns the mixture of a band of noisy coefficients.
func newMixture(ctx context.Context, layout wavelet.Layout, band wavelet.Band, noisy []float64, sigma float64) (*mixture, error) {
	m := &mixture{variance: sigma * sigma}
	from, to := layout.Range(band)
	for i := from; i < to; i++ {
		m.neighbourhoods = append(m.neighbourhoods, neighbourhood(layout, i))
	}
	n := len(m.neighbourhoods[0])
	covariance := make([]float64, n*n)
	for _, at := range m.neighbourhoods {
		for a := range n {
			for b := range n {
				covariance[a*n+b] += noisy[at[a]] * noisy[at[b]] / float64(to-from)
			}
		}
	}
	for a := range n {
		covariance[a*n+a] -= m.variance
	}
	var err error
	if m.values, m.vectors, err = linalg.Eigen(ctx, covariance, n); err != nil {
		return nil, err
	}
	for k, v := range m.values {
		m.values[k] = max(v, 0)
	}
	for log := logLeast; log <= logMost; log += logStep {
		z, norm := math.Exp(log), 0.0
		for _, l := range m.values {
			norm -= math.Log(z*l+m.variance) / 2
		}
		m.zs, m.logNorms = append(m.zs, z), append(m.logNorms, norm)
	}
	m.turned, m.logs = make([]float64, n), make([]float64, len(m.zs))
	return m, nil
}

// neighbourhood returns a coefficient, its neighbours and its parent, where that is a detail too.
// They are distinct, and all coefficients of a band have as many.
func neighbourhood(layout wavelet.Layout, i int) []int {
	all := append([]int{i}, layout.Neighbours(i, neighbourRadius)...)
	if parent, ok := layout.Parent(i); ok && layout.Place(parent).Orientation != wavelet.Approximation {
		all = append(all, parent)
	}
	return all
}

// mean returns the posterior mean of the first of the neighbours.
func (m *mixture) mean(noisy []float64, neighbours []int) float64 {
	n := len(neighbours)
	for k := range n {
		m.turned[k] = 0
		for a, at := range neighbours {
			m.turned[k] += m.vectors[a*n+k] * noisy[at]
		}
	}
	most := math.Inf(-1)
	for j, z := range m.zs {
		m.logs[j] = m.logNorms[j]
		for k, l := range m.values {
			m.logs[j] -= m.turned[k] * m.turned[k] / (z*l + m.variance) / 2
		}
		most = max(most, m.logs[j])
	}
	var mean, total float64
	for j, z := range m.zs {
		p := math.Exp(m.logs[j] - most)
		total += p
		for k, l := range m.values {
			mean += p * m.vectors[k] * z * l / (z*l + m.variance) * m.turned[k]
		}
	}
	return mean / total
}
