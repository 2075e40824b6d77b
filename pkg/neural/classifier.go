package neural

import (
	"context"
	"fmt"
	"math"
	"sync"

	"wavescore/internal/length"
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Classifier tells the classes of images apart: a small network for measuring, not for denoising.
// What it knows of an image before it decides, its Features, are coordinates in which images that
// look alike are near each other, which pixels are not.
//
// It is four 3x3 convolutions with zero padding, each followed by normalisation in groups of 4
// channels and a SiLU and, but for the last, an average over 2x2 pixels; the mean of each channel
// is a feature, and an affine map of the features gives the classes' logits. A Classifier is safe
// for concurrent use and uses all cores; its results do not depend on how many there are.
type Classifier struct {
	shape           diffusion.Shape
	classes         int
	mean, deviation float64
	weights         []float32
	tensors         []tensor
	training        Training
	graphs          sync.Pool // of *classifierGraph without gradients
}

// classifierChannels are those of the convolutions; the last is the number of features.
var classifierChannels = [...]int{16, 32, 64, 64}

const classifierGroup = 4

func newClassifier(shape diffusion.Shape, classes int) (*Classifier, error) {
	const unit = 1 << (len(classifierChannels) - 1)
	if shape.C < 1 || shape.H < unit || shape.W < unit || shape.H%unit != 0 || shape.W%unit != 0 || max(shape.C, shape.H, shape.W) > 4096 {
		return nil, fmt.Errorf("neural: no classifier for images of %v; their sides are multiples of %d", shape, unit)
	}
	if classes < 2 || classes > 4096 {
		return nil, fmt.Errorf("neural: a classifier of %d classes; there are 2 to 4096", classes)
	}
	var stock builder
	newClassifierGraph(&stock, shape, classes)
	if err := stock.check(shape); err != nil {
		return nil, err
	}
	c := &Classifier{shape: shape, classes: classes, deviation: 1, weights: floats(stock.used), tensors: stock.tensors}
	c.graphs.New = func() any { return c.newGraph(nil) }
	return c, nil
}

// newGraph returns a graph of the classifier's weights that adds gradients to gradient, if any.
func (c *Classifier) newGraph(gradient []float32) *classifierGraph {
	return newClassifierGraph(&builder{weights: c.weights, gradient: gradient}, c.shape, c.classes)
}

// Shape returns the shape of the images that the classifier takes.
func (c *Classifier) Shape() diffusion.Shape { return c.shape }

// Classes returns the number of classes.
func (c *Classifier) Classes() int { return c.classes }

// Training returns how the classifier was trained.
func (c *Classifier) Training() Training { return c.training }

// Dim returns the number of features of an image.
func (c *Classifier) Dim() int { return classifierChannels[len(classifierChannels)-1] }

// Features returns the features of images, Dim values each, image after image. The images are
// row-major, of the classifier's shape, pixels in [-1, 1]. It panics with a diffusion.LengthError
// unless they are whole, and returns an error for a pixel that is not finite.
func (c *Classifier) Features(ctx context.Context, images []float64) ([]float64, error) {
	return c.classify(ctx, images, c.Dim(), func(dst []float64, features, _ []float32) { widen(dst, features) })
}

// Probabilities returns the probability of each class for each of the images, as Features does
// the features.
func (c *Classifier) Probabilities(ctx context.Context, images []float64) ([]float64, error) {
	return c.classify(ctx, images, c.classes, func(dst []float64, _, logits []float32) {
		widen(dst, logits)
		softmax(dst)
	})
}

// classify runs the images through the network and has take write width values of each.
func (c *Classifier) classify(ctx context.Context, images []float64, width int, take func(dst []float64, features, logits []float32)) ([]float64, error) {
	size := c.shape.Size()
	count := length.Images("pixels", len(images), size)
	all := make([]float64, count*width)
	return all, parallel.For(ctx, count, func() []float32 { return floats(size) }, func(x []float32, i int) error {
		g := c.graphs.Get().(*classifierGraph)
		defer c.graphs.Put(g)
		c.standardise(x, image(images, i, c.shape))
		features, logits := g.forward(x)
		take(all[i*width:(i+1)*width], features, logits)
		return finite(all[i*width:(i+1)*width], i)
	})
}

// standardise writes an image to x, with the train images' mean 0 and deviation 1.
func (c *Classifier) standardise(x []float32, image []float64) {
	for p, v := range image {
		x[p] = float32((v - c.mean) / c.deviation)
	}
}

// Accuracy returns the share of images whose likeliest class is their label. It returns an error
// for another number of labels than images.
func (c *Classifier) Accuracy(ctx context.Context, images diffusion.Images, labels []int) (float64, error) {
	if images.Len() == 0 || len(labels) != images.Len() {
		return 0, fmt.Errorf("neural: an accuracy of %d images with %d labels", images.Len(), len(labels))
	}
	const batch = 512
	right := 0
	for from := 0; from < images.Len(); from += batch {
		to := min(from+batch, images.Len())
		p, err := c.Probabilities(ctx, images.Batch(nil, from, to))
		if err != nil {
			return 0, err
		}
		for i := from; i < to; i++ {
			if likeliest(p[(i-from)*c.classes:(i-from+1)*c.classes]) == labels[i] {
				right++
			}
		}
	}
	return float64(right) / float64(images.Len()), nil
}

func likeliest(p []float64) (class int) {
	for i, v := range p {
		if v > p[class] {
			class = i
		}
	}
	return class
}

// softmax turns logits into probabilities.
func softmax(x []float64) {
	most, sum := x[likeliest(x)], 0.0
	for i, v := range x {
		x[i] = math.Exp(v - most)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}

func widen(dst []float64, src []float32) {
	for i, v := range src {
		dst[i] = float64(v)
	}
}

// classifierGraph is a classifier for one image at a time, with room for all that lies between.
type classifierGraph struct {
	layers   []classifierLayer
	area     int // pixels of the last layer
	features []float32
	decision *linear
	dlast    []float32
}

// classifierLayer is a convolution, an activation and, but for the last, an average over 2x2
// pixels.
type classifierLayer struct {
	conv       *conv
	activation *activation
	halve      *halve
}

func newClassifierGraph(b *builder, shape diffusion.Shape, classes int) *classifierGraph {
	g := &classifierGraph{}
	in, h, w := shape.C, shape.H, shape.W
	for i, channels := range classifierChannels {
		name := fmt.Sprintf("layer%d", i+1)
		l := classifierLayer{conv: newConv(b, name, in, channels, h, w, Zero, random), activation: newActivation(b, name, channels, h*w, classifierGroup)}
		if i < len(classifierChannels)-1 {
			l.halve = newHalve(b, channels, h, w)
			h, w = h/2, w/2
		}
		g.layers = append(g.layers, l)
		in = channels
	}
	g.area = h * w
	g.features, g.dlast = b.floats(in), b.floats(in*g.area)
	g.decision = newLinear(b, "decision", in, classes, random)
	return g
}

func (g *classifierGraph) forward(x []float32) (features, logits []float32) {
	for _, l := range g.layers {
		x = l.activation.forward(l.conv.forward(x), nil)
		if l.halve != nil {
			x = l.halve.forward(x)
		}
	}
	for c := range g.features {
		g.features[c] = total(x[c*g.area:(c+1)*g.area]) / float32(g.area)
	}
	return g.features, g.decision.forward(g.features)
}

// backward takes the gradient in the logits of the last forward, adds those in the parameters,
// and returns that in the image.
func (g *classifierGraph) backward(dlogits []float32) []float32 {
	for c, d := range g.decision.backward(dlogits) {
		fill(g.dlast[c*g.area:(c+1)*g.area], d/float32(g.area))
	}
	dx := g.dlast
	for i := len(g.layers) - 1; i >= 0; i-- {
		l := g.layers[i]
		if l.halve != nil {
			dx = l.halve.backward(dx)
		}
		dx, _ = l.activation.backward(dx)
		dx = l.conv.backward(dx)
	}
	return dx
}
