package analytic

import (
	"fmt"
	"math"
	"slices"

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
	machine  *Machine
	settings Settings
	sigma    float64

	clean      []float64
	normal     moments.Normal
	right      []float64 // right-hand side
	keep       []int     // the features that the regression is in
	gram       []float64 // of those, scaled and penalised
	scale      []float64
	cross      []float64 // E[phi(w) u], u the context's variables
	noisyCross []float64 // E[phi(y) u(y)]
	means      []float64 // E[phi(w)] of a member
	noisyMeans []float64 // E[phi(y)] of a member
	slope      []float64
	second     []float64 // E[phi^2]
	chol       mat.Cholesky
}

// fitted says how a regression went.
type fitted struct {
	condition float64 // of the scaled, penalised Gram matrix
	truncated bool    // its smallest eigenvalues had to be cut off
	freedom   float64 // tr (G + R)^-1 G
}

// fit writes the weights of the denoiser of group g to theta: (G + R)^-1 E[w_c phi] for the clean target.
//
// Where the table has a linear context the regression is in the features and the context's variables together. Those have been
// eliminated from it: along their eigenvectors their own block is diagonal, lambda + sigma^2, so what is left is the Schur
// complement G - B (lambda + sigma^2)^-1 B^T, averaged over the members of the group, each of which has context weights of its own.
func (s *solver) fit(theta []float64, g int) (fitted, error) {
	m, group := s.machine, s.machine.moments.Groups()[g]
	b := group.Basis
	n := b.Features()
	s.clean = grow(s.clean, b.Moments())
	b.Transport(&s.normal, m.moments.Clean(s.clean, g), s.sigma)
	s.scale, s.second = grow(s.scale, n), grow(s.second, n)
	for a := range n {
		s.second[a] = s.normal.Gram[a*n+a]
		s.scale[a] = 1 / math.Sqrt(s.second[a])
		if !(s.second[a] > 0) || !(s.scale[a] > 0) {
			return fitted{}, fmt.Errorf("the feature of powers %v has a second moment of %v", b.Exponents(a), s.second[a])
		}
	}
	s.right = append(s.right[:0], s.normal.Target...)
	if s.settings.Target == ScoreTarget {
		floats.ScaleTo(s.right, -s.sigma*s.sigma, s.normal.Slope)
	}
	for i := range group.Members {
		s.eliminate(g, i)
	}
	var toHermite *mat.Dense
	if m.keep != nil {
		toHermite = s.turnToHermite(b)
	}

	s.keep = s.keep[:0]
	for a := range n {
		if !m.linearIn(group.Members[0], b, a) && (m.keep == nil || m.keep(termOf(b, a, group.Members[0].Kinds))) {
			s.keep = append(s.keep, a)
		}
	}
	clear(theta)
	k := len(s.keep)
	s.gram = grow(s.gram, k*k)
	for i, a := range s.keep {
		for j, c := range s.keep {
			s.gram[i*k+j] = s.scale[a] * s.normal.Gram[a*n+c] * s.scale[c]
		}
		s.gram[i*k+i] += s.settings.Ridge.of(b, a)
		s.right[i] = s.scale[a] * s.right[a] // a >= i: not yet overwritten
	}
	x := mat.NewVecDense(k, s.right[:k])
	f, err := s.solve(x, mat.NewSymDense(k, s.gram), b)
	if err != nil {
		return f, err
	}
	for i, a := range s.keep {
		theta[a] = s.scale[a] * x.AtVec(i)
		if theta[a]-theta[a] != 0 {
			return f, fmt.Errorf("the weight of powers %v is %v", b.Exponents(a), theta[a])
		}
	}
	if toHermite != nil {
		monomials := mat.NewVecDense(n, nil)
		monomials.MulVec(toHermite.T(), mat.NewVecDense(n, theta))
		copy(theta, monomials.RawVector().Data)
	}
	if _, inContext := m.moments.Place(group.Members[0].Index); s.settings.Target == ScoreTarget && !inContext {
		theta[1]++ // D = y_c + sigma^2 s
	}
	return f, nil
}

// eliminate takes the context's variables out of the regression of member i of group g.
func (s *solver) eliminate(g, i int) {
	width := len(s.machine.spectrum)
	if width == 0 {
		return
	}
	group := s.machine.moments.Groups()[g]
	n := group.Basis.Features()
	target := s.contextTarget(g, i)
	for k, lambda := range s.machine.spectrum {
		root := 1 / math.Sqrt(lambda+s.sigma*s.sigma)
		target[k] *= root
		for a := range n {
			s.noisyCross[a*width+k] *= root
		}
	}
	share := -1 / float64(len(group.Members))
	cross := blas64.General{Rows: n, Cols: width, Stride: width, Data: s.noisyCross}
	blas64.Syrk(blas.NoTrans, share, cross, 1, blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: s.normal.Gram})
	for a := range n {
		for c := range a {
			s.normal.Gram[a*n+c] = s.normal.Gram[c*n+a]
		}
	}
	blas64.Gemv(blas.NoTrans, share, cross, blas64.Vector{N: width, Inc: 1, Data: target}, 1, blas64.Vector{N: n, Inc: 1, Data: s.right})
}

// contextTarget puts E[phi(y) u(y)] of member i of group g into s.noisyCross and returns the context's part of the right-hand side.
func (s *solver) contextTarget(g, i int) []float64 {
	table := s.machine.moments
	target := s.contextOf(table, g, i, s.sigma)
	if s.settings.Target == ScoreTarget {
		clear(target)
		if place, ok := table.Place(table.Groups()[g].Members[i].Index); ok {
			width := len(target)
			floats.AddScaled(target, -s.sigma*s.sigma, table.Spec().Axes[place*width:(place+1)*width])
		}
	}
	return target
}

// contextOf puts E[phi(y) u(y)] of member i of group g of a table at a noise level into s.noisyCross and returns E[w_c u]:
//
//	E[phi(y) u(y)] = T_sigma E[phi(w) u] + sigma^2 E[d phi / d u],
//
// the derivative being of this member, not of its group.
func (s *solver) contextOf(table *moments.Moments, g, i int, sigma float64) []float64 {
	width, axes := len(table.Context()), table.Spec().Axes
	group := table.Groups()[g]
	b, member := group.Basis, group.Members[i]
	n := b.Features()
	s.cross, s.noisyCross = grow(s.cross, n*width), grow(s.noisyCross, n*width)
	b.TransportCross(s.noisyCross, table.Cross(s.cross, g, i), sigma)
	s.means, s.noisyMeans, s.slope = grow(s.means, n), grow(s.noisyMeans, n), grow(s.slope, n)
	b.TransportCross(s.noisyMeans, table.Means(s.means, g, i), sigma)
	for v, c := range member.Variables {
		place, ok := table.Place(c)
		if !ok {
			continue
		}
		b.SlopeTo(s.slope, s.noisyMeans, v)
		for a, d := range s.slope {
			if d != 0 {
				floats.AddScaled(s.noisyCross[a*width:(a+1)*width], sigma*sigma*d, axes[place*width:(place+1)*width])
			}
		}
	}
	return s.cross[width : 2*width] // feature 1 is w_c
}

// contextWeights writes the context's weights of member i of group g along the axes to dst, given the group's theta.
func (s *solver) contextWeights(dst []float64, g, i int, theta []float64) {
	table := s.machine.moments
	b, member := table.Groups()[g].Basis, table.Groups()[g].Members[i]
	width, n := len(dst), b.Features()
	s.clean = grow(s.clean, b.Moments())
	b.Transport(&s.normal, table.Clean(s.clean, g), s.sigma)
	copy(dst, s.contextTarget(g, i))
	place, inContext := table.Place(member.Index)
	score := s.settings.Target == ScoreTarget
	regression := theta
	if score && !inContext {
		regression = slices.Clone(theta)
		regression[1]--
	}
	blas64.Gemv(blas.Trans, -1, blas64.General{Rows: n, Cols: width, Stride: width, Data: s.noisyCross},
		blas64.Vector{N: n, Inc: 1, Data: regression}, 1, blas64.Vector{N: width, Inc: 1, Data: dst})
	for k, lambda := range s.machine.spectrum {
		dst[k] /= lambda + s.sigma*s.sigma
	}
	if score && inContext {
		floats.Add(dst, table.Spec().Axes[place*width:(place+1)*width])
	}
}

// solve replaces x by the solution of gram times it = x; gram is of the kept features of the basis.
func (s *solver) solve(x *mat.VecDense, gram *mat.SymDense, b *moments.Basis) (fitted, error) {
	if s.chol.Factorize(gram) && s.chol.Cond() <= maxCondition {
		f := fitted{condition: s.chol.Cond(), freedom: float64(len(s.keep))}
		// The condition number has been judged, so the complaints about it here say nothing new.
		_ = s.chol.SolveVecTo(x, x)
		if s.settings.Ridge != (Ridge{}) {
			var inverse mat.SymDense
			_ = s.chol.InverseTo(&inverse)
			for i, a := range s.keep {
				f.freedom -= s.settings.Ridge.of(b, a) * inverse.At(i, i)
			}
		}
		return f, nil
	}
	return s.solveTruncated(x, gram, b)
}

// solveTruncated replaces x by the least-norm solution of gram times it = x in the span of the eigenvectors whose eigenvalues
// are above 1/maxCondition of the greatest, and returns the condition number before the cut.
func (s *solver) solveTruncated(x *mat.VecDense, gram *mat.SymDense, b *moments.Basis) (fitted, error) {
	var eigen mat.EigenSym
	if !eigen.Factorize(gram, true) {
		return fitted{}, fmt.Errorf("the eigenvalues of a Gram matrix of %d features did not converge", gram.SymmetricDim())
	}
	f := fitted{truncated: true, condition: math.Inf(1)}
	values := eigen.Values(nil)
	var vectors mat.Dense
	eigen.VectorsTo(&vectors)
	var y mat.VecDense
	y.MulVec(vectors.T(), x)
	greatest := values[len(values)-1]
	for i, v := range values {
		if v > greatest/maxCondition {
			y.SetVec(i, y.AtVec(i)/v)
			f.freedom++
			for k, a := range s.keep {
				f.freedom -= s.settings.Ridge.of(b, a) * vectors.At(k, i) * vectors.At(k, i) / v
			}
		} else {
			y.SetVec(i, 0)
		}
	}
	x.MulVec(&vectors, &y)
	if values[0] > 0 {
		f.condition = greatest / values[0]
	}
	return f, nil
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
