package analytic

import (
	"errors"
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
)

// A Descent is the training of a machine's weights by gradient descent in the limit of small steps,
// from weights of 0. The loss of a group is the mean squared error E(D - t)^2 of its regression,
// with the Gram matrix G and the right-hand side b of its features. After time Stop the weights are
//
//	theta = (I - exp(-2 Stop G)) G^-1 b:
//
// what lies along an eigenvector of G of eigenvalue mu has been learnt to the share 1 - exp(-2 Stop
// mu). Time is the number of steps times the rate of a step.
//
// Eigenvectors depend on the coordinates of the features, and so does what is learnt first.
type Descent struct {
	Stop        float64     `json:"stop"` // 0 is descent without end: the ridge regression itself
	Coordinates Coordinates `json:"coordinates,omitempty"`
	Deviation   float64     `json:"deviation,omitempty"` // sigma_d of PreconditionedFeatures; of pixels in [-1, 1]
}

// Coordinates say what gradient descent is on.
type Coordinates string

const (
	// RawFeatures are the monomials of the noisy coefficients.
	RawFeatures Coordinates = ""

	// UnitFeatures are the monomials, each divided by the root of its second moment.
	UnitFeatures Coordinates = "unit"

	// PreconditionedFeatures are those of EDM (Karras, Aittala, Aila and Laine, "Elucidating the
	// design space of diffusion-based generative models", 2022, table 1). The denoiser is
	//
	//	D(y) = c_skip y + c_out F(c_in y),   c_skip = sigma_d^2 / (sigma^2 + sigma_d^2),
	//	c_out = sigma sigma_d / sqrt(sigma^2 + sigma_d^2),   c_in = 1 / sqrt(sigma^2 + sigma_d^2),
	//
	// where F is the polynomial that is trained, by the loss E(D - t)^2 / c_out^2. Its target is
	// the clean coefficient.
	PreconditionedFeatures Coordinates = "preconditioned"
)

// Check returns an error unless the time and the deviation are finite and not negative and the
// coordinates are known; preconditioned features need a deviation.
func (d Descent) Check() error {
	if !(d.Stop >= 0) || math.IsInf(d.Stop, 1) {
		return fmt.Errorf("analytic: gradient descent stops at a time that is finite and not negative, got %v", d.Stop)
	}
	switch d.Coordinates {
	case RawFeatures, UnitFeatures:
		return nil
	case PreconditionedFeatures:
		if d.Deviation > 0 && !math.IsInf(d.Deviation, 1) {
			return nil
		}
		return fmt.Errorf("analytic: preconditioned features need a deviation that is positive and finite, got %v", d.Deviation)
	}
	return fmt.Errorf("analytic: unknown coordinates %q; accepted: %q, %q, %q", d.Coordinates, RawFeatures, UnitFeatures, PreconditionedFeatures)
}

// errContextDescends refuses tables whose linear context is solved for apart from the features.
var errContextDescends = errors.New("analytic: gradient descent that stops is for families without a linear context")

// Ridge returns the ridge that descent on unit features to this time is alike: of 1 / (2 Stop) on
// every feature but the constant. Along an eigenvector of eigenvalue mu the one has learnt the
// share 1 - exp(-2 Stop mu) and the other leaves mu / (mu + 1 / (2 Stop)), which agree where 2 Stop
// mu is small, and where it is large (Ali, Kolter and Tibshirani, "A continuous-time view of early
// stopping for least squares regression", 2019).
func (d Descent) Ridge() Ridge {
	penalty := 1 / (2 * d.Stop)
	return Ridge{Self: penalty, Linear: penalty, Nonlinear: penalty}
}

// skip returns c_skip and c_out at a noise level: the share of the noisy coefficient that the
// denoiser has without training, and what the trained polynomial is multiplied by.
func (d Descent) skip(sigma float64) (skip, out float64) {
	if d.Coordinates != PreconditionedFeatures {
		return 0, 1
	}
	total := sigma*sigma + d.Deviation*d.Deviation
	return d.Deviation * d.Deviation / total, sigma * d.Deviation / math.Sqrt(total)
}

// coordinates writes what each feature is multiplied by to dst.
func (s *solver) coordinates(dst []float64, d Descent) {
	b := s.machine.moments.Groups()[s.g].Basis
	in := 1 / math.Hypot(s.sigma, d.Deviation)
	for a := range dst {
		switch d.Coordinates {
		case UnitFeatures:
			dst[a] = s.scale[a]
		case PreconditionedFeatures:
			dst[a] = math.Pow(in, float64(b.Degree(a)))
		default:
			dst[a] = 1
		}
	}
}

// A path is what gradient descent goes along: with the features' coordinates on the diagonal of C,
// and theta = c_skip e + c_out C u for e the noisy coefficient itself, it is u that descends.
type path struct {
	coordinates []float64
	skip, out   float64
	gram        *mat.SymDense // of the features, without penalties
	values      []float64     // eigenvalues with penalties
	vectors     mat.Dense     // a column each
}

// path prepares the descent of the prepared group.
func (s *solver) path(c candidate) (p path, err error) {
	b := s.machine.moments.Groups()[s.g].Basis
	n := b.Features()
	p.skip, p.out = c.Descent.skip(s.sigma)
	p.coordinates = make([]float64, n)
	s.coordinates(p.coordinates, c.Descent)
	p.gram = mat.NewSymDense(n, nil)
	penalised := mat.NewSymDense(n, nil)
	for i := range n {
		for k := i; k < n; k++ {
			p.gram.SetSym(i, k, p.coordinates[i]*s.normal.Gram[i*n+k]*p.coordinates[k])
		}
	}
	penalised.CopySym(p.gram)
	for i := range n {
		relative := p.coordinates[i] / s.scale[i] // to unit features, of which penalties are
		penalised.SetSym(i, i, penalised.At(i, i)+c.Ridge.of(b, i)*relative*relative)
	}
	var eigen mat.EigenSym
	if !eigen.Factorize(penalised, true) {
		return p, s.errorf("the eigenvalues of a Gram matrix of %d features did not converge", n)
	}
	p.values = eigen.Values(nil)
	eigen.VectorsTo(&p.vectors)
	return p, nil
}

// descend writes the weights after descent to theta.
func (s *solver) descend(theta []float64, c candidate) error {
	p, err := s.path(c)
	if err != nil {
		return err
	}
	n := len(theta)
	right, target := mat.NewVecDense(n, nil), s.rightHandSide(c.Target).features
	for i := range n {
		right.SetVec(i, p.coordinates[i]*(target[i]-p.skip*s.normal.Gram[i*n+1])/p.out)
	}
	var along, u mat.VecDense
	along.MulVec(p.vectors.T(), right)
	for k, mu := range p.values {
		along.SetVec(k, along.AtVec(k)*learnt(mu, c.Descent.Stop))
	}
	u.MulVec(&p.vectors, &along)
	for a := range theta {
		theta[a] = p.out * p.coordinates[a] * u.AtVec(a)
	}
	theta[1] += p.skip
	if c.Target == ScoreTarget {
		theta[1]++ // D = y_c + sigma^2 s
	}
	return nil
}

// freedomOfDescent returns the effective degrees of freedom of the prepared group after descent,
//
//	tr (I - exp(-2 t (G + R))) (G + R)^-1 G.
func (s *solver) freedomOfDescent(c candidate) (freedom float64, err error) {
	p, err := s.path(c)
	if err != nil {
		return 0, err
	}
	for k, mu := range p.values {
		v := p.vectors.ColView(k)
		freedom += learnt(mu, c.Descent.Stop) * mat.Inner(v, p.gram, v)
	}
	return freedom, nil
}

// learnt returns (1 - exp(-2 t mu)) / mu, which is 2 t for no eigenvalue.
func learnt(mu, t float64) float64 {
	if !(mu*t > 0) {
		return 2 * t
	}
	return -math.Expm1(-2*t*mu) / mu
}
