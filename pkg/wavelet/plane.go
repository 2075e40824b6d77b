package wavelet

// plane is the working memory of the transform of one channel of one image. It goes level by level, and within a level two
// rows at a time from one end to the other, so that what it works on stays in the nearest cache.
type plane struct {
	height, width, levels int
	analysis, synthesis   bank

	image [2][]float64   // the approximations of even levels, the image being level 0, and of odd levels
	stack [2][][]float64 // rows of a level in the order in which a pass along the columns takes them
	row   [2][]float64   // two rows of a level, or the two phases of one
	pair  [2]phases      // the inputs of a pass along the rows
}

// phases are two sequences, with their shifts in the order in which a pass along a row takes them.
type phases struct {
	x0, x1 []float64
	shifts [][]float64 // x0, x1, x0[1:], x1[1:], x0[2:], ...: F in all
}

func newPlane(l Layout, analysis, synthesis bank) *plane {
	taps := len(analysis.p)
	p := &plane{height: l.Height, width: l.Width, levels: l.Levels, analysis: analysis, synthesis: synthesis}
	p.image = [2][]float64{make([]float64, l.Height*l.Width), make([]float64, l.Height*l.Width/4)}
	for i := range 2 {
		p.stack[i] = make([][]float64, l.Height+taps-2)
		p.row[i] = make([]float64, l.Width)
		x := phases{x0: make([]float64, (l.Width+taps)/2), x1: make([]float64, (l.Width+taps)/2)}
		for k := range taps / 2 {
			x.shifts = append(x.shifts, x.x0[k:], x.x1[k:])
		}
		p.pair[i] = x
	}
	return p
}

// forward writes the coefficients of the image src to dst, which may be src.
func (p *plane) forward(dst, src []float64) {
	h, w := p.height, p.width
	image := p.image[0]
	copy(image, src)
	for level := 1; level <= p.levels; level++ {
		n := h * w / 4
		next := p.image[level%2][:n]
		p.analyse([4][]float64{next, dst[n : 2*n], dst[2*n : 3*n], dst[3*n : 4*n]}, image, h, w)
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
		p.synthesise(next, [4][]float64{image, src[n : 2*n], src[2*n : 3*n], src[3*n : 4*n]}, h, w)
		image = next
	}
	copy(dst, image)
}

// analyse splits an image of h rows and w columns into its four bands.
func (p *plane) analyse(bands [4][]float64, image []float64, h, w int) {
	taps, half := len(p.analysis.p), w/2
	stack := p.stack[0][:h+taps-2]
	for i := range stack {
		r := wrap(i+1-taps/2, h)
		stack[i] = image[r*w : r*w+w]
	}
	low, high := p.row[0][:w], p.row[1][:w]
	start := wrap(1-taps/2, w)
	for r := range h / 2 {
		from, to := r*half, r*half+half
		p.analysis.mix(low, high, stack[2*r:2*r+taps])
		p.pair[0].split(low, start)
		p.pair[1].split(high, start)
		p.analysis.mix(bands[Approximation][from:to], bands[Vertical][from:to], p.pair[0].shifts)
		p.analysis.mix(bands[Horizontal][from:to], bands[Diagonal][from:to], p.pair[1].shifts)
	}
}

// synthesise joins four bands into an image of h rows and w columns: the inverse of analyse, and its transpose.
func (p *plane) synthesise(image []float64, bands [4][]float64, h, w int) {
	taps, half := len(p.analysis.p), w/2
	left, right := p.stack[0][:h+taps-2], p.stack[1][:h+taps-2]
	for i := 0; i < len(left); i += 2 {
		from := wrap(i/2, h/2) * half
		to := from + half
		left[i], left[i+1] = bands[Approximation][from:to], bands[Horizontal][from:to]
		right[i], right[i+1] = bands[Vertical][from:to], bands[Diagonal][from:to]
	}
	even, odd := p.row[0][:half], p.row[1][:half]
	start := wrap(taps/2-1, w)
	for r := range h / 2 {
		p.synthesis.mix(p.pair[0].x0[:half], p.pair[1].x0[:half], left[2*r:2*r+taps])
		p.synthesis.mix(p.pair[0].x1[:half], p.pair[1].x1[:half], right[2*r:2*r+taps])
		for i := range p.pair {
			p.pair[i].extend(half)
			p.synthesis.mix(even, odd, p.pair[i].shifts)
			to := wrap(2*r+i+taps/2-1, h) * w
			merge(image[to:to+w], even, odd, start)
		}
	}
}

// split sets x0 and x1 to every other sample of a periodic row, x0 from the one at start and x1 from the next.
func (x *phases) split(row []float64, start int) {
	n := 0
	for i := start; i+1 < len(row); i += 2 {
		x.x0[n], x.x1[n] = row[i], row[i+1]
		n++
	}
	if start%2 == 1 {
		x.x0[n], x.x1[n] = row[len(row)-1], row[0]
		n++
	}
	for i := start % 2; i+1 < start; i += 2 {
		x.x0[n], x.x1[n] = row[i], row[i+1]
		n++
	}
	x.extend(n)
}

// extend continues sequences of period n as far as the shifts reach.
func (x *phases) extend(n int) {
	for i := n; i < n+len(x.shifts)/2-1; i++ {
		x.x0[i], x.x1[i] = x.x0[i-n], x.x1[i-n]
	}
}

// merge writes two phases to a periodic row, even from start on, odd from the next sample on: the inverse of split.
func merge(row, even, odd []float64, start int) {
	n := 0
	for i := start; i+1 < len(row); i += 2 {
		row[i], row[i+1] = even[n], odd[n]
		n++
	}
	if start%2 == 1 {
		row[len(row)-1], row[0] = even[n], odd[n]
		n++
	}
	for i := start % 2; i+1 < start; i += 2 {
		row[i], row[i+1] = even[n], odd[n]
		n++
	}
}
