package empirical

import "math"

// negligible is how much the exponent of a source may be below the largest for its weight to count.
// All sources that are passed over together have at most their number times exp(-30) of the weight.
const negligible = 30

// decaySteps is the number of entries that the table of exp(-x) has for each unit of x.
const decaySteps = 64

var decays = func() (table [negligible*decaySteps + 2]float64) {
	for i := range table {
		table[i] = math.Exp(-float64(i) / decaySteps)
	}
	return table
}()

// decay returns exp(-x) for x in [0, negligible], to a relative 3e-9.
func decay(x float64) float64 {
	i := int(x * decaySteps)
	r := x - float64(i)/decaySteps
	return decays[i] * (1 - r*(1-r*(0.5-r/6)))
}

// A posterior is a mean of sources that come one after another, for every pixel of an image. The
// weight of a source of energy e is exp(-e).
type posterior struct {
	pixels int       // places: height times width
	least  []float64 // the least energy so far, of each place
	weight []float64 // the sum of the weights over exp(-least)
	sums   []float64 // of weights times sources: channels x places
}

func newPosterior(channels, pixels int) *posterior {
	p := &posterior{pixels: pixels, least: make([]float64, pixels), weight: make([]float64, pixels), sums: make([]float64, channels*pixels)}
	for i := range p.least {
		p.least[i] = math.Inf(1)
	}
	return p
}

// add gives each of consecutive places from at on a source, whose energy is its distance times a
// scale. The sources of channel c begin at values[c*stride].
func (p *posterior) add(at int, distances []float64, scale float64, values []float64, stride int) {
	least := p.least[at:][:len(distances)]
	for i, d := range distances {
		e := d * scale
		if e > least[i]+negligible {
			continue
		}
		w := 1.0
		if e < least[i] {
			p.rescale(at+i, e)
		} else {
			w = decay(e - least[i])
		}
		p.weight[at+i] += w
		for c := 0; c*p.pixels < len(p.sums); c++ {
			p.sums[c*p.pixels+at+i] += w * values[c*stride+i]
		}
	}
}

// rescale makes e the least energy of a place.
func (p *posterior) rescale(at int, e float64) {
	factor := 0.0
	if e > p.least[at]-negligible {
		factor = decay(p.least[at] - e)
	}
	p.least[at] = e
	p.weight[at] *= factor
	for i := at; i < len(p.sums); i += p.pixels {
		p.sums[i] *= factor
	}
}

// merge adds the sources of another posterior of the same image.
func (p *posterior) merge(other *posterior) {
	for at, e := range other.least {
		if other.weight[at] == 0 || e > p.least[at]+negligible {
			continue
		}
		factor := 1.0
		if e < p.least[at] {
			p.rescale(at, e)
		} else {
			factor = decay(e - p.least[at])
		}
		p.weight[at] += factor * other.weight[at]
		for i := at; i < len(p.sums); i += p.pixels {
			p.sums[i] += factor * other.sums[i]
		}
	}
}

// merged merges the posteriors of several images over parts of the training images, in the order of
// the parts. It returns nil where a part is missing, as after an error.
func merged(parts [][]*posterior) []*posterior {
	for _, part := range parts {
		if part == nil {
			return nil
		}
	}
	for _, part := range parts[1:] {
		for i, p := range part {
			parts[0][i].merge(p)
		}
	}
	return parts[0]
}

// mean writes the means to dst, channels x places.
func (p *posterior) mean(dst []float64) {
	for i, s := range p.sums {
		dst[i] = s / p.weight[i%p.pixels]
	}
}
