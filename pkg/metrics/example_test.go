package metrics_test

import (
	"context"
	"fmt"
	"log"

	"wavescore/pkg/dataset"
	"wavescore/pkg/metrics"
)

// How far are blurred digits from digits? Much farther than other digits, whose distance is what
// the chance in 2000 references makes.
func ExampleFrechet() {
	ctx := context.Background()
	features := func(images *dataset.Images) *metrics.Points {
		points, err := metrics.Extract(ctx, metrics.Pixels(images.Size()), images, nil)
		if err != nil {
			log.Fatal(err)
		}
		return points
	}
	digits := features(dataset.Digits(2000, 1).Resize(14, 14))
	blurred := features(dataset.Digits(2000, 2).Resize(7, 7).Resize(14, 14))
	others := features(dataset.Digits(2000, 3).Resize(14, 14))

	for i, samples := range []*metrics.Points{blurred, others} {
		d, err := metrics.Frechet(ctx, samples, digits)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%s digits: %.1f\n", []string{"blurred", "other"}[i], d.Extrapolated.Value)
	}
	// Output:
	// blurred digits: 16.7
	// other digits: 0.2
}
