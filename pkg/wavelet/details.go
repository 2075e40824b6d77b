package wavelet

import "wavescore/internal/length"

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

// BandMeans returns the mean of values, one a coefficient, over each band, in the order of Bands:
// of squared errors or of variances it is what a band has on average. It panics with a LengthError
// for another number of values.
func (l Layout) BandMeans(values []float64) []float64 {
	length.Check("values of coefficients", len(values), l.Len())
	var means []float64
	for _, b := range l.Bands() {
		from, to := l.Range(b)
		sum := 0.0
		for _, v := range values[from:to] {
			sum += v
		}
		means = append(means, sum/float64(to-from))
	}
	return means
}
