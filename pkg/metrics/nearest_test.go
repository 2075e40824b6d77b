package metrics

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"wavescore/pkg/dataset"
)

// TestNearest compares with every distance computed one by one, for more references than a block.
func TestNearest(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 0))
	references := &dataset.Images{Channels: 1, Height: 3, Width: 2, Pixels: make([]float32, 1300*6)}
	for i := range references.Pixels {
		references.Pixels[i] = float32(random.NormFloat64())
	}
	const n = 7
	images := make([]float64, n*6)
	for i := range images {
		images[i] = random.NormFloat64()
	}
	copy(images[:6], references.Batch(nil, 1200, 1201))
	nearest, err := Nearest(context.Background(), images, references)
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range nearest {
		var distances []float64
		for r := range 1300 {
			var sum float64
			for k, v := range references.Batch(nil, r, r+1) {
				sum += (v - images[i*6+k]) * (v - images[i*6+k])
			}
			distances = append(distances, math.Sqrt(sum))
		}
		index := slices.Index(distances, slices.Min(distances))
		slices.Sort(distances)
		// A copy's distance is what rounding leaves of a difference of squares.
		if got.Index != index || math.Abs(got.First-distances[0]) > 1e-7 || math.Abs(got.Second-distances[1]) > 1e-9 {
			t.Errorf("image %d: %+v, want %d at %v and then %v", i, got, index, distances[0], distances[1])
		}
	}
	if share := Memorised(nearest).Value(); share < 1.0/n-1e-12 || nearest[0].Ratio() > 1e-6 {
		t.Errorf("a copy among %d images: ratio %v, share %v", n, nearest[0].Ratio(), share)
	}
	if (Neighbours{}).Ratio() != 1 {
		t.Error("an image with two copies is nearer to one of them")
	}
	if _, err := Nearest(context.Background(), images, references.Slice(0, 0)); err == nil {
		t.Error("no references are near")
	}
	broken := references.Slice(0, 2)
	broken.Pixels = slices.Clone(broken.Pixels)
	broken.Pixels[7] = float32(math.Inf(1))
	if _, err := Nearest(context.Background(), images, broken); err == nil {
		t.Error("an infinite reference is taken")
	}
}
