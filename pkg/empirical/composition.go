package empirical

import (
	"context"
	"math"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Composition is the patch posterior composite of a set of images: the posterior mean of every
// square crop of side s of the noisy image, given the crops of the training images at the same
// place, and of these means the average at every pixel. With crops of the whole image it is the
// Ideal.
//
// A Composition is a diffusion.Denoiser, safe for concurrent use.
type Composition struct {
	shape  diffusion.Shape
	images diffusion.Images
	sides  Sides
}

// NewComposition returns the composition of a set of images of a shape, which must not change
// afterwards. A side larger than the image's is taken as that. Errors are those of NewLocal.
func NewComposition(shape diffusion.Shape, images diffusion.Images, sides Sides) (*Composition, error) {
	if err := sides.Check(); err != nil {
		return nil, err
	}
	return &Composition{shape, images, sides}, checkImages(shape, images, nil)
}

// Shape implements diffusion.Denoiser.
func (c *Composition) Shape() diffusion.Shape { return c.shape }

// Images returns the training images.
func (c *Composition) Images() diffusion.Images { return c.images }

// Sides returns the sides of the crops.
func (c *Composition) Sides() Sides { return c.sides }

// Denoise implements diffusion.Denoiser.
func (c *Composition) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(c.shape, dst, src, sigma); err != nil {
		return err
	}
	return inChunks(together*c.shape.Size(), dst, src, func(dst, src []float64) error { return c.some(ctx, dst, src, sigma) })
}

// denoiseWith implements Score.
func (c *Composition) denoiseWith(ctx context.Context, images diffusion.Images, dst, src []float64, sigma float64) error {
	return (&Composition{c.shape, images, c.sides}).Denoise(ctx, dst, src, sigma)
}

// some denoises a few images. It goes over the training images twice: once for the least energy and
// the sum of the weights of every crop, and once for the means.
func (c *Composition) some(ctx context.Context, dst, src []float64, sigma float64) error {
	size := c.shape.Size()
	n := len(src) / size
	g := newCrops(c.shape, min(c.sides.At(sigma), c.shape.H, c.shape.W), 1/(2*sigma*sigma))
	noisy := make([]image, n)
	for i := range noisy {
		noisy[i].fill(c.shape, src[i*size:][:size], g.patch, 0, false)
	}
	weights, err := c.weights(ctx, g, noisy)
	if err != nil {
		return err
	}
	sums := make([][]float64, strips)
	err = c.each(ctx, g, noisy, func(strip int) { sums[strip] = make([]float64, n*size) }, func(w *cropWork, strip, i int) {
		if w.covered(weights[i], &noisy[i]) {
			w.addTo(sums[strip][i*size:][:size])
		}
	})
	if err != nil {
		return err
	}
	clear(dst)
	for _, s := range sums {
		floats.Add(dst, s)
	}
	covers := g.covers()
	for i := range dst {
		dst[i] /= covers[i%len(covers)]
	}
	return diffusion.CheckFinite(c.shape, dst, sigma)
}

// weights returns the posteriors of the crops of each noisy image, without their means.
func (c *Composition) weights(ctx context.Context, g crops, noisy []image) ([]*posterior, error) {
	parts := make([][]*posterior, strips)
	err := c.each(ctx, g, noisy, func(strip int) {
		parts[strip] = make([]*posterior, len(noisy))
		for i := range noisy {
			parts[strip][i] = newPosterior(0, g.rows*g.columns)
		}
	}, func(w *cropWork, strip, i int) { w.weigh(parts[strip][i], &noisy[i]) })
	return merged(parts), err
}

// each calls begin for every strip of the training images, and then do with every image of the
// strip and every noisy image.
func (c *Composition) each(ctx context.Context, g crops, noisy []image, begin func(strip int), do func(w *cropWork, strip, i int)) error {
	return parallel.For(ctx, strips, func() *cropWork { return newCropWork(g) }, func(w *cropWork, strip int) error {
		begin(strip)
		all := c.images.Len()
		for n := strip * all / strips; n < (strip+1)*all/strips; n++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			c.images.Batch(w.pixels, n, n+1)
			w.source.fill(c.shape, w.pixels, g.patch, 0, false)
			for i := range noisy {
				do(w, strip, i)
			}
		}
		return nil
	})
}

// crops are all squares of one side that lie in an image, rows x columns of them.
type crops struct {
	shape         diffusion.Shape
	patch         patch
	rows, columns int
	scale         float64 // of squared distances, to energies
}

func newCrops(shape diffusion.Shape, side int, scale float64) crops {
	return crops{shape, patchOf(side), shape.H - side + 1, shape.W - side + 1, scale}
}

// covers returns how many crops each pixel is in.
func (g crops) covers() []float64 {
	w := newCropWork(g)
	for i := range w.weights {
		w.weights[i] = 1
	}
	w.spread()
	return w.cover
}

// cropWork is the memory of a goroutine that compares crops.
type cropWork struct {
	crops
	pixels    []float64 // of the training image
	source    image
	distances distances
	weights   []float64 // of the training image, crop by crop
	across    []float64 // sums of weights along rows: crops' rows x pixels' columns
	cover     []float64 // sums of the weights of the crops that each pixel is in
}

func newCropWork(g crops) *cropWork {
	return &cropWork{crops: g, pixels: make([]float64, g.shape.Size()), weights: make([]float64, g.rows*g.columns),
		across: make([]float64, g.rows*g.shape.W), cover: make([]float64, g.shape.H*g.shape.W)}
}

// each calls do with the squared distances of a row of crops after another.
func (w *cropWork) each(noisy *image, do func(row int, distances []float64)) {
	s := shift{top: w.patch.before, left: w.patch.before, rows: w.rows, columns: w.columns}
	w.distances.each(noisy, &w.source, w.patch, s, func(row int, distances []float64) { do(row-w.patch.before, distances) })
}

// weigh adds the training image to the posteriors of the crops of a noisy image.
func (w *cropWork) weigh(to *posterior, noisy *image) {
	w.each(noisy, func(row int, distances []float64) { to.add(row*w.columns, distances, w.scale, nil, 0) })
}

// covered finds the weights of the training image in the crops, and their sums at every pixel. It
// returns whether there is a weight that counts.
func (w *cropWork) covered(of *posterior, noisy *image) (any bool) {
	w.each(noisy, func(row int, distances []float64) {
		for i, d := range distances {
			at := row*w.columns + i
			w.weights[at] = 0
			if above := math.Max(d*w.scale-of.least[at], 0); above < negligible {
				w.weights[at], any = decay(above)/of.weight[at], true
			}
		}
	})
	if any {
		w.spread()
	}
	return any
}

// spread sums the weights of the crops that each pixel is in.
func (w *cropWork) spread() {
	side := w.patch.side()
	for r := range w.rows {
		from, to := w.weights[r*w.columns:][:w.columns], w.across[r*w.shape.W:][:w.shape.W]
		sum := 0.0
		for x := range to {
			if x < w.columns {
				sum += from[x]
			}
			if x >= side {
				sum -= from[x-side]
			}
			to[x] = sum
		}
	}
	for y := range w.shape.H {
		to := w.cover[y*w.shape.W:][:w.shape.W]
		if y == 0 {
			clear(to)
		} else {
			copy(to, w.cover[(y-1)*w.shape.W:])
		}
		if y < w.rows {
			floats.Add(to, w.across[y*w.shape.W:][:w.shape.W])
		}
		if y >= side {
			floats.Sub(to, w.across[(y-side)*w.shape.W:][:w.shape.W])
		}
	}
}

// addTo adds the training image to a sum of images, each pixel with its weight.
func (w *cropWork) addTo(sum []float64) {
	for i, x := range w.pixels {
		sum[i] += x * w.cover[i%len(w.cover)]
	}
}
