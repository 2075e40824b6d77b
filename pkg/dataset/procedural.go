package dataset

import (
	"context"
	"math/rand/v2"

	"wavescore/internal/parallel"
)

// The kinds of made images. Each has random streams of its own, so that two kinds, or an image
// and noise that a caller draws with the same seed, are independent.
const (
	digitStream = iota + 1
	_           // of package field
	leafStream
	twinStream
)

// stream returns the random numbers of image i of a kind.
func stream(kind int, seed uint64, i int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(kind)<<56|uint64(i)))
}

// rangeImages is how many images a goroutine makes or changes at a time.
const rangeImages = 64

// inRanges calls do for consecutive ranges that together are [0, n), on all cores. What it is
// called for takes a second or two for the largest sets, so it has no context.
func inRanges(n int, do func(from, to int)) {
	_ = parallel.Each(context.Background(), (n+rangeImages-1)/rangeImages, func(r int) error {
		do(r*rangeImages, min((r+1)*rangeImages, n))
		return nil
	})
}
