package neural

import "math/rand/v2"

// deck holds the images of an epoch in the order in which they are shown. It depends on the seed
// and on the step alone.
type deck struct {
	images, batch int
	seed          uint64
	order         []int
	epoch         int
}

func newDeck(images int, settings Settings) *deck {
	return &deck{images: images, batch: settings.Batch, seed: settings.Seed, epoch: -1}
}

// shuffle makes the order of the epoch in which a step's batch begins.
func (d *deck) shuffle(step int) {
	epoch := step * d.batch / d.images
	if epoch == d.epoch {
		return
	}
	d.order = d.order[:0]
	for e := epoch; len(d.order) < d.images+d.batch; e++ { // the batch may reach into the next epochs
		d.order = append(d.order, rand.New(rand.NewChaCha8(key(d.seed, streamOrder, e))).Perm(d.images)...)
	}
	d.epoch = epoch
}

// image returns the image that is the shown-th, repeats counted, of the whole training; it is in
// the batch that shuffle was called for.
func (d *deck) image(shown int) int { return d.order[shown-d.epoch*d.images] }

// Each use of randomness has a stream of its own, numbered by what it is for.
const (
	streamOrder = iota // an epoch
	streamNoise        // an image shown
)

func key(seed, stream uint64, i int) (k [32]byte) {
	for b := range 8 {
		k[b], k[8+b], k[16+b] = byte(seed>>(8*b)), byte(stream>>(8*b)), byte(uint64(i)>>(8*b))
	}
	return k
}
