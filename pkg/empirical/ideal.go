package empirical

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Ideal is the exact denoiser of a finite set of images, each as likely as any other: with y = x_i
// + sigma z,
//
//	D(y) = sum_i w_i x_i,  w_i ~ exp(-|y - x_i|^2 / 2 sigma^2),  sum_i w_i = 1.
//
// No denoiser has a smaller error on those images. It memorises: as sigma falls one w_i tends to
// 1, and a sampler ends at x_i. It costs 4 operations per pixel of each image of the set and each
// noisy image.
//
// An Ideal is a diffusion.Denoiser, safe for concurrent use.
type Ideal struct {
	shape  diffusion.Shape
	images diffusion.Images
	halves []float64 // |x_i|^2 / 2
}

const (
	idealChunk  = 128 // noisy images denoised at a time; each chunk reads the set twice
	idealBlock  = 256 // images of the set multiplied at a time
	idealStrips = 16  // partial sums over the set; fixed, for the same bits on any GOMAXPROCS
)

// NewIdeal returns the ideal denoiser of a set of images of a shape, which must not change
// afterwards. It returns an error where there is no image, where one is not of that shape, and
// where a pixel is not finite.
func NewIdeal(shape diffusion.Shape, images diffusion.Images) (*Ideal, error) {
	d := &Ideal{shape: shape, images: images, halves: make([]float64, images.Len())}
	return d, checkImages(shape, images, func(i int, x []float64) { d.halves[i] = floats.Dot(x, x) / 2 })
}

// Shape returns the shape of the images of the set.
func (d *Ideal) Shape() diffusion.Shape { return d.shape }

// Images returns the training images.
func (d *Ideal) Images() diffusion.Images { return d.images }

// Posterior returns the weights w_i for each noisy image of src: noisy images x images of the set.
// Its errors are those of Denoise.
func (d *Ideal) Posterior(ctx context.Context, src []float64, sigma float64) ([]float64, error) {
	if err := diffusion.Check(d.shape, src, src, sigma); err != nil {
		return nil, err
	}
	return d.posterior(ctx, src, sigma)
}

// Denoise implements diffusion.Denoiser.
func (d *Ideal) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(d.shape, dst, src, sigma); err != nil {
		return err
	}
	return inChunks(idealChunk*d.shape.Size(), dst, src, func(dst, src []float64) error {
		weights, err := d.posterior(ctx, src, sigma)
		if err != nil {
			return err
		}
		return d.mean(ctx, dst, weights)
	})
}

// denoiseWith implements Score.
func (d *Ideal) denoiseWith(ctx context.Context, images diffusion.Images, dst, src []float64, sigma float64) error {
	selected, err := NewIdeal(d.shape, images)
	if err != nil {
		return err
	}
	return selected.Denoise(ctx, dst, src, sigma)
}

// posterior computes log w_i = (y . x_i - |x_i|^2 / 2) / sigma^2 up to a constant, and normalises.
func (d *Ideal) posterior(ctx context.Context, src []float64, sigma float64) ([]float64, error) {
	size, all := d.shape.Size(), d.images.Len()
	n := len(src) / size
	weights := make([]float64, n*all)
	err := d.eachBlock(ctx, func(_, from, to int, x []float64) {
		for i := range n {
			copy(weights[i*all+from:i*all+to], d.halves[from:to])
		}
		scale := 1 / (sigma * sigma)
		blas64.Gemm(blas.NoTrans, blas.Trans, scale, blas64.General{Rows: n, Cols: size, Stride: size, Data: src},
			blas64.General{Rows: to - from, Cols: size, Stride: size, Data: x},
			-scale, blas64.General{Rows: n, Cols: to - from, Stride: all, Data: weights[from:]})
	})
	if err != nil {
		return nil, err
	}
	for i := range n {
		w := weights[i*all : (i+1)*all]
		most := floats.Max(w)
		for k, v := range w {
			w[k] = math.Exp(v - most)
		}
		floats.Scale(1/floats.Sum(w), w)
	}
	return weights, nil
}

// mean writes the weighted sums of the images of the set to dst.
func (d *Ideal) mean(ctx context.Context, dst, weights []float64) error {
	size, all := d.shape.Size(), d.images.Len()
	n := len(dst) / size
	sums := make([]float64, idealStrips*len(dst))
	err := d.eachBlock(ctx, func(strip, from, to int, x []float64) {
		blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, blas64.General{Rows: n, Cols: to - from, Stride: all, Data: weights[from:]},
			blas64.General{Rows: to - from, Cols: size, Stride: size, Data: x},
			1, blas64.General{Rows: n, Cols: size, Stride: size, Data: sums[strip*len(dst) : (strip+1)*len(dst)]})
	})
	if err != nil {
		return err
	}
	clear(dst)
	for strip := range idealStrips {
		floats.Add(dst, sums[strip*len(dst):(strip+1)*len(dst)])
	}
	return nil
}

// eachBlock calls do with every block of the set, images [from, to). The blocks of a strip follow
// one another, and strips run on all cores.
func (d *Ideal) eachBlock(ctx context.Context, do func(strip, from, to int, images []float64)) error {
	all, size := d.images.Len(), d.shape.Size()
	newBlock := func() []float64 { return make([]float64, idealBlock*size) }
	return parallel.For(ctx, idealStrips, newBlock, func(block []float64, strip int) error {
		end := (strip + 1) * all / idealStrips
		for from := strip * all / idealStrips; from < end; from += idealBlock {
			if err := ctx.Err(); err != nil {
				return err
			}
			to := min(from+idealBlock, end)
			do(strip, from, to, d.images.Batch(block[:(to-from)*size], from, to))
		}
		return nil
	})
}

// VJP implements diffusion.Differentiable. The Jacobian of a posterior mean is the posterior
// covariance over sigma^2, so that
//
//	J^T u = sum_i w_i (x_i - D) ((x_i - D) . u) / sigma^2.
func (d *Ideal) VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	if err := diffusion.CheckVJP(d.shape, dst, src, cotangent, sigma); err != nil {
		return err
	}
	step := idealChunk * d.shape.Size()
	for from := 0; from < len(src); from += step {
		to := min(from+step, len(src))
		if err := d.pullBack(ctx, dst[from:to], src[from:to], cotangent[from:to], sigma); err != nil {
			return err
		}
	}
	return nil
}

// pullBack writes sum_i c_i x_i with c_i = w_i ((x_i - D) . u) / sigma^2 to dst. As the sum of the
// c_i is 0, D need not be subtracted from x_i.
func (d *Ideal) pullBack(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	size, all := d.shape.Size(), d.images.Len()
	n := len(src) / size
	weights, err := d.posterior(ctx, src, sigma)
	if err != nil {
		return err
	}
	products := make([]float64, n*all) // noisy images x images of the set: x_i . u
	err = d.eachBlock(ctx, func(_, from, to int, x []float64) {
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: n, Cols: size, Stride: size, Data: cotangent},
			blas64.General{Rows: to - from, Cols: size, Stride: size, Data: x},
			0, blas64.General{Rows: n, Cols: to - from, Stride: all, Data: products[from:]})
	})
	if err != nil {
		return err
	}
	for i := range n {
		w, a := weights[i*all:(i+1)*all], products[i*all:(i+1)*all]
		floats.AddConst(-floats.Dot(w, a), a)
		floats.Mul(w, a)
		floats.Scale(1/(sigma*sigma), w)
	}
	return d.mean(ctx, dst, weights)
}
