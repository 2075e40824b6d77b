package metrics

import (
	"context"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// Differentiate returns d itself where it is Differentiable. Otherwise it returns d with a VJP by
// central differences, whose step is a thousandth of sigma. They are exact up to rounding for
// linear denoisers. For smooth ones the error is the third derivative times the square of the
// step, over 6. The VJP denoises 2 Size images for every noisy image, however many cotangents
// follow one another for the same image.
func Differentiate(d diffusion.Denoiser) diffusion.Differentiable {
	if v, ok := d.(diffusion.Differentiable); ok {
		return v
	}
	return centralDifferences{d}
}

type centralDifferences struct{ diffusion.Denoiser }

// differencePixels is how many pixels are perturbed, up and down, in one batch.
const differencePixels = 128

// VJP implements diffusion.Differentiable.
func (d centralDifferences) VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	shape := d.Shape()
	if err := diffusion.CheckVJP(shape, dst, src, cotangent, sigma); err != nil {
		return err
	}
	size := shape.Size()
	for from := 0; from < len(src); {
		noisy := slices.Clone(src[from : from+size])
		to := from + size
		for to < len(src) && slices.Equal(src[to:to+size], noisy) {
			to += size
		}
		if err := d.products(ctx, dst[from:to], noisy, sigma, slices.Clone(cotangent[from:to])); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// products writes J^T u to dst for all cotangents u of one noisy image. It computes a block of
// columns of the Jacobian J at a time.
func (d centralDifferences) products(ctx context.Context, dst, noisy []float64, sigma float64, cotangents []float64) error {
	size, step := len(noisy), sigma/1000
	perturbed := make([]float64, 0, 2*differencePixels*size)
	column := make([]float64, size)
	for from := 0; from < size; from += differencePixels {
		to := min(from+differencePixels, size)
		perturbed = perturbed[:0]
		for q := from; q < to; q++ {
			perturbed = append(append(perturbed, noisy...), noisy...)
			perturbed[len(perturbed)-2*size+q] += step
			perturbed[len(perturbed)-size+q] -= step
		}
		if err := d.Denoise(ctx, perturbed, perturbed, sigma); err != nil {
			return err
		}
		for q := from; q < to; q++ {
			up, down := perturbed[2*(q-from)*size:][:size], perturbed[(2*(q-from)+1)*size:][:size]
			floats.SubTo(column, up, down)
			for k := 0; k < len(cotangents); k += size {
				dst[k+q] = floats.Dot(column, cotangents[k:k+size]) / (2 * step)
			}
		}
	}
	return nil
}

// jacobianProbe computes vector-Jacobian products J(x)^T u for the images of a set.
type jacobianProbe struct {
	perImage int // products for each image

	// inputs writes, for noisy image i, the points x to differentiate at and the cotangents u
	// (perImage x size each). Both are zero before.
	inputs func(i int, noisy, points, cotangents []float64)
	// collect takes the products for image i (perImage x size), which it may overwrite.
	collect func(i int, products []float64)
}

// productsAtOnce is how many vector-Jacobian products are computed together.
const productsAtOnce = 128

// run computes the products for all images of the set, in order.
func (p jacobianProbe) run(ctx context.Context, d diffusion.Differentiable, set Set, sigma float64) error {
	if err := set.check(d.Shape(), sigma); err != nil {
		return err
	}
	if p.perImage < 1 {
		return fmt.Errorf("metrics: %d rows of the Jacobian an image; want at least 1", p.perImage)
	}
	size := d.Shape().Size()
	return blocks(ctx, set.Images.Len(), max(1, productsAtOnce/p.perImage), set.Progress, func(from, to int) error {
		_, noisy := set.noisy(from, to, sigma)
		points, cotangents := make([]float64, len(noisy)*p.perImage), make([]float64, len(noisy)*p.perImage)
		ofImage := func(batch []float64, i int) []float64 {
			return batch[(i-from)*p.perImage*size : (i-from+1)*p.perImage*size]
		}
		for i := from; i < to; i++ {
			p.inputs(i, noisy[(i-from)*size:(i-from+1)*size], ofImage(points, i), ofImage(cotangents, i))
		}
		products := cotangents
		if err := d.VJP(ctx, products, points, cotangents, sigma); err != nil {
			return err
		}
		for i := from; i < to; i++ {
			p.collect(i, ofImage(products, i))
		}
		return nil
	})
}
