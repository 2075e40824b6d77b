package analytic

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
	"wavescore/pkg/wavelet"
)

var (
	alone   = moments.Neighbourhood{}
	bands   = moments.Neighbourhood{Orientations: true}
	local   = moments.Neighbourhood{Radius: 1}
	union   = moments.Neighbourhood{Orientations: true, Radius: 1}
	noRidge = Ridge{}
)

// table returns the moments of images with weights (nil: one each), centred at their mean.
func table(t testing.TB, family moments.Family, filter string, layout wavelet.Layout, images, weights []float64) *moments.Moments {
	t.Helper()
	f, err := wavelet.ParseFilter(filter)
	if err != nil {
		t.Fatal(err)
	}
	size := layout.Len()
	w := wavelet.NewTransform(f, layout).Forward(nil, images)
	mean, total := make([]float64, size), 0.0
	for i := range len(images) / size {
		p := 1.0
		if weights != nil {
			p = weights[i]
		}
		total += p
		for c := range size {
			mean[c] += p * w[i*size+c]
		}
	}
	for c := range mean {
		mean[c] /= total
	}
	m, err := moments.New(moments.Spec{Family: family, Filter: filter, Layout: layout, Centre: family.Centre(layout, mean)},
		moments.Shard{Source: "table", From: 0, To: len(images) / size})
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Add(t.Context(), w, weights); err != nil {
		t.Fatal(err)
	}
	m, err = m.Diagonal(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func machine(t testing.TB, m *moments.Moments, ridge Ridge) *Machine {
	t.Helper()
	machine, err := NewMachine(m, Settings{Ridge: ridge})
	if err != nil {
		t.Fatal(err)
	}
	return machine
}

// blobs are images of one bright spot at a random place on a dim background: skewed, edged, not
// Gaussian.
func blobs(seed uint64, n, side int) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 7))
	images := make([]float64, n*side*side)
	for i := range n {
		r, c, s := rnd.Float64()*float64(side), rnd.Float64()*float64(side), 1+rnd.Float64()
		for y := range side {
			for x := range side {
				d := (math.Pow(float64(y)-r, 2) + math.Pow(float64(x)-c, 2)) / (s * s)
				images[(i*side+y)*side+x] = -0.9 + 1.8*math.Exp(-d)
			}
		}
	}
	return images
}

func withNoise(rnd *rand.Rand, images []float64, sigma float64) []float64 {
	y := make([]float64, len(images))
	for i, x := range images {
		y[i] = x + sigma*rnd.NormFloat64()
	}
	return y
}

// TestIndependentLinearIsWienerGain: alone and linear, a coefficient of mean m and variance v is
// denoised to m + v / (v + sigma^2) (y - m).
func TestIndependentLinearIsWienerGain(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(1, 200, 8)
	m := machine(t, table(t, moments.Family{Neighbourhood: alone, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "db2", layout, images, nil), Default().Ridge)
	filter, _ := wavelet.ParseFilter("db2")
	transform := wavelet.NewTransform(filter, layout)
	w := transform.Forward(nil, images)
	for _, sigma := range []float64{0.002, 0.1, 1, 80} {
		y := withNoise(rand.New(rand.NewPCG(2, 0)), images[:64*3], sigma)
		got := make([]float64, len(y))
		if err := m.Denoise(t.Context(), got, y, sigma); err != nil {
			t.Fatal(err)
		}
		want := transform.Forward(nil, y)
		column := make([]float64, 200)
		for c := range 64 {
			for i := range column {
				column[i] = w[i*64+c]
			}
			mean, variance := stat.PopMeanVariance(column, nil)
			for i := range 3 {
				want[i*64+c] = mean + variance/(variance+sigma*sigma)*(want[i*64+c]-mean)
			}
		}
		transform.Inverse(want, want)
		for i := range want {
			if math.Abs(got[i]-want[i]) > 1e-10 {
				t.Fatalf("sigma %v, pixel %d: %v, want %v", sigma, i, got[i], want[i])
			}
		}
	}
}

// TestLinearOfAllIsWienerFilter: on a 2x2 image without levels a radius of 1 reaches every pixel,
// and the linear machine is the matrix C (C + sigma^2 I)^-1 of the sample covariance C.
func TestLinearOfAllIsWienerFilter(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 2, Width: 2}
	images := blobs(3, 50, 2)
	m := machine(t, table(t, moments.Family{Neighbourhood: local, Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "haar", layout, images, nil), noRidge)
	var covariance mat.SymDense
	stat.CovarianceMatrix(&covariance, mat.NewDense(50, 4, slices.Clone(images)), nil)
	covariance.ScaleSym(49.0/50, &covariance)
	mean := make([]float64, 4)
	for i, x := range images {
		mean[i%4] += x / 50
	}
	for _, sigma := range []float64{0.01, 0.3, 2} {
		y := withNoise(rand.New(rand.NewPCG(4, 0)), images[:4], sigma)
		got := make([]float64, 4)
		if err := m.Denoise(t.Context(), got, y, sigma); err != nil {
			t.Fatal(err)
		}
		var noisy mat.SymDense
		noisy.ScaleSym(1, &covariance)
		for i := range 4 {
			noisy.SetSym(i, i, noisy.At(i, i)+sigma*sigma)
		}
		residual := mat.NewVecDense(4, nil)
		for i := range 4 {
			residual.SetVec(i, y[i]-mean[i])
		}
		var x mat.VecDense
		if err := x.SolveVec(&noisy, residual); err != nil {
			t.Fatal(err)
		}
		x.MulVec(&covariance, &x)
		for i := range 4 {
			if want := mean[i] + x.AtVec(i); math.Abs(got[i]-want) > 1e-9 {
				t.Errorf("sigma %v, pixel %d: %v, want %v", sigma, i, got[i], want)
			}
		}
	}
}

// TestGaussianDataHasItsKnownScore: on a Gaussian, given as Gauss-Hermite nodes whose weighted
// moments are exact to degree 15, the fit is the linear known score at every degree and for every
// choice of terms, and its scores are (mean - y) / (C + sigma^2).
func TestGaussianDataHasItsKnownScore(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 1, Width: 2}
	a := [2][2]float64{{0.6, 0}, {0.3, 0.4}} // x = mean + a z, C = a a^T
	mean := [2]float64{0.2, -0.5}
	nodes, weights := hermite(8)
	var images, p []float64
	for i, z := range nodes {
		for j, u := range nodes {
			images = append(images, mean[0]+a[0][0]*z+a[0][1]*u, mean[1]+a[1][0]*z+a[1][1]*u)
			p = append(p, weights[i]*weights[j])
		}
	}
	for _, terms := range []moments.Terms{moments.Powers, moments.Gated, moments.Full} {
		for degree := 1; degree <= 3; degree++ {
			m := machine(t, table(t, moments.Family{Neighbourhood: local, Terms: terms, Degree: degree, Sharing: moments.PerCoefficient}, "haar", layout, images, p), noRidge)
			for _, sigma := range []float64{0.05, 0.5, 5} {
				y := withNoise(rand.New(rand.NewPCG(5, 0)), images[:20], sigma)
				score := make([]float64, len(y))
				if err := m.Denoise(t.Context(), score, y, sigma); err != nil {
					t.Fatal(err)
				}
				diffusion.Score(score, score, y, sigma)
				c00, c01, c11 := 0.36+sigma*sigma, 0.18, 0.25+sigma*sigma
				det := c00*c11 - c01*c01
				for i := 0; i < len(y); i += 2 {
					u, v := mean[0]-y[i], mean[1]-y[i+1]
					want := [2]float64{(c11*u - c01*v) / det, (c00*v - c01*u) / det}
					for k := range want {
						if math.Abs(score[i+k]-want[k]) > 1e-7*(1+math.Abs(want[k])) {
							t.Fatalf("%s degree %d, sigma %v: score %v, want %v", terms, degree, sigma, score[i:i+2], want)
						}
					}
				}
			}
		}
	}
}

// TestMixtureIsBestPolynomial: on a mixture of two Gaussians the machine's polynomial is the
// projection of the known posterior mean on the polynomials, computed by Gauss-Hermite quadrature
// over the noisy density and QR.
func TestMixtureIsBestPolynomial(t *testing.T) {
	const weight, spread = 0.3, 0.25
	centres, shares := [2]float64{-0.8, 0.5}, [2]float64{weight, 1 - weight}
	nodes, weights := hermite(200)
	var images, p []float64
	for k := range centres {
		for i, z := range nodes {
			images = append(images, centres[k]+spread*z)
			p = append(p, shares[k]*weights[i])
		}
	}
	layout := wavelet.Layout{Channels: 1, Height: 1, Width: 1}
	for degree := 1; degree <= 3; degree++ {
		m := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: degree, Sharing: moments.PerCoefficient}, "haar", layout, images, p), noRidge)
		for _, sigma := range []float64{0.2, 0.5, 2} {
			// Rows are nodes of the noisy mixture, scaled by the square root of their weight.
			noisy := math.Hypot(spread, sigma)
			design := mat.NewDense(2*len(nodes), degree+1, nil)
			target := mat.NewVecDense(2*len(nodes), nil)
			for k := range centres {
				for i, z := range nodes {
					y, root := centres[k]+noisy*z, math.Sqrt(shares[k]*weights[i])
					for d := range degree + 1 {
						design.Set(k*len(nodes)+i, d, root*math.Pow(y, float64(d)))
					}
					var sum, mean float64
					for c := range centres {
						density := shares[c] * math.Exp(-math.Pow(y-centres[c], 2)/(2*noisy*noisy))
						sum += density
						mean += density * (centres[c] + spread*spread/(noisy*noisy)*(y-centres[c]))
					}
					target.SetVec(k*len(nodes)+i, root*mean/sum)
				}
			}
			var best mat.VecDense
			if err := best.SolveVec(design, target); err != nil {
				t.Fatal(err)
			}
			for _, y := range []float64{-2, -0.8, 0, 0.3, 1.5} {
				want := 0.0
				for d := range degree + 1 {
					want += best.AtVec(d) * math.Pow(y, float64(d))
				}
				got := []float64{y}
				if err := m.Denoise(t.Context(), got, got, sigma); err != nil {
					t.Fatal(err)
				}
				if math.Abs(got[0]-want) > 1e-8 {
					t.Errorf("degree %d, sigma %v: D(%v) = %v, best is %v", degree, sigma, y, got[0], want)
				}
			}
		}
	}
}

// TestScaleMixtureGain: on a scale mixture, E (w - D)^2 = E (w - D*)^2 + E (D* - D)^2 for the
// known posterior mean D*, so degree 3 is closer to the known score than degree 1 by the
// difference of their exact risks over sigma^4. The distances are integrated by Gauss-Hermite
// quadrature of the noisy density.
func TestScaleMixtureGain(t *testing.T) {
	shares, scales := [2]float64{0.7, 0.3}, [2]float64{0.2, 1}
	nodes, weights := hermite(400)
	var images, p []float64
	for k := range scales {
		for i, z := range nodes {
			images = append(images, scales[k]*z)
			p = append(p, shares[k]*weights[i])
		}
	}
	layout := wavelet.Layout{Channels: 1, Height: 1, Width: 1}
	for _, sigma := range []float64{0.2, 0.5, 1} {
		known := func(y float64) float64 {
			v, w := scales[0]*scales[0]+sigma*sigma, scales[1]*scales[1]+sigma*sigma
			narrow := 1 / (1 + shares[1]/shares[0]*math.Sqrt(v/w)*math.Exp(y*y/2*(1/v-1/w))) // p(small scale | y)
			return y * (narrow*scales[0]*scales[0]/v + (1-narrow)*scales[1]*scales[1]/w)
		}
		var risks, distances [2]float64
		for d, degree := range []int{1, 3} {
			train := table(t, moments.Family{Terms: moments.Powers, Degree: degree, Sharing: moments.PerCoefficient}, "haar", layout, images, p)
			m := machine(t, train, noRidge)
			risk, err := m.Risk(t.Context(), train, sigma, sigma)
			if err != nil {
				t.Fatal(err)
			}
			risks[d] = risk.PerPixel
			for k, s := range scales {
				for i, z := range nodes {
					y := []float64{math.Hypot(s, sigma) * z}
					want := known(y[0])
					if err := m.Denoise(t.Context(), y, y, sigma); err != nil {
						t.Fatal(err)
					}
					distances[d] += shares[k] * weights[i] * (y[0] - want) * (y[0] - want)
				}
			}
		}
		predicted, gain := (risks[0]-risks[1])/math.Pow(sigma, 4), (distances[0]-distances[1])/math.Pow(sigma, 4)
		if !(predicted > 0.005) || !(math.Abs(gain-predicted) <= 1e-6*predicted) {
			t.Errorf("sigma %v: degree 3 is closer to the score by %v, predicted %v", sigma, gain, predicted)
		}
	}
}

// hermite returns n nodes and weights of the standard normal distribution.
func hermite(n int) (nodes, weights []float64) {
	nodes, weights = make([]float64, n), make([]float64, n)
	quad.Hermite{}.FixedLocations(nodes, weights, math.Inf(-1), math.Inf(1))
	for i := range nodes {
		nodes[i] *= math.Sqrt2
		weights[i] /= math.Sqrt(math.Pi)
	}
	return nodes, weights
}

// families are the neighbourhoods, terms and degrees of the tables in the notebooks.
func families(sharing moments.Sharing) []moments.Family {
	var list []moments.Family
	for _, n := range []moments.Neighbourhood{alone, bands, local, union} {
		list = append(list,
			moments.Family{Neighbourhood: n, Terms: moments.Powers, Degree: 1, Sharing: sharing},
			moments.Family{Neighbourhood: n, Terms: moments.Powers, Degree: 3, Sharing: sharing},
			moments.Family{Neighbourhood: n, Terms: moments.Gated, Degree: 3, Sharing: sharing})
	}
	return list
}

// above are families that look beyond a scale: ancestors, and a linear context of some levels or
// of all.
func above(sharing moments.Sharing) []moments.Family {
	return []moments.Family{
		{Neighbourhood: moments.Neighbourhood{Parents: 2}, Terms: moments.Gated, Degree: 3, Sharing: sharing},
		{Neighbourhood: moments.Neighbourhood{Context: moments.AllLevels}, Terms: moments.Powers, Degree: 1, Sharing: sharing},
		{Neighbourhood: moments.Neighbourhood{Context: 2}, Terms: moments.Powers, Degree: 3, Sharing: sharing},
		{Neighbourhood: moments.Neighbourhood{Orientations: true, Radius: 1, Parents: 3, Context: moments.AllLevels}, Terms: moments.Gated, Degree: 3, Sharing: sharing},
	}
}

// TestRiskIsMonteCarloError: exact risk is within 4 standard errors of the squared error over 200
// noisy copies of the probe's images (seed 6), for every family, at five sigmas, told the truth
// and told too little.
func TestRiskIsMonteCarloError(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images, others := blobs(10, 400, 8), blobs(11, 10, 8)
	for _, sharing := range []moments.Sharing{moments.PerCoefficient, moments.PerBand} {
		whole := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: sharing}
		train := table(t, whole, "haar", layout, images, nil)
		filter, _ := wavelet.ParseFilter("haar")
		probe, err := moments.New(train.Spec(), moments.Shard{Source: "others", From: 0, To: 10})
		if err != nil {
			t.Fatal(err)
		}
		if err := probe.Add(t.Context(), wavelet.NewTransform(filter, layout).Forward(nil, others), nil); err != nil {
			t.Fatal(err)
		}
		for _, family := range append(families(sharing), above(sharing)...) {
			part, others, probe := train, others, probe
			if part, err = train.Restrict(family); err != nil {
				part = table(t, family, "haar", layout, images, nil)
				probe, err = moments.New(part.Spec(), moments.Shard{Source: "others", From: 0, To: 10})
				if err != nil {
					t.Fatal(err)
				}
				if err := probe.Add(t.Context(), wavelet.NewTransform(filter, layout).Forward(nil, others), nil); err != nil {
					t.Fatal(err)
				}
			}
			m := machine(t, part, Default().Ridge)
			for _, sigma := range []float64{0.05, 0.2, 0.5, 1, 4} {
				for _, told := range []float64{sigma, 0.6 * sigma} {
					risk, err := m.Risk(t.Context(), probe, told, sigma)
					if err != nil {
						t.Fatal(err)
					}
					rnd := rand.New(rand.NewPCG(6, 0))
					var errs []float64
					for range 200 {
						y := withNoise(rnd, others, sigma)
						if err := m.Denoise(t.Context(), y, y, told); err != nil {
							t.Fatal(err)
						}
						var sum float64
						for i := range y {
							sum += (y[i] - others[i]) * (y[i] - others[i]) / float64(len(y))
						}
						errs = append(errs, sum)
					}
					mean, sd := stat.MeanStdDev(errs, nil)
					if z := (risk.PerPixel - mean) / (sd / math.Sqrt(200)); math.Abs(z) > 4 {
						t.Errorf("%v, sigma %v told %v: risk %v, sampled %v, %.1f standard errors apart", family, sigma, told, risk.PerPixel, mean, z)
					}
				}
			}
		}
	}
}

// TestLargerFamiliesFitBetter: without ridge, more variables, terms or powers never raise the
// exact risk on the training images.
func TestLargerFamiliesFitBetter(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	for _, filter := range []string{"haar", "db3"} {
		for _, sharing := range []moments.Sharing{moments.PerCoefficient, moments.PerBand} {
			train := table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: sharing}, filter, layout, blobs(12, 500, 8), nil)
			all := families(sharing)
			machines := make([]*Machine, len(all))
			for i, f := range all {
				part, err := train.Restrict(f)
				if err != nil {
					t.Fatal(err)
				}
				machines[i] = machine(t, part, noRidge)
			}
			for _, sigma := range []float64{0.02, 0.1, 0.5, 1, 20} {
				risks := make([]float64, len(all))
				for i, m := range machines {
					r, err := m.Risk(t.Context(), train, sigma, sigma)
					if err != nil {
						t.Fatal(err)
					}
					risks[i] = r.PerPixel
				}
				for i, small := range all {
					for k, large := range all {
						if !large.Neighbourhood.Contains(small.Neighbourhood) || large.Degree < small.Degree || small.Terms == moments.Gated && large.Terms != moments.Gated {
							continue
						}
						if risks[k] > risks[i]*(1+1e-7) {
							t.Errorf("%s, sigma %v: risk %v of (%v) above %v of (%v)", filter, sigma, risks[k], large, risks[i], small)
						}
					}
				}
			}
		}
	}
}

// TestAnyCentreGivesTheSameMachine: down-closed monomials are closed under shifts, so the centre
// changes the weights but not the denoiser.
func TestAnyCentreGivesTheSameMachine(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 1}
	images := blobs(13, 400, 4)
	family := moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}
	m := table(t, family, "haar", layout, images, nil)
	spec := m.Spec()
	spec.Centre = slices.Clone(spec.Centre)
	for c := range spec.Centre {
		spec.Centre[c] += 0.3 * math.Sin(float64(c))
	}
	moved, err := moments.New(spec, moments.Shard{Source: "moved", From: 0, To: 400})
	if err != nil {
		t.Fatal(err)
	}
	filter, _ := wavelet.ParseFilter("haar")
	if err := moved.Add(t.Context(), wavelet.NewTransform(filter, layout).Forward(nil, images), nil); err != nil {
		t.Fatal(err)
	}
	y := withNoise(rand.New(rand.NewPCG(14, 0)), images[:160], 0.4)
	a, b := make([]float64, len(y)), make([]float64, len(y))
	if err := errors.Join(machine(t, m, noRidge).Denoise(t.Context(), a, y, 0.4), machine(t, moved, noRidge).Denoise(t.Context(), b, y, 0.4)); err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-8 {
			t.Fatalf("pixel %d: %v and %v from two centres", i, a[i], b[i])
		}
	}
}

// TestConstantPixels: coefficients that never vary are denoised to their value, at every level of
// noise.
func TestConstantPixels(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	inner := blobs(15, 100, 4)
	images := make([]float64, 100*64)
	for i := range images {
		images[i] = -1
	}
	for i := range 100 {
		for y := range 4 {
			copy(images[i*64+y*8:], inner[i*16+y*4:i*16+y*4+4])
		}
	}
	for _, family := range families(moments.PerCoefficient) {
		m := machine(t, table(t, family, "haar", layout, images, nil), Default().Ridge)
		for _, sigma := range []float64{0.002, 0.02, 1, 80} {
			y := withNoise(rand.New(rand.NewPCG(16, 0)), images[:64], sigma)
			if err := m.Denoise(t.Context(), y, y, sigma); err != nil {
				t.Fatal(err)
			}
			// The lower right quarter is constant in all images, and Haar details within it are
			// too.
			for _, place := range []wavelet.Place{{Band: wavelet.Band{Level: 1, Orientation: wavelet.Diagonal}, Row: 3, Col: 3}} {
				filter, _ := wavelet.ParseFilter("haar")
				w := wavelet.NewTransform(filter, layout).Forward(nil, y)
				if got := w[layout.Index(place)]; math.Abs(got) > 1e-6 {
					t.Errorf("%v, sigma %v: a constant coefficient is denoised to %v, not 0", family, sigma, got)
				}
			}
			for i, v := range y {
				if v-v != 0 {
					t.Fatalf("%v, sigma %v: pixel %d is %v", family, sigma, i, v)
				}
			}
		}
	}
}

// TestAllImagesAlike: of a set without any variance the denoiser is the image, whatever it is
// shown.
func TestAllImagesAlike(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 2}
	images := slices.Repeat(blobs(17, 1, 4), 20)
	for _, sharing := range []moments.Sharing{moments.PerCoefficient} {
		for _, family := range families(sharing) {
			m := machine(t, table(t, family, "haar", layout, images, nil), Default().Ridge)
			y := withNoise(rand.New(rand.NewPCG(18, 0)), images[:16], 0.3)
			if err := m.Denoise(t.Context(), y, y, 0.3); err != nil {
				t.Fatal(err)
			}
			for i := range y {
				if math.Abs(y[i]-images[i]) > 1e-9 {
					t.Fatalf("%v: pixel %d is %v, want %v", family, i, y[i], images[i])
				}
			}
		}
	}
}

// TestFewerImagesThanFeatures: noise keeps the Gram matrix regular, and where it is too small to,
// the cut is reported.
func TestFewerImagesThanFeatures(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 2}
	m := machine(t, table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}, "haar", layout, blobs(19, 5, 8), nil), noRidge)
	for _, sigma := range []float64{1e-6, 0.1, 10} {
		level, err := m.Level(t.Context(), sigma)
		if err != nil {
			t.Fatal(err)
		}
		if !(level.Condition >= 1) {
			t.Errorf("sigma %v: condition number %v", sigma, level.Condition)
		}
		if (level.Condition > maxCondition) != (level.Truncated > 0) {
			t.Errorf("sigma %v: condition number %v, %d groups truncated", sigma, level.Condition, level.Truncated)
		}
	}
	if level, _ := m.Level(t.Context(), 1e-6); level.Truncated == 0 {
		t.Error("five images, 54 features and next to no noise: no group was truncated")
	}
}

func TestSameBitsAndConcurrent(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(20, 300, 8)
	m := table(t, moments.Family{Neighbourhood: union, Terms: moments.Gated, Degree: 3, Sharing: moments.PerBand}, "haar", layout, images, nil)
	y := withNoise(rand.New(rand.NewPCG(21, 0)), images, 0.5)
	want := make([]float64, len(y))
	before := runtime.GOMAXPROCS(1)
	err := machine(t, m, Default().Ridge).Denoise(t.Context(), want, y, 0.5)
	runtime.GOMAXPROCS(before)
	if err != nil {
		t.Fatal(err)
	}
	shared := machine(t, m, Default().Ridge)
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			got := slices.Clone(y)
			if err := shared.Denoise(t.Context(), got, got, 0.5); err != nil {
				t.Error(err)
			} else if !slices.Equal(got, want) {
				t.Error("images depend on GOMAXPROCS or on who else is denoising")
			}
		})
	}
	group.Wait()
}

func TestLevelsAreForgottenNotLost(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 2, Width: 2, Levels: 1}
	m := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: 1, Sharing: moments.PerCoefficient}, "haar", layout, blobs(22, 9, 2), nil), noRidge)
	first, err := m.Level(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 * maxLevels {
		if _, err := m.Level(t.Context(), 2+float64(i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(m.levels.known) != maxLevels || len(m.levels.recent) != maxLevels {
		t.Errorf("%d levels are known, %d in order", len(m.levels.known), len(m.levels.recent))
	}
	again, err := m.Level(t.Context(), 1)
	if err != nil || !slices.Equal(again.Weights[0], first.Weights[0]) {
		t.Errorf("solved again: %v, %v, want %v", again, err, first)
	}
}

func TestMarshal(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 3}
	images := blobs(23, 50, 8)
	m := machine(t, table(t, moments.Family{Neighbourhood: bands, Terms: moments.Gated, Degree: 3, Sharing: moments.PerCoefficient}, "sym4", layout, images, nil), Ridge{0, 1e-3, 1e-2})
	file, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	read := new(Machine)
	if err := read.UnmarshalBinary(file); err != nil {
		t.Fatal(err)
	}
	y := withNoise(rand.New(rand.NewPCG(24, 0)), images, 0.7)
	a, b := make([]float64, len(y)), make([]float64, len(y))
	if err := errors.Join(m.Denoise(t.Context(), a, y, 0.7), read.Denoise(t.Context(), b, y, 0.7)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(a, b) || !slices.Equal(read.Settings(), m.Settings()) {
		t.Error("a machine that was read denoises differently")
	}

	for _, n := range []int{0, 8, len(file) / 2, len(file) - 1} {
		if err := new(Machine).UnmarshalBinary(file[:n]); !errors.Is(err, tensorfile.ErrDamaged) {
			t.Errorf("cut to %d of %d bytes: %v", n, len(file), err)
		}
	}
	flipped := bytes.Clone(file)
	flipped[len(flipped)-3] ^= 1
	if err := new(Machine).UnmarshalBinary(flipped); !errors.Is(err, tensorfile.ErrDamaged) {
		t.Errorf("one bit flipped: %v", err)
	}
	alone, err := m.Moments().MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if err := read.UnmarshalBinary(alone); err == nil || !strings.Contains(err.Error(), "not a machine") {
		t.Errorf("a table of moments read as a machine: %v", err)
	}
	if err := read.Denoise(t.Context(), b, y, 0.7); err != nil || !slices.Equal(a, b) {
		t.Errorf("a failed reading changed the machine: %v", err)
	}
}

func TestBadInput(t *testing.T) {
	layout := wavelet.Layout{Channels: 1, Height: 2, Width: 2, Levels: 1}
	m := machine(t, table(t, moments.Family{Terms: moments.Powers, Degree: 2, Sharing: moments.PerCoefficient}, "haar", layout, blobs(25, 9, 2), nil), Default().Ridge)
	y := make([]float64, 4)
	for _, sigma := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if err := m.Denoise(t.Context(), y, y, sigma); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("Denoise at sigma %v: %v", sigma, err)
		}
		if _, err := m.Level(t.Context(), sigma); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("Level at sigma %v: %v", sigma, err)
		}
		if _, err := m.Risk(t.Context(), m.Moments(), 1, sigma); !errors.Is(err, diffusion.ErrSigma) {
			t.Errorf("Risk at sigma %v: %v", sigma, err)
		}
	}
	if err := m.Denoise(t.Context(), y, []float64{0, 0, math.NaN(), 0}, 1); !errors.Is(err, diffusion.ErrInput) {
		t.Errorf("NaN pixel: %v", err)
	}
	for _, ridge := range []Ridge{{Self: -1}, {Linear: math.NaN()}, {Nonlinear: math.Inf(1)}} {
		if _, err := NewMachine(m.Moments(), Settings{Ridge: ridge}); err == nil {
			t.Errorf("ridge %v was accepted", ridge)
		}
	}
	if _, err := NewMachine(new(moments.Moments), Default()); err == nil {
		t.Error("a machine of no images was made")
	}
	other := table(t, m.Moments().Spec().Family, "haar", layout, blobs(26, 9, 2), nil)
	if _, err := m.Risk(t.Context(), other, 1, 1); err == nil || !strings.Contains(err.Error(), "centres differ") {
		t.Errorf("risk on a probe of another centre: %v", err)
	}
}

func ExampleMachine() {
	// Ten images of four equal pixels, dark or bright: noise is told from image by the mean alone.
	var images []float64
	for i := range 10 {
		images = append(images, slices.Repeat([]float64{float64(i%2)*2 - 1}, 4)...)
	}
	layout := wavelet.Layout{Channels: 1, Height: 2, Width: 2, Levels: 1}
	family := moments.Family{Terms: moments.Powers, Degree: 3, Sharing: moments.PerCoefficient}
	spec := moments.Spec{Family: family, Filter: "haar", Layout: layout, Centre: make([]float64, 4)}
	table, err := moments.Collect(context.Background(), spec, set(images), "example", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	m, err := NewMachine(table, Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	y := []float64{1.5, 0.2, 0.9, 1.1}
	if err := m.Denoise(context.Background(), y, y, 0.5); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.2f\n", y)
	risk, err := m.Risk(context.Background(), table, 0.5, 0.5)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%.4f\n", risk.PerPixel)
	// Output:
	// [1.02 1.02 1.02 1.02]
	// 0.0139
}

// set are images of four pixels.
type set []float64

func (s set) Len() int  { return len(s) / 4 }
func (s set) Size() int { return 4 }
func (s set) Batch(dst []float64, from, to int) []float64 {
	return append(dst[:0], s[4*from:4*to]...)
}
