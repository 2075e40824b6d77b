package conditional

import (
	"fmt"

	"wavescore/pkg/diffusion"
)

// Around returns the family of a window of the given side in images of the shape, with a block, a
// rank and axes that suit it:
//
//   - A window of the whole image has one block. An odd window is around one pixel, one of up to 4
//     around a block of 2, of up to 12 around one of 4, and a larger one around one of 8. Where
//     windows overlap, some 4 to 9 of them cover a pixel.
//   - The mixture is over no more principal components than a few hundred clusters can tell apart.
//   - Components have no more axes than can be seen in noise above 0.2.
//
// It returns an error for a window that no block fits.
func Around(window int, shape diffusion.Shape, components int, sharing Sharing) (Family, error) {
	f := Family{Block: 8, Window: window, Components: components, Sharing: sharing}
	rank, axes := 96, 24 // at most
	switch {
	case window == shape.H && window == shape.W:
		f.Block, axes = window, 32
	case window%2 != 0:
		f.Block, rank = 1, 48
	case window <= 4:
		f.Block, rank = 2, 48
	case window <= 12:
		f.Block, rank = 4, 48
	}
	d := f.dimensions(shape)
	if d > rank {
		f.Rank = rank
	}
	if min(d, rank) > axes {
		f.Axes = axes
	}
	if err := f.Check(shape); err != nil {
		return Family{}, fmt.Errorf("%w; an odd window is around one pixel, one of 4 or less around 2x2, of 12 or less around 4x4, others around 8x8", err)
	}
	return f, nil
}
