package metrics

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// Median returns the median of independent values and its 95 % interval between two of them: the
// nearest ranks that the binomial distribution's normal approximation gives. It panics with a
// RowError if there is no value.
func Median(values []float64) Estimate {
	n := len(values)
	if n == 0 {
		panic(RowError{})
	}
	sorted := slices.Sorted(slices.Values(values))
	half := distuv.UnitNormal.Quantile(0.975) * math.Sqrt(float64(n)) / 2
	low := max(int(math.Floor(float64(n)/2-half)), 0)
	high := min(int(math.Ceil(float64(n)/2+half)), n-1)
	return Estimate{Value: (sorted[(n-1)/2] + sorted[n/2]) / 2, Low: sorted[low], High: sorted[high]}
}

// ClassShares returns, for each class, the share of images whose likeliest class it is, with its
// exact interval, and the mean probability that these give it, which is NaN where there are none.
// P is the classes' probabilities of each image.
func ClassShares(p *Points) (shares []Estimate, confidence []float64) {
	counts, sums := make([]int, p.Dim), make([]float64, p.Dim)
	for i := range p.Len() {
		class := floats.MaxIdx(p.at(i))
		counts[class]++
		sums[class] += p.at(i)[class]
	}
	for class, count := range counts {
		shares = append(shares, Proportion(count, p.Len()))
		confidence = append(confidence, sums[class]/float64(count))
	}
	return shares, confidence
}
