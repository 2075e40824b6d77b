package field

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distmv"
)

// law returns a power law, or ends the test.
func law(t testing.TB, height, width int, alpha, cutoff, deviation float64) Spectrum {
	t.Helper()
	s, err := PowerLaw(height, width, alpha, cutoff, deviation)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// sloped returns a spectrum that is symmetric under -k, as it must be, but under no reflection of
// one axis.
func sloped(height, width int, seed uint64) Spectrum {
	s := Spectrum{height, width, make([]float64, height*width)}
	rng := rand.New(rand.NewPCG(seed, 0))
	for i := range s.Power {
		opposite := (height-i/width)%height*width + (width-i%width)%width
		s.Power[i] = rng.Float64()
		s.Power[opposite] = s.Power[i]
	}
	return s
}

// known is a field in pixels, with dense covariances summed directly: what Field must agree with.
type known struct {
	field       *Field
	weights     []float64
	means       [][]float64
	covariances []*mat.SymDense
}

// dense returns the covariance of images of some channels: the sum of cosines over frequencies.
func dense(s Spectrum, channels int) *mat.SymDense {
	plane := s.Height * s.Width
	c := mat.NewSymDense(channels*plane, nil)
	for i := range plane {
		for j := i; j < plane; j++ {
			var sum float64
			for f, p := range s.Power {
				turn := float64(f/s.Width*(i/s.Width-j/s.Width))/float64(s.Height) +
					float64(f%s.Width*(i%s.Width-j%s.Width))/float64(s.Width)
				sum += p * math.Cos(2*math.Pi*turn)
			}
			for ch := range channels {
				c.SetSym(ch*plane+i, ch*plane+j, sum/float64(plane))
			}
		}
	}
	return c
}

// knownFields returns one field of each kind, small enough for dense algebra.
func knownFields(t testing.TB) map[string]known {
	t.Helper()
	made := func(f *Field, err error) *Field {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	gauss := law(t, 4, 6, 2, 0.1, 0.3)
	scales, scaleWeights := []float64{0.2, 1, 5}, []float64{2, 1, 1}
	means := random(7, 3, 2, 3, 5)
	spectra := []Spectrum{sloped(3, 5, 1), law(t, 3, 5, 1, 0.2, 0.2), law(t, 3, 5, 0, 1, 0.1)}

	fields := map[string]known{
		"gaussian": {
			field: made(NewGaussian(gauss)), weights: []float64{1},
			means: [][]float64{make([]float64, 24)}, covariances: []*mat.SymDense{dense(gauss, 1)},
		},
		"scales": {
			field: made(NewScaleMixture(scaleWeights, scales, gauss)), weights: []float64{0.5, 0.25, 0.25},
		},
		"mixture": {
			field: made(NewMixture([]float64{3, 5, 2}, means, spectra...)), weights: []float64{0.3, 0.5, 0.2},
		},
		"shared": {
			field: made(NewMixture(nil, means, spectra[0])), weights: []float64{1. / 3, 1. / 3, 1. / 3},
		},
	}
	for name, k := range fields {
		for c := range k.weights {
			switch name {
			case "scales":
				scaled := mat.NewSymDense(24, nil)
				scaled.ScaleSym(scales[c], dense(gauss, 1))
				k.covariances, k.means = append(k.covariances, scaled), append(k.means, make([]float64, 24))
			case "mixture":
				k.covariances, k.means = append(k.covariances, dense(spectra[c], 2)), append(k.means, means.Batch(nil, c, c+1))
			case "shared":
				k.covariances, k.means = append(k.covariances, dense(spectra[0], 2)), append(k.means, means.Batch(nil, c, c+1))
			}
		}
		fields[name] = k
	}
	return fields
}

// at returns log p_sigma and the posterior mean at y, with gonum's multivariate normal and dense
// solves.
func (k known) at(t testing.TB, y []float64, sigma float64) (logDensity float64, mean []float64) {
	t.Helper()
	mean = make([]float64, len(y))
	logs := make([]float64, len(k.weights))
	conditional := make([][]float64, len(k.weights))
	for c := range k.weights {
		noisy := mat.NewSymDense(len(y), nil)
		noisy.CopySym(k.covariances[c])
		for i := range y {
			noisy.SetSym(i, i, noisy.At(i, i)+sigma*sigma)
		}
		normal, ok := distmv.NewNormal(k.means[c], noisy, nil)
		var chol mat.Cholesky
		if !ok || !chol.Factorize(noisy) {
			t.Fatal("a covariance is not positive definite")
		}
		logs[c] = math.Log(k.weights[c]) + normal.LogProb(y)
		var difference, solved, x mat.VecDense
		difference.SubVec(mat.NewVecDense(len(y), slices.Clone(y)), mat.NewVecDense(len(y), k.means[c]))
		if err := chol.SolveVecTo(&solved, &difference); err != nil {
			t.Fatal(err)
		}
		x.MulVec(k.covariances[c], &solved)
		x.AddVec(&x, mat.NewVecDense(len(y), k.means[c]))
		conditional[c] = x.RawVector().Data
	}
	most := slices.Max(logs)
	var total float64
	for _, l := range logs {
		total += math.Exp(l - most)
	}
	for c, l := range logs {
		for i, v := range conditional[c] {
			mean[i] += math.Exp(l-most) / total * v
		}
	}
	return most + math.Log(total), mean
}
