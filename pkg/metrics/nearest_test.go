package metrics

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
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
		t.Error("an image of which nothing was measured is called a copy")
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
	for _, v := range []float64{math.NaN(), math.Inf(-1)} {
		images := slices.Clone(images)
		images[3*6+2] = v
		if _, err := Nearest(context.Background(), images, references); err == nil || !strings.Contains(err.Error(), "image 3 ") {
			t.Errorf("an image with a pixel that is %v: %v", v, err)
		}
	}
}

// TestNearestAmongCopies has references of which some are there several times, exactly or to the
// rounding of float32, in every order: the second distance is that to another one.
func TestNearestAmongCopies(t *testing.T) {
	a, b, c := []float32{0.5, -1, 0.25}, []float32{0.5, -1, 0.75}, []float32{-1, 1, 1}
	almost := slices.Clone(a)
	almost[2] = math.Nextafter32(a[2], 1)
	step := slices.Clone(a) // the nearest other picture of 8 bits
	step[2] += 2.0 / 255
	wide := func(v ...float64) []float64 { return v }
	for name, c := range map[string]struct {
		references    [][]float32
		image         []float64
		first, second float64
		memorised     bool
	}{
		"two copies":          {[][]float32{a, b, a}, wide(0.5, -1, 0.25), 0, 0.5, true},
		"copies first":        {[][]float32{a, a, a, b}, wide(0.5, -1, 0.26), 0.01, 0.49, true},
		"copies last":         {[][]float32{c, b, a, a}, wide(0.5, -1, 0.26), 0.01, 0.49, true},
		"copies to rounding":  {[][]float32{a, c, almost, b}, wide(0.5, -1, 0.25), 0, 0.5, true},
		"the nearer copy":     {[][]float32{almost, c, b, a}, wide(0.5, -1, 0.25), 0, 0.5, true},
		"copies of another":   {[][]float32{b, a, b, b}, wide(0.5, -1, 0.26), 0.01, 0.49, true},
		"between two":         {[][]float32{a, a, b, b}, wide(0.5, -1, 0.45), 0.2, 0.3, false},
		"as far from two":     {[][]float32{a, b}, wide(0.5, -1, 0.5), 0.25, 0.25, false},
		"a step is no copy":   {[][]float32{a, step, b}, wide(0.5, -1, 0.25), 0, 2.0 / 255, true},
		"nothing else":        {[][]float32{a, a}, wide(0.5, -1, 0.5), 0.25, math.Inf(1), true},
		"black and its copy":  {[][]float32{make([]float32, 3), make([]float32, 3), a}, wide(0, 0, 0), 0, math.Sqrt(1.3125), true},
		"copies among blocks": {slices.Concat([][]float32{a}, slices.Repeat([][]float32{c}, 1100), [][]float32{a, b}), wide(0.5, -1, 0.25), 0, 0.5, true},
	} {
		references := &dataset.Images{Channels: 1, Height: 1, Width: 3, Pixels: slices.Concat(c.references...)}
		nearest, err := Nearest(context.Background(), c.image, references)
		if err != nil {
			t.Fatal(err)
		}
		got := nearest[0]
		if math.Abs(got.First-c.first) > 1e-7 || got.Second != c.second && !(math.Abs(got.Second-c.second) <= 1e-7) {
			t.Errorf("%s: %v and then %v, want %v and %v", name, got.First, got.Second, c.first, c.second)
		}
		if share := Memorised(nearest).Value(); (share == 1) != c.memorised {
			t.Errorf("%s: ratio %v, memorised %v", name, got.Ratio(), share)
		}
	}
}
