package neural

import (
	"context"
	"math"

	"gonum.org/v1/gonum/blas/blas32"

	"wavescore/internal/parallel"
)

// chunk is the number of images whose gradients are summed by one worker, one after the other.
// The chunks' sums are added in order.
const chunk = 8

// adam is the optimiser (Kingma and Ba, "Adam", 2015) with a moving average of the weights. Its
// results do not depend on the number of cores.
type adam struct {
	settings               Settings
	tensors                []tensor
	weights                []float32   // the network's
	average, first, second []float32   // of the weights; of the gradient and of its square
	chunks                 [][]float32 // gradient of each chunk of the batch
}

func newAdam(weights []float32, tensors []tensor, settings Settings) *adam {
	n := len(weights)
	a := &adam{settings: settings, tensors: tensors, weights: weights, average: floats(n), first: floats(n), second: floats(n)}
	for range (settings.Batch + chunk - 1) / chunk {
		a.chunks = append(a.chunks, floats(n))
	}
	return a
}

// sumChunks adds all chunks' gradients to the first's, in order, and returns the length of the sum.
func (a *adam) sumChunks() float64 {
	sum := a.chunks[0]
	squares := make([]float64, len(a.tensors))
	a.eachTensor(func(i, from, to int) {
		for _, c := range a.chunks[1:] {
			blas32.Axpy(1, vector(c[from:to]), vector(sum[from:to]))
		}
		for _, g := range sum[from:to] {
			squares[i] += float64(g) * float64(g)
		}
	})
	var total float64
	for _, s := range squares {
		total += s
	}
	return math.Sqrt(total)
}

// update takes a step along the summed gradient, whose length is given, and moves the average of
// the weights.
func (a *adam) update(norm float64, step int) {
	const beta1, beta2, epsilon = 0.9, 0.99, 1e-8
	shorten := float32(1)
	if norm > a.settings.Clip {
		shorten = float32(a.settings.Clip / norm)
	}
	n := float64(step + 1)
	rate := float32(a.settings.rate(step) / (1 - math.Pow(beta1, n)))
	inverse2 := float32(1 / (1 - math.Pow(beta2, n)))
	// The average forgets the first weights sooner: its decay begins at 2/11.
	decay := float32(min(a.settings.Average, (1+n)/(10+n)))
	a.eachTensor(func(_, from, to int) {
		first, second, average, weights := a.first[from:to], a.second[from:to], a.average[from:to], a.weights[from:to]
		for j, g := range a.chunks[0][from:to] {
			g *= shorten
			first[j] = beta1*first[j] + (1-beta1)*g
			second[j] = beta2*second[j] + (1-beta2)*g*g
			weights[j] -= rate * first[j] / (float32(math.Sqrt(float64(inverse2*second[j]))) + epsilon)
			average[j] = decay*average[j] + (1-decay)*weights[j]
		}
	})
}

// eachTensor calls do for every tensor, of weights [from, to), on all cores. It is a part of a
// step too short to be interrupted: a step is made whole or not at all.
func (a *adam) eachTensor(do func(i, from, to int)) {
	_ = parallel.Each(context.Background(), len(a.tensors), func(i int) error {
		from, to := a.tensors[i].span()
		do(i, from, to)
		return nil
	})
}
