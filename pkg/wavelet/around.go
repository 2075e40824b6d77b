package wavelet

// Each method below lists what is around the coefficient of index i, as distinct indices. They
// panic with an IndexError unless 0 <= i < Len.

// Neighbours returns the other coefficients of the band of i at most radius rows and columns
// away, on the band's grid wrapped into a torus, in row-major order of their offsets from
// (-radius, -radius) to (radius, radius). Where the grid is so small that several offsets meet at
// one coefficient, the first of them counts; i itself is never listed. So which offsets are
// listed, and in which order, depends on the grid and the radius but not on the place: a 1x1 grid
// has no neighbours, a 2x2 grid has 3.
func (l Layout) Neighbours(i, radius int) []int {
	p := l.Place(i)
	rows, cols := l.Grid(p.Band)
	var around []int
	// An offset is the first to meet its coefficient unless it is a full turn after the first
	// offset of all.
	for dr := -radius; dr <= min(radius, rows-1-radius); dr++ {
		for dc := -radius; dc <= min(radius, cols-1-radius); dc++ {
			q := Place{p.Band, wrap(p.Row+dr, rows), wrap(p.Col+dc, cols)}
			if q != p {
				around = append(around, l.Index(q))
			}
		}
	}
	return around
}

// Orientations returns the coefficients of the two other orientations at the level and place of
// i, in the order horizontal, vertical, diagonal. An approximation coefficient has none.
func (l Layout) Orientations(i int) []int {
	p := l.Place(i)
	if p.Orientation == Approximation {
		return nil
	}
	others := make([]int, 0, 2)
	for o := Horizontal; o <= Diagonal; o++ {
		if o != p.Orientation {
			q := p
			q.Orientation = o
			others = append(others, l.Index(q))
		}
	}
	return others
}

// Parent returns the coefficient of the same orientation one level coarser, at half the row and
// column of i. The parent of a detail of the coarsest level is the approximation at its place; an
// approximation coefficient has none.
func (l Layout) Parent(i int) (parent int, ok bool) {
	p := l.Place(i)
	switch {
	case p.Orientation == Approximation:
		return 0, false
	case p.Level == l.Levels:
		p.Orientation = Approximation
	default:
		p.Level++
		p.Row /= 2
		p.Col /= 2
	}
	return l.Index(p), true
}

// Children returns the coefficients whose parent i is, in the order of their indices: four of the
// same orientation one level finer, or the three details at the place of an approximation
// coefficient. Level 1 has none.
func (l Layout) Children(i int) []int {
	p := l.Place(i)
	var children []int
	switch {
	case p.Orientation == Approximation:
		if l.Levels == 0 {
			return nil
		}
		for o := Horizontal; o <= Diagonal; o++ {
			q := p
			q.Orientation = o
			children = append(children, l.Index(q))
		}
	case p.Level > 1:
		p.Level--
		for k := range 4 {
			q := Place{p.Band, 2*p.Row + k/2, 2*p.Col + k%2}
			children = append(children, l.Index(q))
		}
	}
	return children
}

// wrap returns i modulo n, in [0, n).
func wrap(i, n int) int {
	if i %= n; i < 0 {
		i += n
	}
	return i
}
