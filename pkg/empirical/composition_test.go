package empirical

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/floats"
)

// cropOf returns a square crop of an image as values.
func cropOf(x []float64, c *Composition, row, column, side int) (crop []float64) {
	for ch := range c.shape.C {
		for r := range side {
			for k := range side {
				crop = append(crop, pixel(x, c.shape, ch, row+r, column+k, false))
			}
		}
	}
	return crop
}

// TestCompositionByDefinition: the posterior means of all crops, one after another, laid over each
// other.
func TestCompositionByDefinition(t *testing.T) {
	images := noise(rectangle, 9, 11)
	set, size := images.Batch(nil, 0, 9), rectangle.Size()
	for _, side := range []int{1, 2, 3, 5} {
		c, err := NewComposition(rectangle, images, Side(side))
		if err != nil {
			t.Fatal(err)
		}
		for _, sigma := range []float64{0.05, 0.5, 20} {
			y := withNoise(rand.New(rand.NewPCG(12, 0)), set[:2*size], sigma)
			want, covers := make([]float64, 2*size), make([]float64, size)
			for row := 0; row+side <= rectangle.H; row++ {
				for column := 0; column+side <= rectangle.W; column++ {
					var crops []float64
					for n := range 9 {
						crops = append(crops, cropOf(set[n*size:][:size], c, row, column, side)...)
					}
					for i := range 2 {
						mean := bruteForce(crops, cropOf(y[i*size:][:size], c, row, column, side), side*side*rectangle.C, sigma)
						for k, v := range mean {
							at := (k/(side*side)*rectangle.H+row+k/side%side)*rectangle.W + column + k%side
							want[i*size+at] += v
							if i == 0 {
								covers[at]++
							}
						}
					}
				}
			}
			for i := range want {
				want[i] /= covers[i%size]
			}
			if err := c.Denoise(t.Context(), y, y, sigma); err != nil {
				t.Fatal(err)
			}
			if worst := floats.Distance(y, want, math.Inf(1)); worst > 1e-7 {
				t.Errorf("side %d, sigma %v: off by %v", side, sigma, worst)
			}
		}
	}
}
