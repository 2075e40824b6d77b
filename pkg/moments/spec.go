package moments

import (
	"fmt"
	"slices"

	"wavescore/pkg/wavelet"
)

// Spec says what a table holds moments of. Two tables can be merged, and a machine fitted on one
// can be judged on the other, only if their specs are equal. In particular the centre is fixed
// before anything is counted.
type Spec struct {
	Family Family         `json:"family"`
	Filter string         `json:"filter"` // as wavelet.ParseFilter takes it
	Layout wavelet.Layout `json:"layout"`
	Centre []float64      `json:"-"` // coefficients: subtracted from them; a tensor in files

	// Axes are an orthonormal basis of the linear context of n coefficients: n x n, one axis a
	// column. They are nil where the variables are the coefficients themselves, and a tensor in
	// files.
	Axes []float64 `json:"-"`
}

// maxFeatures is the most features that a group may have. They have half a million moments, the
// most that a regression can use.
const maxFeatures = 1024

// structure returns an error unless tables of the spec's family can be made on its layout.
func (s Spec) structure() error {
	if err := s.Family.Check(); err != nil {
		return err
	}
	if _, err := wavelet.ParseFilter(s.Filter); err != nil {
		return err
	}
	if _, err := wavelet.NewLayout(s.Layout.Channels, s.Layout.Height, s.Layout.Width, s.Layout.Levels); err != nil {
		return err
	}
	for _, b := range s.Layout.Bands() {
		from, _ := s.Layout.Range(b)
		variables, _ := s.Family.Neighbourhood.Indices(s.Layout, from)
		if n := s.Family.features(len(variables)); n > maxFeatures {
			return fmt.Errorf("moments: (%v) has %.0f features of %d variables a coefficient; at most %d can be fitted: take fewer variables, a lower degree or gated terms",
				s.Family, n, len(variables), maxFeatures)
		}
	}
	return nil
}

// normal returns the spec with its family as the layout has it.
func (s Spec) normal() Spec {
	s.Family = s.Family.normal(s.Layout)
	return s
}

// Check returns an error unless moments can be taken of the spec. Its time and memory are
// proportional to the centre, whatever the layout says.
func (s Spec) Check() error {
	if _, err := wavelet.NewLayout(s.Layout.Channels, s.Layout.Height, s.Layout.Width, s.Layout.Levels); err != nil {
		return err
	}
	if len(s.Centre) != s.Layout.Len() {
		return fmt.Errorf("moments: the centre has %d values, the layout %d coefficients", len(s.Centre), s.Layout.Len())
	}
	for i, c := range s.Centre {
		if c-c != 0 {
			return fmt.Errorf("moments: the centre of coefficient %d is %v", i, c)
		}
	}
	if err := s.structure(); err != nil {
		return err
	}
	if n := len(s.Family.Neighbourhood.ContextIndices(s.Layout)); s.Axes != nil && len(s.Axes) != n*n {
		return fmt.Errorf("moments: axes of %d values for a context of %d coefficients", len(s.Axes), n)
	}
	return nil
}

// SameVariables returns an error that names the difference, unless tables of the two specs count
// the same coefficients in the same way. Their families may differ.
func (s Spec) SameVariables(o Spec) error {
	switch {
	case s.Layout != o.Layout:
		return fmt.Errorf("moments: layouts differ: %v and %v", s.Layout, o.Layout)
	case s.Filter != o.Filter:
		return fmt.Errorf("moments: wavelets differ: %s and %s", s.Filter, o.Filter)
	case !slices.Equal(s.Centre, o.Centre):
		return fmt.Errorf("moments: centres differ; take both tables with the centre of one of them")
	case s.Axes != nil && o.Axes != nil && !slices.Equal(s.Axes, o.Axes):
		return fmt.Errorf("moments: axes differ; take both tables with the axes of one of them")
	}
	return nil
}

// Group is a set of coefficients that share weights, and so share one set of moments.
type Group struct {
	Basis   *Basis
	Members []Member
}

// Member is one coefficient of a group.
type Member struct {
	Index     int    // the coefficient
	Variables []int  // its neighbourhood, itself first: the variables of the basis
	Kinds     []Kind // what each of them is to it
}

// groups lists the groups of a family on a layout, in storage order, with bases shared between
// groups of equal structure.
func (s Spec) groups() []Group {
	group := func(indices []int) Group {
		g := Group{Members: make([]Member, len(indices))}
		for i, c := range indices {
			variables, kinds := s.Family.Neighbourhood.Indices(s.Layout, c)
			g.Members[i] = Member{Index: c, Variables: variables, Kinds: kinds}
		}
		g.Basis = basisOf(s.Family.Terms, s.Family.Degree, len(g.Members[0].Variables))
		return g
	}

	var groups []Group
	for _, b := range s.Layout.Bands() {
		from, to := s.Layout.Range(b)
		if s.Family.Sharing == PerCoefficient {
			for i := from; i < to; i++ {
				groups = append(groups, group([]int{i}))
			}
			continue
		}
		_, cols := s.Layout.Grid(b)
		step := s.Family.Neighbourhood.phase(s.Layout, b)
		phases := make([][]int, step*step)
		for i := range to - from {
			phase := i/cols%step*step + i%cols%step
			phases[phase] = append(phases[phase], from+i)
		}
		for _, alike := range phases {
			groups = append(groups, group(alike))
		}
	}
	return groups
}
