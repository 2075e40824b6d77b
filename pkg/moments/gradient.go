package moments

// Slope returns the derivative of feature a by variable v as power times another feature, or as 0
// times feature 0 where a does not depend on v.
func (b *Basis) Slope(v, a int) (power float64, feature int) {
	s := b.slopes[v][a]
	return s.power, s.feature
}
