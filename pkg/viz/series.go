package viz

// Add appends a point to the series, with the interval y - bar to y + bar around it. The points of
// a series all have intervals, or none of them has: those appended to X and Y alone.
func (s *Series) Add(x, y, bar float64) {
	s.X, s.Y = append(s.X, x), append(s.Y, y)
	s.Low, s.High = append(s.Low, y-bar), append(s.High, y+bar)
}
