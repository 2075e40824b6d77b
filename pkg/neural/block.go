package neural

import "gonum.org/v1/gonum/blas/blas32"

// block is a residual block: y = skip(x) + conv(silu(modulated norm(conv(silu(norm(x)))))), where
// skip is the identity, or a 1x1 convolution if the number of channels changes. It starts as its
// skip alone: the second convolution begins at zero.
type block struct {
	noise         *embedding
	first, second *activation
	conv1, conv2  *conv
	modulation    *linear
	skip          *pointwise // nil for the identity
}

func newBlock(b *builder, noise *embedding, name string, in, out, h, w int, arch Architecture) *block {
	k := &block{
		noise:      noise,
		first:      newActivation(b, name+".first", in, h*w, arch.Group),
		conv1:      newConv(b, name+".conv1", in, out, h, w, arch.Padding, random),
		modulation: newLinear(b, name+".modulation", arch.Embedding, 2*out, constant(0)),
		second:     newActivation(b, name+".second", out, h*w, arch.Group),
		conv2:      newConv(b, name+".conv2", out, out, h, w, arch.Padding, constant(0)),
	}
	if in != out {
		k.skip = newPointwise(b, name+".skip", in, out, h*w)
	}
	return k
}

func (k *block) forward(x []float32) []float32 {
	h := k.conv1.forward(k.first.forward(x, nil))
	h = k.conv2.forward(k.second.forward(h, k.modulation.forward(k.noise.vector)))
	if k.skip != nil {
		x = k.skip.forward(x)
	}
	blas32.Axpy(1, vector(x), vector(h))
	return h
}

func (k *block) backward(dy []float32) []float32 {
	dh, dmodulation := k.second.backward(k.conv2.backward(dy))
	blas32.Axpy(1, vector(k.modulation.backward(dmodulation)), vector(k.noise.gradient))
	dx, _ := k.first.backward(k.conv1.backward(dh))
	if k.skip != nil {
		dy = k.skip.backward(dy)
	}
	blas32.Axpy(1, vector(dy), vector(dx))
	return dx
}

// head is the last layer of every network: silu(norm(x)), then a convolution to the channels of
// an image, which begins at zero.
type head struct {
	activation *activation
	conv       *conv
}

func newHead(b *builder, in, out, h, w int, arch Architecture) *head {
	return &head{
		activation: newActivation(b, "head", in, h*w, arch.Group),
		conv:       newConv(b, "head.conv", in, out, h, w, arch.Padding, constant(0)),
	}
}

func (k *head) forward(x []float32) []float32 { return k.conv.forward(k.activation.forward(x, nil)) }

func (k *head) backward(dy []float32) []float32 {
	dx, _ := k.activation.backward(k.conv.backward(dy))
	return dx
}
