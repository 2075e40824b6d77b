package conditional

import (
	"fmt"

	"wavescore/pkg/diffusion"
)

// Around returns the family of a window of the given side in images of the shape, with a block and a rank that suit it: small
// windows look at blocks of 2 pixels, so that each is well inside its window; a window of the whole image is one block; and the
// mixture is over no more principal components than a few hundred clusters can tell apart. It returns an error for a window that
// no block fits.
func Around(window int, shape diffusion.Shape, components int, sharing Sharing) (Family, error) {
	f := Family{Block: 4, Window: window, Components: components, Sharing: sharing}
	switch {
	case window == shape.H && window == shape.W:
		f.Block = window
	case window <= 4:
		f.Block = 2
	}
	if window%2 != 0 {
		f.Block = 1
	}
	if d := f.dimensions(shape); f.Block == window && d > wholeRank {
		f.Rank = wholeRank
	} else if f.Block < window && d > localRank {
		f.Rank = localRank
	}
	if err := f.Check(shape); err != nil {
		return Family{}, fmt.Errorf("%w; an odd window is around one pixel, one of 4 or less around 2x2, others around 4x4", err)
	}
	return f, nil
}

// The most principal components that Around's mixtures are over.
const (
	localRank = 40
	wholeRank = 80
)
