package metrics

import (
	"context"
	"fmt"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Trial is what a denoiser made of the noisy images of a set at one level. All are N images of
// Shape, row-major, image after image.
type Trial struct {
	Shape                  diffusion.Shape
	Sigma                  float64
	Clean, Noisy, Denoised []float64
}

// Trial returns a trial of the set at a noise level before it is given to a denoiser: Denoised is
// nil. It returns an error where the set has no images, or they are not of the shape, and one that
// wraps diffusion.ErrSigma.
func (s Set) Trial(shape diffusion.Shape, sigma float64) (*Trial, error) {
	if err := s.check(shape, sigma); err != nil {
		return nil, err
	}
	t := &Trial{Shape: shape, Sigma: sigma}
	t.Clean, t.Noisy = s.noisy(0, s.Images.Len(), sigma)
	return t, nil
}

// Run gives the noisy images of the set to a denoiser. It returns ctx's error once that is
// cancelled, the denoiser's, and one that names the image and the level where the denoiser returns
// a pixel that is not finite.
func Run(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64) (*Trial, error) {
	t, err := set.Trial(d.Shape(), sigma)
	if err != nil {
		return nil, err
	}
	return t, t.denoise(ctx, d, set.Progress)
}

// Again gives the trial's noisy images to another denoiser. It panics with a diffusion.LengthError
// if that is of another shape.
func (t *Trial) Again(ctx context.Context, d diffusion.Denoiser) (*Trial, error) {
	if d.Shape() != t.Shape {
		panic(diffusion.LengthError{What: fmt.Sprintf("values of a %v image", t.Shape), Got: t.Shape.Size(), Want: d.Shape().Size()})
	}
	again := &Trial{Shape: t.Shape, Sigma: t.Sigma, Clean: t.Clean, Noisy: t.Noisy}
	return again, again.denoise(ctx, d, nil)
}

func (t *Trial) denoise(ctx context.Context, d diffusion.Denoiser, progress func(done, total int)) error {
	t.Denoised = make([]float64, len(t.Noisy))
	size := t.Shape.Size()
	return blocks(ctx, t.Len(), blockImages, progress, func(from, to int) error {
		if err := d.Denoise(ctx, t.Denoised[from*size:to*size], t.Noisy[from*size:to*size], t.Sigma); err != nil {
			return err
		}
		return t.checkDenoised(from, to)
	})
}

// checkDenoised returns an error unless all pixels of denoised images [from, to) are finite.
func (t *Trial) checkDenoised(from, to int) error {
	size := t.Shape.Size()
	for p := from * size; p < to*size; p++ {
		if v := t.Denoised[p]; v-v != 0 {
			return fmt.Errorf("metrics: the denoiser returned %v at pixel %d of image %d, at sigma = %v", v, p%size, p/size, t.Sigma)
		}
	}
	return nil
}

// Len returns the number of images.
func (t *Trial) Len() int { return len(t.Clean) / t.Shape.Size() }

// image returns image i of a batch.
func (t *Trial) image(batch []float64, i int) []float64 {
	size := t.Shape.Size()
	return batch[i*size : (i+1)*size]
}

// Error returns the mean squared error per pixel, in [-1, 1] units squared: E|D(y) - x|^2 / Size.
func (t *Trial) Error() Statistic {
	rows := make([][]float64, t.Len())
	for i := range rows {
		rows[i] = []float64{squaredDistance(t.image(t.Denoised, i), t.image(t.Clean, i)) / float64(t.Shape.Size())}
	}
	return mean(rows)
}

// BandErrors returns the mean squared error per coefficient of every band of the transform, in the
// order of its layout's Bands. As the transform is orthonormal, their mean weighted by the bands'
// numbers of coefficients is Error. It panics with a wavelet.LengthError if the layout is of
// images of another size.
func (t *Trial) BandErrors(transform *wavelet.Transform) []Statistic {
	residuals := make([]float64, len(t.Clean))
	for i := range residuals {
		residuals[i] = t.Denoised[i] - t.Clean[i]
	}
	transform.Forward(residuals, residuals)
	layout := transform.Layout()
	var bands []Statistic
	for _, band := range layout.Bands() {
		from, to := layout.Range(band)
		rows := make([][]float64, t.Len())
		for i := range rows {
			rows[i] = []float64{squaredNorm(t.image(residuals, i)[from:to]) / float64(to-from)}
		}
		bands = append(bands, mean(rows))
	}
	return bands
}

func squaredNorm(a []float64) (sum float64) {
	for _, v := range a {
		sum += v * v
	}
	return sum
}

func squaredDistance(a, b []float64) (sum float64) {
	for i, v := range a {
		sum += (v - b[i]) * (v - b[i])
	}
	return sum
}
