package neural

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
)

// linear is an affine map of vectors.
type linear struct {
	in, out      int
	weight, bias parameter // weight is out x in
	x, y, dx     []float32 // x is the caller's
}

func newLinear(b *builder, name string, in, out int, init initial) *linear {
	return &linear{
		in: in, out: out,
		weight: b.parameter(name+".weight", init.fan(in), out, in),
		bias:   b.parameter(name+".bias", constant(0), out),
		y:      b.floats(out), dx: b.floats(in),
	}
}

func (l *linear) forward(x []float32) []float32 {
	l.x = x
	copy(l.y, l.bias.value)
	blas32.Gemv(blas.NoTrans, 1, matrix(l.weight.value, l.out, l.in), vector(x), 1, vector(l.y))
	return l.y
}

func (l *linear) backward(dy []float32) []float32 {
	if l.weight.gradient != nil {
		blas32.Ger(1, vector(dy), vector(l.x), matrix(l.weight.gradient, l.out, l.in))
		blas32.Axpy(1, vector(dy), vector(l.bias.gradient))
	}
	blas32.Gemv(blas.Trans, 1, matrix(l.weight.value, l.out, l.in), vector(dy), 0, vector(l.dx))
	return l.dx
}

func vector(data []float32) blas32.Vector { return blas32.Vector{N: len(data), Inc: 1, Data: data} }

// embedding turns the noise level into a vector that every block is modulated with: waves of c =
// ln(sigma)/4, then two layers.
type embedding struct {
	waves         []float32
	first, second *linear
	a1, a2        *activation

	vector   []float32 // the result
	gradient []float32 // what the blocks add their gradients in the vector to
}

// The waves are cos and sin of waveFirst * sqrt(2)^i * c, i = 0 ... waveCount-1. Their periods in
// ln(sigma) run from 16 to 1.4.
const (
	waveCount = 8
	waveFirst = math.Pi / 2
)

func newEmbedding(b *builder, width int) *embedding {
	return &embedding{
		waves:    b.floats(2 * waveCount),
		first:    newLinear(b, "embedding.first", 2*waveCount, width, random),
		a1:       newActivation(b, "", width, 1, 0),
		second:   newLinear(b, "embedding.second", width, width, random),
		a2:       newActivation(b, "", width, 1, 0),
		gradient: b.floats(width),
	}
}

func (e *embedding) forward(c float64) {
	for i := range waveCount {
		angle := waveFirst * math.Pow(2, float64(i)/2) * c
		e.waves[i], e.waves[waveCount+i] = float32(math.Cos(angle)), float32(math.Sin(angle))
	}
	h := e.a1.forward(e.first.forward(e.waves), nil)
	e.vector = e.a2.forward(e.second.forward(h), nil)
	clear(e.gradient)
}

func (e *embedding) backward() {
	dh, _ := e.a2.backward(e.gradient)
	dh, _ = e.a1.backward(e.second.backward(dh))
	e.first.backward(dh)
}
