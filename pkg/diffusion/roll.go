package diffusion

import "wavescore/internal/length"

// Roll shifts N images of the shape down and to the right, circularly: what leaves at the bottom
// or at the right comes back at the top or at the left. Negative numbers shift up and to the
// left. It writes the result to dst, which must not overlap src, and panics with a LengthError
// unless both are the same whole number of images.
func (s Shape) Roll(dst, src []float64, down, right int) {
	length.Batches(dst, src, s.Size())
	down, right = modulo(down, s.H), modulo(right, s.W)
	for plane := 0; plane < len(src); plane += s.H * s.W {
		for row := range s.H {
			from := src[plane+row*s.W:][:s.W]
			to := dst[plane+(row+down)%s.H*s.W:][:s.W]
			copy(to[right:], from[:s.W-right])
			copy(to[:right], from[s.W-right:])
		}
	}
}

// modulo returns the remainder of a by n in [0, n).
func modulo(a, n int) int { return (a%n + n) % n }
