package moments

import (
	"fmt"
	"strings"

	"wavescore/pkg/wavelet"
)

// Family is the structure of a score model: which noisy coefficients may speak about a coefficient, through which
// monomials, and which coefficients share their weights. It is a value; two equal families are the same model.
type Family struct {
	Neighbourhood Neighbourhood `json:"neighbourhood"`
	Terms         Terms         `json:"terms"`
	Degree        int           `json:"degree"` // highest power of a monomial, 1 to MaxDegree; at 1 all Terms are the linear ones
	Sharing       Sharing       `json:"sharing"`
}

// Neighbourhood is the set of coefficients that a coefficient's score may depend on; itself is always one of them. The
// zero value is the independent family: each coefficient alone. Unions are written by setting several fields.
type Neighbourhood struct {
	Orientations bool `json:"orientations"` // the other orientations at its level and place
	Radius       int  `json:"radius"`       // the coefficients of its band within this many rows and columns, wrapped
}

// Terms is a rule that makes monomials of a neighbourhood's variables. In every rule y_c is the coefficient itself.
type Terms string

const (
	// Powers are the powers of each variable alone, to the degree: no products between variables.
	Powers Terms = "powers"
	// Gated adds to Powers the products y_c y_j (from degree 2) and y_c y_j^2 (from degree 3) for every other variable
	// j: the coefficient times its neighbours' energy, the term that Gaussian scale mixtures suggest.
	Gated Terms = "gated"
	// Full are all monomials to the degree.
	Full Terms = "full"
)

// Sharing says which coefficients have the same weights.
type Sharing string

const (
	// PerCoefficient gives every coefficient weights of its own: position is known.
	PerCoefficient Sharing = "coefficient"
	// PerBand gives all coefficients of a band one set of weights, as a convolution does.
	PerBand Sharing = "band"
)

// MaxDegree is the highest degree of a family. Its moments reach twice as far, and moments of order 10 of any data set
// in reach are dominated by a few images.
const MaxDegree = 5

// neighbourhoodNames are the three families of the paper, without their radius.
var neighbourhoodNames = []string{"independent", "band-tied", "local-coupled"}

// ParseNeighbourhood returns the neighbourhood of a named family: "independent" (each coefficient alone), "band-tied"
// (with the other orientations at its place) or "local-coupled" (with the same band's coefficients within radius, which
// the other two ignore).
func ParseNeighbourhood(name string, radius int) (Neighbourhood, error) {
	switch name {
	case "independent":
		return Neighbourhood{}, nil
	case "band-tied":
		return Neighbourhood{Orientations: true}, nil
	case "local-coupled":
		if radius < 1 {
			return Neighbourhood{}, fmt.Errorf("moments: a local-coupled family needs a radius of at least 1, got %d", radius)
		}
		return Neighbourhood{Radius: radius}, nil
	}
	return Neighbourhood{}, fmt.Errorf("moments: unknown family %q; accepted: %s", name, strings.Join(neighbourhoodNames, ", "))
}

// String names the neighbourhood, such as "band-tied" or "local-coupled, radius 1".
func (n Neighbourhood) String() string {
	local := fmt.Sprintf("local-coupled, radius %d", n.Radius)
	switch {
	case n.Orientations && n.Radius > 0:
		return "band-tied + " + local
	case n.Orientations:
		return "band-tied"
	case n.Radius > 0:
		return local
	}
	return "independent"
}

// Indices returns the coefficients of the neighbourhood of coefficient c, distinct, c first: the order of the variables
// of every monomial. All coefficients of a band have the same number of them in the same order of offsets.
func (n Neighbourhood) Indices(l wavelet.Layout, c int) []int {
	indices := []int{c}
	if n.Orientations {
		indices = append(indices, l.Orientations(c)...)
	}
	if n.Radius > 0 {
		indices = append(indices, l.Neighbours(c, n.Radius)...)
	}
	return indices
}

// Contains reports whether every variable of o is one of n's.
func (n Neighbourhood) Contains(o Neighbourhood) bool {
	return (n.Orientations || !o.Orientations) && n.Radius >= o.Radius
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
	if f.Neighbourhood.Radius < 0 {
		return fmt.Errorf("moments: negative radius %d", f.Neighbourhood.Radius)
	}
	return nil
}

// String describes the family in a line, such as "local-coupled, radius 1; gated, degree 3; weights per coefficient".
func (f Family) String() string {
	return fmt.Sprintf("%v; %s, degree %d; weights per %s", f.Neighbourhood, f.Terms, f.Degree, f.Sharing)
}

// Centre returns the family's centre for coefficients whose mean is mean: the mean itself where every coefficient has
// weights of its own, and the mean of each band where a band shares them.
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
