package neural

// halve averages pixels two by two: channels x h x w to channels x h/2 x w/2.
type halve struct {
	channels, h, w int
	y, dx          []float32
}

func newHalve(b *builder, channels, h, w int) *halve {
	return &halve{channels, h, w, b.floats(channels * h * w / 4), b.floats(channels * h * w)}
}

func (p *halve) forward(x []float32) []float32 {
	for r := range p.channels * p.h / 2 { // rows of all channels alike, because h is even
		a, b, y := x[2*r*p.w:(2*r+1)*p.w], x[(2*r+1)*p.w:(2*r+2)*p.w], p.y[r*p.w/2:(r+1)*p.w/2]
		for i := range y {
			y[i] = ((a[2*i] + a[2*i+1]) + (b[2*i] + b[2*i+1])) / 4
		}
	}
	return p.y
}

func (p *halve) backward(dy []float32) []float32 {
	spread(p.dx, dy, p.w/2, 0.25)
	return p.dx
}

// double repeats pixels two by two: channels x h x w to channels x 2h x 2w.
type double struct {
	channels, h, w int
	y, dx          []float32
}

func newDouble(b *builder, channels, h, w int) *double {
	return &double{channels, h, w, b.floats(channels * h * w * 4), b.floats(channels * h * w)}
}

func (p *double) forward(x []float32) []float32 {
	spread(p.y, x, p.w, 1)
	return p.y
}

func (p *double) backward(dy []float32) []float32 {
	w := 2 * p.w
	for r := range p.channels * p.h {
		a, b, dx := dy[2*r*w:(2*r+1)*w], dy[(2*r+1)*w:(2*r+2)*w], p.dx[r*p.w:(r+1)*p.w]
		for i := range dx {
			dx[i] = (a[2*i] + a[2*i+1]) + (b[2*i] + b[2*i+1])
		}
	}
	return p.dx
}

// spread writes each value of src, of rows of w, times a factor, to four places of dst.
func spread(dst, src []float32, w int, times float32) {
	for r := range len(src) / w {
		row, a, b := src[r*w:(r+1)*w], dst[4*r*w:(4*r+2)*w], dst[(4*r+2)*w:(4*r+4)*w]
		for i, v := range row {
			v *= times
			a[2*i], a[2*i+1] = v, v
		}
		copy(b, a)
	}
}
