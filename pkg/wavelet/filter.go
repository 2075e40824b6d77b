package wavelet

import (
	"fmt"
	"slices"
	"strings"
)

//go:generate go run gen_taps.go

// Filter is a compactly supported orthonormal wavelet filter. Filters are values: they compare
// with ==, and the zero Filter is Haar's.
type Filter struct{ index int } // into table

// ParseFilter returns the filter of the given name: haar (which db1 is too), db1 to db10
// (Daubechies' extremal phase), sym2 to sym10 (Daubechies' least asymmetric) and coif1 to coif5
// (coiflets), as PyWavelets names them. Upper and lower case are the same. The error of any other
// name lists what is accepted.
func ParseFilter(name string) (Filter, error) {
	for i := range table {
		if strings.EqualFold(name, table[i].name) {
			return Filter{i}, nil
		}
	}
	return Filter{}, fmt.Errorf("wavelet: unknown filter %q; accepted are haar, db1 to db10, sym2 to sym10 and coif1 to coif5",
		name)
}

// Filters returns every name that ParseFilter accepts, in the order haar, db, sym, coif.
func Filters() []string {
	names := make([]string, len(table))
	for i := range table {
		names[i] = table[i].name
	}
	return names
}

// Name returns the name of the filter, in lower case.
func (f Filter) Name() string { return table[f.index].name }

// Len returns the number of taps, which is even.
func (f Filter) Len() int { return len(table[f.index].lowpass) }

// VanishingMoments returns the number p of vanishing moments of the wavelet: the high-pass filter
// g annihilates polynomials of degree below p, sum_k g[k] k^j = 0 for j < p.
func (f Filter) VanishingMoments() int { return table[f.index].moments }

// Lowpass returns a copy of the low-pass analysis filter h, which PyWavelets calls dec_lo. Its
// sum is the square root of 2.
func (f Filter) Lowpass() []float64 { return slices.Clone(table[f.index].lowpass) }

// Highpass returns a copy of the high-pass analysis filter g, which PyWavelets calls dec_hi:
// g[k] = (-1)^(k+1) h[F-1-k] for F taps.
func (f Filter) Highpass() []float64 {
	g := f.Lowpass()
	slices.Reverse(g)
	for k := 0; k < len(g); k += 2 {
		g[k] = -g[k]
	}
	return g
}
