package moments

import (
	"fmt"
	"slices"
)

// Restrict returns the table of a sub-family: one whose neighbourhood, monomials and degree are within this table's, with
// the same sharing. Its moments are among this table's, so nothing is accumulated again.
func (m *Moments) Restrict(f Family) (*Moments, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	whole := m.spec.Family
	if f.Sharing != whole.Sharing || !whole.Neighbourhood.Contains(f.Neighbourhood) {
		return nil, fmt.Errorf("moments: (%v) is not a sub-family of (%v)", f, whole)
	}
	r := &Moments{spec: m.spec, images: m.images, shards: m.Shards(), low: slices.Clone(m.low), high: slices.Clone(m.high)}
	r.spec.Family = f
	r.groups = r.spec.groups()
	r.sums = make([][]float64, len(r.groups))

	// Where a group sits among the variables of its whole decides which moments are its own; few such patterns occur.
	type pattern struct {
		part, whole *Basis
		place       string
	}
	known := make(map[pattern][]int)
	for g := range r.groups {
		part, all := r.groups[g].Members[0].Variables, m.groups[g].Members[0].Variables
		place := make([]byte, len(part))
		for v, c := range part {
			for u, d := range all {
				if c == d {
					place[v] = byte(u)
				}
			}
		}
		p := pattern{r.groups[g].Basis, m.groups[g].Basis, string(place)}
		moments, ok := known[p]
		if !ok {
			var err error
			if moments, err = embed(p.part, p.whole, place); err != nil {
				return nil, fmt.Errorf("moments: (%v) is not a sub-family of (%v): %w", f, whole, err)
			}
			known[p] = moments
		}
		r.sums[g] = make([]float64, len(moments))
		for k, from := range moments {
			r.sums[g][k] = m.sums[g][from]
		}
	}
	return r, nil
}

// embed returns for every moment of part its number in whole, variable v of part being variable place[v] of whole.
func embed(part, whole *Basis, place []byte) ([]int, error) {
	number := make(map[exponents]int, len(whole.products))
	for k, p := range whole.products {
		number[p] = k
	}
	moments := make([]int, len(part.products))
	for k, p := range part.products {
		e := make([]byte, whole.variables)
		for v := range len(p) {
			e[place[v]] = p[v]
		}
		from, ok := number[exponents(e)]
		if !ok {
			return nil, fmt.Errorf("no moment of powers %v", e)
		}
		moments[k] = from
	}
	return moments, nil
}
