package metrics

import (
	"fmt"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// PatchSide is the side of the patches of PatchScales, in pixels.
const PatchSide = 4

// patchDirections is how many random directions patches are compared along.
const patchDirections = 24

// Patches averages images down to side rows, and as many columns as their shape asks for, and cuts
// them into patches of 4 x 4 pixels: 16 values each, row-major, image after image, channel after
// channel, from the top left. The side is a multiple of 4, and divides the height into blocks that
// also divide the width into a multiple of 4; it panics with a SideError where it is not so, and
// with a DimError unless there are whole images.
func Patches(shape diffusion.Shape, images []float64, side int) (patches []float64) {
	if side < PatchSide || side%PatchSide != 0 || shape.H%side != 0 || shape.W%(shape.H/side*PatchSide) != 0 {
		panic(SideError{shape, side})
	}
	if len(images)%shape.Size() != 0 {
		panic(DimError{Dim: shape.Size(), A: len(images), B: shape.Size()})
	}
	block := shape.H / side // pixels of an image along a side of a pixel of the patch
	plane, step := shape.H*shape.W, PatchSide*block
	for ; len(images) > 0; images = images[plane:] {
		for top := 0; top < shape.H; top += step {
			for left := 0; left < shape.W; left += step {
				for at := range PatchSide * PatchSide {
					row, col := top+at/PatchSide*block, left+at%PatchSide*block
					var sum float64
					for r := row; r < row+block; r++ {
						sum += floats.Sum(images[r*shape.W+col : r*shape.W+col+block])
					}
					patches = append(patches, sum/float64(block*block))
				}
			}
		}
	}
	return patches
}

// SideError is the value of the panic for images that cannot be averaged down to a side: a mistake
// in the program.
type SideError struct {
	Shape diffusion.Shape
	Side  int
}

func (e SideError) Error() string {
	return fmt.Sprintf("metrics: images of %v have no patches of %d x %d at %d rows", e.Shape, PatchSide, PatchSide, e.Side)
}

// PatchScales compares images with references by their patches, scale by scale: the images are
// averaged down to each of Sides pixels along a side, and their patches of 4 x 4 compared by the
// sliced Wasserstein distance. Where the side is 4 a patch is a whole image, and where it is the
// image's own a patch holds a piece of a stroke. It is the measure of Karras, Aila, Laine and
// Lehtinen, "Progressive Growing of GANs" (ICLR 2018), with means over blocks in the place of
// their Laplacian pyramid.
type PatchScales struct {
	Sides []int // from 4 to the height of the images, each twice the one before

	shape      diffusion.Shape
	seed       uint64
	references [][]float64 // patches at each side
	units      []float64   // the distance of their mean from them
}

// PatchSides returns the sides at which images of a shape can be compared, from coarse to fine:
// none where the height is no multiple of 4.
func PatchSides(shape diffusion.Shape) (sides []int) {
	for block := 1; shape.H%(block*PatchSide) == 0 && shape.W%(block*PatchSide) == 0; block *= 2 {
		sides = append([]int{shape.H / block}, sides...)
	}
	return sides
}

// NewPatchScales returns what compares images with references of a shape. The seed is that of the
// directions of the sliced distances. It returns an error where there is no side or no reference,
// where a pixel is not finite, and where all patches of a scale are equal.
func NewPatchScales(shape diffusion.Shape, references []float64, seed uint64) (*PatchScales, error) {
	s := &PatchScales{Sides: PatchSides(shape), shape: shape, seed: seed}
	if len(s.Sides) == 0 || len(references) == 0 {
		return nil, fmt.Errorf("metrics: patches of %d x %d pixels of %d images of %v", PatchSide, PatchSide, len(references)/shape.Size(), shape)
	}
	const dim = PatchSide * PatchSide
	for _, side := range s.Sides {
		patches := Patches(shape, references, side)
		mean := make([]float64, dim)
		for i, v := range patches {
			mean[i%dim] += dim * v / float64(len(patches))
		}
		unit, err := SlicedWasserstein(mean, patches, dim, patchDirections, seed)
		if err == nil && unit == 0 {
			err = fmt.Errorf("metrics: all patches are equal at %d pixels a side", side)
		}
		if err != nil {
			return nil, err
		}
		s.references, s.units = append(s.references, patches), append(s.units, unit)
	}
	return s, nil
}

// Distances returns the distance of images from the references at each of Sides, as a share of the
// distance that the mean patch of the references has: 0 for the references themselves, 1 for images
// that are no better than plain grey. Of few images it is larger than of many, as their
// distribution is a coarser one: compare equal numbers. Its errors are those of SlicedWasserstein.
func (s *PatchScales) Distances(images []float64) (distances []float64, err error) {
	for k, side := range s.Sides {
		d, err := SlicedWasserstein(Patches(s.shape, images, side), s.references[k], PatchSide*PatchSide, patchDirections, s.seed)
		if err != nil {
			return nil, err
		}
		distances = append(distances, d/s.units[k])
	}
	return distances, nil
}
