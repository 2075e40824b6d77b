package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
)

// Confidence returns the mean, over images, of the probability that a classifier gives to the
// class it finds likeliest. P is the classes' probabilities of each image.
func Confidence(p *Points) Statistic {
	rows := make([][]float64, p.Len())
	for i := range rows {
		rows[i] = []float64{floats.Max(p.at(i))}
	}
	return mean(rows)
}

// Imbalance returns the total variation distance between how often each class is the likeliest of
// samples, and how often of references: half the sum of the differences of their shares, 0 where
// every class has its share and near 1 where all samples are of one. It returns an error for no
// samples, no references or other classes. Its interval is over the samples; small values have a
// bias of about the square root of classes over samples.
func Imbalance(samples, reference *Points) (Statistic, error) {
	if samples.Dim != reference.Dim || samples.Len() == 0 || reference.Len() == 0 {
		return Statistic{}, fmt.Errorf("metrics: %d samples of %d classes and %d references of %d", samples.Len(), samples.Dim, reference.Len(), reference.Dim)
	}
	shares := make([]float64, reference.Dim)
	for i := range reference.Len() {
		shares[floats.MaxIdx(reference.at(i))] += 1 / float64(reference.Len())
	}
	rows := make([][]float64, samples.Len())
	for i := range rows {
		rows[i] = make([]float64, samples.Dim)
		rows[i][floats.MaxIdx(samples.at(i))] = 1
	}
	return NewStatistic(rows, func(means []float64) (half float64) {
		for class, share := range means {
			half += math.Abs(share-shares[class]) / 2
		}
		return half
	}), nil
}
