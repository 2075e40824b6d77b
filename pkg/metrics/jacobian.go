package metrics

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// Differentiate returns d itself where it is Differentiable, and otherwise d with a VJP by central differences, of a step of a thousandth
// of sigma: exact up to rounding for linear denoisers, and of an error of some millionth of the third derivative's part for smooth ones. It
// costs 2 Size denoised images for every noisy image, however many cotangents follow one another for the same one.
func Differentiate(d diffusion.Denoiser) diffusion.Differentiable {
	if v, ok := d.(diffusion.Differentiable); ok {
		return v
	}
	return differences{d}
}

type differences struct{ diffusion.Denoiser }

// differencePixels is how many pixels are moved, up and down, in one batch.
const differencePixels = 128

func (d differences) VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	shape := d.Shape()
	if err := diffusion.CheckVJP(shape, dst, src, cotangent, sigma); err != nil {
		return err
	}
	size := shape.Size()
	for from := 0; from < len(src); {
		image := slices.Clone(src[from : from+size])
		to := from + size
		for to < len(src) && slices.Equal(src[to:to+size], image) {
			to += size
		}
		if err := d.pullBack(ctx, dst[from:to], image, sigma, slices.Clone(cotangent[from:to])); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// pullBack carries all cotangents of one image back, a column of the Jacobian at a time.
func (d differences) pullBack(ctx context.Context, dst, image []float64, sigma float64, cotangents []float64) error {
	size, step := len(image), sigma/1000
	moved := make([]float64, 0, 2*differencePixels*size)
	column := make([]float64, size)
	for from := 0; from < size; from += differencePixels {
		to := min(from+differencePixels, size)
		moved = moved[:0]
		for q := from; q < to; q++ {
			moved = append(append(moved, image...), image...)
			moved[len(moved)-2*size+q] += step
			moved[len(moved)-size+q] -= step
		}
		if err := d.Denoise(ctx, moved, moved, sigma); err != nil {
			return err
		}
		for q := from; q < to; q++ {
			up, down := moved[2*(q-from)*size:][:size], moved[(2*(q-from)+1)*size:][:size]
			floats.SubTo(column, up, down)
			for k := 0; k < len(cotangents); k += size {
				dst[k+q] = floats.Dot(column, cotangents[k:k+size]) / (2 * step)
			}
		}
	}
	return nil
}

// pullBackImages is how many cotangents are carried back at a time.
const pullBackImages = 128

// pullBacks carries perImage cotangents back for every image of the set. Ask writes, for noisy image i, the images to differentiate at and
// the cotangents; told gets what came back.
func pullBacks(ctx context.Context, d diffusion.Differentiable, set Set, sigma float64, perImage int,
	ask func(i int, noisy, at, cotangents []float64), told func(i int, back []float64)) error {
	if err := set.check(d.Shape(), sigma); err != nil {
		return err
	}
	if perImage < 1 {
		return fmt.Errorf("metrics: %d rows of the Jacobian an image; want at least 1", perImage)
	}
	size := d.Shape().Size()
	return blocks(ctx, set.Images.Len(), max(1, pullBackImages/perImage), set.Progress, func(from, to int) error {
		_, noisy := set.noisy(from, to, sigma)
		at, cotangents := make([]float64, len(noisy)*perImage), make([]float64, len(noisy)*perImage)
		part := func(batch []float64, i int) []float64 {
			return batch[(i-from)*perImage*size : (i-from+1)*perImage*size]
		}
		for i := from; i < to; i++ {
			ask(i, noisy[(i-from)*size:(i-from+1)*size], part(at, i), part(cotangents, i))
		}
		if err := d.VJP(ctx, cotangents, at, cotangents, sigma); err != nil {
			return err
		}
		for i := from; i < to; i++ {
			told(i, part(cotangents, i))
		}
		return nil
	})
}
