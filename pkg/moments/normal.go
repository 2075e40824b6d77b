package moments

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/length"
)

// GroupOf returns the group of coefficient c. It panics with an IndexError unless c is a
// coefficient of the layout.
func (m *Moments) GroupOf(c int) int {
	for g, group := range m.groups {
		for _, member := range group.Members {
			if member.Index == c {
				return g
			}
		}
	}
	panic(IndexError{Coefficient: c, Coefficients: m.spec.Layout.Len()})
}

// IndexError is the value of the panic for a coefficient that a layout does not have. It is a
// mistake in the program.
type IndexError struct{ Coefficient, Coefficients int }

func (e IndexError) Error() string {
	return fmt.Sprintf("moments: there is no coefficient %d among %d", e.Coefficient, e.Coefficients)
}

// Normal returns the normal equations of the group of coefficient c at noise level sigma, which may
// be 0. It panics as GroupOf and Clean do.
func (m *Moments) Normal(c int, sigma float64) (n Normal) {
	g := m.GroupOf(c)
	m.groups[g].Basis.Transport(&n, m.Clean(nil, g), sigma)
	return n
}

// Risk returns the expected squared error of weights theta, one a feature: E(w_c - theta . phi)^2 =
// Energy - 2 theta . Target + theta^T Gram theta. Where noise is weak, this is a small difference
// of large numbers; the Risk of a machine is more accurate there. Risk panics with a LengthError if
// theta has another length than Target.
func (n Normal) Risk(theta []float64) float64 {
	k := len(n.Target)
	length.Check("weights of features", len(theta), k)
	risk := n.Energy
	for a, t := range theta {
		risk += t * (floats.Dot(n.Gram[a*k:(a+1)*k], theta) - 2*n.Target[a])
	}
	return risk
}

// Scaled returns the Gram matrix of all features but the constant, scaled to a unit diagonal:
// G_ab / sqrt(G_aa G_bb).
func (n Normal) Scaled() [][]float64 {
	k := len(n.Target)
	scaled := make([][]float64, k-1)
	for a := range scaled {
		scaled[a] = make([]float64, k-1)
		for b := range scaled {
			i, j := a+1, b+1
			scaled[a][b] = n.Gram[i*k+j] / math.Sqrt(n.Gram[i*k+i]*n.Gram[j*k+j])
		}
	}
	return scaled
}
