package neural

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"

	"wavescore/pkg/diffusion"
)

// unet goes down through the resolutions and up again (Ronneberger, Fischer and Brox, 2015; with
// the residual blocks of Ho, Jain and Abbeel, 2020, without attention). The output of each block
// on the way down is one more input of a block on the way up. At the coarsest resolution there is
// one more block in the middle, and no way up.
type unet struct {
	stem   *conv
	down   []*stage // finest first
	middle *block
	up     []*rise // coarsest first
	head   *head

	skips [][]float32 // what the way down has left for the way up
}

// stage is one resolution on the way down.
type stage struct {
	blocks []*block
	halve  *halve // to the next; nil at the coarsest

	dskips [][]float32 // gradients that the way up leaves for the outputs of the blocks; nil at the coarsest
}

// rise is one resolution on the way up.
type rise struct {
	double *double
	joins  []*join
}

// join is a block on the way up, whose input is that of the way up and the output of a block on
// the way down, channel after channel.
type join struct {
	block *block
	both  []float32
}

func newUNet(b *builder, noise *embedding, arch Architecture, shape diffusion.Shape) *unet {
	n := &unet{stem: newConv(b, "stem", shape.C, arch.Channels[0], shape.H, shape.W, arch.Padding, random)}
	h, w, last := shape.H, shape.W, len(arch.Channels)-1
	in := arch.Channels[0]
	for level, channels := range arch.Channels {
		s := &stage{}
		for i := range arch.Blocks {
			s.blocks = append(s.blocks, newBlock(b, noise, fmt.Sprintf("down%d.block%d", level+1, i+1), in, channels, h, w, arch))
			in = channels
		}
		if level < last {
			s.halve = newHalve(b, channels, h, w)
			s.dskips = make([][]float32, arch.Blocks)
			h, w = h/2, w/2
		}
		n.down = append(n.down, s)
	}
	n.middle = newBlock(b, noise, "middle", in, in, h, w, arch)
	for level := last - 1; level >= 0; level-- {
		r := &rise{double: newDouble(b, in, h, w)}
		h, w = 2*h, 2*w
		channels := arch.Channels[level]
		for i := range arch.Blocks {
			r.joins = append(r.joins, &join{
				block: newBlock(b, noise, fmt.Sprintf("up%d.block%d", level+1, i+1), in+channels, channels, h, w, arch),
				both:  b.floats((in + channels) * h * w),
			})
			in = channels
		}
		n.up = append(n.up, r)
	}
	n.head = newHead(b, in, shape.C, h, w, arch)
	return n
}

func (n *unet) forward(x []float32) []float32 {
	x = n.stem.forward(x)
	skips := n.skips[:0]
	for _, s := range n.down {
		for _, k := range s.blocks {
			x = k.forward(x)
			if s.halve != nil {
				skips = append(skips, x)
			}
		}
		if s.halve != nil {
			x = s.halve.forward(x)
		}
	}
	n.skips = skips
	x = n.middle.forward(x)
	for _, r := range n.up {
		x = r.double.forward(x)
		for _, j := range r.joins {
			skip := skips[len(skips)-1]
			skips = skips[:len(skips)-1]
			copy(j.both[copy(j.both, x):], skip)
			x = j.block.forward(j.both)
		}
	}
	return n.head.forward(x)
}

func (n *unet) backward(dy []float32) []float32 {
	dy = n.head.backward(dy)
	for u, r := range slices.Backward(n.up) {
		stage := n.down[len(n.up)-1-u]
		for i, j := range slices.Backward(r.joins) {
			dboth := j.block.backward(dy)
			skip := len(stage.blocks) - 1 - i // the last block of the way down meets the first of the way up
			own := len(dboth) - len(stage.blocks[skip].conv2.y)
			dy, stage.dskips[skip] = dboth[:own], dboth[own:]
		}
		dy = r.double.backward(dy)
	}
	dy = n.middle.backward(dy)
	for _, s := range slices.Backward(n.down) {
		if s.halve != nil {
			dy = s.halve.backward(dy)
		}
		for i, k := range slices.Backward(s.blocks) {
			if s.halve != nil {
				blas32.Axpy(1, vector(s.dskips[i]), vector(dy))
			}
			dy = k.backward(dy)
		}
	}
	return n.stem.backward(dy)
}
