package moments

import (
	"context"
	"fmt"

	"wavescore/internal/linalg"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// ShardImages is the number of images of a shard in Collect. It is fixed and shards are merged in
// order, so that a table always has the same bits.
const ShardImages = 4096

// Mean returns the mean of the wavelet coefficients of the images, which is the transform of the
// mean image. Family.Centre makes a centre of it.
func Mean(ctx context.Context, t *wavelet.Transform, images diffusion.Images) ([]float64, error) {
	size, n := t.Layout().Len(), images.Len()
	if err := fits(t.Layout(), images); err != nil {
		return nil, err
	}
	mean := make([]float64, size)
	var batch []float64
	for from := 0; from < n; from += ShardImages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+ShardImages, n)
		batch = images.Batch(linalg.Grow(batch, (to-from)*size), from, to)
		for i := 0; i < len(batch); i += size {
			for p, v := range batch[i : i+size] {
				if v-v != 0 {
					return nil, fmt.Errorf("%w: pixel %d of image %d is %v", ErrInput, p, from+i/size, v)
				}
				mean[p] += v / float64(n)
			}
		}
	}
	return t.Forward(mean, mean), nil
}

// Collect takes the moments of all images in one pass. Where the spec has no centre, a pass before
// computes the mean of the images for it. Where the spec has a linear context and no axes, the
// table is made Diagonal. Collect takes the memory of two tables: the result and that of a shard.
//
// Source names the images, as in Shard. Progress, unless nil, is told after every shard how many
// images are done. A cancelled ctx ends Collect with ctx's error.
func Collect(ctx context.Context, spec Spec, images diffusion.Images, source string, progress func(done, total int)) (*Moments, error) {
	filter, err := wavelet.ParseFilter(spec.Filter)
	if err != nil {
		return nil, err
	}
	if _, err := wavelet.NewLayout(spec.Layout.Channels, spec.Layout.Height, spec.Layout.Width, spec.Layout.Levels); err != nil {
		return nil, err
	}
	if err := fits(spec.Layout, images); err != nil {
		return nil, fmt.Errorf("%s: %w", source, err)
	}
	t := wavelet.NewTransform(filter, spec.Layout)
	if spec.Centre == nil {
		mean, err := Mean(ctx, t, images)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		spec.Centre = spec.Family.Centre(spec.Layout, mean)
	}
	total, err := New(spec)
	if err != nil {
		return nil, err
	}
	n := images.Len()
	shard := total.empty()
	digest, first := diffusion.IdentityOf(images)
	var batch []float64
	for from := 0; from < n; from += ShardImages {
		to := min(from+ShardImages, n)
		batch = images.Batch(linalg.Grow(batch, (to-from)*spec.Layout.Len()), from, to)
		shard.reset(Shard{Source: source, Digest: digest, From: first + from, To: first + to})
		if err := shard.Add(ctx, t.Forward(batch, batch), nil); err != nil {
			return nil, fmt.Errorf("images %d to %d of %s: %w", from, to-1, source, err)
		}
		if err := total.Merge(shard); err != nil {
			return nil, err
		}
		if progress != nil {
			progress(to, n)
		}
	}
	if spec.Axes != nil {
		return total, nil
	}
	return total.Diagonal(ctx)
}

// fits returns an error unless there are images and they are as large as the layout's.
func fits(l wavelet.Layout, images diffusion.Images) error {
	if images.Len() == 0 {
		return fmt.Errorf("%w: no images", ErrInput)
	}
	if images.Size() != l.Len() {
		return fmt.Errorf("%w: images of %d pixels for a layout of %d coefficients", ErrInput, images.Size(), l.Len())
	}
	return nil
}
