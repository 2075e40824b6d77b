package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"
)

// DeadLeaves makes colour images of discs that fall on one another, as leaves do, until they hide
// the ground. The radius of a disc has density r^-3 between two bounds, so that zooming changes
// nothing between them: such images share the power law, the edges, the flat regions and the
// occlusions of natural ones (Lee, Mumford and Huang, Int. J. Comput. Vision 41:35, 2001). Their
// score is not known in closed form.
type DeadLeaves struct {
	height, width     int
	smallest, largest float64
}

// NewDeadLeaves returns the dead leaves with radii from smallest to largest, in pixels. Smallest
// is at least a quarter of a pixel, and largest at most four times the longer side of the image:
// the leaves of an image become too many otherwise.
func NewDeadLeaves(height, width int, smallest, largest float64) (*DeadLeaves, error) {
	if height < 1 || width < 1 {
		return nil, fmt.Errorf("dataset: dead leaves of %dx%d pixels: height and width must be positive", height, width)
	}
	if most := float64(4 * max(height, width)); !(smallest >= 0.25 && smallest <= largest && largest <= most) {
		return nil, fmt.Errorf("dataset: dead leaves of radii %v to %v: want 0.25 <= smallest <= largest <= %v", smallest, largest, most)
	}
	return &DeadLeaves{height, width, smallest, largest}, nil
}

// A pixel is the mean of leafSamples x leafSamples points.
const leafSamples = 3

// Draw returns n images of three channels. Image i depends on seed and i alone.
func (d *DeadLeaves) Draw(n int, seed uint64) *Images {
	set := &Images{
		Name: "dead leaves", Channels: 3, Height: d.height, Width: d.width,
		Pixels: make([]float32, n*3*d.height*d.width),
	}
	inRanges(n, func(from, to int) {
		hidden := make([]bool, d.height*d.width*leafSamples*leafSamples)
		for i := from; i < to; i++ {
			d.draw(set.pixels(i, i+1), hidden, stream(leafStream, seed, i))
		}
	})
	return set
}

// draw lays the leaves from the top one down, so that a point keeps the first that covers it,
// until every point is covered. That is an exact draw: however many leaves had fallen before,
// they would not be seen.
func (d *DeadLeaves) draw(img []float32, hidden []bool, rng *rand.Rand) {
	clear(hidden)
	rows, cols, plane := d.height*leafSamples, d.width*leafSamples, d.height*d.width
	for bare := len(hidden); bare > 0; {
		// Distances in samples, whose places are whole numbers.
		radius := leafSamples * d.radius(rng.Float64())
		reach := leafSamples * d.largest
		y := rng.Float64()*(float64(rows)+2*reach) - reach - 0.5
		x := rng.Float64()*(float64(cols)+2*reach) - reach - 0.5
		top, bottom := max(int(math.Ceil(y-radius)), 0), min(int(math.Floor(y+radius)), rows-1)
		colour, coloured := [3]float32{}, false
		for r := top; r <= bottom; r++ {
			dy := float64(r) - y
			half := math.Sqrt(max(radius*radius-dy*dy, 0))
			left, right := max(int(math.Ceil(x-half)), 0), min(int(math.Floor(x+half)), cols-1)
			for c := left; c <= right; c++ {
				if hidden[r*cols+c] {
					continue
				}
				if !coloured {
					colour, coloured = leafColour(rng), true
				}
				hidden[r*cols+c] = true
				bare--
				pixel := r/leafSamples*d.width + c/leafSamples
				for ch, v := range colour {
					img[ch*plane+pixel] += v
				}
			}
		}
	}
	for i := range img {
		img[i] /= leafSamples * leafSamples
	}
}

// radius returns the radius that a share u of the leaves stay below.
func (d *DeadLeaves) radius(u float64) float64 {
	a, b := 1/(d.smallest*d.smallest), 1/(d.largest*d.largest)
	return 1 / math.Sqrt(a-u*(a-b))
}

// leafColour draws a colour: a brightness common to the channels, uniform in [-0.7, 0.7], and in
// each channel a deviation from it, uniform in [-0.3, 0.3]. Two channels have a correlation of
// 0.84.
func leafColour(rng *rand.Rand) (colour [3]float32) {
	brightness := 1.4*rng.Float64() - 0.7
	for ch := range colour {
		colour[ch] = float32(brightness + 0.6*rng.Float64() - 0.3)
	}
	return colour
}
