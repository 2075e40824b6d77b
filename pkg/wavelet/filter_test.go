package wavelet

import (
	"encoding/json"
	"errors"
	"math"
	"os"
	"strings"
	"testing"
)

// golden is what PyWavelets computes; testdata/generate.py writes it.
type golden struct {
	Filters []struct {
		Name              string
		Moments           int
		Lowpass, Highpass []float64
	}
	Images []struct {
		Height, Width, Levels int
		Pixels                []float64
		Coefficients          map[string][]float64 // by filter
	}
}

func readGolden(t *testing.T) golden {
	t.Helper()
	data, err := os.ReadFile("testdata/pywavelets.json")
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatal(err)
	}
	return g
}

// mustParse returns the filter of a name that is known to be one.
func mustParse(t testing.TB, name string) Filter {
	t.Helper()
	f, err := ParseFilter(name)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestFiltersAreOrthonormal(t *testing.T) {
	const tol = 1e-14
	for _, name := range Filters() {
		f := mustParse(t, name)
		h, g := f.Lowpass(), f.Highpass()
		if len(h) != f.Len() || len(g) != f.Len() || f.Len()%2 != 0 {
			t.Errorf("%s: %d low-pass and %d high-pass taps, Len %d", name, len(h), len(g), f.Len())
		}
		sum := 0.0
		for _, v := range h {
			sum += v
		}
		if math.Abs(sum-math.Sqrt2) > tol {
			t.Errorf("%s: the taps sum to sqrt(2)%+.1e", name, sum-math.Sqrt2)
		}
		for shift := 0; shift < len(h); shift += 2 {
			want := 0.0
			if shift == 0 {
				want = 1
			}
			hh, gg := correlate(h, h, shift), correlate(g, g, shift)
			hg, gh := correlate(h, g, shift), correlate(g, h, shift)
			for _, e := range []float64{hh - want, gg - want, hg, gh} {
				if math.Abs(e) > tol {
					t.Errorf("%s: at shift %d the inner products are hh %v, gg %v, hg %v, gh %v", name, shift, hh, gg, hg, gh)
					break
				}
			}
		}
	}
}

// correlate returns the inner product of x and y moved by shift.
func correlate(x, y []float64, shift int) float64 {
	sum := 0.0
	for k := range len(x) - shift {
		sum += x[k] * y[k+shift]
	}
	return sum
}

// Moments are taken in units of half the filter's length about its middle, so that the largest
// power is 1.
func TestVanishingMoments(t *testing.T) {
	const tol = 1e-14
	for _, name := range Filters() {
		f := mustParse(t, name)
		g := f.Highpass()
		middle := float64(len(g)-1) / 2
		p := f.VanishingMoments()
		for j := range p {
			if m := moment(g, middle, middle, j); math.Abs(m) > tol {
				t.Errorf("%s: moment %d of the wavelet is %.1e", name, j, m)
			}
		}
		if m := moment(g, middle, middle, p); math.Abs(m) < 1e-6 {
			t.Errorf("%s: moment %d of the wavelet vanishes too (%.1e)", name, p, m)
		}
		if strings.HasPrefix(name, "coif") {
			centre := float64(2*p - 1)
			for j := 1; j < p; j++ {
				if m := moment(f.Lowpass(), centre, centre, j); math.Abs(m) > tol {
					t.Errorf("%s: moment %d of the scaling function is %.1e", name, j, m)
				}
			}
		}
	}
}

// moment returns sum_k h[k] ((k - centre) / unit)^j.
func moment(h []float64, centre, unit float64, j int) float64 {
	sum := 0.0
	for k, v := range h {
		sum += v * math.Pow((float64(k)-centre)/unit, float64(j))
	}
	return sum
}

func TestFiltersAsPyWavelets(t *testing.T) {
	filters := readGolden(t).Filters
	if len(filters) != len(Filters()) {
		t.Fatalf("%d filters, PyWavelets' file has %d", len(Filters()), len(filters))
	}
	for i, want := range filters {
		if Filters()[i] != want.Name {
			t.Errorf("filter %d is %s, not %s", i, Filters()[i], want.Name)
		}
		f := mustParse(t, want.Name)
		if f.Name() != want.Name || f.VanishingMoments() != want.Moments || f.Len() != len(want.Lowpass) {
			t.Errorf("%s, %d moments, %d taps; PyWavelets has %s, %d, %d", f.Name(), f.VanishingMoments(), f.Len(),
				want.Name, want.Moments, len(want.Lowpass))
			continue
		}
		h, g, tol := f.Lowpass(), f.Highpass(), tapTolerance(want.Name)
		for k := range h {
			if math.Abs(h[k]-want.Lowpass[k]) > tol || math.Abs(g[k]-want.Highpass[k]) > tol {
				t.Errorf("%s: tap %d is %v and %v, PyWavelets has %v and %v", want.Name, k, h[k], g[k],
					want.Lowpass[k], want.Highpass[k])
			}
		}
	}
}

// tapTolerance is how exact PyWavelets' own taps are: those of sym2 to sym8 miss orthonormality
// by up to 5e-12, those of sym9 and sym10 by 2e-14.
func tapTolerance(name string) float64 {
	switch name {
	case "sym2", "sym3", "sym4", "sym5", "sym6", "sym7", "sym8":
		return 1e-11
	case "sym9", "sym10":
		return 1e-13
	}
	return 1e-15
}

func TestParseFilter(t *testing.T) {
	if f := mustParse(t, "SYM4"); f.Name() != "sym4" {
		t.Errorf("SYM4 is %s", f.Name())
	}
	if mustParse(t, "db4") != mustParse(t, "Db4") || mustParse(t, "db4") == mustParse(t, "sym4") {
		t.Error("filters do not compare by name")
	}
	if (Filter{}).Name() != "haar" {
		t.Errorf("the zero Filter is %s", Filter{}.Name())
	}
	for _, name := range []string{"", "db", "db0", "db11", "sym1", "coif6", " haar", "haar2", "bior2.2"} {
		_, err := ParseFilter(name)
		if err == nil {
			t.Errorf("%q is a filter", name)
			continue
		}
		for _, word := range []string{`"` + name + `"`, "haar", "db1 to db10", "sym2 to sym10", "coif1 to coif5"} {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("the error for %q does not say %s: %v", name, word, err)
			}
		}
	}
}

func TestTapsAreCopies(t *testing.T) {
	f := mustParse(t, "db3")
	f.Lowpass()[0], f.Highpass()[0] = 7, 7
	if f.Lowpass()[0] == 7 || f.Highpass()[0] == 7 {
		t.Error("a caller can change the filter")
	}
}

// panicValue returns what f panics with, or nil.
func panicValue(f func()) (v any) {
	defer func() { v = recover() }()
	f()
	return nil
}

// panicsWith reports whether f panics with an error of type E.
func panicsWith[E error](f func()) bool {
	err, ok := panicValue(f).(error)
	var e E
	return ok && errors.As(err, &e)
}
