package diffusion_test

import (
	"context"
	"fmt"
	"math"
	"testing"

	"wavescore/pkg/diffusion"
)

// dense denoises images drawn from N(mean, V diag(variances) V^T), exactly; the columns of V are
// orthonormal.
type dense struct{ mean, vectors, variances []float64 }

func (g *dense) Shape() diffusion.Shape { return diffusion.Shape{C: 1, H: 1, W: len(g.mean)} }

func (g *dense) Denoise(_ context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(g.Shape(), dst, src, sigma); err != nil {
		return err
	}
	n := len(g.mean)
	for from := 0; from < len(src); from += n {
		modes := g.modes(src[from : from+n])
		for j, v := range g.variances {
			modes[j] *= v / (v + sigma*sigma)
		}
		copy(dst[from:from+n], g.image(modes))
	}
	return nil
}

// modes returns an image, less the mean, along the columns of V; image is its inverse.
func (g *dense) modes(image []float64) []float64 {
	n := len(g.mean)
	modes := make([]float64, n)
	for i := range n {
		for j := range n {
			modes[j] += g.vectors[i*n+j] * (image[i] - g.mean[i])
		}
	}
	return modes
}

func (g *dense) image(modes []float64) []float64 {
	n := len(g.mean)
	image := append([]float64(nil), g.mean...)
	for i := range n {
		for j := range n {
			image[i] += g.vectors[i*n+j] * modes[j]
		}
	}
	return image
}

// rotation returns n orthonormal columns without zeros, those of the Hartley transform.
func rotation(n int) []float64 {
	v := make([]float64, n*n)
	for i := range n {
		for j := range n {
			angle := 2*math.Pi*float64(i*j)/float64(n) + math.Pi/4
			v[i*n+j] = math.Sqrt(2/float64(n)) * math.Sin(angle)
		}
	}
	return v
}

// line is five correlated pixels with one direction in which nothing varies and a mean that is
// far from 0 in the widest.
func line() *dense {
	g := &dense{mean: make([]float64, 5), vectors: rotation(5), variances: []float64{12, 0.5, 0.04, 1e-3, 0}}
	copy(g.mean, g.image([]float64{-25, 0.3, 0, -0.1, 0.2}))
	return g
}

// TestOrder: against the closed form of the probability flow of dense Gaussian data, over which
// distances from the mean shrink like sqrt(variance + sigma^2) in every mode, the error falls
// with the power of the step that the method is known for.
func TestOrder(t *testing.T) {
	g := line()
	const high, low = 20.0, 0.1
	start := diffusion.Run{Seed: 5}.Start(g.Shape(), 40, high, g.mean)
	var want []float64
	for i := 0; i < len(start); i += 5 {
		modes := g.modes(start[i : i+5])
		for j, v := range g.variances {
			modes[j] *= math.Sqrt(v+low*low) / math.Sqrt(v+high*high)
		}
		want = append(want, g.image(modes)...)
	}
	for _, test := range []struct {
		sampler diffusion.Sampler
		order   float64
	}{{diffusion.Euler{}, 1}, {diffusion.DDIM{}, 1}, {diffusion.Heun{}, 2}, {diffusion.DPMSolver2M{}, 2}} {
		for _, name := range diffusion.Schedules() {
			schedule, _ := diffusion.ParseSchedule(name)
			var errors []float64
			for n := 100; n <= 800; n *= 2 {
				sigmas, err := schedule.Levels(n+1, low, high)
				if err != nil {
					t.Fatal(err)
				}
				x := append([]float64(nil), start...)
				if err := test.sampler.Sample(context.Background(), g, x, sigmas[:n+1], diffusion.Run{}); err != nil {
					t.Fatal(err)
				}
				var sum float64
				for k := range x {
					sum += (x[k] - want[k]) * (x[k] - want[k])
				}
				errors = append(errors, math.Sqrt(sum/float64(len(x))))
			}
			order := math.Log2(errors[2] / errors[3])
			t.Logf("%T, %s: errors %.2g, order %.3f", test.sampler, name, errors, order)
			if math.Abs(order-test.order) > 0.1 {
				t.Errorf("%T, %s: order %v, want %v; errors %v", test.sampler, name, order, test.order, errors)
			}
		}
	}
}

// mode follows one mode of the data, of some variance, through a sampler's discrete recursion:
// what is left of a distance from the mean that there was at the start, and of every noise that
// was added. It is written apart from the samplers, in slopes of the flow, for whose x - D over
// sigma a mode has sigma / (variance + sigma^2) x.
type mode struct {
	variance float64
	left     []float64 // of the start and of each noise so far, in order
	noises   []float64 // the standard deviations of those noises
}

func (m *mode) slope(sigma float64) float64 { return sigma / (m.variance + sigma*sigma) }

func (m *mode) scale(factor float64) {
	for i := range m.left {
		m.left[i] *= factor
	}
}

func (m *mode) add(noise float64) {
	m.left = append(m.left, 1)
	m.noises = append(m.noises, noise)
}

// follow runs the recursion of a sampler over the levels.
func (m *mode) follow(s diffusion.Sampler, sigmas []float64) {
	m.left, m.noises = []float64{1}, nil
	var churn diffusion.Churn
	switch s := s.(type) {
	case diffusion.Euler:
		churn = s.Churn
	case diffusion.Heun:
		churn = s.Churn
	}
	gain := func(sigma float64) float64 { return m.variance / (m.variance + sigma*sigma) }
	before := []float64(nil) // what there was one step before, for the multistep method
	for i := 1; i < len(sigmas); i++ {
		from, to := sigmas[i-1], sigmas[i]
		if churn.Amount > 0 && from >= churn.Low && (churn.High == 0 || from <= churn.High) {
			hat := from + min(churn.Amount/float64(len(sigmas)-1), math.Sqrt2-1)*from
			m.add((1 + churn.Excess) * math.Sqrt(hat*hat-from*from))
			from = hat
		}
		step := to - from
		switch s := s.(type) {
		case diffusion.Euler:
			m.scale(1 + step*m.slope(from))
		case diffusion.Heun:
			if to > 0 {
				m.scale(1 + step*(m.slope(from)+m.slope(to)*(1+step*m.slope(from)))/2)
			} else {
				m.scale(1 + step*m.slope(from))
			}
		case diffusion.DDIM:
			up := s.Eta * math.Sqrt(to*to*(from*from-to*to)/(from*from))
			m.scale(gain(from) + math.Sqrt(to*to-up*up)/from*(1-gain(from)))
			if up > 0 {
				m.add(up)
			}
		case diffusion.DPMSolver2M:
			now := append([]float64(nil), m.left...)
			decay := to / from
			for k, x := range now {
				ahead := gain(from) * x
				if i > 1 && to > 0 {
					r := math.Log(sigmas[i-2]/from) / math.Log(from/to)
					ahead = (1+1/(2*r))*gain(from)*x - 1/(2*r)*gain(sigmas[i-2])*before[k]
				}
				m.left[k] = decay*x + (1-decay)*ahead
			}
			before = now
		}
	}
}

// TestDiscreteRecursion: every sampler, deterministic or not, is the affine map of the start and
// of its noises that the recursion of the modes says, to 1e-10: start and noise are drawn again
// here.
func TestDiscreteRecursion(t *testing.T) {
	g := line()
	const n = 40
	for _, steps := range []int{2, 3, 11, 40} {
		sigmas := levels(t, steps, 0.02, 80)
		for _, s := range every {
			run := diffusion.Run{Seed: 9}
			start := run.Start(g.Shape(), n, 80, nil)
			x := append([]float64(nil), start...)
			if err := s.Sample(context.Background(), g, x, sigmas, run); err != nil {
				t.Fatal(err)
			}
			for i := range n {
				random := stepNoise(9, i)
				got, from := g.modes(x[5*i:5*i+5]), g.modes(start[5*i:5*i+5])
				var noises [][]float64 // along the modes
				for j, v := range g.variances {
					m := mode{variance: v}
					m.follow(s, sigmas)
					want := m.left[0] * from[j]
					for k, deviation := range m.noises {
						if len(noises) <= k {
							z := make([]float64, 5)
							for p := range z {
								z[p] = g.mean[p] + random.NormFloat64()
							}
							noises = append(noises, g.modes(z))
						}
						want += m.left[k+1] * deviation * noises[k][j]
					}
					if math.Abs(got[j]-want) > 1e-10 {
						t.Errorf("%#v, %d steps, image %d: mode %d ends at %v, want %v", s, steps, i, j, got[j], want)
					}
				}
			}
		}
	}
}

// ending returns the mean's share that is left and the variance of a mode at the end of a walk
// that starts with the noise of sigmas[0].
func ending(s diffusion.Sampler, variance float64, sigmas []float64) (left, ends float64) {
	m := mode{variance: variance}
	m.follow(s, sigmas)
	ends = m.left[0] * m.left[0] * sigmas[0] * sigmas[0]
	for k, deviation := range m.noises {
		ends += m.left[k+1] * m.left[k+1] * deviation * deviation
	}
	return m.left[0], ends
}

// TestMomentsOfTheEnd: the mean and the covariance of what a deterministic sampler draws,
// computed through the sampler itself by walking the unit vectors, are those of the recursion to
// 1e-10.
func TestMomentsOfTheEnd(t *testing.T) {
	g := line()
	sigmas := levels(t, 40, 0.02, 80)
	for _, s := range []diffusion.Sampler{diffusion.Euler{}, diffusion.Heun{}, diffusion.DDIM{}, diffusion.DPMSolver2M{}} {
		x := make([]float64, 6*5) // the origin, and the five unit vectors
		for k := range 5 {
			x[5+5*k+k] = 1
		}
		if err := s.Sample(context.Background(), g, x, sigmas, diffusion.Run{}); err != nil {
			t.Fatal(err)
		}
		origin := g.modes(x[:5]) // where the mean of a start around 0 ends, relative to the data's mean
		began := g.modes(make([]float64, 5))
		for a, v := range g.variances {
			left, variance := ending(s, v, sigmas)
			if math.Abs(origin[a]-left*began[a]) > 1e-10 {
				t.Errorf("%T: the mean of mode %d is off by %v, the recursion says %v", s, a, origin[a], left*began[a])
			}
			for b := range g.variances {
				var covariance float64
				for k := range 5 {
					e := g.modes(x[5+5*k : 10+5*k])
					covariance += 80 * 80 * (e[a] - origin[a]) * (e[b] - origin[b])
				}
				want := 0.0
				if a == b {
					want = variance
				}
				if math.Abs(covariance-want) > 1e-10 {
					t.Errorf("%T: the covariance of modes %d and %d is %v, the recursion says %v", s, a, b, covariance, want)
				}
			}
		}
	}
}

// TestGapShrinks: the variance that a sampler ends with nears the data's as the steps get finer:
// at least 1.8 times nearer for each doubling with one of first order, 3.4 times with one of
// second. Both ends of the walk are taken far enough out not to matter.
func TestGapShrinks(t *testing.T) {
	for _, test := range []struct {
		sampler diffusion.Sampler
		factor  float64
	}{
		{diffusion.Euler{}, 1.8}, {diffusion.DDIM{Eta: 0.6}, 1.8}, {diffusion.DDIM{Eta: 1}, 1.8}, {diffusion.Heun{}, 3.4}, {diffusion.DPMSolver2M{}, 3.4},
	} {
		for _, variance := range []float64{0.04, 0.5, 12} {
			var previous float64
			for _, n := range []int{200, 400, 800, 1600} {
				_, ends := ending(test.sampler, variance, levels(t, n, 1e-5, 1e5))
				gap := math.Abs(ends/variance - 1)
				if n > 200 && !(gap < previous/test.factor) {
					t.Errorf("%#v, variance %v: a gap of %v with %d steps after %v", test.sampler, variance, gap, n, previous)
				}
				previous = gap
			}
		}
	}
}

// TestNoBrightnessBias: a walk that starts around 0 at sigma 80 ends with the mean off by what
// the flow says, (0 - m) times s / sqrt(s^2 + 80^2) up to the error of the steps: 1.08 for the
// mode of mean -25 and variance 12, as digits' approximation coefficient has. Around what Mean
// finds nothing is left of it.
func TestNoBrightnessBias(t *testing.T) {
	g := line()
	for _, high := range []float64{20, 80} {
		sigmas := levels(t, 200, 0.002, high)
		ends := func(start []float64) []float64 {
			x := append([]float64(nil), start...)
			if err := (diffusion.Heun{}).Sample(context.Background(), g, x, sigmas, diffusion.Run{}); err != nil {
				t.Fatal(err)
			}
			return g.modes(x)
		}
		want := 25 * math.Sqrt(12/(12+high*high))
		if bias := ends(make([]float64, 5))[0]; math.Abs(bias-want) > 2e-3*want {
			t.Errorf("from 0 at sigma %v: a bias of %v, the flow says %v", high, bias, want)
		}
		mean, err := diffusion.Mean(t.Context(), g, high)
		if err != nil {
			t.Fatal(err)
		}
		for j, bias := range ends(mean) {
			if math.Abs(bias) > 1e-5 {
				t.Errorf("from Mean at sigma %v: mode %d is off by %v", high, j, bias)
			}
		}
	}
}

// ExampleDraw draws single pixels from N(0.2, 0.1^2) and shows their mean and standard deviation.
func ExampleDraw() {
	prior := gaussian{mean: 0.2, deviation: 0.1}
	sigmas, err := diffusion.Karras{}.Levels(40, 0.002, 80)
	if err != nil {
		fmt.Println(err)
		return
	}
	x, err := diffusion.Draw(context.Background(), prior, diffusion.Heun{}, 10000, sigmas, diffusion.Run{Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum, square float64
	for _, v := range x {
		sum += v / 10000
		square += v * v / 10000
	}
	fmt.Printf("mean %.2f, deviation %.2f\n", sum, math.Sqrt(square-sum*sum))
	// Output: mean 0.20, deviation 0.10
}
