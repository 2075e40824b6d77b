package wavelet

// lattice is an orthonormal filter of F taps as F/2 layers of reflections. Each layer reflects
// pairs of neighbours in a periodic signal,
//
//	(x[i], x[i+1])  <-  (x[i] + t x[i+1], t x[i] - x[i+1]) / sqrt(1 + t^2),
//
// with a t of its own: for even i in the last layer, for odd i in the one before it, and so on in
// turn. After the last layer the even samples are the approximation and the odd ones the detail.
// This is the lattice of Vaidyanathan and Hoang, with reflections in place of their rotations.
//
// Nothing but the pair that closes the circle depends on the length of the signal, which may be
// 2. Whatever t is, the layers are orthogonal to rounding. And a reflection is its own inverse,
// so the inverse is the same layers backwards.
//
// The square roots of a whole level, along the columns and along the rows, are applied at once,
// as its gain.
type lattice struct {
	t    []float64 // of each layer, the first to apply first
	gain float64   // the product of 1 / (1 + t^2)
}

func newLattice(f Filter) lattice {
	l := lattice{table[f.index].lattice, 1}
	for _, t := range l.t {
		l.gain /= 1 + t*t
	}
	return l
}

// start returns the first of the samples that layer k pairs with the next: 0 or 1.
func (l *lattice) start(k int) int { return (len(l.t) - 1 - k) % 2 }

// columns applies layer k to the columns of src, which has rows of w samples, without its square
// root. dst may be src.
func (l *lattice) columns(dst, src []float64, w, k int) {
	for i := l.start(k) * w; i < len(src); i += 2 * w {
		j := (i + w) % len(src)
		reflect(dst[i:i+w], dst[j:j+w], src[i:i+w], src[j:j+w], l.t[k])
	}
}

// reflect sets (u, v) to the pair (x, y) reflected, without the square root.
func reflect(u, v, x, y []float64, t float64) {
	v, x, y = v[:len(u)], x[:len(u)], y[:len(u)]
	for i := range u {
		a, b := x[i], y[i]
		u[i], v[i] = a+t*b, t*a-b
	}
}

// row applies layer k to a row in place, without its square root.
func (l *lattice) row(x []float64, k int) {
	t, start := l.t[k], l.start(k)
	for i := start; i+1 < len(x); i += 2 {
		a, b := x[i], x[i+1]
		x[i], x[i+1] = a+t*b, t*a-b
	}
	if start == 1 {
		a, b := x[len(x)-1], x[0]
		x[len(x)-1], x[0] = a+t*b, t*a-b
	}
}

// split applies the last layer and the gain to a row, and takes approximation and detail apart.
func (l *lattice) split(low, high, x []float64) {
	p, q := l.gain, l.gain*l.t[len(l.t)-1]
	x, high = x[:2*len(low)], high[:len(low)]
	for n := range low {
		a, b := x[2*n], x[2*n+1]
		low[n], high[n] = p*a+q*b, q*a-p*b
	}
}

// join puts approximation and detail together, and applies the last layer and the gain to the row.
func (l *lattice) join(x, low, high []float64) {
	p, q := l.gain, l.gain*l.t[len(l.t)-1]
	x, high = x[:2*len(low)], high[:len(low)]
	for n := range low {
		a, b := low[n], high[n]
		x[2*n], x[2*n+1] = p*a+q*b, q*a-p*b
	}
}
