package viz

// leastDensity keeps a density positive, for a logarithmic axis.
const leastDensity = 1e-12

// Density returns a known distribution as the histogram draws a sample of it: the probability of
// each bin over its width, at its middle, and at least 1e-12, so that it can stand on a logarithmic
// axis. The histogram has the range of its x axis set. Cdf is the cumulative distribution
// function.
func (f Histogram) Density(name string, cdf func(x float64) float64) Series {
	n := f.Bins
	if n == 0 {
		n = usualBins
	}
	width := (f.X.Max - f.X.Min) / float64(n)
	middles := make([]float64, n)
	for i := range middles {
		middles[i] = f.X.Min + (float64(i)+0.5)*width
	}
	return Curve(name, middles, func(x float64) float64 {
		return max((cdf(x+width/2)-cdf(x-width/2))/width, leastDensity)
	})
}
