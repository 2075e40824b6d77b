package wavelet

// Details returns the bands of details of a level, of all channels, in storage order; none for a
// level that the layout does not have.
func (l Layout) Details(level int) (bands []Band) {
	for _, b := range l.Bands() {
		if b.Level == level && b.Orientation != Approximation {
			bands = append(bands, b)
		}
	}
	return bands
}

// Shift returns the coefficient so many rows below and columns to the right of coefficient i in
// its band, whose grid is wrapped into a torus; negative numbers are above and to the left. It
// panics with an IndexError unless 0 <= i < Len.
func (l Layout) Shift(i, rows, cols int) int {
	p := l.Place(i)
	height, width := l.Grid(p.Band)
	p.Row, p.Col = wrap(p.Row+rows, height), wrap(p.Col+cols, width)
	return l.Index(p)
}
