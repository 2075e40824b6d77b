package patchmixture

import (
	"context"
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
)

// mixture is a mixture of K Gaussians of windows of d = side x side values, their mean taken off: K
// distributions in the d - 1 directions that are orthogonal to the constant window.
type mixture struct {
	side       int
	logWeights []float64 // K: log pi_k
	means      []float64 // K x d: mu_k, each of sum 0
	axes       []float64 // K x (d-1) x d: the principal axes e_ka, orthonormal and orthogonal to the constant
	variances  []float64 // K x (d-1): s_ka, descending in a
}

func (m *mixture) components() int { return len(m.logWeights) }
func (m *mixture) size() int       { return m.side * m.side }

// add adds a component with a mean and a covariance (d x d, row-major), both without the constant,
// whose variances are at least the floor.
func (m *mixture) add(ctx context.Context, logWeight float64, mean, covariance []float64, floor float64) error {
	d := m.size()
	values, vectors, err := linalg.Eigen(ctx, covariance, d)
	if err != nil {
		return fmt.Errorf("the covariance of component %d: %w", m.components(), err)
	}
	// The constant direction has variance 0, and is the least of all. It is taken out exactly.
	m.logWeights = append(m.logWeights, logWeight)
	m.means = append(m.means, mean...)
	for a := d - 1; a > 0; a-- {
		axis := make([]float64, d)
		for j := range axis {
			axis[j] = vectors[j*d+a]
		}
		m.axes = append(m.axes, axis...)
		m.variances = append(m.variances, max(values[a], floor))
	}
	return nil
}

// noisyMixture is a mixture at the noise variance v, in the forms that posteriors are computed
// from. The log-density of a window y under component k, less the same quadratic form of y for all
// k, is
//
//	log pi_k - (1/2) sum_a log(s_ka + v) + linear_k . y - (1/2) y^T (P_k - P) y - (1/2) mu_k^T P_k mu_k,
//
// with the precisions P_k = sum_a e_ka e_ka^T / (s_ka + v), their mean P, and linear_k = P_k mu_k.
// It is linear in the features of y, which are its products and values. Without P single precision
// would not do: the forms are of the order of |y|^2 / v, and their differences are not.
type noisyMixture struct {
	*mixture
	noiseVariance float64
	forms         []float32 // features x K
	constants     []float32 // K
	common        []float64 // d x d: P
	filters       []float32 // K x d x d: what of the posterior mean is linear in y
	offsets       []float32 // K x d: and what is constant
	within        []float32 // K x d: the posterior variance of each value where the component is known
}

// features returns how many numbers of a window of d values the log-densities are linear in: its
// products y_i y_j, i <= j, and the y_i.
func features(d int) int { return d*(d+1)/2 + d }

// at returns the mixture in noise of variance v.
func (m *mixture) at(v float64) *noisyMixture {
	d, k := m.size(), m.components()
	n := &noisyMixture{mixture: m, noiseVariance: v, forms: make([]float32, features(d)*k), constants: make([]float32, k),
		common: make([]float64, d*d), filters: make([]float32, k*d*d), offsets: make([]float32, k*d), within: make([]float32, k*d)}
	precisions := make([]float64, k*d*d)
	scaled := make([]float64, (d-1)*d)
	filter := make([]float64, d*d)
	for c := range k {
		axes := linalg.Matrix(m.componentAxes(c), d-1, d)
		// sum_a w_a e_a e_a^T is a product with the axes scaled by w_a.
		combine := func(dst []float64, weight func(s float64) float64) {
			for a := range d - 1 {
				floats.ScaleTo(scaled[a*d:(a+1)*d], weight(m.variances[c*(d-1)+a]), axes.Data[a*d:(a+1)*d])
			}
			blas64.Gemm(blas.Trans, blas.NoTrans, 1, linalg.Matrix(scaled, d-1, d), axes, 0, linalg.Square(dst, d))
		}
		combine(precisions[c*d*d:(c+1)*d*d], func(s float64) float64 { return 1 / (s + v) })
		combine(filter, func(s float64) float64 { return s / (s + v) })
		mean := m.means[c*d : (c+1)*d]
		for i := range d {
			row := filter[i*d : (i+1)*d]
			n.within[c*d+i] = float32(v * row[i])
			n.offsets[c*d+i] = float32(mean[i] - floats.Dot(row, mean))
			for j, g := range row {
				n.filters[(c*d+i)*d+j] = float32(g)
			}
		}
		floats.AddScaled(n.common, 1/float64(k), precisions[c*d*d:(c+1)*d*d])
	}
	product := make([]float64, d)
	for c := range k {
		precision, mean := precisions[c*d*d:(c+1)*d*d], m.means[c*d:(c+1)*d]
		constant := m.logWeights[c]
		for _, s := range m.variances[c*(d-1) : (c+1)*(d-1)] {
			constant -= math.Log(s+v) / 2
		}
		f := 0
		for i := range d {
			row := precision[i*d : (i+1)*d]
			product[i] = floats.Dot(row, mean)
			n.forms[f*k+c] = float32((n.common[i*d+i] - row[i]) / 2)
			f++
			for j := i + 1; j < d; j++ {
				n.forms[f*k+c] = float32(n.common[i*d+j] - row[j])
				f++
			}
		}
		for _, p := range product {
			n.forms[f*k+c] = float32(p)
			f++
		}
		n.constants[c] = float32(constant - floats.Dot(product, mean)/2)
	}
	return n
}

// axis returns principal axis a of a component.
func (m *mixture) axis(component, a int) []float64 {
	d := m.size()
	at := (component*(d-1) + a) * d
	return m.axes[at : at+d]
}

// componentAxes returns all principal axes of a component, (d-1) x d.
func (m *mixture) componentAxes(component int) []float64 {
	d := m.size()
	return m.axes[component*(d-1)*d : (component+1)*(d-1)*d]
}
