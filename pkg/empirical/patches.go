package empirical

import "wavescore/pkg/diffusion"

// A patch is the square of pixels around one pixel that is compared: so many before it and after
// it, along rows and along columns. A patch of even side has its pixel below and right of the
// middle.
type patch struct{ before, after int }

func patchOf(side int) patch { return patch{side / 2, side - 1 - side/2} }

func (p patch) side() int { return p.before + 1 + p.after }

// An image is one whose patches can be read without looking where it ends: with a margin.
type image struct {
	shape  diffusion.Shape // without the margin
	width  int             // with it
	plane  int             // values of a channel, with the margin
	values []float64       // channels x rows x columns
}

// fill writes an image with a margin: of zeros, or of what is around the edges where it goes round.
// The margin before it is that of the patch; the one after it is so much wider.
func (m *image) fill(shape diffusion.Shape, pixels []float64, p patch, wider int, round bool) {
	m.shape, m.width = shape, shape.W+p.side()-1+wider
	height := shape.H + p.side() - 1 + wider
	m.plane = height * m.width
	if len(m.values) != shape.C*m.plane {
		m.values = make([]float64, shape.C*m.plane)
	}
	for c := range shape.C {
		for row := range height {
			to := m.values[c*m.plane+row*m.width:][:m.width]
			from := row - p.before
			if !round && (from < 0 || from >= shape.H) {
				clear(to)
				continue
			}
			line := pixels[(c*shape.H+modulo(from, shape.H))*shape.W:][:shape.W]
			for column := range to {
				if at := column - p.before; at >= 0 && at < shape.W {
					to[column] = line[at]
				} else if round {
					to[column] = line[modulo(at, shape.W)]
				} else {
					to[column] = 0
				}
			}
		}
	}
}

func modulo(a, n int) int { return (a%n + n) % n }

// A shift compares the patches of a rectangle of pixels with those of a source that are so many
// rows further down and columns further right.
type shift struct {
	top, left, rows, columns int
	down, right              int
}

// distances is the memory for squared distances between patches.
type distances struct{ columns, row []float64 }

// each calls do with the squared distances between the patches of a shift, one row of pixels after
// another. The patches of a row are sums of columns, and these are kept from row to row: two
// squares are taken for a distance whatever the side of the patch.
func (d *distances) each(noisy, source *image, p patch, s shift, do func(row int, distances []float64)) {
	side := p.side()
	n := s.columns + side - 1
	if len(d.columns) < n {
		d.columns, d.row = make([]float64, n), make([]float64, n)
	}
	columns, row := d.columns[:n], d.row[:s.columns]
	clear(columns)
	for r := range side {
		addSquares(columns, noisy, source, s, r)
	}
	for r := range s.rows {
		sum := 0.0
		for _, c := range columns[:side] {
			sum += c
		}
		row[0] = sum
		enter, leave := columns[side:][:len(row)-1], columns[:len(row)-1]
		for i, c := range enter {
			sum += c - leave[i]
			row[i+1] = sum
		}
		do(s.top+r, row)
		if r+1 < s.rows {
			moveSquares(columns, noisy, source, s, r, side)
		}
	}
}

// rowOf returns one row of channel c of the rectangle and its margin, of so many columns.
func rowOf(noisy, source *image, s shift, c, row, columns int) (a, b []float64) {
	return noisy.values[c*noisy.plane+(s.top+row)*noisy.width+s.left:][:columns],
		source.values[c*source.plane+(s.top+s.down+row)*source.width+s.left+s.right:][:columns]
}

// addSquares adds the squared differences of one row to the sums of the columns.
func addSquares(columns []float64, noisy, source *image, s shift, row int) {
	for c := range noisy.shape.C {
		a, b := rowOf(noisy, source, s, c, row, len(columns))
		for i, v := range a {
			e := v - b[i]
			columns[i] += e * e
		}
	}
}

// moveSquares takes those of a row out of the sums, and adds those of the row that a patch further
// down ends with.
func moveSquares(columns []float64, noisy, source *image, s shift, row, side int) {
	for c := range noisy.shape.C {
		a, b := rowOf(noisy, source, s, c, row, len(columns))
		below, under := rowOf(noisy, source, s, c, row+side, len(columns))
		for i, v := range a {
			left, entered := v-b[i], below[i]-under[i]
			columns[i] += entered*entered - left*left
		}
	}
}

// here compares every pixel with its own place.
func here(shape diffusion.Shape) []shift {
	return []shift{{rows: shape.H, columns: shape.W}}
}

// around compares every pixel with every other, where rows and columns go around the edges.
func around(shape diffusion.Shape) (all []shift) {
	for down := range shape.H {
		for right := range shape.W {
			all = append(all, shift{rows: shape.H, columns: shape.W, down: down, right: right})
		}
	}
	return all
}

// amongAlike compares every pixel with those whose patches are cut by the edges in the same way:
// one in the middle with all in the middle, one at an edge with those at the same distance from it.
func amongAlike(shape diffusion.Shape, p patch) (all []shift) {
	for _, v := range stretches(shape.H, p) {
		for _, h := range stretches(shape.W, p) {
			all = append(all, shift{top: v.from, rows: v.number, down: v.by, left: h.from, columns: h.number, right: h.by})
		}
	}
	return all
}

// A stretch is the rows, or the columns, that are compared with those further on by so many.
type stretch struct{ from, number, by int }

func stretches(size int, p patch) []stretch {
	all := []stretch{{0, size, 0}}
	middle := size - p.side() + 1 // rows whose patches are not cut
	for by := 1; by < middle; by++ {
		all = append(all, stretch{p.before, middle - by, by}, stretch{p.before + by, middle - by, -by})
	}
	return all
}
