package neural

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// ErrDiverged is wrapped by the error of a step whose loss or gradient is not finite.
var ErrDiverged = errors.New("neural: training diverged")

// Trainer trains a network step by step. Its state can be saved and resumed, to the same bits as
// if it had never stopped; nor do they depend on the number of cores.
type Trainer struct {
	net      *Network // with the weights as they are; their average is what Network returns
	images   diffusion.Images
	data     string
	settings Settings

	step    int
	adam    *adam
	deck    *deck
	history history

	workers sync.Pool // of *worker
	losses  []float64
}

// worker is what a goroutine needs to run images.
type worker struct {
	graph    *graph
	gradient []float32
	clean    []float64
	noisy    []float32
	noise    rand.ChaCha8
	normal   *rand.Rand
}

// NewTrainer returns a trainer that starts from the weights of a network, which is left as it is;
// data is the name of the images for the record. The mean and the deviation of the pixels are
// measured.
func NewTrainer(net *Network, images diffusion.Images, data string, settings Settings) (*Trainer, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	t, err := newTrainer(net, images, data, settings)
	if err != nil {
		return nil, err
	}
	if t.net.mean, t.net.deviation, err = pixels(images, net.shape); err != nil {
		return nil, err
	}
	copy(t.adam.average, net.weights)
	return t, nil
}

func newTrainer(net *Network, images diffusion.Images, data string, settings Settings) (*Trainer, error) {
	if images.Len() == 0 {
		return nil, errors.New("neural: no images to train on")
	}
	if got := len(images.Batch(nil, 0, 1)); got != net.shape.Size() {
		return nil, fmt.Errorf("neural: an image of %s has %d pixels; the network takes %v", data, got, net.shape)
	}
	own, err := newNetwork(net.arch, net.shape)
	if err != nil {
		return nil, err
	}
	copy(own.weights, net.weights)
	return &Trainer{
		net: own, images: images, data: data, settings: settings, deck: newDeck(images.Len(), settings), history: history{clock: newClock(0, 0)},
		adam: newAdam(own.weights, own.tensors, settings), losses: make([]float64, settings.Batch),
	}, nil
}

// pixels returns the mean and the deviation of all pixels.
func pixels(images diffusion.Images, shape diffusion.Shape) (mean, deviation float64, err error) {
	var sum, squares float64
	var batch []float64
	n := float64(images.Len()) * float64(shape.Size())
	for i := range images.Len() {
		batch = images.Batch(batch, i, i+1)
		for p, v := range batch {
			if v-v != 0 {
				return 0, 0, fmt.Errorf("neural: image %d has %v at pixel %d", i, v, p)
			}
			sum += v
			squares += v * v
		}
	}
	mean = sum / n
	deviation = math.Sqrt(max(squares/n-mean*mean, 0))
	if deviation < 1e-6 {
		return 0, 0, errors.New("neural: all pixels of the images are the same")
	}
	return mean, deviation, nil
}

// Step shows the network one batch and returns its loss, the mean over images and pixels of the
// squared error of F; that of D is weighted by (sigma^2 + s^2) / (sigma s)^2. An error wraps
// ErrDiverged, and the trainer is then of no more use; or it is ctx's once that is cancelled, and
// the step has not been made.
func (t *Trainer) Step(ctx context.Context) (loss float64, err error) {
	t.deck.shuffle(t.step)
	err = parallel.Each(ctx, len(t.adam.chunks), func(c int) error {
		w, _ := t.workers.Get().(*worker)
		if w == nil {
			w = t.newWorker()
		}
		defer t.workers.Put(w)
		t.runChunk(w, c)
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, l := range t.losses {
		loss += l / float64(len(t.losses))
	}
	norm := t.adam.sumChunks()
	if v := loss + norm; v-v != 0 {
		return loss, fmt.Errorf("%w at step %d: loss %v, gradient of length %v", ErrDiverged, t.step+1, loss, norm)
	}
	t.adam.update(norm, t.step)
	t.step++
	shown, _ := t.Shown()
	t.history.record(Record{Images: shown, Loss: loss, Gradient: norm, Rate: t.settings.rate(t.step - 1)}, t.Done())
	return loss, nil
}

func (t *Trainer) newWorker() *worker {
	w := &worker{gradient: floats(len(t.net.weights)), noisy: floats(t.net.shape.Size())}
	w.graph = t.net.newGraph(w.gradient)
	w.normal = rand.New(&w.noise)
	return w
}

// runChunk sums the gradients of one chunk of the batch.
func (t *Trainer) runChunk(w *worker, c int) {
	clear(w.gradient)
	for slot := c * chunk; slot < min((c+1)*chunk, t.settings.Batch); slot++ {
		t.losses[slot] = t.runImage(w, slot)
	}
	copy(t.adam.chunks[c], w.gradient)
}

// runImage adds the gradient of the loss of one image and returns its loss. Slot i of a batch of
// n has a noise level from the i-th of n equally likely ranges, so that every batch sees them
// all.
func (t *Trainer) runImage(w *worker, slot int) float64 {
	shown := t.step*t.settings.Batch + slot
	i := t.deck.image(shown)
	w.clean = t.images.Batch(w.clean, i, i+1)
	w.noise.Seed(key(t.settings.Seed, streamNoise, shown))
	quantile := (float64(slot) + w.normal.Float64()) / float64(t.settings.Batch)
	normal := max(-6, min(6, math.Sqrt2*math.Erfinv(2*quantile-1)))
	sigma := t.settings.Sigma * math.Exp(t.settings.Deviation*normal)
	skip, out, in, level := t.net.precondition(sigma)
	// The target of F is (x - m - skip (y - m)) / out; clean becomes it.
	for p, x := range w.clean {
		x -= t.net.mean
		y := x + sigma*w.normal.NormFloat64()
		w.noisy[p] = float32(in * y)
		w.clean[p] = (x - skip*y) / out
	}
	var loss float64
	size := float64(len(w.clean))
	for p, f := range w.graph.forward(w.noisy, level) {
		d := float64(f) - w.clean[p]
		loss += d * d / size
		w.noisy[p] = float32(2 * d / (size * float64(t.settings.Batch)))
	}
	w.graph.backward(w.noisy)
	return loss
}

// Done tells whether all images have been shown.
func (t *Trainer) Done() bool { return t.step >= t.settings.steps() }

// Shown returns how many images have been shown, and how many will be.
func (t *Trainer) Shown() (shown, total int) {
	return min(t.step*t.settings.Batch, t.settings.Images), t.settings.Images
}

// Network returns the network as trained so far: a copy, with the averaged weights.
func (t *Trainer) Network() *Network {
	n, err := newNetwork(t.net.arch, t.net.shape)
	if err != nil {
		panic(err) // it was built before
	}
	n.mean, n.deviation = t.net.mean, t.net.deviation
	copy(n.weights, t.adam.average)
	n.training = Training{Data: t.data, TrainImages: t.images.Len(), Settings: t.settings, Conditions: conditions(), Log: slices.Clone(t.history.log)}
	n.training.Seconds, n.training.CPUSeconds = t.history.clock.read()
	return n
}

// Train shows a network all the images that the settings ask for and returns the trained network;
// net is left as it is. After every step it calls progress, if not nil, with the images shown,
// their total, and the loss of the step. It returns the error of ctx when that ends.
func Train(ctx context.Context, net *Network, images diffusion.Images, data string, settings Settings, progress func(shown, total int, loss float64)) (*Network, error) {
	t, err := NewTrainer(net, images, data, settings)
	if err != nil {
		return nil, err
	}
	for !t.Done() {
		loss, err := t.Step(ctx)
		if err != nil {
			return nil, err
		}
		if progress != nil {
			shown, total := t.Shown()
			progress(shown, total, loss)
		}
	}
	return t.Network(), nil
}
