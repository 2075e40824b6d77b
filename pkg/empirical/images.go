package empirical

import (
	"fmt"

	"wavescore/internal/linalg"
	"wavescore/pkg/diffusion"
)

const (
	// together is how many noisy images are compared with a training image while it is at hand.
	together = 16
	// strips is how many parts the training images are summed in: fixed, for the same bits on any
	// number of cores.
	strips = 32
	// checked is how many training images are read at a time.
	checked = 256
)

// checkImages returns an error unless there are training images of the shape, of finite pixels. It
// calls do, which may be nil, with each of them.
func checkImages(shape diffusion.Shape, images diffusion.Images, do func(i int, pixels []float64)) error {
	size := shape.Size()
	if images.Len() == 0 || images.Size() != size {
		return fmt.Errorf("empirical: %d training images of %d pixels: want at least one, of %v", images.Len(), images.Size(), shape)
	}
	var batch []float64
	for from := 0; from < images.Len(); from += checked {
		to := min(from+checked, images.Len())
		batch = images.Batch(linalg.Grow(batch, (to-from)*size), from, to)
		if err := diffusion.CheckFinite(shape, batch, 0); err != nil {
			return fmt.Errorf("empirical: among training images %d to %d: %w", from, to-1, diffusion.ErrInput)
		}
		for i := from; do != nil && i < to; i++ {
			do(i, batch[(i-from)*size:][:size])
		}
	}
	return nil
}

// inChunks calls do with so many values of two batches after another, until an error.
func inChunks(values int, dst, src []float64, do func(dst, src []float64) error) error {
	for from := 0; from < len(src); from += values {
		to := min(from+values, len(src))
		if err := do(dst[from:to], src[from:to]); err != nil {
			return err
		}
	}
	return nil
}
