package wavelet

// One level, forward or back, along rows or along columns, is the same small computation: two output sequences, each a
// weighted sum of the same F input sequences of the same length. Written with the polyphase components of a periodic
// signal x, the analysis of F taps is
//
//	a[n] = sum_k p[k] s_k[n],  d[n] = sum_k q[k] s_k[n],  s_k[n] = x[2n + k - (F/2 - 1)],
//
// where p and q are the low- and high-pass filters in reverse: s_0, s_2, ... are shifts of every second sample, s_1, s_3,
// ... of those between. Its transpose, the synthesis, is of the same form, with shifts of a and d as the inputs and the two
// phases of x as the outputs.

// bank holds the two rows of weights of such a computation, F of each.
type bank struct{ p, q []float64 }

// analysis returns the bank that splits a signal into approximation and detail.
func analysis(f Filter) bank {
	h, g := f.Lowpass(), f.Highpass()
	n := len(h)
	b := bank{make([]float64, n), make([]float64, n)}
	for k := range n {
		b.p[k], b.q[k] = h[n-1-k], g[n-1-k]
	}
	return b
}

// transpose returns the bank of the synthesis. Its inputs alternate between shifts of the approximation and of the
// detail, its outputs are
//
//	x[2n + F/2 - 1] = sum_k p[k] s_k[n],  x[2n + F/2] = sum_k q[k] s_k[n],  s_2j[n] = a[n+j],  s_2j+1[n] = d[n+j].
func (b bank) transpose() bank {
	n := len(b.p)
	t := bank{make([]float64, n), make([]float64, n)}
	for k := 0; k < n; k += 2 {
		back := n - 2 - k
		t.p[k], t.p[k+1] = b.p[back], b.q[back]
		t.q[k], t.q[k+1] = b.p[back+1], b.q[back+1]
	}
	return t
}

// mix sets y0 = sum_k p[k] x[k] and y1 = sum_k q[k] x[k], for vectors of the length of y0. It takes four inputs at a time,
// as many as fit the registers with their weights, after a first two where F is not a multiple of four.
func (b *bank) mix(y0, y1 []float64, x [][]float64) {
	n := len(y0)
	y1 = y1[:n]
	k := len(x) % 4
	if k == 2 {
		p0, p1 := b.p[0], b.p[1]
		q0, q1 := b.q[0], b.q[1]
		x0, x1 := x[0][:n], x[1][:n]
		for i := range n {
			a, b := x0[i], x1[i]
			y0[i] = p0*a + p1*b
			y1[i] = q0*a + q1*b
		}
	} else {
		k = 4
		p0, p1, p2, p3 := b.p[0], b.p[1], b.p[2], b.p[3]
		q0, q1, q2, q3 := b.q[0], b.q[1], b.q[2], b.q[3]
		x0, x1, x2, x3 := x[0][:n], x[1][:n], x[2][:n], x[3][:n]
		for i := range n {
			a, b, c, d := x0[i], x1[i], x2[i], x3[i]
			y0[i] = p0*a + p1*b + p2*c + p3*d
			y1[i] = q0*a + q1*b + q2*c + q3*d
		}
	}
	for ; k < len(x); k += 4 {
		p0, p1, p2, p3 := b.p[k], b.p[k+1], b.p[k+2], b.p[k+3]
		q0, q1, q2, q3 := b.q[k], b.q[k+1], b.q[k+2], b.q[k+3]
		x0, x1, x2, x3 := x[k][:n], x[k+1][:n], x[k+2][:n], x[k+3][:n]
		for i := range n {
			a, b, c, d := x0[i], x1[i], x2[i], x3[i]
			y0[i] += p0*a + p1*b + p2*c + p3*d
			y1[i] += q0*a + q1*b + q2*c + q3*d
		}
	}
}
