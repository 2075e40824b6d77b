package metrics

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// Output is what two denoisers are compared by.
type Output int

const (
	Denoised Output = iota // D(y)
	Score                  // (D(y) - y) / sigma^2
)

func (o Output) String() string {
	if o == Score {
		return "score"
	}
	return "denoised image"
}

// Explained returns how much of one denoiser's output the other explains on the same noisy images,
//
//	1 - E|a - b|^2 / E|a - E a|^2,
//
// where a is the output of the one that is explained and b that of the one that explains it,
// unchanged: no gain is fitted to it, so the share is negative where b is further from a than a's
// mean is. E a is a's mean image over the trial's noisy images; the bootstrap takes it as known.
//
// The denoised image and the score have the same numerator, up to sigma^4, so both rank others
// alike. What differs is what counts as nothing explained: for the denoised image, always
// answering its mean; for the score, the mean score, which is near 0, and so leaving the noise
// where it is. At small sigma the first is easy and the second hard, at large sigma the reverse.
// (In protocol C, the published explained variances of an EDM network, the two columns fit
// together only if the denoised image was not centred, E|a|^2 below, which the mean image makes
// larger. For the score that is no difference.)
//
// It panics with a MismatchError if the trials are not of the same noisy images.
func Explained(explained, by *Trial, output Output) Statistic {
	match(explained, by)
	a := centred(explained, output)
	rows := make([][]float64, explained.Len())
	for i := range rows {
		rows[i] = []float64{squaredDistance(explained.image(explained.Denoised, i), by.image(by.Denoised, i)), squaredNorm(explained.image(a, i))}
	}
	return NewStatistic(rows, func(means []float64) float64 { return 1 - means[0]/means[1] })
}

// R2 returns the squared correlation of two denoisers' outputs a and b on the same noisy images,
//
//	(E<a - E a, b - E b>)^2 / (E|a - E a|^2 E|b - E b|^2),
//
// sums running over pixels: the share that one explains of the other when it may be scaled by one
// gain. The mean images are as in Explained. It panics with a MismatchError if the trials are not
// of the same noisy images.
func R2(one, other *Trial, output Output) Statistic {
	match(one, other)
	a, b := centred(one, output), centred(other, output)
	rows := make([][]float64, one.Len())
	for i := range rows {
		x, y := one.image(a, i), one.image(b, i)
		rows[i] = []float64{floats.Dot(x, y), squaredNorm(x), squaredNorm(y)}
	}
	return NewStatistic(rows, func(means []float64) float64 { return means[0] * means[0] / (means[1] * means[2]) })
}

// MismatchError is the value of the panic for trials of different noisy images: a mistake in the
// program.
type MismatchError struct{ One, Other *Trial }

func (e MismatchError) Error() string {
	return fmt.Sprintf("metrics: a trial of %d images of %v at sigma %v beside one of %d images of %v at sigma %v: not the same noisy images",
		e.One.Len(), e.One.Shape, e.One.Sigma, e.Other.Len(), e.Other.Shape, e.Other.Sigma)
}

func match(one, other *Trial) {
	if one.Shape != other.Shape || one.Sigma != other.Sigma || !slices.Equal(one.Noisy, other.Noisy) {
		panic(MismatchError{one, other})
	}
}

// centred returns a trial's outputs less their mean image; scores are left in units of 1 /
// sigma^2.
func centred(t *Trial, output Output) []float64 {
	a := slices.Clone(t.Denoised)
	if output == Score {
		floats.Sub(a, t.Noisy)
	}
	mean := make([]float64, t.Shape.Size())
	for i := range t.Len() {
		floats.AddScaled(mean, 1/float64(t.Len()), t.image(a, i))
	}
	for i := range t.Len() {
		floats.Sub(t.image(a, i), mean)
	}
	return a
}
