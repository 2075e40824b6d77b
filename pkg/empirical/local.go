package empirical

import (
	"context"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Local is a score machine of patches: a pixel is the mean of what stands in the middle of training
// patches, each weighted by how likely the noisy patch around the pixel is of it,
//
//	D_i(y) = sum_n x_n w_n,   w_n ~ exp(-|y(i) - x(n)|^2 / 2 sigma^2),   sum_n w_n = 1,
//
// where y(i) is the patch of side k around pixel i, and n runs over patches of the training images.
// Which these are, the constructor says. With a patch that covers the image from every pixel Local
// is the Ideal.
//
// A Local is a diffusion.Denoiser, safe for concurrent use.
type Local struct {
	shape  diffusion.Shape
	images diffusion.Images
	sides  Sides
	places places
}

// places says with which patches of a training image the patch of a pixel is compared.
type places int

const (
	samePlace  places = iota // the one around the same pixel
	alike                    // all that are cut by the edges as it is
	everywhere               // all, around the edges
)

// NewLocal returns the local score machine of a set of images of a shape, which must not change
// afterwards: a patch is compared with those at its own place. Beyond the edges all images are 0.
// It returns an error where there is no image, where they are not of that shape or not finite, and
// for unusable sides.
func NewLocal(shape diffusion.Shape, images diffusion.Images, sides Sides) (*Local, error) {
	return newLocal(shape, images, sides, samePlace)
}

// An Edge says what patches meet at the edges of an image.
type Edge int

const (
	Border Edge = iota // zeros. Only patches that are cut by the edges in the same way are compared
	Round              // the opposite edge
)

// NewEquivariant returns the equivariant local score machine of a set of images: a patch is
// compared with those of all places. Errors are those of NewLocal.
func NewEquivariant(shape diffusion.Shape, images diffusion.Images, sides Sides, edge Edge) (*Local, error) {
	if edge == Round {
		return newLocal(shape, images, sides, everywhere)
	}
	return newLocal(shape, images, sides, alike)
}

func newLocal(shape diffusion.Shape, images diffusion.Images, sides Sides, p places) (*Local, error) {
	if err := sides.Check(); err != nil {
		return nil, err
	}
	return &Local{shape, images, sides, p}, checkImages(shape, images, nil)
}

// Shape implements diffusion.Denoiser.
func (l *Local) Shape() diffusion.Shape { return l.shape }

// Images returns the training images.
func (l *Local) Images() diffusion.Images { return l.images }

// Sides returns the sides of the patches.
func (l *Local) Sides() Sides { return l.sides }

// Denoise implements diffusion.Denoiser.
func (l *Local) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(l.shape, dst, src, sigma); err != nil {
		return err
	}
	return inChunks(together*l.shape.Size(), dst, src, func(dst, src []float64) error { return l.some(ctx, dst, src, sigma) })
}

// denoiseWith implements Score.
func (l *Local) denoiseWith(ctx context.Context, images diffusion.Images, dst, src []float64, sigma float64) error {
	return (&Local{l.shape, images, l.sides, l.places}).Denoise(ctx, dst, src, sigma)
}

// some denoises a few images.
func (l *Local) some(ctx context.Context, dst, src []float64, sigma float64) error {
	p := patchOf(l.side(sigma))
	noisy := make([]image, len(src)/l.shape.Size())
	for i := range noisy {
		noisy[i].fill(l.shape, src[i*l.shape.Size():][:l.shape.Size()], p, 0, l.places == everywhere)
	}
	// The patches at their own places are soon compared, and one of them is seldom far from the
	// best.
	posteriors, err := l.over(ctx, noisy, p, sigma, here(l.shape), nil)
	if err == nil && l.places != samePlace {
		posteriors, err = l.over(ctx, noisy, p, sigma, l.shifts(p), posteriors)
	}
	if err != nil {
		return err
	}
	for i, posterior := range posteriors {
		posterior.mean(dst[i*l.shape.Size():][:l.shape.Size()])
	}
	return diffusion.CheckFinite(l.shape, dst, sigma)
}

// over returns the posteriors of noisy images over the patches of all training images at some
// shifts. Before, which may be nil, are posteriors over part of them: what counts for nothing
// beside these is passed over from the first.
func (l *Local) over(ctx context.Context, noisy []image, p patch, sigma float64, shifts []shift, before []*posterior) ([]*posterior, error) {
	parts := make([][]*posterior, strips)
	newComparison := func() *comparison { return &comparison{local: l, patch: p, scale: 1 / (2 * sigma * sigma)} }
	err := parallel.For(ctx, strips, newComparison, func(c *comparison, strip int) error {
		parts[strip] = make([]*posterior, len(noisy))
		for i := range noisy {
			parts[strip][i] = newPosterior(l.shape.C, l.shape.H*l.shape.W)
			if before != nil {
				copy(parts[strip][i].least, before[i].least)
			}
		}
		return c.strip(ctx, parts[strip], noisy, shifts, strip)
	})
	return merged(parts), err
}

// side returns the side of patches at a noise level. A patch need not be larger than what covers
// the image from every pixel of it; one that goes around the edges sees each pixel once.
func (l *Local) side(sigma float64) int {
	side := l.sides.At(sigma)
	if l.places == everywhere {
		return min(side, l.shape.H, l.shape.W)
	}
	return min(side, 2*max(l.shape.H, l.shape.W))
}

// shifts returns how patches of pixels are compared with those of a training image.
func (l *Local) shifts(p patch) []shift {
	switch l.places {
	case alike:
		return amongAlike(l.shape, p)
	case everywhere:
		return around(l.shape)
	}
	return here(l.shape)
}

// comparison is the memory of a goroutine that compares noisy images with training images.
type comparison struct {
	local     *Local
	patch     patch
	scale     float64 // of squared distances, to energies
	pixels    []float64
	source    image
	distances distances
}

// strip adds one part of the training images to the posteriors of the noisy images.
func (c *comparison) strip(ctx context.Context, posteriors []*posterior, noisy []image, shifts []shift, strip int) error {
	l, wider := c.local, 0
	if l.places == everywhere {
		wider = max(l.shape.H, l.shape.W) - 1
	}
	if c.pixels == nil {
		c.pixels = make([]float64, l.shape.Size())
	}
	all := l.images.Len()
	for n := strip * all / strips; n < (strip+1)*all/strips; n++ {
		c.source.fill(l.shape, l.images.Batch(c.pixels, n, n+1), c.patch, wider, l.places == everywhere)
		for i := range noisy {
			for _, s := range shifts {
				c.compare(posteriors[i], &noisy[i], s)
			}
			if err := ctx.Err(); err != nil {
				return err
			}
		}
	}
	return nil
}

// compare adds the patches of the source, shifted, to the posterior of a noisy image.
func (c *comparison) compare(to *posterior, noisy *image, s shift) {
	shape, source := c.local.shape, &c.source
	c.distances.each(noisy, source, c.patch, s, func(row int, distances []float64) {
		centres := source.values[(row+s.down+c.patch.before)*source.width+s.left+s.right+c.patch.before:]
		to.add(row*shape.W+s.left, distances, c.scale, centres, source.plane)
	})
}
