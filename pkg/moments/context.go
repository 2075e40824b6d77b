package moments

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/length"
	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
)

// linear indexes what a table with a linear context counts besides the moments of its groups: the
// expectation of every monomial of any group times every context variable. A monomial that occurs
// in several groups is counted once, such as the square of a coefficient in two neighbourhoods.
type linear struct {
	indices   []int           // the coefficients of the context, in storage order
	place     map[int]int     // coefficient -> position among the context variables
	monomials []product       // all monomials, each once
	row       map[product]int // monomial -> index in monomials
	rows      [][][]int       // group, member, feature -> index in monomials
}

// contextSums are the weighted sums over images for a linear context.
type contextSums struct {
	cross []float64 // monomials x context variables: their products
	means []float64 // monomials
}

// product is a monomial as the coefficients that it multiplies, in ascending order and padded with
// -1.
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

// productOf returns the monomial of a feature as a product of coefficients.
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

// monomialRows is how many monomials one matrix product multiplies with the context.
const monomialRows = 128

// newValues returns a function that makes the memory of a goroutine for the monomials of n images.
func newValues(n int) func() []float64 {
	return func() []float64 { return make([]float64, monomialRows*n) }
}

// add adds a block of images to the sums. The rows of variables are the context variables, scaled
// by roots, as the monomials are. After an error, which is ctx's, the sums are of no use.
func (k *linear) add(ctx context.Context, sums contextSums, block [][]float64, variables blas64.General, roots []float64) error {
	n, width := len(roots), len(k.indices)
	blocks := (len(k.monomials) + monomialRows - 1) / monomialRows
	return parallel.For(ctx, blocks, newValues(n), func(values []float64, b int) error {
		from, to := b*monomialRows, min((b+1)*monomialRows, len(k.monomials))
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
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, linalg.Matrix(values, to-from, n), variables,
			1, linalg.Matrix(sums.cross[from*width:], to-from, width))
		return nil
	})
}

// variables returns the context variables of a block of images, scaled by roots and rotated to the
// axes if there are any.
func (k *linear) variables(ctx context.Context, block [][]float64, axes, roots []float64) (blas64.General, error) {
	n, width := len(roots), len(k.indices)
	v := linalg.Matrix(make([]float64, width*n), width, n)
	for i, c := range k.indices {
		floats.MulTo(v.Data[i*n:(i+1)*n], block[c], roots)
	}
	if axes == nil {
		return v, nil
	}
	turned := linalg.Matrix(make([]float64, width*n), width, n)
	return turned, linalg.Multiply(ctx, turned, blas.Trans, linalg.Square(axes, width), v)
}

// Context returns the coefficients of the linear context, in the order of the rows of the axes. It
// must not be changed.
func (m *Moments) Context() []int { return m.linear.indices }

// Place returns the position of coefficient c in the linear context, and whether it is in it.
func (m *Moments) Place(c int) (place int, ok bool) {
	place, ok = m.linear.place[c]
	return place, ok
}

// Cross writes E[phi_a u_k] to dst, which is allocated if nil: the clean cross moments of the
// features of member i of group g and the context variables along the spec's axes, Features x
// Context. It panics with a LengthError if dst has another length.
func (m *Moments) Cross(dst []float64, g, i int) []float64 {
	width, rows := len(m.linear.indices), m.linear.rows[g][i]
	if dst == nil {
		dst = make([]float64, len(rows)*width)
	}
	length.Check("moments of features and context", len(dst), len(rows)*width)
	for a, r := range rows {
		floats.ScaleTo(dst[a*width:(a+1)*width], 1/m.weight(), m.context.cross[r*width:(r+1)*width])
	}
	return dst
}

// Means writes E[phi_a] of member i of group g to dst, which is allocated if nil. Clean has the
// means over all members of the group. Only a table with a linear context has those of one member.
// Means panics with a LengthError if dst has another length than Features.
func (m *Moments) Means(dst []float64, g, i int) []float64 {
	rows := m.linear.rows[g][i]
	if dst == nil {
		dst = make([]float64, len(rows))
	}
	length.Check("means of features", len(dst), len(rows))
	for a, r := range rows {
		dst[a] = m.context.means[r] / m.weight()
	}
	return dst
}

// weight returns the sum of the weights of the images.
func (m *Moments) weight() float64 { return m.sums[0][0] / float64(len(m.groups[0].Members)) }

// ContextCovariance returns the covariance of the centred context variables along the spec's axes,
// Context x Context. It must not be changed. It is computed once. A cancelled ctx ends that with
// ctx's error.
func (m *Moments) ContextCovariance(ctx context.Context) ([]float64, error) {
	if known := m.covariance.Load(); known != nil {
		return *known, nil
	}
	width := len(m.linear.indices)
	along := make([]float64, 0, width*width) // coefficients x axes
	for _, c := range m.linear.indices {
		row := m.linear.row[productOf("\x01", []int{c})]
		along = append(along, m.context.cross[row*width:(row+1)*width]...)
	}
	covariance := along
	if m.spec.Axes != nil {
		covariance = make([]float64, width*width)
		err := linalg.Multiply(ctx, linalg.Square(covariance, width), blas.Trans,
			linalg.Square(m.spec.Axes, width), linalg.Square(along, width))
		if err != nil {
			return nil, err
		}
	}
	floats.Scale(1/m.weight(), covariance)
	m.covariance.Store(&covariance)
	return covariance, nil
}

// Spectrum returns the variances of the context variables along the spec's axes, or nil for a
// table without a linear context. It returns an error unless there are axes and the covariance
// along them is diagonal, as Diagonal makes it.
//
// The size of the off-diagonal part is estimated by Freivalds' method, from products with random
// sign vectors. This takes time proportional to Context^2.
func (m *Moments) Spectrum() ([]float64, error) {
	width := len(m.linear.indices)
	if width == 0 {
		return nil, nil
	}
	if m.spec.Axes == nil {
		return nil, fmt.Errorf("%w: the table's linear context has no axes; make the table Diagonal", ErrInput)
	}
	variances := make([]float64, width)
	rows := make([][]float64, width) // coefficients x axes: E[w u]
	for i, c := range m.linear.indices {
		row := m.linear.row[productOf("\x01", []int{c})]
		rows[i] = m.context.cross[row*width : (row+1)*width]
		for k, v := range rows[i] {
			variances[k] += m.spec.Axes[i*width+k] * v / m.weight()
		}
	}
	scale := floats.Max(variances)
	random := rand.New(rand.NewPCG(1, uint64(width)))
	const vectors = 4
	for range vectors {
		signs, product := make([]float64, width), make([]float64, width)
		for k := range signs {
			signs[k] = float64(2*random.IntN(2) - 1)
		}
		for i, row := range rows {
			floats.AddScaled(product, floats.Dot(row, signs)/m.weight(), m.spec.Axes[i*width:(i+1)*width])
		}
		for k, v := range product {
			if off := v - variances[k]*signs[k]; !(math.Abs(off) <= 1e-9*scale*math.Sqrt(float64(width))) {
				return nil, fmt.Errorf("%w: the covariance of the linear context is not diagonal: axis %d is correlated with others "+
					"by %v; make the table Diagonal", ErrInput, k, off)
			}
		}
	}
	for k := range variances {
		// Rounding can make the zeros of a rank-deficient covariance negative.
		variances[k] = max(variances[k], 0)
	}
	return variances, nil
}

// Diagonal returns the table with the eigenvectors of the context's covariance as the axes of its
// spec. Along them this covariance is diagonal at every noise level. A table without a context or
// images is returned as it is. A cancelled ctx ends it with ctx's error.
func (m *Moments) Diagonal(ctx context.Context) (*Moments, error) {
	width := len(m.linear.indices)
	if width == 0 || m.images == 0 {
		return m, nil
	}
	covariance, err := m.ContextCovariance(ctx)
	if err != nil {
		return nil, err
	}
	_, turn, err := linalg.Eigen(ctx, slices.Clone(covariance), width)
	if err != nil {
		return nil, fmt.Errorf("moments: the context's covariance: %w", err)
	}
	axes := turn
	if m.spec.Axes != nil {
		axes = make([]float64, width*width)
		err := linalg.Multiply(ctx, linalg.Square(axes, width), blas.NoTrans,
			linalg.Square(m.spec.Axes, width), linalg.Square(turn, width))
		if err != nil {
			return nil, err
		}
	}
	return m.turned(ctx, turn, axes)
}

// Along returns the table with its linear context along other axes, an orthonormal basis as in
// Spec. With the axes of another table the two can be compared. A table without a context is
// returned as it is. A cancelled ctx ends it with ctx's error. Along panics with a LengthError
// unless axes are Context x Context values.
func (m *Moments) Along(ctx context.Context, axes []float64) (*Moments, error) {
	width := len(m.linear.indices)
	length.Check("values of the axes of a context", len(axes), width*width)
	if width == 0 {
		return m, nil
	}
	turn := axes
	if m.spec.Axes != nil {
		turn = make([]float64, width*width)
		err := linalg.Multiply(ctx, linalg.Square(turn, width), blas.Trans,
			linalg.Square(m.spec.Axes, width), linalg.Square(axes, width))
		if err != nil {
			return nil, err
		}
	}
	return m.turned(ctx, turn, slices.Clone(axes))
}

// turned returns the table with the context variables turn^T u in place of u. They are those along
// axes.
func (m *Moments) turned(ctx context.Context, turn, axes []float64) (*Moments, error) {
	width, rows := len(m.linear.indices), len(m.linear.monomials)
	t := m.empty(m.shards...)
	t.spec.Axes = axes
	t.sum(m)
	return t, linalg.Multiply(ctx, linalg.Matrix(t.context.cross, rows, width), blas.NoTrans,
		linalg.Matrix(m.context.cross, rows, width), linalg.Square(turn, width))
}
