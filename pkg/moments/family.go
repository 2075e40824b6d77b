package moments

import (
	"fmt"
	"math"
	"strings"

	"gonum.org/v1/gonum/stat/combin"

	"wavescore/pkg/wavelet"
)

// Family is the structure of a score model: the noisy coefficients that the score of a coefficient
// depends on, the monomials of them that are its features, and which coefficients share weights.
// It is a value: two equal families are the same model.
type Family struct {
	Neighbourhood Neighbourhood `json:"neighbourhood"`
	Terms         Terms         `json:"terms"`
	Degree        int           `json:"degree"` // 1 to MaxDegree; at 1 all Terms are linear
	Sharing       Sharing       `json:"sharing"`
}

// Neighbourhood is the set of coefficients that the score of a coefficient may depend on. It
// always includes the coefficient itself. The zero value is the independent family: each
// coefficient alone. Several fields that are set make the union of their sets.
type Neighbourhood struct {
	Orientations bool `json:"orientations"` // the other orientations at its level and place
	Radius       int  `json:"radius"`       // its band, within so many rows and columns, wrapped
	Parents      int  `json:"parents"`      // its ancestors on up to so many coarser levels
	Channels     bool `json:"channels"`     // the same place of the other colour channels

	// Context is the number of coarsest levels that, with the approximation, are the linear
	// context. Its coefficients enter the score of every coefficient linearly, besides the
	// neighbourhood. 0 is none. AllLevels, or any number above the layout's, is every coefficient.
	Context int `json:"context"`
}

// AllLevels is the Context that holds every coefficient.
const AllLevels = 64

// Terms is a rule that makes monomials of the variables of a neighbourhood. In every rule y_c is
// the coefficient itself.
type Terms string

const (
	// Powers are the powers of each variable alone, to the degree: no products between variables.
	Powers Terms = "powers"
	// Gated adds to Powers, for every other variable j, the products y_c y_j (from degree 2) and
	// y_c y_j^2 (from degree 3). The latter is the coefficient times the energy of a neighbour, as
	// Gaussian scale mixtures suggest.
	Gated Terms = "gated"
	// Full are all monomials to the degree.
	Full Terms = "full"
)

// Sharing says which coefficients have the same weights.
type Sharing string

const (
	// PerCoefficient gives every coefficient weights of its own: position is known.
	PerCoefficient Sharing = "coefficient"
	// PerBand gives all coefficients of a band one set of weights, as a convolution does. With
	// ancestors, the coefficients that share weights are those at the same position under their
	// ancestors. The weights of a linear context stay per coefficient, so that a machine with a
	// context is not equivariant.
	PerBand Sharing = "band"
)

// MaxDegree is the highest degree of a family. Its moments have twice the degree, and moments of
// order 10 are dominated by a few images in any data set of practical size.
const MaxDegree = 5

// familyNames are the named families: the three of the paper, then ours.
var familyNames = []string{"independent", "band-tied", "local-coupled", "cross-scale", "combined", "linear"}

// ParseNeighbourhood returns the neighbourhood of a named family:
//
//	independent    each coefficient alone
//	band-tied      with the other orientations at its place
//	local-coupled  with its band's coefficients within radius
//	cross-scale    with its ancestors on parents coarser levels
//	combined       with all of these
//	linear         with every coefficient, linearly: at degree 1 the Gaussian score
//
// Radius and parents must be at least 1 where they are used and are ignored elsewhere.
func ParseNeighbourhood(name string, radius, parents int) (Neighbourhood, error) {
	all := map[string]Neighbourhood{
		"independent":   {},
		"band-tied":     {Orientations: true},
		"local-coupled": {Radius: radius},
		"cross-scale":   {Parents: parents},
		"combined":      {Orientations: true, Radius: radius, Parents: parents},
		"linear":        {Context: AllLevels},
	}
	n, ok := all[name]
	if !ok {
		return Neighbourhood{}, fmt.Errorf("moments: unknown family %q; accepted: %s", name, strings.Join(familyNames, ", "))
	}
	if radius < 1 && (name == "local-coupled" || name == "combined") {
		return Neighbourhood{}, fmt.Errorf("moments: a %s family needs a radius of at least 1, got %d", name, radius)
	}
	if parents < 1 && (name == "cross-scale" || name == "combined") {
		return Neighbourhood{}, fmt.Errorf("moments: a %s family needs at least 1 parent, got %d", name, parents)
	}
	return n, nil
}

// String names the neighbourhood, such as "band-tied" or
// "local-coupled, radius 1 + cross-scale, 4 up".
func (n Neighbourhood) String() string {
	var parts []string
	if n.Orientations {
		parts = append(parts, "band-tied")
	}
	if n.Radius > 0 {
		parts = append(parts, fmt.Sprintf("local-coupled, radius %d", n.Radius))
	}
	if n.Parents > 0 {
		parts = append(parts, fmt.Sprintf("cross-scale, %d up", n.Parents))
	}
	if n.Channels {
		parts = append(parts, "other channels")
	}
	if len(parts) == 0 && n.Context == 0 {
		parts = append(parts, "independent")
	}
	switch {
	case n.Context >= AllLevels:
		parts = append(parts, "linear in all")
	case n.Context > 0:
		parts = append(parts, fmt.Sprintf("linear in the %d coarsest levels", n.Context))
	}
	return strings.Join(parts, " + ")
}

// Kind is the relation of a variable of a neighbourhood to its coefficient.
type Kind string

// The kinds of variables, in the order in which a neighbourhood has them.
const (
	Self             Kind = "self"
	OtherOrientation Kind = "orientation"
	SpatialNeighbour Kind = "neighbour"
	Ancestor         Kind = "ancestor"
	OtherChannel     Kind = "channel"
)

// Indices returns the coefficients of the neighbourhood of coefficient c, and the kind of each.
// They are distinct, and c is first. Their order is that of the variables of every monomial. The
// coefficients of a band that have the same position under their ancestors have equally many, in
// the same order of offsets.
func (n Neighbourhood) Indices(l wavelet.Layout, c int) (indices []int, kinds []Kind) {
	add := func(kind Kind, more ...int) {
		for _, i := range more {
			indices, kinds = append(indices, i), append(kinds, kind)
		}
	}
	add(Self, c)
	if n.Orientations {
		add(OtherOrientation, l.Orientations(c)...)
	}
	if n.Radius > 0 {
		add(SpatialNeighbour, l.Neighbours(c, n.Radius)...)
	}
	for k, ancestor := 0, c; k < n.Parents; k++ {
		parent, ok := l.Parent(ancestor)
		if !ok {
			break
		}
		add(Ancestor, parent)
		ancestor = parent
	}
	if n.Channels {
		place := l.Place(c)
		for channel := range l.Channels {
			if other := place; channel != place.Channel {
				other.Channel = channel
				add(OtherChannel, l.Index(other))
			}
		}
	}
	return indices, kinds
}

// ContextIndices returns the coefficients of the linear context in storage order.
func (n Neighbourhood) ContextIndices(l wavelet.Layout) []int {
	if n.Context == 0 {
		return nil
	}
	var indices []int
	for _, b := range l.Bands() {
		if b.Orientation == wavelet.Approximation || b.Level > l.Levels-n.Context {
			from, to := l.Range(b)
			for i := from; i < to; i++ {
				indices = append(indices, i)
			}
		}
	}
	return indices
}

// phase returns the period, in rows and columns of a band, with which the structure of the
// neighbourhood repeats: 1, or with ancestors 2 for every level that they climb. Coefficients that
// share weights must be a multiple of it apart. Otherwise the signs of the dependence on a parent
// would cancel between its children.
func (n Neighbourhood) phase(l wavelet.Layout, b wavelet.Band) int {
	if b.Orientation == wavelet.Approximation {
		return 1
	}
	return 1 << min(n.Parents, l.Levels-b.Level)
}

// Contains reports whether every variable of o is one of n's.
func (n Neighbourhood) Contains(o Neighbourhood) bool {
	return (n.Orientations || !o.Orientations) && n.Radius >= o.Radius && n.Parents >= o.Parents &&
		(n.Channels || !o.Channels) && n.Context >= o.Context
}

// Check returns an error unless the family is one that moments can be taken of.
func (f Family) Check() error {
	switch f.Terms {
	case Powers, Gated, Full:
	default:
		return fmt.Errorf("moments: unknown terms %q; accepted: %s, %s, %s", f.Terms, Powers, Gated, Full)
	}
	switch f.Sharing {
	case PerCoefficient, PerBand:
	default:
		return fmt.Errorf("moments: unknown sharing %q; accepted: %s, %s", f.Sharing, PerCoefficient, PerBand)
	}
	if f.Degree < 1 || f.Degree > MaxDegree {
		return fmt.Errorf("moments: degree %d is not in 1 to %d", f.Degree, MaxDegree)
	}
	if n := f.Neighbourhood; n.Radius < 0 || n.Parents < 0 || n.Context < 0 {
		return fmt.Errorf("moments: negative radius %d, parents %d or context %d", n.Radius, n.Parents, n.Context)
	}
	return nil
}

// features returns the number of monomials in a number of variables, as a float because it grows
// fast.
func (f Family) features(variables int) float64 {
	n, d := float64(variables), float64(f.Degree)
	switch f.Terms {
	case Full:
		return math.Round(combin.GeneralizedBinomial(n+d, d))
	case Gated:
		return 1 + n*d + (n-1)*math.Min(d-1, 2)
	}
	return 1 + n*d
}

// normal returns the canonical form of the family on a layout. At degree 1 all terms are the same,
// and no context has more levels than there are.
func (f Family) normal(l wavelet.Layout) Family {
	if f.Degree == 1 {
		f.Terms = Powers
	}
	if f.Neighbourhood.Context > 0 {
		f.Neighbourhood.Context = min(f.Neighbourhood.Context, max(l.Levels, 1))
	}
	return f
}

// String describes the family in a line, such as "local-coupled, radius 1; gated, degree 3;
// weights per coefficient".
func (f Family) String() string {
	return fmt.Sprintf("%v; %s, degree %d; weights per %s", f.Neighbourhood, f.Terms, f.Degree, f.Sharing)
}

// Centre returns the centre of the family, given the mean of the coefficients: the mean itself
// where every coefficient has weights of its own, and the mean of each band where the band shares
// them.
func (f Family) Centre(l wavelet.Layout, mean []float64) []float64 {
	centre := append([]float64(nil), mean...)
	if f.Sharing == PerBand {
		for _, b := range l.Bands() {
			from, to := l.Range(b)
			var sum float64
			for _, m := range mean[from:to] {
				sum += m
			}
			for i := from; i < to; i++ {
				centre[i] = sum / float64(to-from)
			}
		}
	}
	return centre
}
