package metrics

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
)

// SlicedWasserstein returns the sliced Wasserstein distance of order 1 of two samples of vectors,
// point after point, dim values each: the mean over random directions u of
//
//	W1(u . a, u . b) = integral over t in [0, 1] of |A(t) - B(t)|,
//
// A and B being the quantiles of the points along u. It is 0 for equal samples, and |a - b| for
// two points on a line. The samples may differ in size. Directions depend on the seed alone:
// compare distances of one seed. The distance from the mean of a sample to the sample itself is
// the mean deviation along a direction, a unit to measure others in.
//
// It is Rabin, Peyre, Delon and Bernot, "Wasserstein Barycenter and its Application to Texture
// Mixing" (2011). Of patches, scale by scale, it is a measure of generated images: Karras, Aila,
// Laine and Lehtinen, "Progressive Growing of GANs" (ICLR 2018).
//
// It returns an error unless both samples have a point and are finite, and panics with a DimError
// unless they are whole points.
func SlicedWasserstein(a, b []float64, dim, directions int, seed uint64) (float64, error) {
	if dim < 1 || len(a)%dim != 0 || len(b)%dim != 0 {
		panic(DimError{Dim: dim, A: len(a), B: len(b)})
	}
	if directions < 1 || len(a) == 0 || len(b) == 0 {
		return 0, fmt.Errorf("metrics: a sliced distance of %d and %d points along %d directions; needs at least one of each", len(a)/dim, len(b)/dim, directions)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	direction := make([]float64, dim)
	alongA, alongB := make([]float64, len(a)/dim), make([]float64, len(b)/dim)
	var sum float64
	for range directions {
		for k := range direction {
			direction[k] = random.NormFloat64()
		}
		floats.Scale(1/floats.Norm(direction, 2), direction)
		project(alongA, a, direction)
		project(alongB, b, direction)
		sum += wasserstein(alongA, alongB)
	}
	if sum-sum != 0 {
		return 0, fmt.Errorf("metrics: a sliced distance of points that are not finite")
	}
	return sum / float64(directions), nil
}

// DimError is the value of the panic for samples that are not whole points: a mistake in the
// program, not in its data.
type DimError struct{ Dim, A, B int }

func (e DimError) Error() string {
	return fmt.Sprintf("metrics: samples of %d and %d values are no whole points of dimension %d", e.A, e.B, e.Dim)
}

// project writes the points along a direction to dst, sorted.
func project(dst, points, direction []float64) {
	for i := range dst {
		dst[i] = floats.Dot(direction, points[i*len(direction):(i+1)*len(direction)])
	}
	slices.Sort(dst)
}

// wasserstein returns the distance of two sorted samples on a line.
func wasserstein(a, b []float64) float64 {
	var sum, done float64 // done: the share of both that has been moved
	for i, j := 0, 0; i < len(a) && j < len(b); {
		endA, endB := float64(i+1)/float64(len(a)), float64(j+1)/float64(len(b))
		end := min(endA, endB)
		sum += (end - done) * math.Abs(a[i]-b[j])
		done = end
		if endA <= end {
			i++
		}
		if endB <= end {
			j++
		}
	}
	return sum
}
