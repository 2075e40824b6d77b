package conditional

import (
	"fmt"
	"math"

	"wavescore/pkg/diffusion"
)

// Family says what a machine conditions on: the window around each site, and the mixture that its
// windows are taken to come from.
type Family struct {
	Block      int // the side of a block in pixels; each block is a site
	Window     int // the side of the square window around a block: Block plus an even number
	Rank       int // the number of leading principal components that the mixture is over; 0 is all
	Axes       int // the number of axes of a component that have variances of their own; 0 is all
	Components int // the number of Gaussians before those without images are dropped
	Sharing    Sharing
}

// Sharing says which sites share a mixture.
type Sharing int

const (
	// PerSite gives each site a mixture of its own: the machine knows the position, as a network
	// with zero padding does.
	PerSite Sharing = iota
	// Everywhere gives all sites one mixture: the machine commutes with circular shifts by Block
	// pixels.
	Everywhere
)

// String returns "per site" or "everywhere".
func (s Sharing) String() string {
	if s == Everywhere {
		return "everywhere"
	}
	return "per site"
}

// String returns the family in words.
func (f Family) String() string {
	s := fmt.Sprintf("conditional: %d components in windows of %dx%d around blocks of %dx%d, %v", f.Components, f.Window, f.Window, f.Block, f.Block, f.Sharing)
	if f.Rank > 0 {
		s += fmt.Sprintf(", rank %d", f.Rank)
	}
	if f.Axes > 0 {
		s += fmt.Sprintf(", %d axes", f.Axes)
	}
	return s
}

// Check returns an error if the family does not fit images of the shape, and says why.
func (f Family) Check(shape diffusion.Shape) error {
	switch {
	case min(shape.C, shape.H, shape.W) < 1:
		return fmt.Errorf("conditional: images of %v have no pixels", shape)
	case shape.C > 1<<10 || max(shape.H, shape.W) > 1<<15:
		return fmt.Errorf("conditional: images of %v; at most 1024 channels and sides of 32768", shape)
	case f.Block < 1 || shape.H%f.Block != 0 || shape.W%f.Block != 0:
		return fmt.Errorf("conditional: blocks of %d pixels do not tile images of %v; a block divides both sides", f.Block, shape)
	case f.Window < f.Block || (f.Window-f.Block)%2 != 0 || f.Window > min(shape.H, shape.W):
		return fmt.Errorf("conditional: a window of %d pixels around blocks of %d in images of %v; it is the block plus an even number and at most the image",
			f.Window, f.Block, shape)
	case f.Rank < 0 || f.Rank > f.dimensions(shape):
		return fmt.Errorf("conditional: a rank of %d in windows of %d values; it is between 0, for all, and that", f.Rank, f.dimensions(shape))
	case f.Axes < 0 || f.Axes > f.rank(shape):
		return fmt.Errorf("conditional: %d axes of a component of %d coordinates; they are between 0, for all, and those", f.Axes, f.rank(shape))
	case f.Components < 1:
		return fmt.Errorf("conditional: %d components; there is at least 1", f.Components)
	case f.Sharing != PerSite && f.Sharing != Everywhere:
		return fmt.Errorf("conditional: no sharing %d; there are PerSite and Everywhere", f.Sharing)
	}
	return nil
}

// dimensions returns the number of values of a window.
func (f Family) dimensions(shape diffusion.Shape) int { return shape.C * f.Window * f.Window }

// rank returns the number of dimensions of the mixture.
func (f Family) rank(shape diffusion.Shape) int {
	if f.Rank == 0 {
		return f.dimensions(shape)
	}
	return f.Rank
}

// axes returns the number of axes per component.
func (f Family) axes(shape diffusion.Shape) int {
	if f.Axes == 0 {
		return f.rank(shape)
	}
	return f.Axes
}

// sites returns the number of sites of an image.
func (f Family) sites(shape diffusion.Shape) int { return shape.H / f.Block * (shape.W / f.Block) }

// site returns the site in whose block a pixel lies.
func (f Family) site(shape diffusion.Shape, pixel int) int {
	return pixel/shape.W%shape.H/f.Block*(shape.W/f.Block) + pixel%shape.W/f.Block
}

// window returns the pixels of the window of a site, channel by channel and row by row, and the
// indices in the window of those that lie in the block.
func (f Family) window(shape diffusion.Shape, site int) (pixels, block []int) {
	across := shape.W / f.Block
	top, left := site/across*f.Block, site%across*f.Block
	margin := (f.Window - f.Block) / 2
	for channel := range shape.C {
		for r := range f.Window {
			for c := range f.Window {
				if r >= margin && r < margin+f.Block && c >= margin && c < margin+f.Block {
					block = append(block, len(pixels))
				}
				row, col := (top+r-margin+shape.H)%shape.H, (left+c-margin+shape.W)%shape.W
				pixels = append(pixels, (channel*shape.H+row)*shape.W+col)
			}
		}
	}
	return pixels, block
}

// Settings say how mixtures are fitted. The covariance of a component of n images is
//
//	(n S + Shrink t I) / (n + Shrink) + Floor I,
//
// where S is the sample covariance of these images and t is the mean of its variances.
type Settings struct {
	Clusters int     // k-means runs on so many images, the first; 0 is all
	Rounds   int     // of EM after k-means, on all images; 0 is none
	Shrink   float64 // the strength of an isotropic prior on each covariance, in images
	Floor    float64 // added to every variance of a component, in squared units of the images
	Seed     uint64  // of the random choices of k-means and of windows
}

// Default returns settings with which the machines of the notebooks are fitted in minutes.
func Default() Settings {
	return Settings{Clusters: 20000, Rounds: 1, Shrink: 3, Floor: 1e-4, Seed: 1}
}

// Check returns an error if the settings cannot be used, and says why.
func (s Settings) Check() error {
	switch {
	case s.Clusters < 0 || s.Rounds < 0:
		return fmt.Errorf("conditional: k-means on %d images and %d rounds of EM; neither is negative", s.Clusters, s.Rounds)
	case !(s.Shrink >= 0) || math.IsInf(s.Shrink, 1) || !(s.Floor >= 0) || math.IsInf(s.Floor, 1):
		return fmt.Errorf("conditional: shrinkage by %v images and a floor of %v; both are finite and not negative", s.Shrink, s.Floor)
	case s.Rounds > 0 && s.Floor == 0:
		return fmt.Errorf("conditional: EM needs a floor above 0: a component without variance in some direction has no likelihood")
	}
	return nil
}
