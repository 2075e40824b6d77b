package neural

import "math"

// activation is normalisation, modulation and nonlinearity in one, because each alone would be
// one more pass over memory:
//
//	y = silu(u),  u = (1 + scale[c]) (gain[c] (x - mean) / deviation + offset[c]) + shift[c],
//
// where mean and deviation are those of a group of channels of this image (Wu and He, "Group
// Normalization", 2018), and scale and shift come from the noise level (the field's "adaptive
// group norm") or are absent. Where group is 0 nothing is normalised and there is no gain and no
// offset: a statistic of the whole image would make every pixel depend on every other.
type activation struct {
	channels, area, group int
	gain, offset          parameter

	x          []float32 // the caller's
	modulation []float32 // the caller's: scales, then shifts; nil for none
	slope      []float32 // dy/du
	mean, inv  []float32 // of each channel's group: mean, 1 / deviation

	y, dx       []float32
	dmodulation []float32
}

// epsilon is added to variances.
const epsilon = 1e-5

func newActivation(b *builder, name string, channels, area, group int) *activation {
	a := &activation{
		channels: channels, area: area, group: group,
		slope: b.floats(channels * area), mean: b.floats(channels), inv: b.floats(channels),
		y: b.floats(channels * area), dx: b.floats(channels * area), dmodulation: b.floats(2 * channels),
	}
	if group > 0 {
		a.gain = b.parameter(name+".gain", constant(1), channels)
		a.offset = b.parameter(name+".offset", constant(0), channels)
	}
	return a
}

// forward returns the images of x; modulation is nil, or channels scales and then channels shifts.
func (a *activation) forward(x, modulation []float32) []float32 {
	a.x, a.modulation = x, modulation
	if a.group == 0 {
		fill(a.inv, 1)
	}
	for c := 0; a.group > 0 && c < a.channels; c += a.group {
		mean, inv := statistics(x[c*a.area : (c+a.group)*a.area])
		fill(a.mean[c:c+a.group], mean)
		fill(a.inv[c:c+a.group], inv)
	}
	for c := range a.channels {
		gain, offset, scale, shift := a.affine(c)
		times := gain * scale * a.inv[c]
		plus := scale*offset + shift - times*a.mean[c]
		i, j := c*a.area, (c+1)*a.area
		silu(a.y[i:j], a.slope[i:j], x[i:j], times, plus)
	}
	return a.y
}

// affine returns what a channel is multiplied by and what is added, by what was learnt and by the
// noise level; scale has its 1 added.
func (a *activation) affine(c int) (gain, offset, scale, shift float32) {
	gain, scale = 1, 1
	if a.group > 0 {
		gain, offset = a.gain.value[c], a.offset.value[c]
	}
	if a.modulation != nil {
		scale, shift = 1+a.modulation[c], a.modulation[a.channels+c]
	}
	return gain, offset, scale, shift
}

// backward takes the gradient in y and returns that in x and, where there was a modulation, in it.
func (a *activation) backward(dy []float32) (dx, dmodulation []float32) {
	together := max(a.group, 1)
	for c0 := 0; c0 < a.channels; c0 += together {
		var mean0, mean1 float64 // over the group, of the gradient in z = (x - mean) / deviation, and of that times z
		for c := c0; c < c0+together; c++ {
			i, j := c*a.area, (c+1)*a.area
			gain, offset, scale, _ := a.affine(c)
			// sum0 and sum1 are the sums of the gradient in u, and of that times z.
			sum0, sum1 := slopes(a.dx[i:j], dy[i:j], a.slope[i:j], a.x[i:j])
			sum1 = a.inv[c] * (sum1 - a.mean[c]*sum0)
			if a.modulation != nil {
				a.dmodulation[c] = gain*sum1 + offset*sum0
				a.dmodulation[a.channels+c] = sum0
			}
			if a.gain.gradient != nil {
				a.gain.gradient[c] += scale * sum1
				a.offset.gradient[c] += scale * sum0
			}
			if a.group > 0 {
				mean0 += float64(gain*scale*sum0) / float64(a.group*a.area)
				mean1 += float64(gain*scale*sum1) / float64(a.group*a.area)
			}
		}
		for c := c0; c < c0+together; c++ {
			gain, _, scale, _ := a.affine(c)
			inv, mean := a.inv[c], a.mean[c]
			byX := -inv * inv * float32(mean1)
			plus := -inv*float32(mean0) - byX*mean
			i, j := c*a.area, (c+1)*a.area
			combine(a.dx[i:j], a.x[i:j], gain*scale*inv, byX, plus)
		}
	}
	return a.dx, a.dmodulation
}

// statistics returns the mean and 1 / deviation of values.
func statistics(values []float32) (mean, inv float32) {
	n := float64(len(values))
	m := float64(total(values)) / n
	mean = float32(m)
	var a, b, c, d float32
	v := values
	for ; len(v) >= 4; v = v[4:] {
		d0, d1, d2, d3 := v[0]-mean, v[1]-mean, v[2]-mean, v[3]-mean
		a += d0 * d0
		b += d1 * d1
		c += d2 * d2
		d += d3 * d3
	}
	for _, v := range v {
		a += (v - mean) * (v - mean)
	}
	return mean, float32(1 / math.Sqrt(float64((a+b)+(c+d))/n+epsilon))
}

// silu writes y = u s(u) and slope = dy/du = s(u) (1 + u (1 - s(u))) for u = times x + plus,
// where s(u) = 1 / (1 + exp(-u)) is the logistic function, to about 3e-7 of its value.
func silu(y, slope, x []float32, times, plus float32) {
	const (
		log2e = 1.44269504088896340736
		round = 3 << 22 // adding it rounds a small float32 to an integer, in its lowest bits
	)
	y, slope = y[:len(x)], slope[:len(x)]
	for i, v := range x {
		u := times*v + plus
		// exp(-u) = 2^t = 2^n 2^f with n an integer and |f| <= 1/2.
		t := -log2e * u
		if t > 126 {
			t = 126
		} else if t < -126 {
			t = -126
		}
		n := t + round
		f := t - (n - round)
		// The Taylor series of 2^f; the first term left out is 1.2e-7 at most.
		f2 := f * f
		p := (1 + 6.9314718e-1*f) + f2*((2.4022651e-1+5.5504109e-2*f)+f2*((9.6181291e-3+1.3333558e-3*f)+1.5403530e-4*f2))
		s := 1 / (1 + p*math.Float32frombits((math.Float32bits(n)+127)<<23))
		us := u * s
		y[i] = us
		slope[i] = s + us*(1-s)
	}
}

// slopes writes du = dy slope and returns its sum, and that of du x.
func slopes(du, dy, slope, x []float32) (sum0, sum1 float32) {
	dy, slope, x = dy[:len(du)], slope[:len(du)], x[:len(du)]
	var a0, a1, b0, b1 float32
	i := 0
	for ; i+1 < len(du); i += 2 {
		u, v := dy[i]*slope[i], dy[i+1]*slope[i+1]
		du[i], du[i+1] = u, v
		a0 += u
		b0 += v
		a1 += u * x[i]
		b1 += v * x[i+1]
	}
	for ; i < len(du); i++ {
		u := dy[i] * slope[i]
		du[i] = u
		a0 += u
		a1 += u * x[i]
	}
	return a0 + b0, a1 + b1
}

// combine replaces d by times d + byX x + plus.
func combine(d, x []float32, times, byX, plus float32) {
	x = x[:len(d)]
	for i, v := range d {
		d[i] = times*v + byX*x[i] + plus
	}
}
