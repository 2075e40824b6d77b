package metrics

import (
	"context"
	"fmt"
	"math"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Neighbours are the two nearest references of an image, by Euclidean distance of pixels. Copies
// of the nearest are passed over: a data set that has an image twice has it memorised no less.
type Neighbours struct {
	Index  int     // of the nearest
	First  float64 // its distance
	Second float64 // of the next that is not a copy of the nearest, or +Inf where there is none
}

// Ratio returns how much nearer the first is than the second: between 0, for a copy, and 1. It is
// 1 where both distances are 0, as those of no image are.
func (n Neighbours) Ratio() float64 {
	if n.Second == 0 {
		return 1
	}
	return n.First / n.Second
}

// memorisedRatio is that of the test of Yoon, Choi, Kwon and Ryu, "Diffusion Probabilistic Models
// Generalize when They Fail to Memorize" (2023): an image is a copy if its nearest reference is
// less than a third as far as the next.
const memorisedRatio = 1.0 / 3

// Memorised returns the share of images that the ratio test calls copies of a reference. Its
// false-positive rate is what it says of held-out images, which cannot have been memorised. It
// panics with a RowError if there is no image.
func Memorised(nearest []Neighbours) Statistic {
	rows := make([][]float64, len(nearest))
	for i, n := range nearest {
		rows[i] = []float64{0}
		if n.Ratio() < memorisedRatio {
			rows[i][0] = 1
		}
	}
	return mean(rows)
}

// copyDistance is how far a copy may be from an image, relative to the image's norm: more than the
// rounding of pixels to float32, and far less than a step of 1/255 in one pixel.
const copyDistance = 1e-6

// Nearest returns the two nearest references of each of the images, which are row-major, image
// after image, as large as the references. It returns an error where there is no reference, or an
// image or a reference has a pixel that is not finite, and ctx's once that is cancelled. It panics
// with a DimError if there are not whole images.
func Nearest(ctx context.Context, images []float64, references diffusion.Images) ([]Neighbours, error) {
	size := references.Size()
	if size < 1 || len(images)%size != 0 {
		panic(DimError{Dim: size, A: len(images)})
	}
	if references.Len() < 1 {
		return nil, fmt.Errorf("metrics: no references to be near to")
	}
	n := len(images) / size
	nearest := make([]Neighbours, n)
	norms := make([]float64, n)
	for i := range nearest {
		nearest[i] = Neighbours{Index: -1, First: math.Inf(1), Second: math.Inf(1)}
		norms[i] = squaredNorm(images[i*size : (i+1)*size])
		if v := norms[i]; v-v != 0 {
			return nil, fmt.Errorf("metrics: image %d has pixels that are not finite", i)
		}
	}
	const block, together = 512, 256 // references, and images, of a matrix product
	for from := 0; from < references.Len() && n > 0; from += block {
		to := min(from+block, references.Len())
		batch := &Points{size, references.Batch(nil, from, to)}
		squares := make([]float64, to-from)
		for k := range squares {
			squares[k] = squaredNorm(batch.at(k))
			if v := squares[k]; v-v != 0 {
				return nil, fmt.Errorf("metrics: reference %d has pixels that are not finite", from+k)
			}
		}
		err := parallel.Each(ctx, (n+together-1)/together, func(part int) error {
			first := part * together
			products := inner((&Points{size, images}).Slice(first, min(first+together, n)), batch)
			for at, product := range products {
				i, k := first+at/(to-from), at%(to-from)
				// The squared distance, which rounding may make a little less than 0 for a copy.
				d := math.Sqrt(max(norms[i]+squares[k]-2*product, 0))
				m := &nearest[i]
				if d >= m.Second {
					continue
				}
				// Copies of each other are equally far from the image, to rounding: few pairs need
				// comparing.
				within := copyDistance * math.Sqrt(squares[k])
				isCopy := math.Abs(d-m.First) <= 2*within &&
					squaredDistance(batch.at(k), references.Batch(nil, m.Index, m.Index+1)) <= within*within
				switch {
				case d < m.First && isCopy:
					m.Index, m.First = from+k, d
				case d < m.First:
					m.Index, m.First, m.Second = from+k, d, m.First
				case !isCopy:
					m.Second = d
				}
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return nearest, nil
}
