package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/wavelet"
)

// LevelNames names what LevelEnergies tells apart: "approximation", and then "level 5" to "level 1"
// of a layout of five levels, from coarse to fine.
func LevelNames(layout wavelet.Layout) []string {
	names := []string{"approximation"}
	for level := layout.Levels; level > 0; level-- {
		names = append(names, fmt.Sprintf("level %d", level))
	}
	return names
}

// LevelEnergies returns the sums of the squared coefficients of the approximation and of each level
// of each image, in the order of LevelNames, all channels and orientations together: images x
// levels. An orthonormal transform has them sum to the squared norm of the image. It panics with a
// wavelet.LengthError for images that the transform does not take.
func LevelEnergies(transform *wavelet.Transform, images []float64) (energies [][]float64) {
	layout := transform.Layout()
	coefficients := transform.Forward(nil, images)
	for ; len(coefficients) > 0; coefficients = coefficients[layout.Len():] {
		row := make([]float64, 1+layout.Levels)
		for _, band := range layout.Bands() {
			from, to := layout.Range(band)
			level := 0
			if band.Orientation != wavelet.Approximation {
				level = 1 + layout.Levels - band.Level
			}
			row[level] += squaredNorm(coefficients[from:to])
		}
		energies = append(energies, row)
	}
	return energies
}

// LevelVariances returns the variance of the coefficients of the approximation and of each level
// over images, summed over the coefficients of a level: one Statistic for each of LevelNames. Each
// is unbiased. Its interval takes the images' mean as known. It panics with a RowError unless there
// are two images.
func LevelVariances(transform *wavelet.Transform, images []float64) (variances []Statistic) {
	size := transform.Layout().Len()
	n := len(images) / size
	if n < 2 {
		panic(RowError{Image: n, Got: n, Want: 2})
	}
	mean := MeanImage(images, size)
	centred := make([]float64, len(images))
	for i := range n {
		floats.SubTo(centred[i*size:(i+1)*size], images[i*size:(i+1)*size], mean)
	}
	rows := LevelEnergies(transform, centred)
	for level := range rows[0] {
		variances = append(variances, NewStatistic(rows, func(means []float64) float64 {
			return means[level] * float64(n) / float64(n-1)
		}))
	}
	return variances
}

// MeanImage returns the mean of images of so many pixels.
func MeanImage(images []float64, size int) []float64 {
	mean := make([]float64, size)
	for i := 0; i < len(images); i += size {
		floats.AddScaled(mean, float64(size)/float64(len(images)), images[i:i+size])
	}
	return mean
}
