package metrics

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"wavescore/pkg/dataset"
	"wavescore/pkg/wavelet"
)

// TestExtract: pixels come back as they are, image by image in more than one block, and energies
// add up to the image's, the transform being orthonormal.
func TestExtract(t *testing.T) {
	ctx := context.Background()
	images := dataset.Digits(300, 4).Resize(8, 8)
	pixels, err := Extract(ctx, Pixels(64), images, nil)
	if err != nil || pixels.Len() != 300 || !slices.Equal(pixels.Values, images.Batch(nil, 0, 300)) {
		t.Fatalf("other pixels came back (%v)", err)
	}
	transform := haar(8, 2)
	energies, err := Extract(ctx, BandEnergies{transform}, images, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 300 {
		var sum float64
		for k, band := range transform.Layout().Bands() {
			from, to := transform.Layout().Range(band)
			sum += math.Pow(energies.at(i)[k], 2) * float64(to-from)
		}
		if want := squaredNorm(pixels.at(i)); math.Abs(sum-want) > 1e-9*want {
			t.Errorf("image %d: energies add up to %v, the image's is %v", i, sum, want)
		}
	}
	if _, err := Extract(ctx, broken{}, images, nil); !errors.Is(err, errBroken) {
		t.Errorf("an extractor's error became %v", err)
	}
	if _, err := Extract(ctx, Pixels(63), images, nil); err == nil {
		t.Error("63 of 64 pixels were taken")
	}
}

var errBroken = errors.New("broken")

type broken struct{}

func (broken) Dim() int                                               { return 1 }
func (broken) Features(context.Context, []float64) ([]float64, error) { return nil, errBroken }

// TestNearestInFeatures: Points are references to Nearest.
func TestNearestInFeatures(t *testing.T) {
	references := wave(50, 4, 0.3, 1, 0)
	nearest, err := Nearest(context.Background(), references.at(17), references)
	if err != nil || nearest[0].Index != 17 || nearest[0].First > 1e-7 {
		t.Errorf("%+v (%v)", nearest, err)
	}
}

func TestClasses(t *testing.T) {
	reference := &Points{Dim: 2, Values: []float64{0.9, 0.1, 0.2, 0.8, 0.6, 0.4, 0.3, 0.7}} // half of each
	samples := &Points{Dim: 2, Values: []float64{0.9, 0.1, 0.8, 0.2, 0.6, 0.4, 0.3, 0.7}}   // three quarters of the first
	if got := Confidence(samples).Value(); math.Abs(got-0.75) > 1e-15 {
		t.Errorf("confidence %v, want 0.75", got)
	}
	imbalance, err := Imbalance(samples, reference)
	if err != nil || math.Abs(imbalance.Value()-0.25) > 1e-15 {
		t.Errorf("imbalance %v, want 0.25 (%v)", imbalance.Value(), err)
	}
	if _, err := Imbalance(samples, &Points{Dim: 3, Values: []float64{1, 0, 0}}); err == nil {
		t.Error("two classes were compared with three")
	}
}

// TestApproximation: one level of Haar gives twice the mean of every block of 2 x 2 pixels,
// channel by channel.
func TestApproximation(t *testing.T) {
	layout := wavelet.Layout{Channels: 2, Height: 4, Width: 6, Levels: 1}
	filter, err := wavelet.ParseFilter("haar")
	if err != nil {
		t.Fatal(err)
	}
	seen := Approximation{wavelet.NewTransform(filter, layout)}
	images := make([]float64, 3*layout.Len())
	for i := range images {
		images[i] = math.Sin(float64(i * i))
	}
	features, err := seen.Features(t.Context(), images)
	if err != nil || seen.Dim() != 12 || len(features) != 3*12 {
		t.Fatalf("%d features of %d (%v)", len(features), seen.Dim(), err)
	}
	for plane := range 3 * 2 {
		for block := range 6 {
			at := plane*24 + block/3*2*6 + block%3*2
			want := (images[at] + images[at+1] + images[at+6] + images[at+7]) / 2
			if got := features[plane*6+block]; math.Abs(got-want) > 1e-12 {
				t.Errorf("plane %d, block %d: %v, want %v", plane, block, got, want)
			}
		}
	}
}
