package dataset

// CacheKey returns all that the field is made of: lab.Cached knows it by that.
func (f *Field) CacheKey() any {
	return []any{f.channels, f.height, f.width, f.weights, f.means, f.powers}
}

// Components returns the number of Gaussians that the field is a mixture of.
func (f *Field) Components() int { return len(f.weights) }
