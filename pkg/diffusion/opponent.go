package diffusion

import (
	"context"
	"fmt"
	"math"
)

// Opponent returns a denoiser of colour pictures that denoises three grey ones by d, each by
// itself: the luminance and two differences of colours,
//
//	(R + G + B) / sqrt 3,  (R - B) / sqrt 2,  (R - 2 G + B) / sqrt 6.
//
// The transform is orthonormal, so the noise of these is white and independent, and of the same
// level. In photographs the three are nearly uncorrelated, and most of the energy is in the
// luminance. All are divided by sqrt 3, and sigma is, so that the luminance is in [-1, 1] again, as
// d knows it.
//
// It is AnySize where d is. The error is for a denoiser of images of more than one channel.
func Opponent(d Denoiser) (Denoiser, error) {
	if d.Shape().C != 1 {
		return nil, fmt.Errorf("diffusion: an opponent transform for a denoiser of %v images: want one channel", d.Shape())
	}
	if anySize, ok := d.(AnySize); ok {
		return opponent{anySize}, nil
	}
	return opponentAt{d}, nil
}

type opponent struct{ grey AnySize }

func (o opponent) Shape() Shape {
	s := o.grey.Shape()
	return Shape{C: 3, H: s.H, W: s.W}
}

func (o opponent) Reach() (pixels, multiple int) { return o.grey.Reach() }

// At implements AnySize. The shape has three channels.
func (o opponent) At(shape Shape) (Denoiser, error) {
	if shape.C != 3 {
		return nil, fmt.Errorf("diffusion: an opponent transform of %v images: want three channels, red, green and blue", shape)
	}
	d, err := o.grey.At(Shape{C: 1, H: shape.H, W: shape.W})
	return opponentAt{d}, err
}

func (o opponent) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	return opponentAt{o.grey}.Denoise(ctx, dst, src, sigma)
}

type opponentAt struct{ grey Denoiser }

func (o opponentAt) Shape() Shape {
	s := o.grey.Shape()
	return Shape{C: 3, H: s.H, W: s.W}
}

// opponentAxes are the luminance and the differences of colours, one a row.
var opponentAxes = [3][3]float64{
	{1 / math.Sqrt(3), 1 / math.Sqrt(3), 1 / math.Sqrt(3)},
	{1 / math.Sqrt2, 0, -1 / math.Sqrt2},
	{1 / math.Sqrt(6), -2 / math.Sqrt(6), 1 / math.Sqrt(6)},
}

// Denoise implements Denoiser.
func (o opponentAt) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := Check(o.Shape(), dst, src, sigma); err != nil {
		return err
	}
	size := o.grey.Shape().Size()
	planes := make([]float64, len(src))
	for from := 0; from < len(src); from += 3 * size {
		for i := from; i < from+size; i++ {
			for k, axis := range opponentAxes {
				planes[i+k*size] = (axis[0]*src[i] + axis[1]*src[i+size] + axis[2]*src[i+2*size]) / math.Sqrt(3)
			}
		}
	}
	if err := o.grey.Denoise(ctx, planes, planes, sigma/math.Sqrt(3)); err != nil {
		return err
	}
	for from := 0; from < len(src); from += 3 * size {
		for i := from; i < from+size; i++ {
			for c := range 3 {
				dst[i+c*size] = 0
				for k, axis := range opponentAxes {
					dst[i+c*size] += math.Sqrt(3) * axis[c] * planes[i+k*size]
				}
			}
		}
	}
	return nil
}
