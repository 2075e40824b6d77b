package experiment

import (
	"context"
	"slices"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/wavelet"
)

// Fingerprint is what kind of function a denoiser is at one noise level, whatever its error.
type Fingerprint struct {
	Shifted []metrics.Estimate // equivariance error of each of the study's shifts
	Radius  metrics.Estimate   // that holds 90 % of the squared Jacobian, in pixels
	Place   metrics.Estimate   // position dependence
	Across  metrics.Estimate   // share of the squared Jacobian between different levels

	Field  [][]float64 // the receptive field, by the offset in rows and columns, 0 and 0 in the middle
	Levels []string    // of three levels of Haar, from the approximation to the finest
	Shares [][]float64 // of the squared Jacobian of an output level, a row, with each input level
}

// How many test images the fingerprints are of, and how many output pixels, shifts and probes of
// each the Jacobian is looked at by.
const (
	shiftedImages  = 24
	jacobianImages = 16
	fieldPixels    = 6
	placeShifts    = 4
	couplingProbes = 1
)

// Fingerprints returns the fingerprints of a denoiser, one for each noise level. Machines have
// exact Jacobians, and those of networks come by backpropagation.
func (s *Study) Fingerprints(d Denoiser) (all []Fingerprint) {
	report := lab.Progress("fingerprints of " + d.Name)
	for i, sigma := range s.Sigmas {
		all = append(all, lab.Must1(lab.Cached("fingerprint", s.inputs(d, sigma, s.shifts(), s.Edge), func() (Fingerprint, error) {
			return s.fingerprint(s.Make(d), sigma)
		})))
		report(i+1, len(s.Sigmas))
	}
	return all
}

func (s *Study) shifts() []int {
	if s.Shifts == nil {
		return []int{1}
	}
	return s.Shifts
}

func (s *Study) fingerprint(d diffusion.Denoiser, sigma float64) (f Fingerprint, err error) {
	ctx := context.Background()
	estimate := func(m metrics.Statistic) metrics.Estimate { return m.Estimate(s.Run.Seed) }
	set := s.set(shiftedImages)
	for _, shift := range s.shifts() {
		equivariance, err := metrics.Equivariance(ctx, d, set, sigma, shift, shift)
		if err != nil {
			return f, err
		}
		f.Shifted = append(f.Shifted, estimate(equivariance))
	}
	set = s.set(jacobianImages)
	field, err := metrics.ReceptiveField(ctx, d, set, sigma, fieldPixels, s.Edge)
	if err != nil {
		return f, err
	}
	f.Field, f.Radius = slices.Collect(slices.Chunk(field.Map, field.Width)), estimate(field.Radius(0.9))
	place, err := metrics.PositionDependence(ctx, d, set, sigma, placeShifts)
	if err != nil {
		return f, err
	}
	f.Place = estimate(place)
	haar, err := wavelet.ParseFilter("haar")
	if err != nil {
		return f, err
	}
	coupling, err := metrics.ScaleCoupling(ctx, d, set, sigma, wavelet.NewTransform(haar, s.Run.Layout(3)), couplingProbes)
	if err != nil {
		return f, err
	}
	f.Across, f.Levels = estimate(coupling.Across()), coupling.Levels
	for j := range f.Levels {
		var row []float64
		for k := range f.Levels {
			row = append(row, coupling.Share(j, k).Value())
		}
		f.Shares = append(f.Shares, row)
	}
	return f, nil
}

// A Quantity is one number of a fingerprint.
type Quantity struct {
	Name string
	Unit string // of the axis
	Of   func(Fingerprint) metrics.Estimate
}

// The quantities that figures and conclusions compare.
var (
	EquivarianceError = Quantity{"equivariance error", "error / variance over places",
		func(f Fingerprint) metrics.Estimate { return f.Shifted[0] }}
	ReceptiveField = Quantity{"receptive field", "90 % radius, pixels",
		func(f Fingerprint) metrics.Estimate { return f.Radius }}
	PositionDependence = Quantity{"position dependence", "share of the squared Jacobian",
		func(f Fingerprint) metrics.Estimate { return f.Place }}
	ScaleCoupling = Quantity{"scale coupling", "share of the squared Jacobian",
		func(f Fingerprint) metrics.Estimate { return f.Across }}
)

// Quantities returns all quantities.
func Quantities() []Quantity {
	return []Quantity{EquivarianceError, ReceptiveField, PositionDependence, ScaleCoupling}
}

// Apart returns the noise levels at which the intervals of a quantity of two denoisers do not
// meet.
func (s *Study) Apart(q Quantity, one, other Denoiser) Levels {
	a, b := s.Fingerprints(one), s.Fingerprints(other)
	return s.Where(func(i int) bool { return apart(q.Of(a[i]), q.Of(b[i])) })
}

// apart tells whether two intervals do not meet.
func apart(a, b metrics.Estimate) bool { return a.High < b.Low || b.High < a.Low }

// Commutes returns the noise levels at which a denoiser commutes with the first of the study's
// shifts, up to an equivariance error of 1e-6.
func (s *Study) Commutes(d Denoiser) Levels {
	prints := s.Fingerprints(d)
	return s.Where(func(i int) bool { return prints[i].Shifted[0].Below(1e-6) })
}
