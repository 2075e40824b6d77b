package analytic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/moments"
)

// maxCondition is the condition number beyond which Cholesky weights are not trusted and the eigenvalues below 1/maxCondition
// of the greatest are cut off instead.
const maxCondition = 1e13

// solver solves the ridge regression of one group after another, reusing its memory.
type solver struct {
	clean      []float64
	normal     moments.Normal
	right      []float64 // right-hand side
	keep       []int     // the features that the regression is in
	gram       []float64 // of those, scaled and penalised
	scale      []float64
	cross      []float64 // E[phi(w) u], u the context's variables
	noisyCross []float64 // E[phi(y) u(y)]
	slope      []float64
	chol       mat.Cholesky
}

// fit writes the weights of the denoiser of group g at noise level sigma to theta, (G + R)^-1 E[w_c phi] for the clean target, and
// returns the condition number of the scaled, penalised Gram matrix and whether its smallest eigenvalues had to be cut off.
//
// Where the table has a linear context the regression is in the features and the context's variables together. Those have been
// eliminated from it: along their eigenvectors their own block is diagonal, lambda + sigma^2, so what is left is the Schur
// complement G - B (lambda + sigma^2)^-1 B^T, averaged over the members of the group, each of which has context weights of its own.
func (s *solver) fit(theta []float64, m *Machine, g int, sigma float64, ridge Ridge) (condition float64, truncated bool, err error) {
	group := m.moments.Groups()[g]
	b := group.Basis
	n := b.Features()
	s.clean = grow(s.clean, b.Moments())
	b.Transport(&s.normal, m.moments.Clean(s.clean, g), sigma)
	s.scale = grow(s.scale, n)
	for i := range n {
		s.scale[i] = 1 / math.Sqrt(s.normal.Gram[i*n+i])
		if s.scale[i]-s.scale[i] != 0 {
			return 0, false, fmt.Errorf("analytic: feature of powers %v has a second moment of %v at sigma %v", b.Exponents(i), s.normal.Gram[i*n+i], sigma)
		}
	}
	s.right = append(s.right[:0], s.normal.Target...)
	if m.settings.Target == ScoreTarget {
		floats.ScaleTo(s.right, -sigma*sigma, s.normal.Slope)
	}
	for i := range group.Members {
		s.eliminate(m, g, i, sigma)
	}

	s.keep = s.keep[:0]
	for a := range n {
		if m.linearIn(group.Members[0], b, a) {
			continue
		}
		s.keep = append(s.keep, a)
	}
	k := len(s.keep)
	s.gram = grow(s.gram, k*k)
	for i, a := range s.keep {
		for j, c := range s.keep {
			s.gram[i*k+j] = s.scale[a] * s.normal.Gram[a*n+c] * s.scale[c]
		}
		s.gram[i*k+i] += ridge.of(b, a)
		s.right[i] = s.scale[a] * s.right[a] // a >= i: not yet overwritten
	}
	x := mat.NewVecDense(k, s.right[:k])
	if condition, truncated, err = s.solve(x, mat.NewSymDense(k, s.gram)); err != nil {
		return 0, truncated, err
	}
	clear(theta)
	for i, a := range s.keep {
		theta[a] = s.scale[a] * x.AtVec(i)
		if theta[a]-theta[a] != 0 {
			return condition, truncated, fmt.Errorf("analytic: the weight of powers %v at sigma %v is %v", b.Exponents(a), sigma, theta[a])
		}
	}
	if _, inContext := m.moments.Place(group.Members[0].Index); m.settings.Target == ScoreTarget && !inContext {
		theta[1]++ // D = y_c + sigma^2 s
	}
	return condition, truncated, nil
}

// eliminate takes the context's variables out of the regression of member i of group g.
func (s *solver) eliminate(m *Machine, g, i int, sigma float64) {
	width := len(m.spectrum)
	if width == 0 {
		return
	}
	n := m.moments.Groups()[g].Basis.Features()
	target := s.contextTarget(m, g, i, sigma)
	for k, lambda := range m.spectrum {
		root := 1 / math.Sqrt(lambda+sigma*sigma)
		target[k] *= root
		for a := range n {
			s.noisyCross[a*width+k] *= root
		}
	}
	share := -1 / float64(len(m.moments.Groups()[g].Members))
	cross := blas64.General{Rows: n, Cols: width, Stride: width, Data: s.noisyCross}
	gram := blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: s.normal.Gram}
	blas64.Syrk(blas.NoTrans, share, cross, 1, gram)
	for a := range n {
		for c := range a {
			s.normal.Gram[a*n+c] = s.normal.Gram[c*n+a]
		}
	}
	blas64.Gemv(blas.NoTrans, share, cross, blas64.Vector{N: width, Inc: 1, Data: target}, 1, blas64.Vector{N: n, Inc: 1, Data: s.right})
}

// contextTarget puts E[phi(y) u(y)] of member i of group g into s.noisyCross and returns the context's part of the right-hand side.
func (s *solver) contextTarget(m *Machine, g, i int, sigma float64) []float64 {
	target := s.contextOf(m.moments, g, i, sigma)
	if m.settings.Target == ScoreTarget {
		clear(target)
		if place, ok := m.moments.Place(m.moments.Groups()[g].Members[i].Index); ok {
			width := len(target)
			floats.AddScaled(target, -sigma*sigma, m.moments.Spec().Axes[place*width:(place+1)*width])
		}
	}
	return target
}

// contextOf puts E[phi(y) u(y)] of member i of group g of a table into s.noisyCross and returns E[w_c u]. s.normal must hold what
// Transport made of the group at sigma.
func (s *solver) contextOf(table *moments.Moments, g, i int, sigma float64) []float64 {
	width, axes := len(table.Context()), table.Spec().Axes
	group := table.Groups()[g]
	b, member := group.Basis, group.Members[i]
	n := b.Features()
	s.cross = grow(s.cross, n*width)
	s.noisyCross = grow(s.noisyCross, n*width)
	table.Cross(s.cross, g, i)
	b.TransportCross(s.noisyCross, s.cross, sigma)
	s.slope = grow(s.slope, n)
	for v, c := range member.Variables {
		place, ok := table.Place(c)
		if !ok {
			continue
		}
		b.SlopeTo(s.slope, &s.normal, v)
		for a, d := range s.slope {
			if d != 0 {
				floats.AddScaled(s.noisyCross[a*width:(a+1)*width], sigma*sigma*d, axes[place*width:(place+1)*width])
			}
		}
	}
	return s.cross[width : 2*width] // feature 1 is w_c
}

// contextWeights writes the context's weights of member i of group g along the axes to dst, given the group's theta.
func (s *solver) contextWeights(dst []float64, m *Machine, g, i int, sigma float64, theta []float64) {
	b, member := m.moments.Groups()[g].Basis, m.moments.Groups()[g].Members[i]
	width, n := len(m.spectrum), b.Features()
	s.clean = grow(s.clean, b.Moments())
	b.Transport(&s.normal, m.moments.Clean(s.clean, g), sigma)
	copy(dst, s.contextTarget(m, g, i, sigma))
	place, inContext := m.moments.Place(member.Index)
	regression := theta
	if m.settings.Target == ScoreTarget && !inContext {
		regression = append([]float64(nil), theta...)
		regression[1]--
	}
	blas64.Gemv(blas.Trans, -1, blas64.General{Rows: n, Cols: width, Stride: width, Data: s.noisyCross},
		blas64.Vector{N: n, Inc: 1, Data: regression}, 1, blas64.Vector{N: width, Inc: 1, Data: dst})
	for k, lambda := range m.spectrum {
		dst[k] /= lambda + sigma*sigma
	}
	if m.settings.Target == ScoreTarget && inContext {
		floats.Add(dst, m.moments.Spec().Axes[place*width:(place+1)*width])
	}
}

// solve replaces x by the solution of gram times it = x.
func (s *solver) solve(x *mat.VecDense, gram *mat.SymDense) (condition float64, truncated bool, err error) {
	if s.chol.Factorize(gram) && s.chol.Cond() <= maxCondition {
		// The condition number has been judged, so SolveVecTo's complaint about it says nothing new.
		_ = s.chol.SolveVecTo(x, x)
		return s.chol.Cond(), false, nil
	}
	condition, err = solveTruncated(x, gram)
	return condition, true, err
}

// solveTruncated replaces x by the least-norm solution of gram times it = x in the span of the eigenvectors whose eigenvalues
// are above 1/maxCondition of the greatest, and returns the condition number before the cut.
func solveTruncated(x *mat.VecDense, gram *mat.SymDense) (condition float64, err error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return 0, fmt.Errorf("analytic: the eigenvalues of a Gram matrix of %d features did not converge", gram.SymmetricDim())
	}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	var y mat.VecDense
	y.MulVec(vectors.T(), x)
	greatest := values[len(values)-1]
	for i, v := range values {
		if v > greatest/maxCondition {
			y.SetVec(i, y.AtVec(i)/v)
		} else {
			y.SetVec(i, 0)
		}
	}
	x.MulVec(&vectors, &y)
	if values[0] <= 0 {
		return math.Inf(1), nil
	}
	return greatest / values[0], nil
}

// quadratic returns theta^T G theta for the row-major symmetric G of the normal equations.
func quadratic(gram, theta []float64) float64 {
	var sum float64
	for i, a := range theta {
		sum += a * floats.Dot(gram[i*len(theta):(i+1)*len(theta)], theta)
	}
	return sum
}

func grow(s []float64, n int) []float64 {
	if cap(s) < n {
		return make([]float64, n)
	}
	return s[:n]
}
