package neural

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// ClassifierDefault returns how the reference classifier was trained: two epochs of MNIST. The
// noise levels have no part in it.
func ClassifierDefault() Settings {
	s := Default()
	s.Images = 2 * 55000
	return s
}

// TrainClassifier trains a classifier on images of a shape and their labels, numbers from 0 to
// classes-1, by the cross-entropy; data is the images' name for the record. The settings' noise
// levels are not used. After every step it calls progress, if not nil, with the images shown,
// their total and the loss of the step. It returns an error for labels that are not there or out
// of range, for images that are not finite, one that wraps ErrDiverged, and ctx's once that is
// cancelled.
func TrainClassifier(ctx context.Context, shape diffusion.Shape, classes int, images diffusion.Images, labels []int, data string, settings Settings,
	progress func(shown, total int, loss float64)) (*Classifier, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	c, err := newClassifier(shape, classes)
	if err != nil {
		return nil, err
	}
	if images.Len() == 0 || len(labels) != images.Len() {
		return nil, fmt.Errorf("neural: %d images of %s with %d labels", images.Len(), data, len(labels))
	}
	for i, label := range labels {
		if label < 0 || label >= classes {
			return nil, fmt.Errorf("neural: image %d of %s has label %d; there are %d classes", i, data, label, classes)
		}
	}
	if c.mean, c.deviation, err = pixels(images, shape); err != nil {
		return nil, err
	}
	draw(c.weights, c.tensors, settings.Seed)

	t := &classifierTrainer{classifier: c, images: images, labels: labels, settings: settings, deck: newDeck(images.Len(), settings),
		adam: newAdam(c.weights, c.tensors, settings), losses: make([]float64, settings.Batch), history: history{clock: newClock(0, 0)}}
	copy(t.adam.average, c.weights)
	for step := range settings.steps() {
		loss, err := t.step(ctx, step)
		if err != nil {
			return nil, err
		}
		if progress != nil {
			progress(min((step+1)*settings.Batch, settings.Images), settings.Images, loss)
		}
	}
	copy(c.weights, t.adam.average)
	c.training = Training{Data: data, TrainImages: images.Len(), Settings: settings, Conditions: conditions(), Log: t.history.log}
	c.training.Seconds, c.training.CPUSeconds = t.history.clock.read()
	return c, nil
}

type classifierTrainer struct {
	classifier *Classifier
	images     diffusion.Images
	labels     []int
	settings   Settings
	deck       *deck
	adam       *adam
	history    history
	workers    sync.Pool // of *classifierWorker
	losses     []float64
}

// classifierWorker is what a goroutine needs to run images.
type classifierWorker struct {
	graph    *classifierGraph
	gradient []float32
	image    []float64
	x        []float32
	p        []float64
	dlogits  []float32
}

// step shows the classifier one batch and returns its loss, the mean of -ln p(label).
func (t *classifierTrainer) step(ctx context.Context, step int) (loss float64, err error) {
	t.deck.shuffle(step)
	err = parallel.Each(ctx, len(t.adam.chunks), func(k int) error {
		w, _ := t.workers.Get().(*classifierWorker)
		if w == nil {
			w = t.newWorker()
		}
		defer t.workers.Put(w)
		clear(w.gradient)
		for slot := k * chunk; slot < min((k+1)*chunk, t.settings.Batch); slot++ {
			t.losses[slot] = t.runImage(w, t.deck.image(step*t.settings.Batch+slot))
		}
		copy(t.adam.chunks[k], w.gradient)
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
		return loss, errors.Join(ErrDiverged, fmt.Errorf("at step %d: loss %v, gradient of length %v", step+1, loss, norm))
	}
	t.adam.update(norm, step)
	t.history.record(Record{Images: min((step+1)*t.settings.Batch, t.settings.Images), Loss: loss, Gradient: norm, Rate: t.settings.rate(step)},
		step == t.settings.steps()-1)
	return loss, nil
}

func (t *classifierTrainer) newWorker() *classifierWorker {
	c := t.classifier
	gradient := floats(len(c.weights))
	return &classifierWorker{graph: c.newGraph(gradient), gradient: gradient, x: floats(c.shape.Size()),
		p: make([]float64, c.classes), dlogits: floats(c.classes)}
}

// runImage adds the gradient of the loss of one image and returns its loss.
func (t *classifierTrainer) runImage(w *classifierWorker, i int) float64 {
	w.image = t.images.Batch(w.image, i, i+1)
	t.classifier.standardise(w.x, w.image)
	_, logits := w.graph.forward(w.x)
	widen(w.p, logits)
	softmax(w.p)
	for class, p := range w.p {
		if class == t.labels[i] {
			p -= 1
		}
		w.dlogits[class] = float32(p / float64(t.settings.Batch))
	}
	w.graph.backward(w.dlogits)
	return -math.Log(max(w.p[t.labels[i]], math.SmallestNonzeroFloat64))
}
