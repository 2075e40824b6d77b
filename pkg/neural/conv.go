package neural

import (
	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// Padding says what a 3x3 convolution sees beyond the edges of an image.
type Padding string

const (
	Zero     Padding = "zero"     // zeros: a network can tell how far it is from an edge
	Circular Padding = "circular" // the opposite edge: the network commutes with circular shifts
)

// conv is a 3x3 convolution, as networks call it (a correlation), of stride 1:
//
//	y[o, r, c] = bias[o] + sum over i, kr, kc of weight[kr, kc, o, i] x[i, r+kr-1, c+kc-1].
//
// There is no unfolding of patches. In an image padded by one pixel all around, of row length
// w+2, what tap (kr, kc) multiplies for all the outputs is one contiguous stretch of each
// channel, which begins at kr(w+2) + kc. So the convolution is nine matrix products that read the
// padded image in place. Between the rows of their result lie two meaningless columns, which are
// left out when it is copied.
type conv struct {
	in, out, h, w int
	padding       Padding
	weight, bias  parameter

	x    []float32 // the padded input of forward, in x (h+2) x (w+2)
	dy   []float32 // the padded gradient of the output, out x (h+2) x (w+2)
	wide []float32 // results with their meaningless columns
	y    []float32
	dx   []float32
}

func newConv(b *builder, name string, in, out, h, w int, padding Padding, init initial) *conv {
	area := (h + 2) * (w + 2)
	return &conv{
		in: in, out: out, h: h, w: w, padding: padding,
		weight: b.parameter(name+".weight", init.fan(9*in), 3, 3, out, in),
		bias:   b.parameter(name+".bias", constant(0), out),
		x:      b.floats(in * area), dy: b.floats(out * area), wide: b.floats(max(in, out) * area),
		y: b.floats(out * h * w), dx: b.floats(in * h * w),
	}
}

// span is the number of outputs of one channel with the meaningless columns between rows, and
// none after the last.
func (c *conv) span() int { return c.h*(c.w+2) - 2 }

// tap returns the matrix of weights of tap k = 3 kr + kc, out x in.
func (c *conv) tap(w []float32, k int) blas32.General {
	n := c.out * c.in
	return blas32.General{Rows: c.out, Cols: c.in, Stride: c.in, Data: w[k*n : (k+1)*n]}
}

// stretch returns what tap k multiplies, channels x span, of a padded image.
func (c *conv) stretch(padded []float32, channels, k int) blas32.General {
	area := (c.h + 2) * (c.w + 2)
	return blas32.General{Rows: channels, Cols: c.span(), Stride: area, Data: padded[k/3*(c.w+2)+k%3:]}
}

func (c *conv) forward(x []float32) []float32 {
	c.pad(c.x, x, c.in, c.padding)
	span := c.span()
	wide := blas32.General{Rows: c.out, Cols: span, Stride: span, Data: c.wide}
	for o, bias := range c.bias.value {
		fill(c.wide[o*span:(o+1)*span], bias)
	}
	for k := range 9 {
		blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, c.tap(c.weight.value, k), c.stretch(c.x, c.in, k), 1, wide)
	}
	c.crop(c.y, c.out)
	return c.y
}

// backward takes the gradient of the loss in the output; it adds those in the weights and returns
// that in the input. The transpose of a convolution is the convolution with each tap's matrix
// transposed and the taps turned around.
func (c *conv) backward(dy []float32) []float32 {
	c.pad(c.dy, dy, c.out, Zero)
	if c.weight.gradient != nil {
		// In the middle stretch the columns between rows are the border: zeros, so they add
		// nothing.
		middle := c.stretch(c.dy, c.out, 4)
		for k := range 9 {
			blas32.Gemm(blas.NoTrans, blas.Trans, 1, middle, c.stretch(c.x, c.in, k), 1, c.tap(c.weight.gradient, k))
		}
		addSums(c.bias.gradient, dy)
	}
	if c.padding != Zero {
		c.pad(c.dy, dy, c.out, c.padding)
	}
	span := c.span()
	wide := blas32.General{Rows: c.in, Cols: span, Stride: span, Data: c.wide}
	for k := range 9 {
		var beta float32 = 1
		if k == 0 {
			beta = 0
		}
		blas32.Gemm(blas.Trans, blas.NoTrans, 1, c.tap(c.weight.value, k), c.stretch(c.dy, c.out, 8-k), beta, wide)
	}
	c.crop(c.dx, c.in)
	return c.dx
}

// pad copies images to the middle of dst and fills their borders.
func (c *conv) pad(dst, src []float32, channels int, padding Padding) {
	h, w := c.h, c.w
	long, area := w+2, (h+2)*(w+2)
	for i := range channels {
		from, to := src[i*h*w:(i+1)*h*w], dst[i*area:(i+1)*area]
		for r := range h {
			row, line := from[r*w:(r+1)*w], to[(r+1)*long:(r+2)*long]
			copy(line[1:], row)
			if padding == Circular {
				line[0], line[w+1] = row[w-1], row[0]
			} else {
				line[0], line[w+1] = 0, 0
			}
		}
		if padding == Circular {
			copy(to[:long], to[h*long:(h+1)*long])
			copy(to[(h+1)*long:], to[long:2*long])
		} else {
			clear(to[:long])
			clear(to[(h+1)*long:])
		}
	}
}

// crop copies the results without the columns between rows.
func (c *conv) crop(dst []float32, channels int) {
	span := c.span()
	for i := range channels {
		from, to := c.wide[i*span:(i+1)*span], dst[i*c.h*c.w:]
		for r := range c.h {
			copy(to[r*c.w:(r+1)*c.w], from[r*(c.w+2):])
		}
	}
}

// pointwise is a 1x1 convolution: a matrix that mixes the channels of each pixel.
type pointwise struct {
	in, out, area int
	weight, bias  parameter // weight is out x in
	x, y, dx      []float32 // x is the caller's
}

func newPointwise(b *builder, name string, in, out, area int) *pointwise {
	return &pointwise{
		in: in, out: out, area: area,
		weight: b.parameter(name+".weight", random.fan(in), out, in),
		bias:   b.parameter(name+".bias", constant(0), out),
		y:      b.floats(out * area), dx: b.floats(in * area),
	}
}

func (p *pointwise) forward(x []float32) []float32 {
	p.x = x
	for o, bias := range p.bias.value {
		fill(p.y[o*p.area:(o+1)*p.area], bias)
	}
	blas32.Gemm(blas.NoTrans, blas.NoTrans, 1, matrix(p.weight.value, p.out, p.in), matrix(x, p.in, p.area), 1, matrix(p.y, p.out, p.area))
	return p.y
}

func (p *pointwise) backward(dy []float32) []float32 {
	if p.weight.gradient != nil {
		blas32.Gemm(blas.NoTrans, blas.Trans, 1, matrix(dy, p.out, p.area), matrix(p.x, p.in, p.area), 1, matrix(p.weight.gradient, p.out, p.in))
		addSums(p.bias.gradient, dy)
	}
	blas32.Gemm(blas.Trans, blas.NoTrans, 1, matrix(p.weight.value, p.out, p.in), matrix(dy, p.out, p.area), 0, matrix(p.dx, p.in, p.area))
	return p.dx
}

// matrix returns a row-major slice as a matrix.
func matrix(data []float32, rows, cols int) blas32.General {
	return blas32.General{Rows: rows, Cols: cols, Stride: cols, Data: data}
}

func fill(s []float32, v float32) {
	for i := range s {
		s[i] = v
	}
}

// addSums adds to each sum that of its share of the values.
func addSums(sums, values []float32) {
	n := len(values) / len(sums)
	for i := range sums {
		sums[i] += total(values[i*n : (i+1)*n])
	}
}

// total returns the sum of values, in four partial sums.
func total(values []float32) float32 {
	var a, b, c, d float32
	for ; len(values) >= 4; values = values[4:] {
		a += values[0]
		b += values[1]
		c += values[2]
		d += values[3]
	}
	for _, v := range values {
		a += v
	}
	return (a + b) + (c + d)
}
