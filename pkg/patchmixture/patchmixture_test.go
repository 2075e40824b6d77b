package patchmixture

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"wavescore/internal/denoisertest"
	"wavescore/internal/tensorfile"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
)

// leaves returns grey pictures of occluding discs.
func leaves(n, height, width int, seed uint64) *dataset.Images {
	discs, err := dataset.NewDeadLeaves(height, width, 2, 30)
	if err != nil {
		panic(err)
	}
	return discs.Draw(n, seed).Grey()
}

// scene returns pictures of occluding discs, and their shape.
func scene(n, side int, seed uint64) (*dataset.Images, diffusion.Shape) {
	return leaves(n, side, side, seed), diffusion.Shape{C: 1, H: side, W: side}
}

func fitted(t testing.TB, settings Settings) *Machine {
	t.Helper()
	images, shape := scene(6, 48, 1)
	m, err := Fit(context.Background(), shape, images, settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func small() Settings {
	return Settings{Side: 4, Components: 6, Windows: 4000, Rounds: 2, Shrink: 3, Floor: 1e-4, Seed: 1}
}

func noise(values []float64, sigma float64, seed uint64) []float64 {
	noisy, rnd := slices.Clone(values), rand.New(rand.NewPCG(seed, 0))
	for i := range noisy {
		noisy[i] += sigma * rnd.NormFloat64()
	}
	return noisy
}

// reference is the posterior of one window by the formula, in double precision, from the
// covariances in pixels: Cholesky factors of Sigma_k + v I in the space of windows without mean,
// which one column less than d spans.
func reference(m *mixture, y []float64, v float64) (mean, variance []float64) {
	d, k := m.size(), m.components()
	basis := mat.NewDense(d, d-1, nil) // orthonormal columns, none of them the mixture's
	for c := range d - 1 {
		for r := range c + 1 {
			basis.Set(r, c, 1/math.Sqrt(float64((c+1)*(c+2))))
		}
		basis.Set(c+1, c, -float64(c+1)/math.Sqrt(float64((c+1)*(c+2))))
	}
	logs := make([]float64, k)
	means, variances := make([]*mat.VecDense, k), make([]*mat.Dense, k)
	for c := range k {
		covariance := mat.NewSymDense(d, nil)
		for a := range d - 1 {
			covariance.SymRankOne(covariance, m.variances[c*(d-1)+a], mat.NewVecDense(d, slices.Clone(m.axis(c, a))))
		}
		var half, clean, noisy mat.Dense
		half.Mul(covariance, basis)
		clean.Mul(basis.T(), &half)
		noisy.CloneFrom(&clean)
		sym := mat.NewSymDense(d-1, nil)
		for i := range d - 1 {
			for j := i; j < d-1; j++ {
				sym.SetSym(i, j, noisy.At(i, j))
			}
			sym.SetSym(i, i, sym.At(i, i)+v)
		}
		var chol mat.Cholesky
		if !chol.Factorize(sym) {
			panic("not positive definite")
		}
		rest := mat.NewVecDense(d, nil)
		for j := range d {
			rest.SetVec(j, y[j]-m.means[c*d+j])
		}
		var r, solved, filtered, m1 mat.VecDense
		r.MulVec(basis.T(), rest)
		if err := chol.SolveVecTo(&solved, &r); err != nil {
			panic(err)
		}
		logs[c] = m.logWeights[c] - chol.LogDet()/2 - mat.Dot(&r, &solved)/2
		filtered.MulVec(&clean, &solved)
		m1.MulVec(basis, &filtered)
		for j := range d {
			m1.SetVec(j, m1.AtVec(j)+m.means[c*d+j])
		}
		means[c] = &m1
		var gain, posterior, left, all mat.Dense
		if err := chol.SolveTo(&gain, &clean); err != nil {
			panic(err)
		}
		posterior.Mul(&clean, &gain)
		posterior.Sub(&clean, &posterior)
		left.Mul(basis, &posterior)
		all.Mul(&left, basis.T())
		variances[c] = &all
	}
	most := slices.Max(logs)
	var total, kept float64
	for c := range logs {
		logs[c] = math.Exp(logs[c] - most)
		total += logs[c]
	}
	for c := range logs {
		logs[c] = max(logs[c]/total-minResponsibility, 0)
		kept += logs[c]
	}
	mean, variance = make([]float64, d), make([]float64, d)
	for j := range d {
		for c, p := range logs {
			x := means[c].AtVec(j)
			mean[j] += p / kept * x
			variance[j] += p / kept * (x*x + variances[c].At(j, j))
		}
		variance[j] -= mean[j] * mean[j]
	}
	return mean, variance
}

// The posteriors of windows are those of the formula, up to single precision.
func TestPosterior(t *testing.T) {
	m := fitted(t, small()).mixture
	d := m.size()
	for _, sigma := range []float64{0.02, 0.2, 1} {
		e := newEvaluator(m.at(sigma * sigma))
		images, shape := scene(1, 40, 2)
		noisy := noise(images.Batch(nil, 0, 1), sigma, 3)
		const n = 50
		mean, variance := make([]float32, n*d), make([]float32, n*d)
		windows := make([][]float64, n)
		for i := range n {
			window, sum := make([]float64, d), 0.0
			for j := range d {
				window[j] = noisy[(i/7*4+j/4)*shape.W+i%7*5+j%4]
				sum += window[j]
			}
			for j := range window {
				window[j] -= sum / float64(d)
				e.windows[i*d+j] = float32(window[j])
			}
			windows[i] = window
		}
		e.condition(n)
		e.posterior(mean, variance, n)
		for i, window := range windows {
			wantMean, wantVariance := reference(m, window, sigma*sigma)
			for j := range d {
				if got := float64(mean[i*d+j]); math.Abs(got-wantMean[j]) > 2e-4*sigma {
					t.Fatalf("sigma %v, window %d: the mean of value %d is %v, want %v", sigma, i, j, got, wantMean[j])
				}
				if got := float64(variance[i*d+j]); math.Abs(got-wantVariance[j]) > 1e-3*sigma*sigma {
					t.Fatalf("sigma %v, window %d: the variance of value %d is %v, want %v", sigma, i, j, got, wantVariance[j])
				}
			}
		}
	}
}

// A picture is the average of the posteriors of its windows: of one scale, against a loop over
// pixels and the windows that cover them.
func TestAverage(t *testing.T) {
	const rows, columns, sigma = 7, 5, 0.3
	m := fitted(t, small()).mixture
	d, side := m.size(), m.side
	noisy := make([]float64, rows*columns)
	for i := range noisy {
		noisy[i] = math.Sin(float64(i * i))
	}
	got := plane{rows, columns, slices.Clone(noisy)}
	if err := denoise(t.Context(), []*noisyMixture{m.at(sigma * sigma)}, got, everyPlace); err != nil {
		t.Fatal(err)
	}
	at := func(r, c int) float64 { // reflected
		for r < 0 || r >= rows {
			r = max(-1-r, min(r, 2*rows-1-r))
		}
		for c < 0 || c >= columns {
			c = max(-1-c, min(c, 2*columns-1-c))
		}
		return noisy[r*columns+c]
	}
	for r := range rows {
		for c := range columns {
			var sum, weight float64
			for top := r - side + 1; top <= r; top++ {
				for left := c - side + 1; left <= c; left++ {
					window, level := make([]float64, d), 0.0
					for j := range d {
						window[j] = at(top+j/side, left+j%side)
						level += window[j] / float64(d)
					}
					for j := range d {
						window[j] -= level
					}
					mean, variance := reference(m, window, sigma*sigma)
					j := (r-top)*side + c - left
					w := 1 / (variance[j] + sigma*sigma/float64(d))
					sum += w * (mean[j] + level)
					weight += w
				}
			}
			if want := sum / weight; math.Abs(got.values[r*columns+c]-want) > 1e-4 {
				t.Errorf("row %d, column %d: %v, want %v", r, c, got.values[r*columns+c], want)
			}
		}
	}
}

// Tiles change nothing but the last digits of single precision, of any shape of image, and where
// tiles are smaller than their margins.
func TestTiles(t *testing.T) {
	m := fitted(t, small())
	for _, shape := range []diffusion.Shape{{C: 1, H: 61, W: 83}, {C: 1, H: 9, W: 70}, {C: 1, H: 1, W: 1}} {
		noisy := noise(make([]float64, 2*shape.Size()), 0.5, 1)
		whole, err := m.At(shape)
		if err != nil {
			t.Fatal(err)
		}
		want, err := diffusion.Denoised(t.Context(), whole, noisy, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		for _, side := range []int{16, 31} {
			last, all := 0, 0
			tiles, err := diffusion.Tiles(m, shape, side, func(done, total int) { last, all = done, total })
			if err != nil {
				t.Fatal(err)
			}
			got := slices.Clone(noisy)
			if err := tiles.Denoise(t.Context(), got, got, 0.2); err != nil {
				t.Fatal(err)
			}
			for i := range got {
				if math.Abs(got[i]-want[i]) > 1e-6 {
					t.Fatalf("%v in tiles of %d: pixel %d is %v, want %v: %g", shape, side, i, got[i], want[i], got[i]-want[i])
				}
			}
			if last != all || all < 2 {
				t.Errorf("%v in tiles of %d: %d of %d are reported", shape, side, last, all)
			}
		}
	}
}

func TestDenoiser(t *testing.T) {
	m := fitted(t, small())
	images, _ := scene(2, 48, 5)
	denoisertest.Run(t, "patch mixture", m, noise(images.Batch(nil, 0, 2), 0.3, 1), 0.3)
}

// EM raises the likelihood, and a machine of more components has a greater one; both leave less
// noise on pictures they have not seen than one Gaussian does.
func TestFit(t *testing.T) {
	settings := small()
	settings.Rounds, settings.Windows = 4, 8000
	several := fitted(t, settings)
	l := several.LogLikelihood()
	for i := 1; i < len(l); i++ {
		if l[i] < l[i-1] {
			t.Errorf("round %d: the log-likelihood falls from %v to %v", i, l[i-1], l[i])
		}
	}
	settings.Components = 1
	one := fitted(t, settings)
	if one.LogLikelihood()[0] >= l[0] {
		t.Errorf("one Gaussian has the log-likelihood %v, %d have %v", one.LogLikelihood()[0], several.Components(), l[0])
	}
	images, _ := scene(2, 48, 7)
	clean := images.Batch(nil, 0, 2)
	noisy := noise(clean, 0.2, 1)
	failure := func(m *Machine) (sum float64) {
		denoised, err := diffusion.Denoised(t.Context(), m, noisy, 0.2)
		if err != nil {
			t.Fatal(err)
		}
		for i, v := range denoised {
			sum += (v - clean[i]) * (v - clean[i]) / float64(len(clean))
		}
		return sum
	}
	if a, b := failure(several), failure(one); a >= b || b >= 0.04 {
		t.Errorf("errors per pixel: %v of several, %v of one Gaussian, 0.04 of the noise", a, b)
	}
}

// The same seed gives the same machine, and the file holds it.
func TestFile(t *testing.T) {
	first, err := fitted(t, small()).MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	m := fitted(t, small())
	second, err := m.MarshalBinary()
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(first, second) {
		t.Error("two fits of one seed differ")
	}
	var read Machine
	if err := read.UnmarshalBinary(first); err != nil {
		t.Fatal(err)
	}
	images, _ := scene(1, 48, 5)
	noisy := noise(images.Batch(nil, 0, 1), 0.3, 1)
	a, err := diffusion.Denoised(t.Context(), m, noisy, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	b, err := diffusion.Denoised(t.Context(), &read, noisy, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-4 { // the file is in single precision
			t.Fatalf("pixel %d is %v, from the file %v", i, a[i], b[i])
		}
	}
	if read.String() != m.String() || read.Settings() != small() || read.Shape() != m.Shape() {
		t.Errorf("read %v of %v, %v", &read, read.Shape(), read.Settings())
	}
	file, err := tensorfile.Decode(first)
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(){
		func() { file.Text[FileText] = strings.Replace(file.Text[FileText], `"Side":4`, `"Side":16`, 1) },
		func() { file.Text[FileText] = strings.Replace(file.Text[FileText], `"C":1`, `"C":3`, 1) },
		func() { file.Values["variances"].Data[3] = 0 },
		func() { file.Values["means"].Data[3] = math.Inf(1) },
		func() { delete(file.Values, "axes") },
		func() { file.Text = nil },
	} {
		if file, err = tensorfile.Decode(first); err != nil {
			t.Fatal(err)
		}
		change()
		b, err := tensorfile.Encode(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := read.UnmarshalBinary(b); !errors.Is(err, tensorfile.ErrDamaged) {
			t.Errorf("a damaged file: %v", err)
		}
	}
}

func TestErrors(t *testing.T) {
	images, shape := scene(2, 16, 1)
	infinite := *images
	infinite.Pixels = slices.Clone(images.Pixels)
	infinite.Pixels[300] = float32(math.Inf(1))
	change := func(f func(*Settings)) Settings {
		s := small()
		f(&s)
		return s
	}
	for _, test := range []struct {
		shape    diffusion.Shape
		images   diffusion.Images
		settings Settings
		says     string
	}{
		{shape, images, change(func(s *Settings) { s.Side = 5 }), "an even side"},
		{shape, images, change(func(s *Settings) { s.Components = 0 }), "0 components"},
		{shape, images, change(func(s *Settings) { s.Windows = 5 }), "5 windows for 6"},
		{shape, images, change(func(s *Settings) { s.Rounds = -1 }), "rounds"},
		{shape, images, change(func(s *Settings) { s.Shrink = math.NaN() }), "shrinkage"},
		{shape, images, change(func(s *Settings) { s.Floor = 0 }), "floor"},
		{diffusion.Shape{C: 3, H: 16, W: 16}, images, small(), "grey"},
		{shape, images, change(func(s *Settings) { s.Side = 16; s.Components = 1 }), ""},
		{diffusion.Shape{C: 1, H: 2, W: 128}, images, small(), "at least the 4 pixels"},
		{diffusion.Shape{C: 1, H: 32, W: 32}, images, small(), "want one or more of 1x32x32"},
		{shape, &infinite, change(func(s *Settings) { s.Windows = 20000 }), "image 1 has +Inf"},
	} {
		_, err := Fit(t.Context(), test.shape, test.images, test.settings, nil)
		if test.says == "" && err != nil || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
			t.Errorf("want an error that says %q: %v", test.says, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Fit(ctx, shape, images, small(), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled context: %v", err)
	}
	if _, err := fitted(t, small()).At(diffusion.Shape{C: 3, H: 16, W: 16}); err == nil || !strings.Contains(err.Error(), "grey") {
		t.Errorf("a colour picture: %v", err)
	}
}

func Example() {
	ctx := context.Background()
	pictures := leaves(8, 64, 64, 1)
	settings := Settings{Side: 8, Components: 20, Windows: 5000, Rounds: 2, Shrink: 3, Floor: 1e-4, Seed: 1}
	machine, err := Fit(ctx, diffusion.Shape{C: 1, H: 64, W: 64}, pictures, settings, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	const sigma = 0.2
	clean := leaves(1, 100, 150, 2).Batch(nil, 0, 1)
	noisy, rnd := slices.Clone(clean), rand.New(rand.NewPCG(1, 0))
	for i := range noisy {
		noisy[i] += sigma * rnd.NormFloat64()
	}
	denoiser, err := diffusion.Tiles(machine, diffusion.Shape{C: 1, H: 100, W: 150}, 64, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	denoised, err := diffusion.Denoised(ctx, denoiser, noisy, sigma)
	if err != nil {
		fmt.Println(err)
		return
	}
	failure := func(x []float64) (sum float64) {
		for i := range x {
			sum += (x[i] - clean[i]) * (x[i] - clean[i]) / float64(len(x))
		}
		return sum
	}
	fmt.Printf("less than a third of the noise is left: %t\n", failure(denoised) < failure(noisy)/3)
	// Output: less than a third of the noise is left: true
}
