package moments

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat"
)

func TestMonomials(t *testing.T) {
	for _, test := range []struct {
		terms             Terms
		degree, variables int
		features          int // counted by hand
	}{
		{Powers, 1, 1, 2},
		{Powers, 3, 1, 4},
		{Powers, 3, 9, 1 + 3*9},
		{Gated, 1, 9, 10},
		{Gated, 2, 9, 1 + 2*9 + 8},
		{Gated, 3, 9, 1 + 3*9 + 2*8},
		{Gated, 4, 3, 1 + 4*3 + 2*2},
		{Full, 2, 3, 10},  // C(5, 2)
		{Full, 3, 9, 220}, // C(12, 3)
	} {
		b := newBasis(test.terms, test.degree, test.variables)
		if b.Features() != test.features {
			t.Errorf("%s degree %d of %d variables: %d features, want %d", test.terms, test.degree, test.variables, b.Features(), test.features)
		}
		if b.Degree(0) != 0 || b.Exponents(1)[0] != 1 || b.Degree(1) != 1 {
			t.Errorf("%s degree %d: the first two features are not 1 and y_c", test.terms, test.degree)
		}
	}
}

// TestFillEvaluatesMonomials compares Fill with math.Pow.
func TestFillEvaluatesMonomials(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 1))
	const n = 5
	b := newBasis(Full, 4, 3)
	variables := make([][]float64, 3)
	for v := range variables {
		variables[v] = normals(rnd, n)
	}
	roots := []float64{1, 2, 1, 0.5, 3}
	features := make([]float64, n*b.Features())
	copy(features, roots)
	b.Fill(features, variables)
	for a := range b.Features() {
		for i := range n {
			want := roots[i]
			for v, p := range b.Exponents(a) {
				want *= math.Pow(variables[v][i], float64(p))
			}
			if got := features[a*n+i]; math.Abs(got-want) > 1e-13*(1+math.Abs(want)) {
				t.Fatalf("feature %v of image %d is %v, want %v", b.Exponents(a), i, got, want)
			}
		}
	}
}

// points are a small discrete distribution with one row per variable; every expectation over it is
// a finite sum.
func points(rnd *rand.Rand, variables, n int) [][]float64 {
	w := make([][]float64, variables)
	for v := range w {
		w[v] = normals(rnd, n)
		for i := range w[v] {
			w[v][i] += 0.5 * w[0][i] * w[0][i]
		}
	}
	return w
}

// cleanOf returns the moments of a basis over points by their definition.
func cleanOf(b *Basis, w [][]float64) []float64 {
	clean := make([]float64, b.Moments())
	for k, e := range b.products {
		for i := range w[0] {
			p := 1.0
			for v := range w {
				p *= math.Pow(w[v][i], float64(e[v]))
			}
			clean[k] += p / float64(len(w[0]))
		}
	}
	return clean
}

// TestTransportIsGaussHermite: the transported Gram matrix and right-hand sides equal integrals
// over the noise by Gauss-Hermite quadrature, which is exact for polynomials of these degrees.
func TestTransportIsGaussHermite(t *testing.T) {
	const variables, nodes = 3, 8 // exact to degree 15 in each variable
	x, weight := make([]float64, nodes), make([]float64, nodes)
	quad.Hermite{}.FixedLocations(x, weight, math.Inf(-1), math.Inf(1))
	for _, terms := range []Terms{Powers, Gated, Full} {
		for _, degree := range []int{1, 2, 3} {
			for _, sigma := range []float64{0, 0.02, 0.5, 20} {
				t.Run(fmt.Sprintf("%s/%d/%v", terms, degree, sigma), func(t *testing.T) {
					b := newBasis(terms, degree, variables)
					w := points(rand.New(rand.NewPCG(2, uint64(degree))), variables, 6)
					var got Normal
					b.Transport(&got, cleanOf(b, w), sigma)

					n := b.Features()
					gram, target, slope := make([]float64, n*n), make([]float64, n), make([]float64, n)
					size := make([]float64, n) // second moments, the scale of every tolerance
					features, y := make([]float64, n), make([][]float64, variables)
					for i := range w[0] {
						for node := range nodes * nodes * nodes {
							p := math.Pow(math.Pi, -variables/2.0) / float64(len(w[0]))
							for v, k := 0, node; v < variables; v, k = v+1, k/nodes {
								p *= weight[k%nodes]
								y[v] = []float64{w[v][i] + sigma*math.Sqrt2*x[k%nodes]}
							}
							features[0] = 1
							b.Fill(features, y)
							for a := range n {
								target[a] += p * w[0][i] * features[a]
								if e := b.Exponents(a); e[0] > 0 {
									d := float64(e[0])
									for v, power := range e {
										if v == 0 {
											power--
										}
										d *= math.Pow(y[v][0], float64(power))
									}
									slope[a] += p * d
								}
								size[a] += p * features[a] * features[a]
								for c := range n {
									gram[a*n+c] += p * features[a] * features[c]
								}
							}
						}
					}
					const tolerance = 1e-11
					for a := range n {
						if math.Abs(got.Target[a]-target[a]) > tolerance*math.Sqrt(size[a]*(size[1]+1)) {
							t.Errorf("target of %v: %v, want %v", b.Exponents(a), got.Target[a], target[a])
						}
						if math.Abs(got.Slope[a]-slope[a]) > tolerance*(1+math.Sqrt(size[a])*float64(degree)) {
							t.Errorf("slope of %v: %v, want %v", b.Exponents(a), got.Slope[a], slope[a])
						}
						for c := range n {
							if math.Abs(got.Gram[a*n+c]-gram[a*n+c]) > tolerance*math.Sqrt(size[a]*size[c]) {
								t.Errorf("Gram of %v and %v: %v, want %v", b.Exponents(a), b.Exponents(c), got.Gram[a*n+c], gram[a*n+c])
							}
						}
					}
				})
			}
		}
	}
}

// TestTransportIsMonteCarlo: the transported Gram matrix is within 4.5 standard errors of the mean
// over 200 000 noisy draws, for the 28 features of a local-coupled family (seed 3; of some 400
// entries the largest of as many standard normals is expected near 3).
func TestTransportIsMonteCarlo(t *testing.T) {
	const variables, draws, sigma = 9, 200_000, 0.7
	rnd := rand.New(rand.NewPCG(3, 0))
	b := newBasis(Powers, 3, variables)
	w := points(rnd, variables, 50)
	var got Normal
	b.Transport(&got, cleanOf(b, w), sigma)

	y := make([][]float64, variables)
	for v := range y {
		y[v] = make([]float64, draws)
	}
	for i := range draws {
		k := rnd.IntN(len(w[0]))
		for v := range y {
			y[v][i] = w[v][k] + sigma*rnd.NormFloat64()
		}
	}
	features := make([]float64, draws*b.Features())
	for i := range draws {
		features[i] = 1
	}
	b.Fill(features, y)
	products := make([]float64, draws)
	for a := range b.Features() {
		for c := a; c < b.Features(); c++ {
			for i := range products {
				products[i] = features[a*draws+i] * features[c*draws+i]
			}
			mean, sd := stat.MeanStdDev(products, nil)
			if z := (got.Gram[a*b.Features()+c] - mean) / (sd/math.Sqrt(draws) + 1e-12); math.Abs(z) > 4.5 {
				t.Errorf("%v x %v: %v transported, %v sampled, %.1f standard errors apart", b.Exponents(a), b.Exponents(c), got.Gram[a*b.Features()+c], mean, z)
			}
		}
	}
}

func normals(rnd *rand.Rand, n int) []float64 {
	s := make([]float64, n)
	for i := range s {
		s[i] = rnd.NormFloat64()
	}
	return s
}
