package moments

import (
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"wavescore/pkg/wavelet"
)

// skewed are images of size coefficients that differ in mean and spread, have heavy tails, and
// depend on each other; the last one never varies.
func skewed(seed uint64, n, size int) []float64 {
	rnd := rand.New(rand.NewPCG(seed, 0))
	w := make([]float64, n*size)
	for i := 0; i < len(w); i += size {
		common := math.Exp(rnd.NormFloat64() / 2)
		for c := range size - 1 {
			w[i+c] = float64(c) + common*rnd.NormFloat64()/float64(1+c)
			if c > 0 {
				w[i+c] += 0.3 * w[i+c-1]
			}
		}
		w[i+size-1] = 0.1
	}
	return w
}

func allPairs(size int) (pairs [][2]int) {
	for a := range size {
		for b := range size {
			pairs = append(pairs, [2]int{a, b})
		}
	}
	return pairs
}

func measured(t *testing.T, w []float64, size int, pairs [][2]int) Pairs {
	t.Helper()
	ps, err := PairCumulants(t.Context(), w, size, pairs)
	if err != nil {
		t.Fatal(err)
	}
	return ps
}

// TestPairsAreTheDefinition compares with gonum's central moments.
func TestPairsAreTheDefinition(t *testing.T) {
	const n, size = 500, 7
	w := skewed(1, n, size)
	var columns [size][]float64
	for i, v := range w {
		columns[i%size] = append(columns[i%size], v)
	}
	pairs := allPairs(size)
	for k, p := range measured(t, w, size, pairs) {
		a, b := columns[pairs[k][0]], columns[pairs[k][1]]
		aa, ab, bb := stat.Moment(2, a, nil), stat.BivariateMoment(1, 1, a, b, nil), stat.Moment(2, b, nil)
		want := Pair{
			A: pairs[k][0], B: pairs[k][1], AA: aa, AB: ab, BB: bb,
			AAAA: stat.Moment(4, a, nil) - 3*aa*aa,
			AABB: stat.BivariateMoment(2, 2, a, b, nil) - aa*bb - 2*ab*ab,
			BBBB: stat.Moment(4, b, nil) - 3*bb*bb,
		}
		if p.A != want.A || p.B != want.B {
			t.Fatalf("pair %d is of %d and %d, want %d and %d", k, p.A, p.B, want.A, want.B)
		}
		for _, v := range [][2]float64{{p.AA, want.AA}, {p.AB, want.AB}, {p.BB, want.BB},
			{p.AAAA, want.AAAA}, {p.AABB, want.AABB}, {p.BBBB, want.BBBB}} {
			if math.Abs(v[0]-v[1]) > 1e-10*(1+math.Abs(v[1])) {
				t.Fatalf("got %+v, want %+v", p, want)
			}
		}
		if p.A == size-1 && (p.AA != 0 || p.AAAA != 0 || p.AB != 0 || p.AABB != 0) {
			t.Errorf("a coefficient that never varies has cumulants %+v", p)
		}
	}
}

// TestPairsUnderNoise compares with the moments that Transport carries to noise levels: a
// different way to the same numbers, exact for the same images.
func TestPairsUnderNoise(t *testing.T) {
	images := randomPixels(3, 400, 64)
	spec := testSpec(t, Family{Neighbourhood{Orientations: true, Radius: 1}, Powers, 2, PerCoefficient}, images)
	table := collect(t, spec, images)
	filter, _ := wavelet.ParseFilter("haar")
	w := wavelet.NewTransform(filter, spec.Layout).Forward(nil, images.values)
	for _, sigma := range []float64{0, 0.1, 1} {
		for g, group := range table.Groups() {
			c := group.Members[0].Variables
			if len(c) == 1 {
				continue
			}
			p := measured(t, w, 64, [][2]int{{c[0], c[1]}})
			basis := group.Basis
			var normal Normal
			basis.Transport(&normal, table.Clean(nil, g), sigma)
			moment := func(power0, power1 int) int { // the feature y_c^power0 y_j^power1
				for a := range basis.Features() {
					if e := basis.Exponents(a); e[0] == power0 && e[1] == power1 && power0+power1 == basis.Degree(a) {
						return a
					}
				}
				t.Fatalf("no feature of powers %d and %d", power0, power1)
				return 0
			}
			y, z, yy, zz := moment(1, 0), moment(0, 1), moment(2, 0), moment(0, 2)
			gram := func(a, b int) float64 { return normal.Gram[a*basis.Features()+b] }
			kurtosis := gram(yy, yy)/(gram(y, y)*gram(y, y)) - 3
			correlation := gram(y, z) * gram(y, z) / (gram(y, y) * gram(z, z))
			energies := (gram(yy, zz) - gram(y, y)*gram(z, z)) /
				math.Sqrt((gram(yy, yy)-gram(y, y)*gram(y, y))*(gram(zz, zz)-gram(z, z)*gram(z, z)))
			for _, v := range [][2]float64{{p.Kurtosis(sigma), kurtosis}, {p.SquaredCorrelation(sigma), correlation},
				{p.EnergyCorrelation(sigma), energies}} {
				if math.Abs(v[0]-v[1]) > 1e-9 {
					t.Fatalf("coefficients %d and %d, sigma %v: %v, want %v", c[0], c[1], sigma, v[0], v[1])
				}
			}
		}
	}
}

// TestGaussianPairs: of jointly Gaussian coefficients the kurtosis is 0 and the energies correlate
// as Isserlis says, though means, variances and correlations differ from pair to pair. The
// tolerance is more than 5 standard errors.
func TestGaussianPairs(t *testing.T) {
	const n, size = 40000, 6
	rnd := rand.New(rand.NewPCG(5, 0))
	w := make([]float64, n*size)
	for i := 0; i < len(w); i += size {
		last := rnd.NormFloat64()
		for c := range size {
			last = 0.9*last + 0.5*rnd.NormFloat64()
			w[i+c] = float64(c) + last*float64(1+c*c)
		}
	}
	ps := measured(t, w, size, [][2]int{{0, 1}, {1, 2}, {2, 4}, {3, 5}, {4, 5}})
	if k := ps.Kurtosis(0); math.Abs(k) > 0.12 {
		t.Errorf("kurtosis %v of Gaussian coefficients", k)
	}
	if k := ps.PooledKurtosis(); k < 1 {
		t.Errorf("pooled kurtosis %v of Gaussian coefficients whose variances differ much", k)
	}
	for _, sigma := range []float64{0, 3, 30} {
		if e, r := ps.EnergyCorrelation(sigma), ps.SquaredCorrelation(sigma); math.Abs(e-r) > 0.04 || sigma < 5 && r < 0.3 {
			t.Errorf("sigma %v: energies correlate with %v, values squared with %v", sigma, e, r)
		}
	}
}

// TestPooledKurtosis compares with one sample of all the centred coefficients that vary.
func TestPooledKurtosis(t *testing.T) {
	const n, size = 300, 5
	w := skewed(2, n, size)
	var sample []float64
	var pairs [][2]int
	for c := range size {
		pairs = append(pairs, [2]int{c, c})
		var column []float64
		for i := c; i < len(w); i += size {
			column = append(column, w[i])
		}
		mean := stat.Mean(column, nil)
		for _, v := range column {
			if c < size-1 {
				sample = append(sample, v-mean)
			}
		}
	}
	want := stat.Moment(4, sample, nil)/math.Pow(stat.Moment(2, sample, nil), 2) - 3
	if got := measured(t, w, size, pairs).PooledKurtosis(); math.Abs(got-want) > 1e-10*want {
		t.Errorf("pooled kurtosis %v, want %v", got, want)
	}
}

// TestPairsStayInRange: correlations are correlations, of one pair as of many, and what does not
// vary has none.
func TestPairsStayInRange(t *testing.T) {
	for seed := range uint64(20) {
		ps := measured(t, skewed(seed, 30, 5), 5, allPairs(5))
		for k := range ps {
			for _, some := range []Pairs{ps[k : k+1], ps[:k+1]} {
				for _, sigma := range []float64{0, 0.2} {
					r, e := some.SquaredCorrelation(sigma), some.EnergyCorrelation(sigma)
					if !(r >= 0 && r <= 1+1e-12) || !(math.Abs(e) <= 1+1e-12) {
						t.Fatalf("pairs %v: r^2 = %v, of energies %v", some, r, e)
					}
				}
			}
		}
	}
	none := measured(t, make([]float64, 12), 3, [][2]int{{0, 1}, {2, 2}})
	for _, v := range []float64{none.Kurtosis(0), none.PooledKurtosis(), none.SquaredCorrelation(0), none.EnergyCorrelation(0)} {
		if v != 0 {
			t.Errorf("%v where nothing varies", v)
		}
	}
}

func TestPairsIn(t *testing.T) {
	l := wavelet.Layout{Channels: 1, Height: 4, Width: 4, Levels: 2}
	ps := measured(t, skewed(1, 5, 16), 16, allPairs(16))
	some := ps.In(l, l.Details(2)...)
	if len(some) != 3*16 || some[0].A != 1 || some[47].A != 3 {
		t.Errorf("%d pairs of the three coefficients 1 to 3", len(some))
	}
}

func TestPairsSameBits(t *testing.T) {
	w := skewed(4, 100, 9)
	want := measured(t, w, 9, allPairs(9))
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	for _, cores := range []int{1, 3, 7, 100} {
		runtime.GOMAXPROCS(cores)
		if got := measured(t, w, 9, allPairs(9)); !slices.Equal(got, want) {
			t.Errorf("other bits on %d cores", cores)
		}
	}
}

func TestPairsRefuse(t *testing.T) {
	for _, bad := range []float64{math.NaN(), math.Inf(1), 1e200} {
		w := skewed(1, 10, 3)
		w[4] = bad
		if _, err := PairCumulants(t.Context(), w, 3, [][2]int{{0, 2}, {1, 0}}); !errors.Is(err, ErrInput) {
			t.Errorf("%v: error %v, want ErrInput", bad, err)
		}
		if _, err := PairCumulants(t.Context(), w, 3, [][2]int{{0, 2}}); err != nil {
			t.Errorf("%v in no pair: %v", bad, err)
		}
	}
	for _, test := range []struct {
		name string
		call func()
		want any
	}{
		{"half an image", func() { PairCumulants(t.Context(), make([]float64, 7), 3, nil) }, LengthError{What: "coefficients", Got: 7, Want: 3, Multiple: true}},
		{"no image", func() { PairCumulants(t.Context(), nil, 3, nil) }, LengthError{What: "coefficients", Want: 3, Multiple: true}},
		{"no such coefficient", func() { PairCumulants(t.Context(), make([]float64, 6), 3, [][2]int{{0, 3}}) }, wavelet.IndexError{Index: 3, Len: 3}},
	} {
		func() {
			defer func() {
				if got := recover(); got != test.want {
					t.Errorf("%s: panic %v, want %v", test.name, got, test.want)
				}
			}()
			test.call()
		}()
	}
}
