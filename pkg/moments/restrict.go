package moments

import (
	"fmt"
	"slices"
)

// Restrict returns the table of a sub-family: its neighbourhood, monomials and degree are within
// those of this table, with the same sharing, and with the same linear context or none. All its
// moments are in this table, so no image is read again.
func (m *Moments) Restrict(f Family) (*Moments, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	f, whole := f.normal(m.spec.Layout), m.spec.Family
	if f.Sharing != whole.Sharing || !whole.Neighbourhood.Contains(f.Neighbourhood) {
		return nil, fmt.Errorf("moments: (%v) is not a sub-family of (%v)", f, whole)
	}
	part := m.spec
	part.Family = f
	same := len(f.Neighbourhood.ContextIndices(part.Layout)) == len(m.linear.indices)
	if f.Neighbourhood.Context == 0 {
		part.Axes = nil
	} else if !same && m.spec.Axes != nil {
		return nil, fmt.Errorf("moments: the linear context of (%v) is turned to its axes; of (%v) it would have others", whole, f)
	}
	r, err := New(part, m.shards...)
	if err != nil {
		return nil, err
	}
	r.images, r.low, r.high = m.images, slices.Clone(m.low), slices.Clone(m.high)

	// The positions of a group's variables among those of the whole decide which moments it has.
	// Few patterns occur.
	type pattern struct {
		part, whole *Basis
		place       string
	}
	known := make(map[pattern][]int)
	owner := make([]int, m.spec.Layout.Len()) // coefficient -> group of m
	for g, group := range m.groups {
		for _, member := range group.Members {
			owner[member.Index] = g
		}
	}
	for g, group := range r.groups {
		// With fewer ancestors a group is the union of some of m's, whose sums add up.
		var counted []int
		for _, member := range group.Members {
			from := owner[member.Index]
			if slices.Contains(counted, from) {
				continue
			}
			counted = append(counted, from)
			all, _ := m.spec.Family.Neighbourhood.Indices(m.spec.Layout, member.Index)
			place := make([]int, len(member.Variables))
			for v, c := range member.Variables {
				if place[v] = slices.Index(all, c); place[v] < 0 {
					return nil, fmt.Errorf("moments: (%v) is not a sub-family of (%v): coefficient %d", f, whole, c)
				}
			}
			p := pattern{group.Basis, m.groups[from].Basis, fmt.Sprint(place)}
			moments, ok := known[p]
			if !ok {
				if moments, err = embed(p.part, p.whole, place); err != nil {
					return nil, fmt.Errorf("moments: (%v) is not a sub-family of (%v): %w", f, whole, err)
				}
				known[p] = moments
			}
			for k, moment := range moments {
				r.sums[g][k] += m.sums[from][moment]
			}
		}
	}
	width, from := len(r.linear.indices), len(m.linear.indices)
	for row, monomial := range r.linear.monomials {
		source := m.context.cross[m.linear.row[monomial]*from:]
		r.context.means[row] = m.context.means[m.linear.row[monomial]]
		for i, c := range r.linear.indices {
			place := i // along axes, which are the same
			if part.Axes == nil {
				place = m.linear.place[c]
			}
			r.context.cross[row*width+i] = source[place]
		}
	}
	return r, nil
}

// embed returns for every moment of part its index in whole, where variable v of part is variable
// place[v] of whole.
func embed(part, whole *Basis, place []int) ([]int, error) {
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
