package moments

import (
	"fmt"

	"wavescore/pkg/wavelet"
)

// A Relation says which other coefficients are the partners of a coefficient. It is what
// PairCumulants is asked about.
type Relation struct {
	Name     string // for tables and figures
	Partners func(l wavelet.Layout, c int) []int
}

// The relations of the named families, one by one.
var (
	// Itself pairs a coefficient with itself: its cumulants, without a partner.
	Itself = named("itself", At(0, 0))
	// Beside is the coefficient one column to the right in the band.
	Beside = named("beside", At(0, 1))
	// Below is the coefficient one row down in the band.
	Below = named("below", At(1, 0))
	// Orientations are the two other orientations at the level and place.
	Orientations = Relation{"orientations", wavelet.Layout.Orientations}
	// Parent is the coefficient of the same orientation one level coarser, at its place.
	Parent = Relation{"parent", func(l wavelet.Layout, c int) []int {
		if p, ok := l.Parent(c); ok {
			return []int{p}
		}
		return nil
	}}
)

func named(name string, r Relation) Relation {
	r.Name = name
	return r
}

// At is the relation to the coefficient so many rows down and columns to the right in the band,
// around its edges.
func At(rows, cols int) Relation {
	return Relation{fmt.Sprintf("%d down, %d right", rows, cols), func(l wavelet.Layout, c int) []int {
		return []int{l.Shift(c, rows, cols)}
	}}
}

// Around is the relation to all others of the band within so many rows and columns, as
// wavelet.Layout's Neighbours lists them.
func Around(radius int) Relation {
	return Relation{fmt.Sprintf("neighbours within %d", radius), func(l wavelet.Layout, c int) []int {
		return l.Neighbours(c, radius)
	}}
}

// Pairs returns the coefficients of the bands, or of all bands where none is given, each with each
// of its partners, in storage order.
func (r Relation) Pairs(l wavelet.Layout, bands ...wavelet.Band) (pairs [][2]int) {
	if len(bands) == 0 {
		bands = l.Bands()
	}
	for _, b := range bands {
		from, to := l.Range(b)
		for c := from; c < to; c++ {
			for _, partner := range r.Partners(l, c) {
				pairs = append(pairs, [2]int{c, partner})
			}
		}
	}
	return pairs
}
