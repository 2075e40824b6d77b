package moments

import "wavescore/pkg/wavelet"

// Name returns the name of a family that ParseNeighbourhood knows, whatever its radius and number
// of parents, and of any other neighbourhood what String returns.
func (n Neighbourhood) Name() string {
	for _, name := range familyNames {
		if known, err := ParseNeighbourhood(name, max(n.Radius, 1), max(n.Parents, 1)); err == nil && known == n {
			return name
		}
	}
	return n.String()
}

// Variables returns how many variables a coefficient of a layout sees at most, itself and those of
// the linear context among them: fewer than that near the coarsest levels.
func (n Neighbourhood) Variables(l wavelet.Layout) (most int) {
	seen := make([]bool, l.Len())
	context := n.ContextIndices(l)
	for _, c := range context {
		seen[c] = true
	}
	for c := range l.Len() {
		indices, _ := n.Indices(l, c)
		count := len(context)
		for _, i := range indices {
			if !seen[i] {
				count++
			}
		}
		most = max(most, count)
	}
	return most
}

// With returns the family with another neighbourhood.
func (f Family) With(n Neighbourhood) Family {
	f.Neighbourhood = n
	return f
}
