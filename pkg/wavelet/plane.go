package wavelet

// plane is the working memory for the transform of one channel of one image. It keeps to a level at a time and two rows of
// that level at a time, so that it stays in the nearest cache.
type plane struct {
	height, width, levels int
	analysis, synthesis   bank

	image [2][]float64   // the approximations of even levels (the image is level 0) and of odd levels
	rows  [][]float64    // the F inputs of a pass along the columns
	row   [2][]float64   // a row and the next, or the two phases of one row
	pair  [2]interleaved // each the inputs of a pass along a row
}

// interleaved is a pair of periodic sequences x0 and x1, long enough for every shift of a filter, with those shifts in the
// order in which the bank takes them.
type interleaved struct {
	x0, x1 []float64
	shifts [][]float64 // x0, x1, x0[1:], x1[1:], x0[2:], ...
}

func newPlane(height, width, levels int, analysis, synthesis bank) *plane {
	p := &plane{height: height, width: width, levels: levels, analysis: analysis, synthesis: synthesis}
	taps := len(analysis.p)
	p.image = [2][]float64{make([]float64, height*width), make([]float64, height*width/4)}
	p.rows = make([][]float64, taps)
	for i := range 2 {
		p.row[i] = make([]float64, width)
		x := interleaved{x0: make([]float64, (width+taps)/2), x1: make([]float64, (width+taps)/2)}
		for j := range taps / 2 {
			x.shifts = append(x.shifts, x.x0[j:], x.x1[j:])
		}
		p.pair[i] = x
	}
	return p
}

// forward writes the coefficients of the image src to dst, which may be src.
func (p *plane) forward(dst, src []float64) {
	image, h, w := p.image[0], p.height, p.width
	copy(image, src)
	for level := 1; level <= p.levels; level++ {
		n := h * w / 4
		next := p.image[level%2][:n]
		p.analyse(next, dst[n:2*n], dst[2*n:3*n], dst[3*n:4*n], image, h, w)
		image, h, w = next, h/2, w/2
	}
	copy(dst, image)
}

// inverse writes the image of the coefficients src to dst, which may be src.
func (p *plane) inverse(dst, src []float64) {
	h, w := p.height>>p.levels, p.width>>p.levels
	image := p.image[p.levels%2][:h*w]
	copy(image, src)
	for level := p.levels; level > 0; level-- {
		n := h * w
		h, w = 2*h, 2*w
		next := p.image[(level-1)%2][:h*w]
		p.synthesise(next, h, w, image, src[n:2*n], src[2*n:3*n], src[3*n:4*n])
		image = next
	}
	copy(dst, image)
}

// analyse splits an image of h rows and w columns into approximation, horizontal, vertical and diagonal.
func (p *plane) analyse(a, hd, vd, dd, image []float64, h, w int) {
	half := w / 2
	low, high := p.row[0][:w], p.row[1][:w]
	start := wrap(1-len(p.rows)/2, h)
	for from := 0; from < len(a); from += half {
		to := from + half
		r := start
		for k := range p.rows {
			p.rows[k] = image[r*w : r*w+w]
			if r++; r == h {
				r = 0
			}
		}
		if start += 2; start >= h {
			start -= h
		}
		p.analysis.mix(low, high, p.rows)
		p.pair[0].split(low)
		p.analysis.mix(a[from:to], vd[from:to], p.pair[0].shifts)
		p.pair[1].split(high)
		p.analysis.mix(hd[from:to], dd[from:to], p.pair[1].shifts)
	}
}

// synthesise is the inverse of analyse, and its transpose.
func (p *plane) synthesise(image []float64, h, w int, a, hd, vd, dd []float64) {
	half := w / 2
	even, odd := p.row[0][:half], p.row[1][:half]
	upper, lower := p.pair[0], p.pair[1]
	r := wrap(len(p.rows)/2-1, h)
	for n := range h / 2 {
		p.gather(a, hd, n, h/2, half)
		p.synthesis.mix(upper.x0[:half], lower.x0[:half], p.rows)
		p.gather(vd, dd, n, h/2, half)
		p.synthesis.mix(upper.x1[:half], lower.x1[:half], p.rows)
		for _, x := range p.pair {
			x.extend(half)
			p.synthesis.mix(even, odd, x.shifts)
			merge(image[r*w:r*w+w], even, odd, len(p.rows)/2-1)
			if r++; r == h {
				r = 0
			}
		}
	}
}

// gather takes row n of both bands, then row n+1, and so on around, as the inputs of a pass along the columns.
func (p *plane) gather(low, high []float64, n, h, w int) {
	for k := 0; k < len(p.rows); k += 2 {
		p.rows[k], p.rows[k+1] = low[n*w:n*w+w], high[n*w:n*w+w]
		if n++; n == h {
			n = 0
		}
	}
}

// split sets x0 and x1 to the two phases of a periodic row, starting F/2 - 1 samples before its first.
func (x interleaved) split(row []float64) {
	half := len(row) / 2
	i := wrap(1-len(x.shifts)/2, len(row))
	for n := range half {
		x.x0[n] = row[i]
		if i++; i == len(row) {
			i = 0
		}
		x.x1[n] = row[i]
		if i++; i == len(row) {
			i = 0
		}
	}
	x.extend(half)
}

// extend continues sequences of period n as far as the shifts of the filter reach.
func (x interleaved) extend(n int) {
	for i := n; i < n+len(x.shifts)/2-1; i++ {
		x.x0[i], x.x1[i] = x.x0[i-n], x.x1[i-n]
	}
}

// merge writes the two phases of a periodic row, the transpose of split.
func merge(row, even, odd []float64, start int) {
	i := wrap(start, len(row))
	for n := range even {
		row[i] = even[n]
		if i++; i == len(row) {
			i = 0
		}
		row[i] = odd[n]
		if i++; i == len(row) {
			i = 0
		}
	}
}
