package moments

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/length"
	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
)

// Moments is a table of clean moments: for every group of a family, the expectation of every
// product of two features of the centred clean coefficients. Fits, risks and ablations need
// nothing else of the data, at any noise level.
//
// The zero value is the empty table, the identity of Merge. A table is safe for concurrent
// reading.
type Moments struct {
	spec    Spec
	groups  []Group
	linear  linear
	images  int
	shards  []Shard
	sums    [][]float64 // groups x moments: weighted sums over images and members
	context contextSums
	low     []float64 // coefficients: the range of each clean coefficient, not centred
	high    []float64

	covariance *atomic.Pointer[[]float64] // of the context, once it has been computed
}

// Shard names a range of images of a source, so that no image is counted twice.
type Shard struct {
	Source string `json:"source"`           // such as "mnist train"
	Digest string `json:"digest,omitempty"` // as in diffusion.Identified; "" if unknown
	From   int    `json:"from"`
	To     int    `json:"to"` // the first image after the range
}

// overlaps reports whether two shards have an image in common. Sources are compared by their
// digests, or by their names where a digest is unknown.
func (s Shard) overlaps(o Shard) bool {
	same := s.Digest == o.Digest
	if s.Digest == "" || o.Digest == "" {
		same = s.Source == o.Source
	}
	return same && s.From < o.To && o.From < s.To
}

// ErrShard is wrapped by the error of merging tables that count the same images.
var ErrShard = errors.New("moments: the same images would count twice")

// ErrInput is wrapped by the error of coefficients or weights that cannot be counted.
var ErrInput = errors.New("moments: unusable input")

// LengthError is the value of the panic for a slice of the wrong length: a mistake in the program,
// not in its data.
type LengthError = length.Error

// New returns an empty table, in which the images of the shards are to be counted. A table that
// only merges others needs no shards.
func New(spec Spec, shards ...Shard) (*Moments, error) {
	if err := spec.Check(); err != nil {
		return nil, err
	}
	spec = spec.normal()
	spec.Centre, spec.Axes = slices.Clone(spec.Centre), slices.Clone(spec.Axes)
	groups := spec.groups()
	return (&Moments{spec: spec, groups: groups, linear: newLinear(spec, groups)}).empty(shards...), nil
}

// empty returns an empty table with the structure of m.
func (m *Moments) empty(shards ...Shard) *Moments {
	e := &Moments{spec: m.spec, groups: m.groups, linear: m.linear, shards: slices.Clone(shards)}
	e.allocate()
	return e
}

// reset empties the table, in which the images of the shards are now to be counted.
func (m *Moments) reset(shards ...Shard) {
	for _, s := range m.sums {
		clear(s)
	}
	clear(m.context.cross)
	clear(m.context.means)
	m.images, m.shards = 0, slices.Clone(shards)
	m.covariance.Store(nil)
	m.noRange()
}

// noRange sets the range of every coefficient to the empty one.
func (m *Moments) noRange() {
	for i := range m.low {
		m.low[i], m.high[i] = math.Inf(1), math.Inf(-1)
	}
}

func (m *Moments) allocate() {
	m.sums = make([][]float64, len(m.groups))
	for g := range m.groups {
		m.sums[g] = make([]float64, m.groups[g].Basis.Moments())
	}
	m.context.cross = make([]float64, len(m.linear.monomials)*len(m.linear.indices))
	m.context.means = make([]float64, len(m.linear.monomials))
	m.covariance = new(atomic.Pointer[[]float64])
	m.low = make([]float64, m.spec.Layout.Len())
	m.high = make([]float64, m.spec.Layout.Len())
	m.noRange()
}

// Spec returns what the moments are of. Its centre must not be changed.
func (m *Moments) Spec() Spec { return m.spec }

// Images returns the number of images counted.
func (m *Moments) Images() int { return m.images }

// Shards returns the ranges of images counted.
func (m *Moments) Shards() []Shard { return slices.Clone(m.shards) }

// Groups returns the groups of coefficients that share moments, in storage order. They must not be
// changed.
func (m *Moments) Groups() []Group { return m.groups }

// Range returns the least and the greatest value of coefficient c over all images, not centred.
func (m *Moments) Range(c int) (low, high float64) { return m.low[c], m.high[c] }

// Clean writes the clean moments of group g to dst, which is allocated if nil: expectations over
// images and over the members of the group. Basis.Transport takes them. Clean panics with a
// LengthError if the length of dst is not the number of moments of the group's Basis, and if the
// table is empty.
func (m *Moments) Clean(dst []float64, g int) []float64 {
	sums := m.sums[g]
	if dst == nil {
		dst = make([]float64, len(sums))
	}
	length.Check("clean moments", len(dst), len(sums))
	if m.images == 0 {
		panic(LengthError{What: "images in a table", Want: 1})
	}
	for k, s := range sums {
		dst[k] = s / sums[0]
	}
	return dst
}

// Energy returns the second moment of the centred clean coefficients of group g, E[w^2], over
// images and members.
func (m *Moments) Energy(g int) float64 { return m.sums[g][m.groups[g].Basis.energy] / m.sums[g][0] }

// Add counts images, given by their wavelet coefficients: images x coefficients. Each image has a
// weight, or weight 1 where weights is nil. Add returns an error, and counts nothing, where a
// coefficient is not finite, a weight is negative or not finite, or all weights are zero. A
// cancelled ctx ends it with ctx's error, after which the table is of no use. Add panics with a
// LengthError unless coefficients are whole images, with as many weights.
//
// The sums do not depend on GOMAXPROCS: one goroutine sums each group, in the order of the images.
func (m *Moments) Add(ctx context.Context, coefficients, weights []float64) error {
	if len(m.groups) == 0 {
		return fmt.Errorf("%w: a table without a spec counts nothing; make it with New", ErrInput)
	}
	n := length.Images("coefficients", len(coefficients), m.spec.Layout.Len())
	if weights != nil {
		length.Check("weights of images", len(weights), n)
	}
	if n == 0 {
		return nil
	}
	roots, err := squareRoots(weights, n)
	if err != nil {
		return err
	}
	block, err := m.transpose(coefficients, n)
	if err != nil {
		return err
	}

	sums := make([][]float64, len(m.groups))
	err = parallel.For(ctx, len(m.groups), newScratch, func(s *scratch, g int) error {
		var err error
		if sums[g], err = s.sum(ctx, m.groups[g], block, roots); err != nil {
			return err
		}
		for _, v := range sums[g] {
			if v-v != 0 {
				return fmt.Errorf("%w: a moment around coefficient %d is %v: the coefficients are too large to take powers of",
					ErrInput, m.groups[g].Members[0].Index, v)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if len(m.linear.indices) > 0 {
		variables, err := m.linear.variables(ctx, block, m.spec.Axes, roots)
		if err != nil {
			return err
		}
		if err := m.linear.add(ctx, m.context, block, variables, roots); err != nil {
			return err
		}
	}

	for g, s := range sums {
		for k, v := range s {
			m.sums[g][k] += v
		}
	}
	for c, row := range block {
		for i, v := range row {
			if roots[i] > 0 {
				m.low[c] = min(m.low[c], v+m.spec.Centre[c])
				m.high[c] = max(m.high[c], v+m.spec.Centre[c])
			}
		}
	}
	m.images += n
	m.covariance.Store(nil)
	return nil
}

// squareRoots returns the square roots of n weights, which are 1 where weights is nil. Features
// that are scaled by them have the weighted Gram matrix.
func squareRoots(weights []float64, n int) ([]float64, error) {
	roots := make([]float64, n)
	var sum float64
	for i := range roots {
		w := 1.0
		if weights != nil {
			w = weights[i]
		}
		if !(w >= 0) || math.IsInf(w, 1) {
			return nil, fmt.Errorf("%w: the weight of image %d is %v; weights are finite and not negative", ErrInput, i, w)
		}
		roots[i] = math.Sqrt(w)
		sum += w
	}
	if sum == 0 {
		return nil, fmt.Errorf("%w: all %d weights are zero", ErrInput, n)
	}
	return roots, nil
}

// transpose returns the centred coefficients of n images, a row for each coefficient.
func (m *Moments) transpose(coefficients []float64, n int) ([][]float64, error) {
	size := m.spec.Layout.Len()
	values := make([]float64, len(coefficients))
	block := make([][]float64, size)
	for c := range block {
		block[c] = values[c*n : (c+1)*n]
	}
	for i := range n {
		for c, v := range coefficients[i*size : (i+1)*size] {
			if v-v != 0 {
				return nil, fmt.Errorf("%w: coefficient %d of image %d is %v", ErrInput, c, i, v)
			}
			block[c][i] = v - m.spec.Centre[c]
		}
	}
	return block, nil
}

// blockImages is how many images the features of a coefficient are evaluated for at a time: so few
// that the features stay in the cache.
const blockImages = 256

// scratch is the memory of a goroutine that sums moments.
type scratch struct {
	features, gram []float64
	variables      [][]float64
}

func newScratch() *scratch { return new(scratch) }

// sum returns the sums of the moments of the group over the images of the block, whose features
// are scaled by roots. It checks ctx for every member: a band that shares its weights has
// thousands.
func (s *scratch) sum(ctx context.Context, g Group, block [][]float64, roots []float64) ([]float64, error) {
	n := g.Basis.Features()
	s.gram = linalg.Grow(s.gram, n*n)
	clear(s.gram)
	s.variables = slices.Grow(s.variables[:0], g.Basis.Variables())[:g.Basis.Variables()]
	gram := blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: s.gram}
	for _, member := range g.Members {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		for from := 0; from < len(roots); from += blockImages {
			to := min(from+blockImages, len(roots))
			s.features = linalg.Grow(s.features, n*(to-from))
			copy(s.features, roots[from:to])
			for v, c := range member.Variables {
				s.variables[v] = block[c][from:to]
			}
			g.Basis.Fill(s.features, s.variables)
			blas64.Syrk(blas.NoTrans, 1, blas64.General{Rows: n, Cols: to - from, Stride: to - from, Data: s.features}, 1, gram)
		}
	}
	sums := make([]float64, g.Basis.Moments())
	for i := range n {
		for j := n - 1; j >= i; j-- {
			sums[g.Basis.gram[i*n+j]] = s.gram[i*n+j]
		}
	}
	return sums, nil
}

// Merge adds the images of o. It returns an error for a table of another spec, and one that wraps
// ErrShard for a table that counts an image of this one.
func (m *Moments) Merge(o *Moments) error {
	if len(o.groups) == 0 {
		return nil
	}
	if len(m.groups) == 0 {
		m.spec, m.groups, m.linear = o.spec, o.groups, o.linear
		m.allocate()
	} else if err := m.spec.SameVariables(o.spec); err != nil {
		return err
	} else if m.spec.Family != o.spec.Family {
		return fmt.Errorf("moments: families differ: %v and %v", m.spec.Family, o.spec.Family)
	} else if (m.spec.Axes == nil) != (o.spec.Axes == nil) {
		return fmt.Errorf("moments: axes differ; take both tables with the axes of one of them")
	}
	for _, a := range m.shards {
		for _, b := range o.shards {
			if a.overlaps(b) {
				return fmt.Errorf("%w: images %d to %d and %d to %d of %q", ErrShard, a.From, a.To-1, b.From, b.To-1, a.Source)
			}
		}
	}
	m.shards = append(slices.Clone(m.shards), o.shards...)
	m.sum(o)
	return nil
}

// sum adds the sums of o, but not its shards. The specs may differ in their axes.
func (m *Moments) sum(o *Moments) {
	m.images += o.images
	for g := range o.sums {
		floats.Add(m.sums[g], o.sums[g])
	}
	floats.Add(m.context.cross, o.context.cross)
	floats.Add(m.context.means, o.context.means)
	for c := range o.low {
		m.low[c] = min(m.low[c], o.low[c])
		m.high[c] = max(m.high[c], o.high[c])
	}
	m.covariance.Store(nil)
}
