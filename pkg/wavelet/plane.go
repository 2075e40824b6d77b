package wavelet

// plane transforms one channel of one image. It owns the memory for that.
type plane struct {
	lattice
	height, width, levels int

	work  []float64 // a level while its layers are applied
	image []float64 // the approximation between two levels
}

func newPlane(f Filter, l Layout) *plane {
	size := l.Height * l.Width
	return &plane{newLattice(f), l.Height, l.Width, l.Levels, make([]float64, size), make([]float64, size/4)}
}

// forward writes the coefficients of the image src to dst, which may be src.
func (p *plane) forward(dst, src []float64) {
	image, w := src, p.width
	for range p.levels {
		n := len(image) / 4
		next := p.image[:n]
		p.analyse([4][]float64{next, dst[n : 2*n], dst[2*n : 3*n], dst[3*n : 4*n]}, image, w)
		image, w = next, w/2
	}
	copy(dst, image)
}

// inverse writes the image of the coefficients src to dst, which may be src.
func (p *plane) inverse(dst, src []float64) {
	n, w := len(src)>>(2*p.levels), p.width>>p.levels
	image := src[:n]
	for level := p.levels; level > 0; level-- {
		next := dst
		if level > 1 {
			next = p.image[:4*n]
		}
		w *= 2
		p.synthesise(next, [4][]float64{image, src[n : 2*n], src[2*n : 3*n], src[3*n : 4*n]}, w)
		image, n = next, 4*n
	}
	if p.levels == 0 {
		copy(dst, image)
	}
}

// analyse takes an image with rows of w samples apart into its four bands, indexed by
// Orientation. It has read all of the image before it writes the bands, so they may share memory.
func (p *plane) analyse(bands [4][]float64, image []float64, w int) {
	work, last := p.work[:len(image)], len(p.t)-1
	p.columns(work, image, w, 0)
	for k := 1; k <= last; k++ {
		p.columns(work, work, w, k)
	}
	for r := range len(work) / w {
		row := work[r*w : r*w+w]
		for k := range last {
			p.row(row, k)
		}
		low, high := halves(bands, r, w)
		p.split(low, high, row)
	}
}

// synthesise is the inverse of analyse, the same steps backwards. It has read all of the bands
// before it writes the image.
func (p *plane) synthesise(image []float64, bands [4][]float64, w int) {
	work, last := p.work[:len(image)], len(p.t)-1
	for r := range len(work) / w {
		row := work[r*w : r*w+w]
		low, high := halves(bands, r, w)
		p.join(row, low, high)
		for k := last - 1; k >= 0; k-- {
			p.row(row, k)
		}
	}
	for k := last; k > 0; k-- {
		p.columns(work, work, w, k)
	}
	p.columns(image, work, w, 0)
}

// halves returns where the low-pass and the high-pass half of row r go. Once the columns are
// done, even rows are low-pass, and go to the approximation and the vertical detail; odd rows are
// high-pass, and go to the horizontal and the diagonal.
func halves(bands [4][]float64, r, w int) (low, high []float64) {
	from, to := r/2*(w/2), r/2*(w/2)+w/2
	return bands[r%2][from:to], bands[r%2+2][from:to]
}
