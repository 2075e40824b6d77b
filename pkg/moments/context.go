package moments

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
)

// linear is what a table with a linear context counts besides the moments of its groups: the expectation of every monomial of
// any group times every variable of the context. A monomial of two groups, such as the square of a coefficient that is in both
// neighbourhoods, is counted once.
type linear struct {
	indices   []int           // the coefficients of the context, in storage order
	place     map[int]int     // their places among the context's variables
	monomials []product       // all monomials, each once
	row       map[product]int // the number of a monomial
	rows      [][][]int       // group, member, feature -> monomial
}

// contextSums are what a table with a linear context sums over images, weighted.
type contextSums struct {
	cross []float64 // monomial, context variable: their products
	means []float64 // monomial: itself
}

// product is a monomial by the coefficients that it multiplies: ascending, -1 where there is no further one.
type product [MaxDegree]int32

func newLinear(s Spec, groups []Group) linear {
	k := linear{indices: s.Family.Neighbourhood.ContextIndices(s.Layout), place: make(map[int]int), row: make(map[product]int)}
	if len(k.indices) == 0 {
		return k
	}
	for i, c := range k.indices {
		k.place[c] = i
	}
	k.rows = make([][][]int, len(groups))
	for g, group := range groups {
		for _, member := range group.Members {
			rows := make([]int, group.Basis.Features())
			for a := range rows {
				rows[a] = k.number(productOf(group.Basis.features[a], member.Variables))
			}
			k.rows[g] = append(k.rows[g], rows)
		}
	}
	return k
}

// productOf returns the product of coefficients that a feature is.
func productOf(e exponents, variables []int) product {
	var p product
	n := 0
	for v, c := range variables {
		for range int(e[v]) {
			p[n] = int32(c)
			n++
		}
	}
	slices.Sort(p[:n])
	for ; n < len(p); n++ {
		p[n] = -1
	}
	return p
}

func (k *linear) number(p product) int {
	r, ok := k.row[p]
	if !ok {
		r = len(k.monomials)
		k.row[p] = r
		k.monomials = append(k.monomials, p)
	}
	return r
}

// monomialRows is how many monomials are multiplied with the context at a time.
const monomialRows = 128

// add adds a block of images to the sums. The context's variables are the rows of variables, scaled by roots as the monomials are. A
// cancelled ctx ends it early, the sums then being of no use.
func (k *linear) add(ctx context.Context, sums contextSums, block [][]float64, variables blas64.General, roots []float64) {
	n, width := len(roots), len(k.indices)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			values := make([]float64, monomialRows*n)
			for {
				from := int(next.Add(monomialRows)) - monomialRows
				if from >= len(k.monomials) || ctx.Err() != nil {
					return
				}
				to := min(from+monomialRows, len(k.monomials))
				for r, monomial := range k.monomials[from:to] {
					row := values[r*n : (r+1)*n]
					copy(row, roots)
					for _, c := range monomial {
						if c >= 0 {
							floats.Mul(row, block[c])
						}
					}
					sums.means[from+r] += floats.Dot(row, roots)
				}
				blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: to - from, Cols: n, Stride: n, Data: values}, variables,
					1, blas64.General{Rows: to - from, Cols: width, Stride: width, Data: sums.cross[from*width : to*width]})
			}
		})
	}
	workers.Wait()
}

// variables returns the context's variables of a block of images, scaled by roots and turned to the axes, if any.
func (k *linear) variables(block [][]float64, axes, roots []float64) blas64.General {
	n, width := len(roots), len(k.indices)
	v := blas64.General{Rows: width, Cols: n, Stride: n, Data: make([]float64, width*n)}
	for i, c := range k.indices {
		floats.MulTo(v.Data[i*n:(i+1)*n], block[c], roots)
	}
	if axes == nil {
		return v
	}
	turned := blas64.General{Rows: width, Cols: n, Stride: n, Data: make([]float64, width*n)}
	multiply(turned, blas.Trans, square(axes, width), v)
	return turned
}

func square(data []float64, n int) blas64.General {
	return blas64.General{Rows: n, Cols: n, Stride: n, Data: data}
}

// multiply writes a b, or a^T b, to dst, on all cores.
func multiply(dst blas64.General, t blas.Transpose, a, b blas64.General) {
	const rows = 64 // of dst at a time: not so few that a core waits for memory
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for {
				from := int(next.Add(rows)) - rows
				if from >= dst.Rows {
					return
				}
				some := min(rows, dst.Rows-from)
				part := a
				if t == blas.Trans {
					part.Cols, part.Data = some, a.Data[from:]
				} else {
					part.Rows, part.Data = some, a.Data[from*a.Stride:]
				}
				blas64.Gemm(t, blas.NoTrans, 1, part, b, 0, blas64.General{Rows: some, Cols: dst.Cols, Stride: dst.Stride, Data: dst.Data[from*dst.Stride:]})
			}
		})
	}
	workers.Wait()
}

// Context returns the coefficients of the linear context, in the order of the rows of the axes. It must not be changed.
func (m *Moments) Context() []int { return m.linear.indices }

// Place returns the place of coefficient c among the context's coefficients, and whether it is one.
func (m *Moments) Place(c int) (place int, ok bool) {
	place, ok = m.linear.place[c]
	return place, ok
}

// Cross writes to dst, which is allocated if nil, the clean expectations of the features of member i of group g times the context
// variables along the spec's axes: Features x Context, row-major. It panics with a LengthError if dst has another length.
func (m *Moments) Cross(dst []float64, g, i int) []float64 {
	width, rows := len(m.linear.indices), m.linear.rows[g][i]
	if dst == nil {
		dst = make([]float64, len(rows)*width)
	}
	if len(dst) != len(rows)*width {
		panic(LengthError{What: "features times context", Want: len(rows) * width, Got: len(dst)})
	}
	for a, r := range rows {
		floats.ScaleTo(dst[a*width:(a+1)*width], 1/m.weight(), m.context.cross[r*width:(r+1)*width])
	}
	return dst
}

// Means writes to dst, which is allocated if nil, the clean expectations of the features of member i of group g alone, where Clean
// has those of all its members together. Only a table with a linear context has them. It panics with a LengthError if dst has
// another length than Features.
func (m *Moments) Means(dst []float64, g, i int) []float64 {
	rows := m.linear.rows[g][i]
	if dst == nil {
		dst = make([]float64, len(rows))
	}
	if len(dst) != len(rows) {
		panic(LengthError{What: "features", Want: len(rows), Got: len(dst)})
	}
	for a, r := range rows {
		dst[a] = m.context.means[r] / m.weight()
	}
	return dst
}

// weight returns the sum of the weights of the images.
func (m *Moments) weight() float64 { return m.sums[0][0] / float64(len(m.groups[0].Members)) }

// ContextCovariance returns the second moments of the centred context variables along the spec's axes, row-major. It must not be
// changed.
func (m *Moments) ContextCovariance() []float64 { return m.covariance() }

func (m *Moments) contextCovariance() []float64 {
	width := len(m.linear.indices)
	along := make([]float64, 0, width*width) // coefficient, axis
	for _, c := range m.linear.indices {
		row := m.linear.row[productOf("\x01", []int{c})]
		along = append(along, m.context.cross[row*width:(row+1)*width]...)
	}
	covariance := along
	if m.spec.Axes != nil {
		covariance = make([]float64, width*width)
		multiply(square(covariance, width), blas.Trans, square(m.spec.Axes, width), square(along, width))
	}
	floats.Scale(1/m.weight(), covariance)
	return covariance
}

// Diagonal returns the table with its linear context turned to the eigenvectors of its covariance, which become the axes of its
// spec. Along them the context's covariance is diagonal at every noise level. A table without a context or images is returned
// as it is.
func (m *Moments) Diagonal() (*Moments, error) {
	width := len(m.linear.indices)
	if width == 0 || m.images == 0 {
		return m, nil
	}
	turn, err := eigenvectors(slices.Clone(m.ContextCovariance()), width)
	if err != nil {
		return nil, fmt.Errorf("moments: the context's covariance: %w", err)
	}
	axes := turn
	if m.spec.Axes != nil {
		axes = make([]float64, width*width)
		multiply(square(axes, width), blas.NoTrans, square(m.spec.Axes, width), square(turn, width))
	}
	return m.turned(turn, axes), nil
}

// Along returns the table with its linear context turned to other axes, an orthonormal basis as Spec has it: those of another table,
// so that the two can be compared. A table without a context is returned as it is. Along panics with a LengthError if axes are not
// as many numbers as the square of the context.
func (m *Moments) Along(axes []float64) *Moments {
	width := len(m.linear.indices)
	if len(axes) != width*width {
		panic(LengthError{What: "axes of a context", Want: width * width, Got: len(axes)})
	}
	if width == 0 {
		return m
	}
	turn := axes
	if m.spec.Axes != nil {
		turn = make([]float64, width*width)
		multiply(square(turn, width), blas.Trans, square(m.spec.Axes, width), square(axes, width))
	}
	return m.turned(turn, slices.Clone(axes))
}

// turned returns the table with its context's variables u turned to turn^T u, which are along the axes.
func (m *Moments) turned(turn, axes []float64) *Moments {
	width, rows := len(m.linear.indices), len(m.linear.monomials)
	t := m.empty(m.shards...)
	t.spec.Axes = axes
	t.sum(m)
	multiply(blas64.General{Rows: rows, Cols: width, Stride: width, Data: t.context.cross}, blas.NoTrans,
		blas64.General{Rows: rows, Cols: width, Stride: width, Data: m.context.cross}, square(turn, width))
	return t
}
