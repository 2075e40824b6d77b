package neural

import (
	"fmt"
	"math"
	"math/rand/v2"
	"unsafe"

	"wavescore/pkg/diffusion"
)

// parameter is a learnt tensor: a stretch of the network's weights, and of the gradient that a
// graph adds up. The gradient is nil in a graph that does not train; layers then leave that work
// out.
type parameter struct{ value, gradient []float32 }

// initial says how a tensor begins: at a constant, or with normal numbers of a deviation.
type initial struct{ constant, deviation float64 }

// random is the initial of weights; fan divides its variance by the number of terms that are
// summed.
var random = initial{deviation: 1}

func constant(v float64) initial { return initial{constant: v} }

func (i initial) fan(n int) initial {
	i.deviation /= math.Sqrt(float64(n))
	return i
}

// tensor is a parameter as a file knows it.
type tensor struct {
	name    string
	shape   []int
	initial initial
	from    int // where its values begin in the network's weights
}

func (t tensor) size() int {
	n := 1
	for _, s := range t.shape {
		n *= s
	}
	return n
}

// builder hands out parameters and working memory while layers are made, in one order. Without
// weights it only takes stock: it makes nothing of the size of the network.
type builder struct {
	weights, gradient []float32 // either may be nil
	tensors           []tensor
	used              int // weights
	room              int // values of working memory
}

// The largest network, and the largest working memory of a graph of it, in float32 values: 1 and
// 2 GiB.
const (
	maxParameters = 1 << 28
	maxRoom       = 1 << 29
)

// check returns an error where the stock taken is more than a computer holds.
func (b *builder) check(shape diffusion.Shape) error {
	switch {
	case b.used > maxParameters || b.used < 0:
		return fmt.Errorf("neural: a network of %d parameters; at most %d: take fewer channels or blocks", b.used, maxParameters)
	case b.room > maxRoom || b.room < 0:
		return fmt.Errorf("neural: images of %v take %d values of working memory each; at most %d: take smaller images or fewer channels",
			shape, b.room, maxRoom)
	}
	return nil
}

// floats returns n zeros as floats does, or nil while stock is taken.
func (b *builder) floats(n int) []float32 {
	b.room += n
	if b.weights == nil {
		return nil
	}
	return floats(n)
}

func (b *builder) parameter(name string, init initial, shape ...int) parameter {
	t := tensor{name: name, shape: shape, initial: init, from: b.used}
	b.tensors = append(b.tensors, t)
	b.used += t.size()
	var p parameter
	if b.weights != nil {
		p.value = b.weights[t.from:b.used:b.used]
	}
	if b.gradient != nil {
		p.gradient = b.gradient[t.from:b.used:b.used]
	}
	return p
}

// draw fills the weights with their initial values.
func draw(weights []float32, tensors []tensor, seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 0))
	for _, t := range tensors {
		for i := range t.size() {
			weights[t.from+i] = float32(t.initial.constant + t.initial.deviation*rnd.NormFloat64())
		}
	}
}

// span returns where the tensor's values lie in the network's weights.
func (t tensor) span() (from, to int) { return t.from, t.from + t.size() }

// floats returns n zeros that begin at a multiple of 64 bytes. All that layers work on does:
// where a slice begins decides in which order gonum's inner products add it up.
func floats(n int) []float32 {
	const alignment = 64
	s := make([]float32, n+alignment/4)
	skip := int(-uintptr(unsafe.Pointer(&s[0]))%alignment) / 4
	return s[skip : skip+n : skip+n]
}
