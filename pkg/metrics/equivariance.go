package metrics

import (
	"context"

	"wavescore/pkg/diffusion"
)

// Equivariance returns how far a denoiser is from commuting with a circular shift S by some rows
// down and columns to the right,
//
//	E|D(S y) - S D(y)|^2 / E|D(y) - m|^2,
//
// where m is the mean of D(y) over the pixels of each channel, which no shift changes. The
// denominator is the variance of the output over positions. The result is 0 up to rounding for a
// circular convolution. It is near 2 for a denoiser whose outputs for an image and for the shifted
// image are uncorrelated.
func Equivariance(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64, down, right int) (Statistic, error) {
	if err := set.check(d.Shape(), sigma); err != nil {
		return Statistic{}, err
	}
	shape := d.Shape()
	size := shape.Size()
	var rows [][]float64
	err := blocks(ctx, set.Images.Len(), blockImages, set.Progress, func(from, to int) error {
		_, noisy := set.noisy(from, to, sigma)
		shifted, answers := make([]float64, len(noisy)), make([]float64, len(noisy))
		shape.Roll(shifted, noisy, down, right)
		if err := d.Denoise(ctx, answers, noisy, sigma); err != nil {
			return err
		}
		if err := d.Denoise(ctx, shifted, shifted, sigma); err != nil {
			return err
		}
		shape.Roll(noisy, answers, down, right) // what the shifted images should have given
		for i := 0; i < len(noisy); i += size {
			rows = append(rows, []float64{squaredDistance(shifted[i:i+size], noisy[i:i+size]), overPlaces(shape, answers[i:i+size])})
		}
		return nil
	})
	if err != nil {
		return Statistic{}, err
	}
	return NewStatistic(rows, func(means []float64) float64 { return means[0] / means[1] }), nil
}

// overPlaces returns the squared distance of an image from its channels' means over pixels.
func overPlaces(shape diffusion.Shape, image []float64) (sum float64) {
	plane := shape.H * shape.W
	for c := range shape.C {
		var mean float64
		for _, v := range image[c*plane : (c+1)*plane] {
			mean += v / float64(plane)
		}
		for _, v := range image[c*plane : (c+1)*plane] {
			sum += (v - mean) * (v - mean)
		}
	}
	return sum
}
