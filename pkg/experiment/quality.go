package experiment

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/metrics"
	"wavescore/pkg/model"
	"wavescore/pkg/neural"
	"wavescore/pkg/wavelet"
)

// A Quality judges sets of samples of a run's images: against the test images, and by how near
// they are to the train images. It keeps what it has measured. It is neither copied nor changed
// once it is used.
type Quality struct {
	Run    lab.Run
	Images int // of each set, at most
	Looked int // of these, the first that are looked for among the train images

	sets sync.Map // func() *dataset.Images by SampleSet
}

// A Space is what images are compared in.
type Space string

const (
	Classifier Space = "classifier" // the features of the run's classifier
	Pixels     Space = "pixels"     // means over blocks of 2 x 2 pixels
	Bands      Space = "bands"      // energies of the wavelet bands of Haar, to 5 levels
)

// Spaces returns the spaces that the run's images have: all, or without the classifier's.
func (q *Quality) Spaces() []Space {
	if !q.HasClassifier() {
		return []Space{Pixels, Bands}
	}
	return []Space{Classifier, Pixels, Bands}
}

// HasClassifier tells whether there is a classifier of the run's images.
func (q *Quality) HasClassifier() bool {
	_, found := q.Run.Network("classifier")
	return found && q.Classifier().Shape() == q.Run.Shape()
}

// Classifier returns the classifier of the run's images.
func (q *Quality) Classifier() *neural.Classifier {
	path, _ := q.Run.Network("classifier")
	loaded, _ := classifiers.LoadOrStore(path, sync.OnceValue(func() *neural.Classifier { return lab.Must1(model.Load[neural.Classifier](path)) }))
	return loaded.(func() *neural.Classifier)()
}

var classifiers sync.Map // of this program, by the path of the file

// Available returns those of some sets that the run has, in their order.
func (q *Quality) Available(some ...SampleSet) []SampleSet {
	return slices.DeleteFunc(slices.Clone(some), func(s SampleSet) bool { return !s.there(q.Run) })
}

// Samples returns the images of a set, of which a program draws or reads them once.
func (q *Quality) Samples(s SampleSet) *dataset.Images {
	made, _ := q.sets.LoadOrStore(s, sync.OnceValue(func() *dataset.Images { return s.images(q.Run, s.Name, q.Images) }))
	return made.(func() *dataset.Images)()
}

// inputs returns what a measurement of a set depends on, with what else counts.
func (q *Quality) inputs(s SampleSet, more ...any) []any {
	return append([]any{s.key(q.Run), q.Images, q.Run.Seed}, more...)
}

// extractor returns what makes the features of a space, and what it is known by.
func (q *Quality) extractor(space Space) (extractor metrics.FeatureExtractor, key any) {
	haar := lab.Must1(wavelet.ParseFilter("haar"))
	switch space {
	case Classifier:
		path, _ := q.Run.Network("classifier")
		return q.Classifier(), digest(path)
	case Pixels:
		return metrics.Approximation{Transform: wavelet.NewTransform(haar, q.Run.Layout(1))}, q.Run.Layout(1)
	case Bands:
		return metrics.BandEnergies{Transform: wavelet.NewTransform(haar, q.Run.Layout(5))}, q.Run.Layout(5)
	}
	panic(fmt.Sprintf("experiment: no space is called %q", string(space)))
}

// Points returns the features of a set's images.
func (q *Quality) Points(s SampleSet, space Space) *metrics.Points {
	_, key := q.extractor(space)
	return q.points(space, q.inputs(s, space, key), func() diffusion.Images { return q.Samples(s) })
}

// TestPoints returns the features of the run's test images.
func (q *Quality) TestPoints(space Space) *metrics.Points {
	_, key := q.extractor(space)
	return q.points(space, []any{q.Run.TestSet(), space, key}, func() diffusion.Images { return q.Run.TestImages() })
}

func (q *Quality) points(space Space, inputs []any, images func() diffusion.Images) *metrics.Points {
	return lab.Must1(lab.Cached("points", inputs, func() (*metrics.Points, error) {
		extractor, _ := q.extractor(space)
		return metrics.Extract(context.Background(), extractor, images(), lab.Progress("features: "+string(space)))
	}))
}

// Frechet returns the squared Fréchet distance of a set from the test images.
func (q *Quality) Frechet(s SampleSet, space Space) metrics.Distance {
	return lab.Must1(lab.Cached("frechet", q.judged(s, space), func() (metrics.Distance, error) {
		return metrics.Frechet(context.Background(), q.Points(s, space), q.TestPoints(space))
	}))
}

// Kernel returns the squared kernel distance of a set from the test images.
func (q *Quality) Kernel(s SampleSet, space Space) metrics.Estimate {
	return lab.Must1(lab.Cached("kernel", q.judged(s, space), func() (metrics.Estimate, error) {
		return metrics.Kernel(context.Background(), q.Points(s, space), q.TestPoints(space))
	}))
}

// judged returns what a comparison of a set with the test images depends on.
func (q *Quality) judged(s SampleSet, space Space) []any {
	_, key := q.extractor(space)
	return q.inputs(s, q.Run.TestSet(), space, key)
}

// Overlap is how a set and the test images share a space; see metrics.Overlap.
type Overlap struct{ Precision, Recall, Density, Coverage metrics.Estimate }

// Around how many test images, and to which neighbour, the balls of an overlap are drawn.
const (
	ballCentres   = 5000
	ballNeighbour = 5
)

// Overlap returns how a set shares a space with the first 5000 test images, by balls to the fifth
// neighbour.
func (q *Quality) Overlap(s SampleSet, space Space) Overlap {
	return lab.Must1(lab.Cached("overlap", q.judged(s, space), func() (Overlap, error) {
		tests := q.TestPoints(space)
		tests = tests.Slice(0, min(ballCentres, tests.Len()))
		o, err := metrics.NewOverlap(context.Background(), q.Points(s, space), tests, ballNeighbour)
		if err != nil {
			return Overlap{}, err
		}
		seed := q.Run.Seed
		return Overlap{o.Precision.Estimate(seed), o.Recall.Estimate(seed), o.Density.Estimate(seed), o.Coverage.Estimate(seed)}, nil
	}))
}

// Probabilities returns what the classifier says of the images of a set: the probability of each
// class.
func (q *Quality) Probabilities(s SampleSet) *metrics.Points {
	_, key := q.extractor(Classifier)
	return q.probabilities(q.inputs(s, key), func() diffusion.Images { return q.Samples(s) })
}

// TestProbabilities returns what the classifier says of the test images.
func (q *Quality) TestProbabilities() *metrics.Points {
	_, key := q.extractor(Classifier)
	return q.probabilities([]any{q.Run.TestSet(), key}, func() diffusion.Images { return q.Run.TestImages() })
}

func (q *Quality) probabilities(inputs []any, images func() diffusion.Images) *metrics.Points {
	return lab.Must1(lab.Cached("probabilities", inputs, func() (*metrics.Points, error) {
		all := images()
		values, err := q.Classifier().Probabilities(context.Background(), all.Batch(nil, 0, all.Len()))
		return &metrics.Points{Dim: q.Classifier().Classes(), Values: values}, err
	}))
}

// Accuracy returns the share of test images whose label the classifier finds the likeliest.
func (q *Quality) Accuracy() float64 {
	p, labels := q.TestProbabilities(), q.Run.TestImages().Labels
	right := 0
	for i, label := range labels {
		if floats.MaxIdx(p.Batch(nil, i, i+1)) == label {
			right++
		}
	}
	return float64(right) / float64(len(labels))
}

// Novelty is how near samples are to the train images of the run.
type Novelty struct {
	Copies   metrics.Estimate // share that the ratio test of metrics.Memorised calls copies, exact interval
	Distance metrics.Estimate // median Euclidean distance to the nearest train image, in pixels of [-1, 1]
}

// Novelty looks for the first images of a set, as many as Looked says, among the train images.
func (q *Quality) Novelty(s SampleSet) Novelty {
	return lab.Must1(lab.Cached("novelty", q.inputs(s, q.Looked, q.Run.TrainSet()), func() (Novelty, error) {
		images := q.Samples(s)
		return novelty(images.Batch(nil, 0, min(q.Looked, images.Len())), q.Run.TrainImages())
	}))
}

// novelty looks for images among others.
func novelty(images []float64, train diffusion.Images) (Novelty, error) {
	nearest, err := metrics.Nearest(context.Background(), images, train)
	if err != nil {
		return Novelty{}, err
	}
	var distances []float64
	for _, n := range nearest {
		distances = append(distances, n.First)
	}
	return Novelty{metrics.Copies(nearest), metrics.Median(distances)}, nil
}

// Way returns how much of the way from one set to another a third one has gone, in the logarithm of
// the Fréchet distance to the test images in a space, without the bias of n:
//
//	(ln from - ln set) / (ln from - ln to)
//
// The interval takes the three distances to be independent, and is that of the linearised ratio.
func (q *Quality) Way(space Space, from, to, set SampleSet) metrics.Estimate {
	logarithm := func(s SampleSet) (value, half float64) {
		e := q.Frechet(s, space).Extrapolated
		return math.Log(e.Value), (e.High - e.Low) / 2 / e.Value
	}
	a, da := logarithm(from)
	b, db := logarithm(set)
	c, dc := logarithm(to)
	share := (a - b) / (a - c)
	half := math.Hypot(math.Hypot(da*(1-share), db), dc*share) / math.Abs(a-c)
	return metrics.Estimate{Value: share, Low: share - half, High: share + half}
}
