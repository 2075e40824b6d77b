package empirical

import (
	"context"
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	_ "wavescore/internal/openblas" // matrix products in float32
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/moments"
)

// Principal is the score machine whose patches follow from the covariance S of its training images.
// With the Wiener filter A = S (S + sigma^2)^-1, value m of an image sees the values
//
//	M_m = {n : |A_nm / A_nn| >= t max_jk |A_kj / A_kk|},
//
// and is the mean of the training images' values m, each weighted by exp(-sum_(n in M_m) (y_n -
// x_n)^2 / 2 sigma^2). Channels are values like others.
//
// A Principal is a diffusion.Denoiser, safe for concurrent use.
type Principal struct {
	shape           diffusion.Shape
	images          diffusion.Images
	locality        Locality
	values, vectors []float64 // of the covariance; a vector is a row

	mu    sync.Mutex
	masks map[float64][]float32 // by noise level
}

// A Locality says what a Principal sees, and how training images are weighted.
type Locality struct {
	// Threshold is t. The paper's authors take .005 for MNIST and .05 for CIFAR-10.
	Threshold float64

	// Batch is 0 for weights over all training images, as the theory has them. The authors' program
	// takes the mean of each batch of so many images, and averages these means, so that its answer
	// depends on the size of a batch: with another number it does as that.
	Batch int
}

// Check returns an error unless the threshold is in [0, 1] and the batch is not negative.
func (l Locality) Check() error {
	if !(l.Threshold >= 0 && l.Threshold <= 1) || l.Batch < 0 {
		return fmt.Errorf("empirical: a threshold of %v and batches of %d images: want a threshold in [0, 1], and 0 or more images",
			l.Threshold, l.Batch)
	}
	return nil
}

// keptMasks is how many noise levels a Principal remembers the masks of: of images of 32 x 32 in
// colour a mask has 38 MB.
const keptMasks = 8

// NewPrincipal returns the machine of a set of images of a shape, which must not change afterwards.
// The covariance of the images is diagonalised, which takes some ten operations for the cube of the
// number of values; ctx ends that. Errors are those of NewLocal, and that of a locality whose
// threshold is not in [0, 1] or whose batch is negative.
func NewPrincipal(ctx context.Context, shape diffusion.Shape, images diffusion.Images, locality Locality) (*Principal, error) {
	if err := locality.Check(); err != nil {
		return nil, err
	}
	if err := checkImages(shape, images, nil); err != nil {
		return nil, err
	}
	p := &Principal{shape: shape, images: images, locality: locality, masks: make(map[float64][]float32)}
	n := shape.Size()
	if images.Len() == 1 { // which has no covariance: nothing is seen
		p.values, p.vectors = make([]float64, n), make([]float64, n*n)
		return p, nil
	}
	covariance, err := moments.PixelCovariance(ctx, images)
	if err != nil {
		return nil, err
	}
	values, columns, err := linalg.Eigen(ctx, covariance.Values, n)
	if err != nil {
		return nil, err
	}
	p.values, p.vectors = values, make([]float64, n*n)
	for i, v := range columns {
		p.vectors[i%n*n+i/n] = v
	}
	return p, nil
}

// Shape implements diffusion.Denoiser.
func (p *Principal) Shape() diffusion.Shape { return p.shape }

// Images returns the training images.
func (p *Principal) Images() diffusion.Images { return p.images }

// Locality returns what the machine sees.
func (p *Principal) Locality() Locality { return p.locality }

// Mask returns what is seen at a noise level: row n, column m is 1 where value m sees value n, and
// 0 elsewhere. It is shared, and not to be changed. A cancelled ctx ends it with ctx's error.
func (p *Principal) Mask(ctx context.Context, sigma float64) ([]float32, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if mask, known := p.masks[sigma]; known {
		return mask, nil
	}
	mask, err := p.mask(ctx, sigma)
	if err != nil {
		return nil, err
	}
	if len(p.masks) == keptMasks {
		clear(p.masks)
	}
	p.masks[sigma] = mask
	return mask, nil
}

// vanishing is the least gain of a value that its row is divided by, as in the authors' program. A
// value that never varies has none, and nothing sees it.
const vanishing = 1e-6

func (p *Principal) mask(ctx context.Context, sigma float64) ([]float32, error) {
	n := len(p.values)
	scaled := make([]float64, n*n)
	for k, v := range p.values {
		gain := max(v, 0) / (max(v, 0) + sigma*sigma)
		floats.ScaleTo(scaled[k*n:(k+1)*n], gain, p.vectors[k*n:(k+1)*n])
	}
	wiener := make([]float64, n*n)
	if err := linalg.Multiply(ctx, linalg.Square(wiener, n), blas.Trans, linalg.Square(p.vectors, n), linalg.Square(scaled, n)); err != nil {
		return nil, err
	}
	most := 0.0
	for r := range n {
		row := wiener[r*n : (r+1)*n]
		if own := row[r]; math.Abs(own) >= vanishing {
			floats.Scale(1/own, row)
		}
		most = max(most, floats.Norm(row, math.Inf(1)))
	}
	mask := make([]float32, n*n)
	for i, a := range wiener {
		if math.Abs(a) >= p.locality.Threshold*most && most > 0 {
			mask[i] = 1
		}
	}
	return mask, nil
}

// Denoise implements diffusion.Denoiser.
func (p *Principal) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(p.shape, dst, src, sigma); err != nil {
		return err
	}
	mask, err := p.Mask(ctx, sigma)
	if err != nil {
		return err
	}
	return inChunks(together*p.shape.Size(), dst, src, func(dst, src []float64) error { return p.some(ctx, dst, src, mask, sigma) })
}

// denoiseWith implements Score. What is seen follows from all training images.
func (p *Principal) denoiseWith(ctx context.Context, images diffusion.Images, dst, src []float64, sigma float64) error {
	mask, err := p.Mask(ctx, sigma)
	if err != nil {
		return err
	}
	return (&Principal{shape: p.shape, images: images, locality: p.locality}).some(ctx, dst, src, mask, sigma)
}

// principalBlock is how many training images are compared at a time.
const principalBlock = 128

// some denoises a few images.
func (p *Principal) some(ctx context.Context, dst, src []float64, mask []float32, sigma float64) error {
	size := p.shape.Size()
	batch := p.locality.Batch
	if batch == 0 {
		batch = p.images.Len()
	}
	means, denoised := make([]float64, len(dst)), make([]float64, len(dst))
	batches := 0
	for from := 0; from < p.images.Len(); from += batch {
		posteriors, err := p.over(ctx, src, mask, from, min(from+batch, p.images.Len()), sigma)
		if err != nil {
			return err
		}
		for i, posterior := range posteriors {
			posterior.mean(denoised[i*size:][:size])
		}
		floats.Add(means, denoised)
		batches++
	}
	floats.ScaleTo(dst, 1/float64(batches), means)
	return diffusion.CheckFinite(p.shape, dst, sigma)
}

// over returns the posteriors of noisy images over training images [from, to).
func (p *Principal) over(ctx context.Context, src []float64, mask []float32, from, to int, sigma float64) ([]*posterior, error) {
	size := p.shape.Size()
	n := len(src) / size
	parts := make([][]*posterior, strips)
	err := parallel.For(ctx, strips, func() *masked { return newMasked(p, mask, 1/(2*sigma*sigma)) }, func(w *masked, strip int) error {
		parts[strip] = make([]*posterior, n)
		for i := range n {
			parts[strip][i] = newPosterior(1, size)
		}
		end := from + (strip+1)*(to-from)/strips
		for at := from + strip*(to-from)/strips; at < end; at += principalBlock {
			w.load(at, min(at+principalBlock, end))
			for i, posterior := range parts[strip] {
				if err := ctx.Err(); err != nil {
					return err
				}
				w.add(posterior, src[i*size:][:size])
			}
		}
		return nil
	})
	return merged(parts), err
}

// masked is the memory of a goroutine that compares training images under a mask.
type masked struct {
	p         *Principal
	mask      []float32
	scale     float64 // of squared distances, to energies
	images    []float64
	squares   []float32 // of the differences: images x values
	sums      []float32 // of those that are seen: images x values
	distances []float64
}

func newMasked(p *Principal, mask []float32, scale float64) *masked {
	size := p.shape.Size()
	return &masked{p: p, mask: mask, scale: scale, images: make([]float64, principalBlock*size),
		squares: make([]float32, principalBlock*size), sums: make([]float32, principalBlock*size), distances: make([]float64, size)}
}

func (w *masked) load(from, to int) {
	w.images = w.images[:(to-from)*w.p.shape.Size()]
	w.p.images.Batch(w.images, from, to)
}

// add adds the loaded images to the posterior of a noisy image.
func (w *masked) add(to *posterior, noisy []float64) {
	size := len(noisy)
	rows := len(w.images) / size
	for i, x := range w.images {
		e := float32(noisy[i%size] - x)
		w.squares[i] = e * e
	}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, blas32.General{Rows: rows, Cols: size, Stride: size, Data: w.squares},
		blas32.General{Rows: size, Cols: size, Stride: size, Data: w.mask},
		0, blas32.General{Rows: rows, Cols: size, Stride: size, Data: w.sums})
	for r := range rows {
		for i, s := range w.sums[r*size:][:size] {
			w.distances[i] = float64(s)
		}
		to.add(0, w.distances, w.scale, w.images[r*size:], size)
	}
}
