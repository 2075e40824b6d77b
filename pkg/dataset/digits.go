package dataset

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
)

const (
	digitSide   = 28  // height and width of an image
	digitBox    = 20  // side of the square that a digit is fitted into
	digitCentre = 14  // row and column of its centre of mass
	digitEdge   = 1.1 // width of the soft edge of its ink
)

// Digits returns n images of handwritten-looking digits, 28x28, grey, from black paper (-1) to
// white ink (+1), with their labels.
//
// They resemble MNIST and need no download. A digit starts as one of several allographs, the ways
// in which people write it: strokes through knots. A random hand shifts the knots, bends the
// plane smoothly, slants, turns and stretches it, chooses a pen and presses it unevenly. As in
// MNIST the digit is scaled to fit a square of 20 pixels, and the centre of mass of its line lies
// at pixel (14, 14), counted from 0.
//
// Image i shows digit i mod 10 and depends on seed and i alone, so a longer set begins with the
// shorter one. Another seed gives an independent set: whatever was learned on one can be tested
// on as many new images as one likes.
func Digits(n int, seed uint64) *Images {
	set := &Images{
		Name: "digits", Channels: 1, Height: digitSide, Width: digitSide,
		Pixels:  make([]float32, n*digitSide*digitSide),
		Labels:  make([]int, n),
		Classes: make([]string, len(allographs)),
	}
	for class := range set.Classes {
		set.Classes[class] = strconv.Itoa(class)
	}
	inRanges(n, func(from, to int) {
		var w writer
		for i := from; i < to; i++ {
			set.Labels[i] = i % len(allographs)
			w.write(set.pixels(i, i+1), allographs[set.Labels[i]], stream(digitStream, seed, i))
		}
	})
	// As image i depends on seed and i alone, all sets of a seed are slices of one.
	digest := fmt.Sprintf("digits of seed %d", seed)
	set.of(&origin{digest: func() string { return digest }, known: true}, 0)
	return set
}

// dot is a place that the pen comes to in a straight move from the dot before, with its radius
// there.
type dot struct {
	point
	radius float64
	lifted bool // the move leaves no ink: a stroke begins here
}

// writer writes digits one after another, reusing its memory.
type writer struct {
	path  []dot
	knots []point
}

// write draws a digit in one of its allographs.
func (w *writer) write(img []float32, among []allograph, rng *rand.Rand) {
	pen := 1.34 * math.Exp(0.25*rng.NormFloat64())
	w.trace(choose(among, rng).strokes, rng)
	w.warp(rng)
	w.fit(pen)
	w.press(pen, rng)
	for i := range img {
		img[i] = -1
	}
	for i, d := range w.path {
		if !d.lifted {
			ink(img, w.path[i-1], d)
		}
	}
}

// choose picks an allograph by weight.
func choose(among []allograph, rng *rand.Rand) allograph {
	var total float64
	for _, a := range among {
		total += a.weight
	}
	u := total * rng.Float64()
	last := len(among) - 1
	for _, a := range among[:last] {
		if u -= a.weight; u < 0 {
			return a
		}
	}
	return among[last]
}

// trace shifts every knot a little and lays the path through them: a Catmull-Rom spline, whose
// tangent at a knot is parallel to the chord between its neighbours. Where a knot is given twice
// the tangents of its two sides differ: a corner.
func (w *writer) trace(strokes []stroke, rng *rand.Rand) {
	const (
		wobble = 2 // standard deviation of a shift
		pieces = 5 // moves from knot to knot
	)
	w.path = w.path[:0]
	for _, s := range strokes {
		k := w.knots[:0]
		for i, p := range s {
			if i == 0 || p != s[i-1] {
				p = point{p.x + wobble*rng.NormFloat64(), p.y + wobble*rng.NormFloat64()}
			} else {
				p = k[i-1]
			}
			k = append(k, p)
		}
		w.knots = k
		w.path = append(w.path, dot{point: k[0], lifted: true})
		for i := 1; i < len(k); i++ {
			a, b := k[i-1], k[i]
			if a == b {
				continue
			}
			before, after := k[max(i-2, 0)], k[min(i+1, len(k)-1)]
			for j := 1; j <= pieces; j++ {
				t := float64(j) / pieces
				w.path = append(w.path, dot{point: point{
					hermite(t, a.x, b.x, (b.x-before.x)/2, (after.x-a.x)/2),
					hermite(t, a.y, b.y, (b.y-before.y)/2, (after.y-a.y)/2),
				}})
			}
		}
	}
}

// hermite is the cubic from a at t = 0 to b at t = 1 with slopes da and db there.
func hermite(t, a, b, da, db float64) float64 {
	u := 1 - t
	return u*u*((1+2*t)*a+t*da) + t*t*((1+2*u)*b-u*db)
}

// warp bends the plane by waves longer than the digit, then slants, stretches and turns it.
func (w *writer) warp(rng *rand.Rand) {
	type wave struct {
		amplitude, frequency point
		phase                float64
	}
	var waves [3]wave
	for i := range waves {
		waves[i] = wave{
			amplitude: point{4 * rng.NormFloat64(), 4 * rng.NormFloat64()},
			frequency: point{0.03 * rng.NormFloat64(), 0.03 * rng.NormFloat64()},
			phase:     2 * math.Pi * rng.Float64(),
		}
	}
	slant := 0.1 + 0.22*rng.NormFloat64()
	stretch := 1.22 * math.Exp(0.2*rng.NormFloat64())
	sin, cos := math.Sincos(0.13 * rng.NormFloat64())
	for i, d := range w.path {
		p := d.point
		for _, v := range waves {
			s := math.Sin(v.frequency.x*d.x + v.frequency.y*d.y + v.phase)
			p.x += v.amplitude.x * s
			p.y += v.amplitude.y * s
		}
		p.x = stretch * (p.x - slant*p.y)
		w.path[i].point = point{cos*p.x - sin*p.y, sin*p.x + cos*p.y}
	}
}

// fit scales the path so that the ink of a pen of the given radius just fills the box, and moves
// its centre of mass.
func (w *writer) fit(pen float64) {
	low, high := w.path[0].point, w.path[0].point
	var length float64
	var centre point
	for i, d := range w.path {
		low = point{min(low.x, d.x), min(low.y, d.y)}
		high = point{max(high.x, d.x), max(high.y, d.y)}
		if d.lifted {
			continue
		}
		from := w.path[i-1]
		l := math.Hypot(d.x-from.x, d.y-from.y)
		length += l
		centre.x += l * (from.x + d.x) / 2
		centre.y += l * (from.y + d.y) / 2
	}
	scale := (digitBox - digitEdge - 2*pen) / max(high.x-low.x, high.y-low.y)
	for i, d := range w.path {
		w.path[i].point = point{
			digitCentre + scale*(d.x-centre.x/length),
			digitCentre + scale*(d.y-centre.y/length),
		}
	}
}

// press gives the pen its radius along the path: slow changes of pressure, a trembling edge, and
// thinner ends.
func (w *writer) press(pen float64, rng *rand.Rand) {
	const (
		tremble = 0.07
		end     = 0.8
	)
	depth, frequency, phase := 0.12*rng.NormFloat64(), 0.15*rng.NormFloat64(), 2*math.Pi*rng.Float64()
	for i, d := range w.path {
		pressure := 1 + depth*math.Sin(frequency*float64(i)+phase) + tremble*rng.NormFloat64()
		if d.lifted || i+1 == len(w.path) || w.path[i+1].lifted {
			pressure *= end
		}
		w.path[i].radius = pen * max(pressure, 0.5)
	}
}

// ink draws a move of the pen. A pixel is covered by as much of a soft edge as lies within the
// pen's radius of the line; where moves overlap, the greatest cover counts.
func ink(img []float32, from, to dot) {
	reach := max(from.radius, to.radius) + digitEdge/2
	top, bottom := span(min(from.y, to.y)-reach, max(from.y, to.y)+reach)
	left, right := span(min(from.x, to.x)-reach, max(from.x, to.x)+reach)
	dx, dy := to.x-from.x, to.y-from.y
	squared := max(dx*dx+dy*dy, 1e-12)
	for row := top; row < bottom; row++ {
		y := float64(row) - from.y
		line := img[row*digitSide : (row+1)*digitSide]
		for col := left; col < right; col++ {
			x := float64(col) - from.x
			t := min(max((x*dx+y*dy)/squared, 0), 1) // the nearest place of the move
			ex, ey := x-t*dx, y-t*dy
			distance := ex*ex + ey*ey
			if distance >= reach*reach {
				continue
			}
			radius := from.radius + t*(to.radius-from.radius)
			cover := min(0.5+(radius-math.Sqrt(distance))/digitEdge, 1)
			line[col] = max(line[col], float32(2*cover-1))
		}
	}
}

// span returns the range of rows or columns whose centres lie between low and high.
func span(low, high float64) (from, to int) {
	return max(int(math.Ceil(low)), 0), min(int(math.Floor(high))+1, digitSide)
}
