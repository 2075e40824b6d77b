package metrics

import (
	"context"
	"fmt"
	"math"
	"slices"

	_ "wavescore/internal/openblas"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// FeatureExtractor makes of an image the vector in which it is compared with others: package
// neural's Classifier is one.
type FeatureExtractor interface {
	// Dim returns the number of features of an image.
	Dim() int
	// Features returns the features of images, Dim values each, image after image. Images are
	// row-major, pixels in [-1, 1].
	Features(ctx context.Context, images []float64) ([]float64, error)
}

// Pixels is the FeatureExtractor that takes an image of that many pixels as it is.
type Pixels int

// Dim implements FeatureExtractor.
func (p Pixels) Dim() int { return int(p) }

// Features implements FeatureExtractor.
func (p Pixels) Features(_ context.Context, images []float64) ([]float64, error) { return images, nil }

// BandEnergies is the FeatureExtractor of an image's texture: the root mean square of the
// coefficients of every band of a wavelet transform, in the order of its layout's Bands. Where in
// the image they are large it does not tell.
type BandEnergies struct{ Transform *wavelet.Transform }

// Dim implements FeatureExtractor.
func (b BandEnergies) Dim() int { return len(b.Transform.Layout().Bands()) }

// Features implements FeatureExtractor. It panics with a wavelet.LengthError for images that the
// transform does not take.
func (b BandEnergies) Features(_ context.Context, images []float64) ([]float64, error) {
	coefficients := b.Transform.Forward(nil, images)
	layout := b.Transform.Layout()
	var features []float64
	for ; len(coefficients) > 0; coefficients = coefficients[layout.Len():] {
		for _, band := range layout.Bands() {
			from, to := layout.Range(band)
			features = append(features, math.Sqrt(squaredNorm(coefficients[from:to])/float64(to-from)))
		}
	}
	return features, nil
}

// Approximation is the FeatureExtractor of an image seen from afar: the approximation
// coefficients of a wavelet transform. One level of Haar gives the means over blocks of 2 x 2
// pixels, times 2.
type Approximation struct{ Transform *wavelet.Transform }

// Dim implements FeatureExtractor.
func (a Approximation) Dim() int {
	dim := 0
	for _, band := range a.bands() {
		from, to := a.Transform.Layout().Range(band)
		dim += to - from
	}
	return dim
}

// Features implements FeatureExtractor. It panics with a wavelet.LengthError for images that the
// transform does not take.
func (a Approximation) Features(_ context.Context, images []float64) ([]float64, error) {
	coefficients, size := a.Transform.Forward(nil, images), a.Transform.Layout().Len()
	var features []float64
	for ; len(coefficients) > 0; coefficients = coefficients[size:] {
		for _, band := range a.bands() {
			from, to := a.Transform.Layout().Range(band)
			features = append(features, coefficients[from:to]...)
		}
	}
	return features, nil
}

// bands are the bands of approximations, one for each channel.
func (a Approximation) bands() []wavelet.Band {
	return slices.DeleteFunc(a.Transform.Layout().Bands(), func(b wavelet.Band) bool { return b.Orientation != wavelet.Approximation })
}

// Points are vectors of Dim values, one after another: the features of images. They are Images to
// Nearest, which then finds the nearest by their features.
type Points struct {
	Dim    int
	Values []float64
}

// Len returns the number of points.
func (p *Points) Len() int { return len(p.Values) / p.Dim }

// Size returns Dim.
func (p *Points) Size() int { return p.Dim }

// Batch writes points [from, to) to dst, which nil allocates, and returns it.
func (p *Points) Batch(dst []float64, from, to int) []float64 {
	if dst == nil {
		dst = make([]float64, (to-from)*p.Dim)
	}
	copy(dst, p.Values[from*p.Dim:to*p.Dim])
	return dst
}

// Slice returns points [from, to); they share their values with p.
func (p *Points) Slice(from, to int) *Points {
	return &Points{p.Dim, p.Values[from*p.Dim : to*p.Dim : to*p.Dim]}
}

// at returns point i.
func (p *Points) at(i int) []float64 { return p.Values[i*p.Dim : (i+1)*p.Dim] }

// Extract returns the features of images. Progress, unless nil, is told how many images are done.
// It returns the extractor's error, ctx's once that is cancelled, and one for features that are
// not finite.
func Extract(ctx context.Context, extractor FeatureExtractor, images diffusion.Images, progress func(done, total int)) (*Points, error) {
	points := &Points{Dim: extractor.Dim()}
	err := blocks(ctx, images.Len(), blockImages, progress, func(from, to int) error {
		features, err := extractor.Features(ctx, images.Batch(nil, from, to))
		if err != nil {
			return err
		}
		if got, want := len(features), (to-from)*points.Dim; got != want {
			return fmt.Errorf("metrics: %d features of %d images; there are %d of each", got, to-from, points.Dim)
		}
		points.Values = append(points.Values, features...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return points, points.check()
}

// check returns an error unless all values are finite.
func (p *Points) check() error {
	for i, v := range p.Values {
		if v-v != 0 {
			return fmt.Errorf("metrics: point %d has %v at feature %d", i/p.Dim, v, i%p.Dim)
		}
	}
	return nil
}

// checkPair returns an error unless both are points of one space, and enough.
func checkPair(samples, reference *Points, least int) error {
	if samples.Dim != reference.Dim || samples.Dim < 1 {
		return fmt.Errorf("metrics: samples of %d features and references of %d", samples.Dim, reference.Dim)
	}
	if samples.Len() < least || reference.Len() < least {
		return fmt.Errorf("metrics: %d samples and %d references; there are at least %d of each", samples.Len(), reference.Len(), least)
	}
	for _, p := range []*Points{samples, reference} {
		if len(p.Values)%p.Dim != 0 {
			panic(DimError{Dim: p.Dim, A: len(p.Values)})
		}
		if err := p.check(); err != nil {
			return err
		}
	}
	return nil
}
