package neural

import (
	"fmt"
	"slices"

	"wavescore/pkg/diffusion"
)

// Kind is a kind of network.
type Kind string

const (
	CNN  Kind = "cnn"  // residual blocks at one resolution: a pixel depends on a window of the receptive field
	UNet Kind = "unet" // residual blocks at several resolutions, with skips across: a pixel depends on the whole image
)

// Architecture is all that decides which function a network's weights are.
type Architecture struct {
	Kind      Kind    `json:"kind"`
	Padding   Padding `json:"padding"`
	Channels  []int   `json:"channels"`  // of each resolution, finest first; a CNN has one
	Blocks    int     `json:"blocks"`    // residual blocks of a resolution, on the way down and again on the way up
	Group     int     `json:"group"`     // channels that are normalised together; 0, and always in a CNN, for none
	Embedding int     `json:"embedding"` // length of the vector that the noise level becomes
}

// ReferenceUNet returns the architecture of the reference U-Net, which has 392 k parameters.
func ReferenceUNet() Architecture {
	return Architecture{Kind: UNet, Padding: Zero, Channels: []int{16, 32, 64}, Blocks: 2, Group: 4, Embedding: 64}
}

// ReferenceCNN returns the architecture of the reference CNN, which has 46 k parameters and a
// receptive field of 17 pixels.
func ReferenceCNN() Architecture {
	return Architecture{Kind: CNN, Padding: Circular, Channels: []int{24}, Blocks: 3, Embedding: 64}
}

// Check returns an error unless the architecture can be built for images of the shape.
func (a Architecture) Check(shape diffusion.Shape) error {
	if smallest, largest := min(shape.C, shape.H, shape.W), max(shape.C, shape.H, shape.W); smallest < 1 || largest > 4096 {
		return fmt.Errorf("neural: no network for images of %v", shape)
	}
	if a.Kind != CNN && a.Kind != UNet {
		return fmt.Errorf("neural: no kind of network %q; there are %s and %s", a.Kind, CNN, UNet)
	}
	if a.Padding != Zero && a.Padding != Circular {
		return fmt.Errorf("neural: no padding %q; there are %s and %s", a.Padding, Zero, Circular)
	}
	if len(a.Channels) == 0 || slices.Min(a.Channels) < 1 || slices.Max(a.Channels) > 4096 {
		return fmt.Errorf("neural: a network has 1 to 4096 channels at each resolution; got %v", a.Channels)
	}
	if a.Blocks < 1 || a.Blocks > 64 {
		return fmt.Errorf("neural: a resolution has 1 to 64 blocks; got %d", a.Blocks)
	}
	if a.Embedding < 1 || a.Embedding > 4096 {
		return fmt.Errorf("neural: the noise level becomes a vector of 1 to 4096 numbers; got %d", a.Embedding)
	}
	if a.Kind == CNN {
		if len(a.Channels) != 1 || a.Group != 0 {
			return fmt.Errorf("neural: a CNN has one resolution and no normalisation; got channels %v and groups of %d", a.Channels, a.Group)
		}
		return nil
	}
	if len(a.Channels) > 8 {
		return fmt.Errorf("neural: a U-Net has at most 8 resolutions; got %d", len(a.Channels))
	}
	for _, c := range a.Channels {
		if a.Group < 0 || a.Group > 0 && c%a.Group != 0 {
			return fmt.Errorf("neural: %d channels cannot be normalised in groups of %d", c, a.Group)
		}
	}
	if unit := 1 << (len(a.Channels) - 1); shape.H%unit != 0 || shape.W%unit != 0 {
		return fmt.Errorf("neural: %d resolutions need sides that are multiples of %d; got %v", len(a.Channels), unit, shape)
	}
	return nil
}

// ReceptiveField returns the side of the square window that a pixel of the output depends on,
// centred on it, and whether there is one: only a CNN has.
func (a Architecture) ReceptiveField() (side int, bounded bool) {
	if a.Kind != CNN {
		return 0, false
	}
	convolutions := 2 + 2*a.Blocks
	return 1 + 2*convolutions, true
}

// graph is a network for one image at a time, with room for all that lies between its input and
// its output. Graphs of the same weights work side by side.
type graph struct {
	noise *embedding
	body  interface {
		forward(x []float32) []float32
		backward(dy []float32) []float32
	}
}

// newGraph builds the graph of an architecture that has passed its Check.
func newGraph(b *builder, arch Architecture, shape diffusion.Shape) *graph {
	g := &graph{noise: newEmbedding(b, arch.Embedding)}
	if arch.Kind == CNN {
		g.body = newCNN(b, g.noise, arch, shape)
	} else {
		g.body = newUNet(b, g.noise, arch, shape)
	}
	return g
}

// forward returns the output for one image and the noise level's c.
func (g *graph) forward(x []float32, c float64) []float32 {
	g.noise.forward(c)
	return g.body.forward(x)
}

// backward takes the gradient in the output of the last forward, adds those in the parameters,
// and returns that in the image.
func (g *graph) backward(dy []float32) []float32 {
	dx := g.body.backward(dy)
	g.noise.backward()
	return dx
}

// cnn is a convolution, residual blocks and a head, all at full resolution.
type cnn struct {
	stem   *conv
	blocks []*block
	head   *head
}

func newCNN(b *builder, noise *embedding, arch Architecture, shape diffusion.Shape) *cnn {
	channels := arch.Channels[0]
	n := &cnn{stem: newConv(b, "stem", shape.C, channels, shape.H, shape.W, arch.Padding, random)}
	for i := range arch.Blocks {
		n.blocks = append(n.blocks, newBlock(b, noise, fmt.Sprintf("block%d", i+1), channels, channels, shape.H, shape.W, arch))
	}
	n.head = newHead(b, channels, shape.C, shape.H, shape.W, arch)
	return n
}

func (n *cnn) forward(x []float32) []float32 {
	x = n.stem.forward(x)
	for _, k := range n.blocks {
		x = k.forward(x)
	}
	return n.head.forward(x)
}

func (n *cnn) backward(dy []float32) []float32 {
	dy = n.head.backward(dy)
	for _, k := range slices.Backward(n.blocks) {
		dy = k.backward(dy)
	}
	return n.stem.backward(dy)
}
