package metrics

import (
	"context"
	"testing"

	"wavescore/pkg/dataset"
)

// BenchmarkSamples measures 10 000 images against 10 000 others: all distances of their pixels,
// 1024 each, and of 64 features, and the search for the nearest of the others.
func BenchmarkSamples(b *testing.B) {
	ctx := context.Background()
	images := func(seed uint64) *dataset.Images {
		padded, err := dataset.Digits(10000, seed).Pad(32, 32)
		if err != nil {
			b.Fatal(err)
		}
		return padded
	}
	points := func(images *dataset.Images) *Points {
		p, err := Extract(ctx, Pixels(images.Size()), images, nil)
		if err != nil {
			b.Fatal(err)
		}
		return p
	}
	samples, references := images(1), images(2)
	small := func(images *dataset.Images) *Points { return points(images.Resize(8, 8)) }
	for _, space := range []struct {
		name                string
		samples, references *Points
	}{{"pixels", points(samples), points(references)}, {"64 features", small(samples), small(references)}} {
		b.Run("Fréchet/"+space.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Frechet(ctx, space.samples, space.references); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("kernel/"+space.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Kernel(ctx, space.samples, space.references); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("overlap/"+space.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := NewOverlap(ctx, space.samples, space.references, 5); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("nearest/"+space.name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Nearest(ctx, space.samples.Values, space.references); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
