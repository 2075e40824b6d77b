package neural

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Network is a network's weights as a denoiser. With F the function of its architecture, m and s
// the mean and the deviation of the pixels it was trained on, and y a noisy image,
//
//	D(y) = m + skip (y - m) + out F(in (y - m), ln(sigma)/4),
//	skip = s^2/(sigma^2 + s^2),  out = sigma s/sqrt(sigma^2 + s^2),  in = 1/sqrt(sigma^2 + s^2)
//
// (Karras, Aittala, Aila and Laine, "Elucidating the Design Space of Diffusion-Based Generative
// Models", 2022, table 1, for data that are centred first), so that F takes and returns numbers
// of size one at every noise level.
//
// A Network is safe for concurrent use and uses all cores; its results do not depend on how many
// there are.
type Network struct {
	arch            Architecture
	shape           diffusion.Shape
	mean, deviation float64
	weights         []float32
	tensors         []tensor
	training        Training
	graphs          sync.Pool // of *graph without gradients
}

// ErrOverflow is wrapped by the error of images so far from the data that the network's float32
// numbers overflow.
var ErrOverflow = errors.New("neural: the result is not finite")

// New returns an untrained network for images of a shape: its weights are drawn from the seed,
// and it denoises as the best linear filter for white data does.
func New(arch Architecture, shape diffusion.Shape, seed uint64) (*Network, error) {
	n, err := newNetwork(arch, shape)
	if err != nil {
		return nil, err
	}
	draw(n.weights, n.tensors, seed)
	return n, nil
}

func newNetwork(arch Architecture, shape diffusion.Shape) (*Network, error) {
	if err := arch.Check(shape); err != nil {
		return nil, err
	}
	var stock builder
	newGraph(&stock, arch, shape)
	if err := stock.check(shape); err != nil {
		return nil, err
	}
	arch.Channels = slices.Clone(arch.Channels)
	n := &Network{arch: arch, shape: shape, deviation: 1, weights: floats(stock.used), tensors: stock.tensors}
	n.graphs.New = func() any { return n.newGraph(nil) }
	return n, nil
}

// init makes n, which is not in use, the network that was read.
func (n *Network) init(read *Network) {
	n.arch, n.shape, n.mean, n.deviation = read.arch, read.shape, read.mean, read.deviation
	n.weights, n.tensors, n.training = read.weights, read.tensors, read.training
	n.graphs.New = func() any { return n.newGraph(nil) }
}

// newGraph returns a graph of the network's weights that adds gradients to gradient, if any.
func (n *Network) newGraph(gradient []float32) *graph {
	return newGraph(&builder{weights: n.weights, gradient: gradient}, n.arch, n.shape)
}

// Shape returns the shape of the images the network takes.
func (n *Network) Shape() diffusion.Shape { return n.shape }

// Architecture returns the network's architecture.
func (n *Network) Architecture() Architecture {
	arch := n.arch
	arch.Channels = slices.Clone(arch.Channels)
	return arch
}

// Parameters returns the number of learnt numbers.
func (n *Network) Parameters() int { return len(n.weights) }

// ReceptiveField returns the side of the square window, centred on a pixel, that this pixel of
// the output depends on. For a U-Net, and wherever the window would be larger than the image, it
// is the larger side of the image.
func (n *Network) ReceptiveField() int {
	side := max(n.shape.H, n.shape.W)
	if field, bounded := n.arch.ReceptiveField(); bounded {
		return min(field, side)
	}
	return side
}

// Training returns how the network was trained; it is the zero value for one that was not.
func (n *Network) Training() Training { return n.training }

// precondition returns skip, out and in of the formula above, and the noise level as the network
// takes it.
func (n *Network) precondition(sigma float64) (skip, out, in, c float64) {
	total := sigma*sigma + n.deviation*n.deviation
	return n.deviation * n.deviation / total, sigma * n.deviation / math.Sqrt(total), 1 / math.Sqrt(total), math.Log(sigma) / 4
}

// Denoise implements diffusion.Denoiser. Its errors are those of diffusion.Check, and one that
// wraps ErrOverflow.
func (n *Network) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(n.shape, dst, src, sigma); err != nil {
		return err
	}
	skip, out, in, c := n.precondition(sigma)
	return n.each(ctx, len(src)/n.shape.Size(), func(g *graph, x []float32, i int) error {
		src, dst := image(src, i, n.shape), image(dst, i, n.shape)
		for p, v := range src {
			x[p] = float32(in * (v - n.mean))
		}
		for p, f := range g.forward(x, c) {
			dst[p] = n.mean + skip*(src[p]-n.mean) + out*float64(f)
		}
		return finite(dst, i)
	})
}

// VJP writes to dst the product of the cotangent with the Jacobian of the denoiser at src, image
// by image: the gradient of the sum of cotangent times D(src) in src. With a cotangent of 1 at
// one pixel and 0 elsewhere it is that pixel's row of the Jacobian. Equal images in a row cost
// less than others. dst may be src or the cotangent. Errors and panics are those of Denoise.
func (n *Network) VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	for _, s := range [][]float64{src, cotangent} {
		if err := diffusion.Check(n.shape, dst, s, sigma); err != nil {
			return err
		}
	}
	skip, out, in, c := n.precondition(sigma)
	runs := n.runs(src)
	return n.each(ctx, len(runs)-1, func(g *graph, x []float32, r int) error {
		y := slices.Clone(image(src, runs[r], n.shape)) // dst may be src
		for p, v := range y {
			x[p] = float32(in * (v - n.mean))
		}
		g.forward(x, c)
		for i := runs[r]; i < runs[r+1]; i++ {
			dst, cotangent := image(dst, i, n.shape), image(cotangent, i, n.shape)
			for p, v := range cotangent {
				x[p] = float32(v)
			}
			for p, d := range g.backward(x) {
				dst[p] = skip*cotangent[p] + in*out*float64(d)
			}
			if err := finite(dst, i); err != nil {
				return err
			}
		}
		return nil
	})
}

// runs returns where the runs of equal images begin, and the number of images: those of a run
// share what is computed forwards.
func (n *Network) runs(images []float64) []int {
	var runs []int
	all := len(images) / n.shape.Size()
	for i := range all {
		if i == 0 || !slices.Equal(image(images, i-1, n.shape), image(images, i, n.shape)) {
			runs = append(runs, i)
		}
	}
	return append(runs, all)
}

// each calls f for images 0 to count-1, on all cores, each call with a graph and room for an
// image, and returns the error of the first image that has one.
func (n *Network) each(ctx context.Context, count int, f func(g *graph, x []float32, i int) error) error {
	room := func() []float32 { return floats(n.shape.Size()) }
	return parallel.For(ctx, count, room, func(x []float32, i int) error {
		g := n.graphs.Get().(*graph)
		defer n.graphs.Put(g)
		return f(g, x, i)
	})
}

func image(images []float64, i int, shape diffusion.Shape) []float64 {
	return images[i*shape.Size() : (i+1)*shape.Size()]
}

func finite(values []float64, i int) error {
	for p, v := range values {
		if v-v != 0 {
			return fmt.Errorf("%w: image %d has %v at pixel %d", ErrOverflow, i, v, p)
		}
	}
	return nil
}

// Validate measures the network on images that it was not trained on, and adds the result to the
// record of its training.
func (n *Network) Validate(ctx context.Context, images diffusion.Images, sigmas []float64, seed uint64) error {
	errors, err := Measure(ctx, n, images, sigmas, seed)
	if err != nil {
		return err
	}
	n.training.Validation = errors
	return nil
}
