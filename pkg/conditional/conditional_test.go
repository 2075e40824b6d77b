package conditional

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
	"testing"

	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/field"
)

// twoBlobs returns a field of 4x4 images around two means, each a Gaussian field of its own
// spectrum, with a known score.
func twoBlobs(t testing.TB) *field.Field {
	t.Helper()
	means := &dataset.Images{Channels: 1, Height: 4, Width: 4, Pixels: make([]float32, 32)}
	for i := range 16 {
		means.Pixels[i], means.Pixels[16+i] = float32(i%4)/4-0.5, float32(i/4)/4-0.4
	}
	var spectra []field.Spectrum
	for _, exponent := range []float64{1, 3} {
		s, err := field.PowerLaw(4, 4, exponent, 0.1, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		spectra = append(spectra, s)
	}
	f, err := field.NewMixture([]float64{1, 2}, means, spectra...)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func fit(t testing.TB, f Family, shape diffusion.Shape, images diffusion.Images, s Settings) *Machine {
	t.Helper()
	m, err := Fit(context.Background(), f, shape, images, s, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func withNoise(images *dataset.Images, sigma float64, seed uint64) []float64 {
	x := images.Batch(nil, 0, images.Len())
	random := rand.New(rand.NewPCG(seed, 0))
	for i := range x {
		x[i] += sigma * random.NormFloat64()
	}
	return x
}

func denoise(t testing.TB, d diffusion.Denoiser, noisy []float64, sigma float64) []float64 {
	t.Helper()
	out := make([]float64, len(noisy))
	if err := d.Denoise(t.Context(), out, noisy, sigma); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestOneComponentIsWiener: with one component and a window of the whole image the machine is the
// Wiener filter of the sample moments, whatever its rank, solved here as a dense system.
func TestOneComponentIsWiener(t *testing.T) {
	images := dataset.Digits(300, 5)
	images = images.Resize(8, 8)
	const d = 64
	x := images.Batch(nil, 0, 300)
	mean, covariance := make([]float64, d), mat.NewSymDense(d, nil)
	for i := range 300 {
		for j := range d {
			mean[j] += x[i*d+j] / 300
		}
	}
	for i := range 300 {
		for j := range d {
			for k := range j + 1 {
				covariance.SetSym(j, k, covariance.At(j, k)+(x[i*d+j]-mean[j])*(x[i*d+k]-mean[k])/300)
			}
		}
	}
	for _, rank := range []int{0, 10} {
		m := fit(t, Family{Block: 8, Window: 8, Rank: rank, Components: 1}, diffusion.Shape{C: 1, H: 8, W: 8}, images, Settings{})
		for _, sigma := range []float64{0.05, 0.5, 5} {
			noisy := withNoise(images.Slice(0, 5), sigma, 1)
			got := denoise(t, m, noisy, sigma)
			total := mat.NewSymDense(d, nil)
			total.CopySym(covariance)
			for j := range d {
				total.SetSym(j, j, total.At(j, j)+sigma*sigma)
			}
			var chol mat.Cholesky
			chol.Factorize(total)
			for i := range 5 {
				y := mat.NewVecDense(d, slices.Clone(noisy[i*d:(i+1)*d]))
				y.SubVec(y, mat.NewVecDense(d, mean))
				if err := chol.SolveVecTo(y, y); err != nil {
					t.Fatal(err)
				}
				var want mat.VecDense
				want.MulVec(covariance, y)
				for j := range d {
					if diff := math.Abs(got[i*d+j] - want.AtVec(j) - mean[j]); diff > 1e-8 {
						t.Fatalf("rank %d, sigma %v, image %d, pixel %d: off by %v", rank, sigma, i, j, diff)
					}
				}
			}
		}
	}
}

// TestKnownMixture: fitted to draws from a mixture of two Gaussian fields, the machine comes to
// their known posterior mean as the sample grows: the mean squared distance falls by more than 5
// from 400 to 6400 images, where theory says 16 and chance allows for less, and is then below a
// thousandth of the images' variance.
func TestKnownMixture(t *testing.T) {
	field := twoBlobs(t)
	shape := diffusion.Shape{C: 1, H: 4, W: 4}
	test := field.Draw(500, 99)
	for _, sigma := range []float64{0.1, 0.5, 2} {
		noisy := withNoise(test, sigma, 3)
		truth := make([]float64, len(noisy))
		if err := field.Denoise(t.Context(), truth, noisy, sigma); err != nil {
			t.Fatal(err)
		}
		var distances []float64
		for _, n := range []int{400, 6400} {
			m := fit(t, Family{Block: 4, Window: 4, Components: 2}, shape, field.Draw(n, 1), Settings{Rounds: 30, Floor: 1e-9, Seed: 2})
			var sum float64
			for i, v := range denoise(t, m, noisy, sigma) {
				sum += (v - truth[i]) * (v - truth[i])
			}
			distances = append(distances, sum/float64(len(noisy)))
		}
		if !(distances[1] < distances[0]/5) || distances[1] > 2e-4 {
			t.Errorf("sigma %v: mean squared distances %v from 400 and 6400 images", sigma, distances)
		}
	}
}

// TestEMNeverLowersTheLikelihood, to rounding, without shrinkage.
func TestEMNeverLowersTheLikelihood(t *testing.T) {
	images := dataset.Digits(400, 2).Resize(8, 8)
	// Pixels that never vary would have no likelihood: a little noise of the images' own.
	noise := withNoise(images, 0.05, 4)
	for i, v := range noise {
		images.Pixels[i] = float32(v)
	}
	m := fit(t, Family{Block: 4, Window: 4, Components: 5}, diffusion.Shape{C: 1, H: 8, W: 8}, images, Settings{Rounds: 12, Floor: 1e-12, Seed: 1})
	l := m.LogLikelihood()[0]
	for i := 1; i < len(l); i++ {
		if l[i] < l[i-1]-1e-7*math.Abs(l[i-1]) {
			t.Errorf("round %d lowers the log-likelihood from %v to %v", i, l[i-1], l[i])
		}
	}
	if l[len(l)-1] < l[0]+1 {
		t.Errorf("12 rounds raise the log-likelihood from %v to %v only", l[0], l[len(l)-1])
	}
}

// dense returns the posterior mean and variance of a noisy window, from dense covariances of the
// window's pixels and log-densities by Cholesky, where the machine has eigenbases. The variance is
// that between the components of sufficient responsibility, plus that within components on the
// average of the pixels.
func dense(t *testing.T, model windowModel, noisy []float64, sigma float64) (mean, variance []float64) {
	t.Helper()
	m := model.mixture
	d, r, q := len(model.mean), m.rank, m.axesPerComponent
	principalAxes := mat.NewDense(d, d, model.axes)
	var logs, within []float64
	var conditionalMeans []*mat.VecDense
	for c := range m.components() {
		// In principal coordinates: the component's covariance in the leading ones, one Gaussian's
		// in the trailing ones.
		inner := mat.NewDense(d, d, nil)
		axes := mat.NewDense(q, r, m.axes[c*q*r:(c+1)*q*r])
		excess := make([]float64, q) // over the residual variance
		for a := range excess {
			excess[a] = m.axisVariances[c*q+a] - m.residualVariance[c]
		}
		var half, leading mat.Dense
		half.Mul(mat.NewDiagDense(q, excess), axes)
		leading.Mul(axes.T(), &half)
		inner.Slice(0, r, 0, r).(*mat.Dense).Copy(&leading)
		for a := range r {
			inner.Set(a, a, inner.At(a, a)+m.residualVariance[c])
		}
		for a := r; a < d; a++ {
			inner.Set(a, a, model.variances[a])
		}
		centre := make([]float64, d)
		copy(centre, m.means[c*r:(c+1)*r])
		var outer, covariance, offset mat.Dense
		outer.Mul(inner, principalAxes)
		covariance.Mul(principalAxes.T(), &outer)
		offset.Mul(principalAxes.T(), mat.NewDense(d, 1, centre))
		total, residual := mat.NewSymDense(d, nil), mat.NewVecDense(d, nil)
		for a := range d {
			for b := range a + 1 {
				total.SetSym(a, b, (covariance.At(a, b)+covariance.At(b, a))/2)
			}
			total.SetSym(a, a, total.At(a, a)+sigma*sigma)
			residual.SetVec(a, noisy[a]-model.mean[a]-offset.At(a, 0))
		}
		var chol mat.Cholesky
		if !chol.Factorize(total) {
			t.Fatal("a covariance is not positive definite")
		}
		var solved, conditionalMean mat.VecDense
		var shrunk mat.Dense
		if chol.SolveVecTo(&solved, residual) != nil || chol.SolveTo(&shrunk, &covariance) != nil {
			t.Fatal("a covariance is singular")
		}
		conditionalMean.MulVec(&covariance, &solved)
		for a := range d {
			conditionalMean.SetVec(a, conditionalMean.AtVec(a)+model.mean[a]+offset.At(a, 0))
		}
		logs = append(logs, m.logWeights[c]-chol.LogDet()/2-mat.Dot(residual, &solved)/2)
		conditionalMeans = append(conditionalMeans, &conditionalMean)
		within = append(within, sigma*sigma*mat.Trace(&shrunk)/float64(d))
	}
	greatest := slices.Max(logs)
	var norm, normBetween, withinSum float64
	mean, variance = make([]float64, d), make([]float64, d)
	first, second := make([]float64, d), make([]float64, d)
	for c, l := range logs {
		w := math.Exp(l - greatest)
		norm += w
		withinSum += w * within[c]
		if w >= minRelativeResponsibility {
			normBetween += w
		}
		for a := range d {
			x := conditionalMeans[c].AtVec(a)
			mean[a] += w * x
			if w >= minRelativeResponsibility {
				first[a] += w * x
				second[a] += w * x * x
			}
		}
	}
	for a := range mean {
		mean[a] /= norm
		variance[a] = second[a]/normBetween - first[a]/normBetween*first[a]/normBetween + withinSum/norm
	}
	return mean, variance
}

// TestDenseMixture compares a machine with the posterior mean and variance of its own mixture,
// computed from dense covariances.
func TestDenseMixture(t *testing.T) {
	field := twoBlobs(t)
	for _, f := range []Family{
		{Block: 4, Window: 4, Components: 6}, {Block: 4, Window: 4, Rank: 7, Components: 6},
		{Block: 4, Window: 4, Axes: 5, Components: 6}, {Block: 4, Window: 4, Rank: 12, Axes: 3, Components: 6},
	} {
		m := fit(t, f, diffusion.Shape{C: 1, H: 4, W: 4}, field.Draw(300, 1), Default())
		for _, sigma := range []float64{0.03, 0.3, 3} {
			noisy := withNoise(field.Draw(4, 8), sigma, 9)
			got := denoise(t, m, noisy, sigma)
			all := make([]int, 16)
			for j := range all {
				all[j] = j
			}
			var windows posteriors
			m.locals[0].posteriors(t.Context(), &windows, noisy, sigma, all)
			for i := range 4 {
				mean, variance := dense(t, m.locals[0].models[0], noisy[i*16:(i+1)*16], sigma)
				for a := range 16 {
					if diff := math.Abs(got[i*16+a] - mean[a]); diff > 1e-8 {
						t.Fatalf("%v, sigma %v, image %d, pixel %d: off by %v", f, sigma, i, a, diff)
					}
					if diff := math.Abs(windows.variance[i*16+a] - variance[a]); diff > 1e-8 {
						t.Fatalf("%v, sigma %v, image %d, pixel %d: the variance is off by %v", f, sigma, i, a, diff)
					}
				}
			}
		}
	}
}

// TestAverage: a machine from Combine averages the windows that cover a pixel. Their weights have
// a sum of 1. Without the variances these weights have the least error on the validation images:
// the error is greater under nearby weights, and under those that leave each pixel to one window.
// With the variances the machine equals the average of the dense posterior means of all windows,
// and the error is no greater.
func TestAverage(t *testing.T) {
	const side, n, sigma = 8, 60, 0.4
	images := dataset.Digits(260, 6).Resize(side, side)
	validation := images.Slice(200, 200+n)
	shape := diffusion.Shape{C: 1, H: side, W: side}
	clean := validation.Batch(nil, 0, n)
	noisy := make([]float64, len(clean))
	for i := range n {
		random := rand.New(rand.NewPCG(3, uint64(i)))
		for k := i * side * side; k < (i+1)*side*side; k++ {
			noisy[k] = clean[k] + sigma*random.NormFloat64()
		}
	}
	for _, f := range []Family{
		{Block: 2, Window: 4, Components: 4},
		{Block: 4, Window: 6, Rank: 9, Components: 4}, // 1, 2 or 4 windows cover a pixel
		{Block: 4, Window: 8, Rank: 20, Components: 4},
		{Block: 8, Window: 8, Rank: 20, Components: 4},
		{Block: 2, Window: 4, Components: 4, Sharing: Everywhere},
	} {
		single := fit(t, f, shape, images.Slice(0, 200), Default())
		levels, err := Weigh(context.Background(), []*Machine{single}, validation, []float64{sigma}, 3, nil)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Combine([]*Machine{single}, levels)
		if err != nil {
			t.Fatal(err)
		}
		means, variances := make([][][]float64, n), make([][][]float64, n) // image, site, value
		for i := range means {
			for site := range f.sites(shape) {
				pixels, _ := f.window(shape, site)
				window := make([]float64, len(pixels))
				for j, pixel := range pixels {
					window[j] = noisy[i*side*side+pixel]
				}
				mean, variance := dense(t, single.locals[0].models[site%len(single.locals[0].models)], window, sigma)
				means[i], variances[i] = append(means[i], mean), append(variances[i], variance)
			}
		}
		// average returns the average of the windows, weighted by inverse variances or not, and
		// its error, which is infinite where the weights at a pixel do not sum to 1.
		average := func(within []float64, precise bool) (mean []float64, e float64) {
			mean = make([]float64, len(clean))
			total, weightSum := make([]float64, side*side), make([]float64, len(clean))
			for site := range f.sites(shape) {
				pixels, _ := f.window(shape, site)
				for j, pixel := range pixels {
					total[pixel] += within[j]
					for i := range n {
						weight := within[j]
						if precise {
							weight /= variances[i][site][j]
						}
						mean[i*side*side+pixel] += weight * means[i][site][j]
						weightSum[i*side*side+pixel] += weight
					}
				}
			}
			for _, v := range total {
				if math.Abs(v-1) > 1e-12 {
					return mean, math.Inf(1)
				}
			}
			for i := range mean {
				mean[i] /= weightSum[i]
				e += (mean[i] - clean[i]) * (mean[i] - clean[i]) / float64(len(clean))
			}
			return mean, e
		}
		within := levels[0].Within[0]
		want, e := average(within, true)
		if math.Abs(e-levels[0].Error) > 1e-8 || math.Abs(e-levels[0].Errors[0]) > 1e-8 {
			t.Fatalf("%v: the error is %v, and said to be %v", f, e, levels[0])
		}
		for i, v := range denoise(t, m, noisy, sigma) {
			if math.Abs(v-want[i]) > 1e-7 {
				t.Fatalf("%v: pixel %d is %v, and the average of the windows %v", f, i, v, want[i])
			}
		}
		_, least := average(within, false)
		if e > least+1e-12 {
			t.Errorf("%v: over their variances the windows err by %v, more than the %v without", f, e, least)
		}
		alone, e := average(single.locals[0].blockWeights(), false)
		if e < least-1e-12 {
			t.Errorf("%v: blocks alone have an error of %v, the average one of %v", f, e, least)
		}
		for i, v := range denoise(t, single, noisy, sigma) {
			if math.Abs(v-alone[i]) > 1e-7 {
				t.Fatalf("%v: a machine from Fit does not answer by blocks", f)
			}
		}
		for j := range within {
			for k := range within {
				moved := slices.Clone(within)
				step := min(0.02, moved[j])
				moved[j], moved[k] = moved[j]-step, moved[k]+step
				if _, e := average(moved, false); e < least-1e-9 {
					t.Fatalf("%v: moving weight from value %d to %d makes the error %v, less than %v", f, j, k, e, least)
				}
			}
		}
	}
}

// TestExtremeLevels: at vanishing noise the machine returns what it is given, and in overwhelming
// noise the mean.
func TestExtremeLevels(t *testing.T) {
	images, err := dataset.Digits(400, 3).Pad(32, 32)
	if err != nil {
		t.Fatal(err)
	}
	shape := diffusion.Shape{C: 1, H: 32, W: 32}
	m := fit(t, Family{Block: 8, Window: 10, Rank: 20, Components: 10}, shape, images, Default())
	noisy := withNoise(images.Slice(0, 3), 0.002, 1)
	clean := images.Batch(nil, 0, 3)
	var sum, mean float64
	for i, v := range denoise(t, m, noisy, 0.002) {
		sum += (v - clean[i]) * (v - clean[i])
	}
	if e := math.Sqrt(sum / float64(len(clean))); e > 0.004 {
		t.Errorf("at sigma .002 the error is %v", e)
	}
	all := images.Batch(nil, 0, 400)
	for _, v := range all {
		mean += v / float64(len(all))
	}
	var got float64
	far := denoise(t, m, withNoise(images.Slice(0, 3), 80, 1), 80)
	for _, v := range far {
		got += v / float64(len(far))
	}
	if math.Abs(got-mean) > 0.02 {
		t.Errorf("at sigma 80 the mean pixel is %v; the data's is %v", got, mean)
	}
}

// TestEverywhereCommutesWithShifts by whole blocks, and a machine per site does not.
func TestEverywhereCommutesWithShifts(t *testing.T) {
	images := dataset.Digits(200, 3).Resize(16, 16)
	shape := diffusion.Shape{C: 1, H: 16, W: 16}
	for sharing, commutes := range map[Sharing]bool{Everywhere: true, PerSite: false} {
		m := fit(t, Family{Block: 2, Window: 4, Components: 8, Sharing: sharing}, shape, images, Default())
		noisy := withNoise(images.Slice(0, 1), 0.3, 1)
		shifted := make([]float64, 256)
		for i := range shifted {
			shifted[i] = noisy[(i/16+2)%16*16+(i%16+4)%16]
		}
		plain, moved := denoise(t, m, noisy, 0.3), denoise(t, m, shifted, 0.3)
		var worst float64
		for i, v := range moved {
			worst = math.Max(worst, math.Abs(v-plain[(i/16+2)%16*16+(i%16+4)%16]))
		}
		if (worst < 1e-12) != commutes {
			t.Errorf("%v: a shift changes the answer by %v", sharing, worst)
		}
	}
}

// TestDegenerate: images that never vary, or come in two copies of few, leave every answer finite.
func TestDegenerate(t *testing.T) {
	constant := &dataset.Images{Channels: 1, Height: 4, Width: 4, Pixels: slices.Repeat([]float32{-1}, 20*16)}
	few := &dataset.Images{Channels: 1, Height: 4, Width: 4}
	for i := range 20 {
		few.Pixels = append(few.Pixels, slices.Repeat([]float32{float32(i % 2)}, 16)...)
	}
	for name, images := range map[string]*dataset.Images{"constant": constant, "two values": few} {
		m := fit(t, Family{Block: 2, Window: 4, Components: 7}, diffusion.Shape{C: 1, H: 4, W: 4}, images, Default())
		noisy := withNoise(images, 0.01, 1)
		clean := images.Batch(nil, 0, 20)
		for i, v := range denoise(t, m, noisy, 0.01) {
			if !(math.Abs(v-clean[i]) < 0.03) {
				t.Fatalf("%s: pixel %d is %v, from %v", name, i, v, clean[i])
			}
		}
	}
}

// TestSameBits on one core and on all.
func TestSameBits(t *testing.T) {
	images := dataset.Digits(300, 3).Resize(16, 16)
	noisy := withNoise(images.Slice(0, 70), 0.3, 1)
	var answers [][]float64
	for _, cores := range []int{1, runtime.NumCPU()} {
		old := runtime.GOMAXPROCS(cores)
		m := fit(t, Family{Block: 4, Window: 6, Components: 9}, diffusion.Shape{C: 1, H: 16, W: 16}, images, Default())
		answers = append(answers, denoise(t, m, noisy, 0.3))
		runtime.GOMAXPROCS(old)
	}
	if !slices.Equal(answers[0], answers[1]) {
		t.Error("the answer depends on the number of cores")
	}
}

// TestCombine: small windows have the least error in little noise, and the whole image in much. At
// every level no other weights have an error on the validation images that is less by more than
// maxErrorIncrease. The machine's answer is the average under the weights of the nearest level,
// and a file gives the same machine back.
func TestCombine(t *testing.T) {
	images := dataset.Digits(500, 3).Resize(16, 16)
	shape := diffusion.Shape{C: 1, H: 16, W: 16}
	small := fit(t, Family{Block: 4, Window: 6, Components: 20}, shape, images.Slice(0, 400), Default())
	whole := fit(t, Family{Block: 16, Window: 16, Rank: 30, Components: 10}, shape, images.Slice(0, 400), Default())
	levels, err := Weigh(context.Background(), []*Machine{small, whole, small}, images.Slice(400, 500), []float64{3, 0.05, 0.7}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	if levels[0].Sigma != 0.05 || levels[0].Best() == 1 || levels[2].Best() != 1 {
		t.Fatalf("small windows are for little noise and large ones for much, but the levels are %+v", levels)
	}
	// The copy makes the covariance singular; without it the weights are those that a grid finds.
	levels, err = Weigh(context.Background(), []*Machine{small, whole}, images.Slice(400, 500), []float64{3, 0.05, 0.7}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Combine([]*Machine{small, whole}, levels)
	if err != nil {
		t.Fatal(err)
	}
	b, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	again := new(Machine)
	if err := again.UnmarshalBinary(b); err != nil {
		t.Fatal(err)
	}
	clean := images.Batch(nil, 400, 500)
	for _, level := range m.Levels() {
		noisy := make([]float64, len(clean))
		for i := range 100 {
			random := rand.New(rand.NewPCG(1, uint64(i)))
			for k := i * 256; k < (i+1)*256; k++ {
				noisy[k] = clean[k] + level.Sigma*random.NormFloat64()
			}
		}
		// averaged returns the average of a family's windows and its variance.
		averaged := func(family int, sigma float64) (mean, variance []float64) {
			average := weightedAverage{make([]float64, len(noisy)), make([]float64, len(noisy))}
			m.locals[family].addTo(t.Context(), average, noisy, sigma, level.Within[family])
			for i, weight := range average.weight {
				average.sum[i] /= weight
				average.weight[i] = 1 / weight
			}
			return average.sum, average.weight
		}
		one, ofOne := averaged(0, level.Sigma)
		other, ofOther := averaged(1, level.Sigma)
		weighted := func(w float64) (sum float64) {
			for i, c := range clean {
				e := w*one[i] + (1-w)*other[i] - c
				sum += e * e / float64(len(clean))
			}
			return sum
		}
		for w := 0.0; w <= 1; w += 0.05 {
			if least := weighted(level.Weights[0]); weighted(w) < least*(1-maxErrorIncrease) {
				t.Errorf("sigma %v: weight %v has an error of %v, less than the %v of %+v", level.Sigma, w, weighted(w), least, level)
			}
		}
		precise := func(i int, one, ofOne, other, ofOther []float64) float64 {
			u, v := level.Weights[0]/ofOne[i], level.Weights[1]/ofOther[i]
			return (u*one[i] + v*other[i]) / (u + v)
		}
		var sum float64
		for i, c := range clean {
			e := precise(i, one, ofOne, other, ofOther) - c
			sum += e * e / float64(len(clean))
		}
		if math.Abs(sum-level.Error) > 1e-9 {
			t.Errorf("sigma %v: the error of the weights is %v, not %v", level.Sigma, sum, level.Error)
		}
		got := denoise(t, m, noisy, level.Sigma*1.1)
		one, ofOne = averaged(0, level.Sigma*1.1)
		other, ofOther = averaged(1, level.Sigma*1.1)
		for i := range got {
			if want := precise(i, one, ofOne, other, ofOther); math.Abs(got[i]-want) > 1e-9 {
				t.Fatalf("sigma %v: the answer is not the weighted mean of the nearest level", level.Sigma*1.1)
			}
		}
		if !slices.Equal(denoise(t, again, noisy, level.Sigma*1.1), got) {
			t.Errorf("sigma %v: a file gives another machine back", level.Sigma)
		}
	}
	for _, cut := range []int{0, 7, len(b) / 2, len(b) - 1} {
		if err := new(Machine).UnmarshalBinary(b[:cut]); err == nil {
			t.Errorf("a file cut to %d of %d bytes is read", cut, len(b))
		}
	}
	if err := new(Machine).UnmarshalBinary(bytes.Replace(b, []byte(`Block\":4`), []byte(`Block\":8`), 1)); err == nil {
		t.Error("a changed file is read")
	}
}

// TestErrors: the error says what is wrong, and what would be accepted.
func TestErrors(t *testing.T) {
	shape := diffusion.Shape{C: 1, H: 8, W: 8}
	images := dataset.Digits(20, 1).Resize(8, 8)
	ok := Family{Block: 4, Window: 6, Components: 3}
	broken := images.Slice(0, 20)
	broken.Pixels = slices.Clone(broken.Pixels)
	broken.Pixels[70] = float32(math.NaN())
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx      context.Context
		family   Family
		shape    diffusion.Shape
		images   diffusion.Images
		settings Settings
		says     string
	}{
		{nil, Family{Block: 3, Window: 3, Components: 1}, shape, images, Default(), "divides both sides"},
		{nil, Family{Block: 4, Window: 7, Components: 1}, shape, images, Default(), "even number"},
		{nil, Family{Block: 4, Window: 10, Components: 1}, shape, images, Default(), "at most the image"},
		{nil, Family{Block: 4, Window: 6, Rank: 37, Components: 1}, shape, images, Default(), "rank of 37"},
		{nil, Family{Block: 4, Window: 6}, shape, images, Default(), "at least 1"},
		{nil, Family{Block: 4, Window: 6, Components: 1, Sharing: 5}, shape, images, Default(), "PerSite and Everywhere"},
		{nil, Family{Block: 4, Window: 6, Components: 21}, shape, images, Default(), "20 images for 21 components"},
		{nil, ok, diffusion.Shape{C: 1, H: 16, W: 16}, images, Default(), "20 images hold 1280 values"},
		{nil, ok, shape, broken, Default(), "image 1 has NaN at pixel 6"},
		{nil, ok, shape, images, Settings{Shrink: -1}, "not negative"},
		{nil, ok, shape, images, Settings{Floor: math.NaN()}, "finite"},
		{nil, ok, shape, images, Settings{Rounds: 1}, "EM needs a floor"},
		{nil, ok, shape, images, Settings{Clusters: -1}, "negative"},
		{cancelled, ok, shape, images, Default(), "canceled"},
	} {
		if c.ctx == nil {
			c.ctx = context.Background()
		}
		if _, err := Fit(c.ctx, c.family, c.shape, c.images, c.settings, nil); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, %+v: error %v; want one with %q", c.family, c.settings, err, c.says)
		}
	}
	m := fit(t, ok, shape, images, Default())
	if err := m.Denoise(t.Context(), make([]float64, 64), make([]float64, 64), 0); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("sigma 0: %v", err)
	}
	if _, err := Weigh(context.Background(), nil, images, []float64{1}, 1, nil); err == nil {
		t.Error("no machines are weighed")
	}
	if _, err := Weigh(context.Background(), []*Machine{m}, images, []float64{-1}, 1, nil); !errors.Is(err, diffusion.ErrSigma) {
		t.Errorf("weighed at sigma -1: %v", err)
	}
	if _, err := Combine([]*Machine{m, m}, nil); err == nil {
		t.Error("two families are combined without weights")
	}
	if _, err := Combine([]*Machine{m, m}, []Level{{Sigma: 1, Weights: []float64{1}}}); err == nil {
		t.Error("two families are combined with one weight")
	}
	if _, err := Combine([]*Machine{m}, []Level{{Sigma: 1, Weights: []float64{1}, Within: [][]float64{{1}}}}); err == nil {
		t.Error("a window of 36 values is averaged with one weight")
	}
}

// BenchmarkDenoise: images a second through all windows of each side at sigma 1, where many
// components matter. One mixture for all sites is quick to fit, and as fast as one for each.
func BenchmarkDenoise(b *testing.B) {
	images, err := dataset.Digits(1000, 3).Pad(32, 32)
	if err != nil {
		b.Fatal(err)
	}
	shape := diffusion.Shape{C: 1, H: 32, W: 32}
	for _, window := range []int{4, 8, 16, 32} {
		b.Run(fmt.Sprint(window), func(b *testing.B) {
			f, err := Around(window, shape, 200, Everywhere)
			if err != nil {
				b.Fatal(err)
			}
			single := []*Machine{fit(b, f, shape, images, Settings{Clusters: 500, Shrink: 10, Floor: 1e-4})}
			d := f.dimensions(shape)
			m, err := Combine(single, []Level{{Sigma: 1, Weights: []float64{1}, Within: [][]float64{slices.Repeat([]float64{1}, d)}}})
			if err != nil {
				b.Fatal(err)
			}
			noisy := withNoise(images.Slice(0, 256), 1, 1)
			out := make([]float64, len(noisy))
			for b.Loop() {
				if err := m.Denoise(b.Context(), out, noisy, 1); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(256*float64(b.N)/b.Elapsed().Seconds(), "images/s")
		})
	}
}
