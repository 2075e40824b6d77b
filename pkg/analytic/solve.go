package analytic

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/internal/linalg"
	"wavescore/pkg/moments"
)

// solver solves the ridge regressions of one group after another, and keeps its memory. Prepare
// computes what all candidate settings of a group share. Fit then solves for one candidate at a
// time.
type solver struct {
	machine *Machine
	g       int // the group
	sigma   float64

	normal       moments.Normal // of the group, less what the context explains
	clean, score rightHandSide
	second       []float64   // E[phi^2]
	scale        []float64   // 1 / sqrt E[phi^2]
	hermite      hermiteTurn // of an ablated machine

	keep     []int     // the features that a candidate's regression is in
	gram     []float64 // of those, scaled and penalised
	solution []float64
	factor   factor

	table      []float64 // clean moments
	cross      []float64 // E[phi(w) u], u the context's variables
	noisyCross []float64 // E[phi(y) u(y)]
	roots      []float64 // E[u(y)^2]^(-1/2)
	means      []float64 // E[phi(w)] of a member
	noisyMeans []float64 // E[phi(y)] of a member
	slope      []float64
}

// rightHandSide is that of the regression of a target t.
type rightHandSide struct {
	features []float64 // E[t phi], less what the context explains of it
	context  []float64 // E[t u] of a member, u as in noisyCross
}

func newSolver() *solver { return new(solver) }

func (s *solver) rightHandSide(t Target) *rightHandSide {
	if t == ScoreTarget {
		return &s.score
	}
	return &s.clean
}

// prepare sets up the regression of group g of a machine at a noise level, in Hermite polynomials
// if the machine is ablated.
//
// Where the table has a linear context the regression is in the features and the context variables
// together, and the context variables are eliminated. Along the eigenvectors of their covariance
// their block is diagonal, lambda + sigma^2. The Gram matrix G of the features becomes the Schur
// complement
//
//	G - B (lambda + sigma^2)^-1 B^T,
//
// averaged over the members of the group, where B is the cross block of a member. Each member has
// context weights of its own.
func (s *solver) prepare(ctx context.Context, m *Machine, g int, sigma float64, ablated bool) error {
	s.machine, s.g, s.sigma = m, g, sigma
	group := m.moments.Groups()[g]
	b := group.Basis
	n := b.Features()
	s.table = linalg.Grow(s.table, b.Moments())
	b.Transport(&s.normal, m.moments.Clean(s.table, g), s.sigma)
	s.scale, s.second = linalg.Grow(s.scale, n), linalg.Grow(s.second, n)
	for a := range n {
		s.second[a] = s.normal.Gram[a*n+a]
		s.scale[a] = 1 / math.Sqrt(s.second[a])
		if !(s.second[a] > 0) || !(s.scale[a] > 0) {
			return s.errorf("the feature of powers %v has a second moment of %v", b.Exponents(a), s.second[a])
		}
	}
	s.clean.features = append(s.clean.features[:0], s.normal.Target...)
	s.score.features = linalg.Grow(s.score.features, n)
	floats.ScaleTo(s.score.features, -s.sigma*s.sigma, s.normal.Slope)
	for i := range group.Members {
		if err := ctx.Err(); err != nil {
			return err
		}
		s.eliminate(i)
	}
	s.hermite.terms, s.hermite.lower = s.hermite.terms[:0], s.hermite.lower[:0]
	if ablated {
		s.turnToHermite()
	}
	return nil
}

// factorize factors the prepared Gram matrix, scaled and penalised, of the features that a
// candidate keeps.
func (s *solver) factorize(c candidate) error {
	m, group := s.machine, s.machine.moments.Groups()[s.g]
	b := group.Basis
	n := b.Features()
	s.keep = s.keep[:0]
	for a := range n {
		if !m.linearIn(group.Members[0], b, a) && (c.keep == nil || c.keep(s.hermite.terms[a])) {
			s.keep = append(s.keep, a)
		}
	}
	k := len(s.keep)
	s.gram = linalg.Grow(s.gram, k*k)
	for i, a := range s.keep {
		for j, d := range s.keep {
			s.gram[i*k+j] = s.scale[a] * s.normal.Gram[a*n+d] * s.scale[d]
		}
		s.gram[i*k+i] += c.Ridge.of(b, a)
	}
	if err := s.factor.factorize(mat.NewSymDense(k, s.gram)); err != nil {
		return s.errorf("%w", err)
	}
	return nil
}

// errorf returns an error that names the coefficient and the noise level.
func (s *solver) errorf(format string, args ...any) error {
	place := fmt.Sprintf("analytic: coefficient %d at sigma %v: ", s.machine.moments.Groups()[s.g].Members[0].Index, s.sigma)
	return fmt.Errorf(place+format, args...)
}

// fit writes the weights of the prepared group's denoiser to theta: (G + R)^-1 E[w_c phi] for the
// clean target, or where descent has an end the weights then.
func (s *solver) fit(theta []float64, c candidate) error {
	if c.Descent.Stop > 0 {
		return s.descend(theta, c)
	}
	if err := s.factorize(c); err != nil {
		return err
	}
	right := s.rightHandSide(c.Target).features
	s.solution = linalg.Grow(s.solution, len(s.keep))
	for i, a := range s.keep {
		s.solution[i] = s.scale[a] * right[a]
	}
	s.factor.solve(mat.NewVecDense(len(s.keep), s.solution))
	clear(theta)
	for i, a := range s.keep {
		theta[a] = s.scale[a] * s.solution[i]
		if theta[a]-theta[a] != 0 {
			return s.errorf("the weight of powers %v is %v", s.machine.moments.Groups()[s.g].Basis.Exponents(a), theta[a])
		}
	}
	s.hermite.toPowers(theta)
	if c.Target == ScoreTarget && !s.inContext(0) {
		theta[1]++ // D = y_c + sigma^2 s
	}
	return nil
}

// freedom returns the effective degrees of freedom of the prepared group,
//
//	tr (G + R)^-1 G = rank (G + R) - tr (G + R)^-1 R.
func (s *solver) freedom(c candidate) (float64, error) {
	if c.Descent.Stop > 0 {
		return s.freedomOfDescent(c)
	}
	if err := s.factorize(c); err != nil {
		return 0, err
	}
	freedom := float64(s.factor.rank)
	if c.Ridge == (Ridge{}) {
		return freedom, nil
	}
	b := s.machine.moments.Groups()[s.g].Basis
	for i, d := range s.factor.inverseDiagonal() {
		freedom -= c.Ridge.of(b, s.keep[i]) * d
	}
	return freedom, nil
}

// inContext reports whether member i of the group is a variable of the linear context.
func (s *solver) inContext(i int) bool {
	table := s.machine.moments
	_, ok := table.Place(table.Groups()[s.g].Members[i].Index)
	return ok
}

// eliminate subtracts the share of member i from the Gram matrix and the right-hand sides: what
// its context variables explain, over the number of members.
func (s *solver) eliminate(i int) {
	width := len(s.machine.spectrum)
	if width == 0 {
		return
	}
	group := s.machine.moments.Groups()[s.g]
	n := group.Basis.Features()
	s.whiten(i)
	share := -1 / float64(len(group.Members))
	cross := blas64.General{Rows: n, Cols: width, Stride: width, Data: s.noisyCross}
	blas64.Syrk(blas.NoTrans, share, cross, 1, blas64.Symmetric{Uplo: blas.Upper, N: n, Stride: n, Data: s.normal.Gram})
	for a := range n {
		for c := range a {
			s.normal.Gram[a*n+c] = s.normal.Gram[c*n+a]
		}
	}
	for _, r := range []*rightHandSide{&s.clean, &s.score} {
		blas64.Gemv(blas.NoTrans, share, cross, blas64.Vector{N: width, Inc: 1, Data: r.context}, 1, blas64.Vector{N: n, Inc: 1, Data: r.features})
	}
}

// whiten computes the cross moments of member i with the context variables, scaled to unit second
// moment. It writes those of the features to noisyCross, and those of the targets to the context
// parts of the right-hand sides.
func (s *solver) whiten(i int) {
	table, spectrum := s.machine.moments, s.machine.spectrum
	width := len(spectrum)
	s.clean.context = append(s.clean.context[:0], s.contextOf(table, s.g, i, s.sigma)...)
	s.score.context = linalg.Grow(s.score.context, width)
	clear(s.score.context)
	if place, ok := table.Place(table.Groups()[s.g].Members[i].Index); ok {
		floats.AddScaled(s.score.context, -s.sigma*s.sigma, table.Spec().Axes[place*width:(place+1)*width])
	}
	s.roots = linalg.Grow(s.roots, width)
	for k, lambda := range spectrum {
		s.roots[k] = 1 / math.Sqrt(lambda+s.sigma*s.sigma)
	}
	floats.Mul(s.clean.context, s.roots)
	floats.Mul(s.score.context, s.roots)
	for a := range table.Groups()[s.g].Basis.Features() {
		floats.Mul(s.noisyCross[a*width:(a+1)*width], s.roots)
	}
}

// contextOf writes E[phi(y) u(y)] of member i of group g of a table at a noise level to
// s.noisyCross, and returns E[w_c u]:
//
//	E[phi(y) u(y)] = T_sigma E[phi(w) u] + sigma^2 E[d phi / d u],
//
// where T_sigma is the transport of the features, and the derivative is averaged over this member,
// not over its group.
func (s *solver) contextOf(table *moments.Moments, g, i int, sigma float64) []float64 {
	width, axes := len(table.Context()), table.Spec().Axes
	group := table.Groups()[g]
	b, member := group.Basis, group.Members[i]
	n := b.Features()
	s.cross, s.noisyCross = linalg.Grow(s.cross, n*width), linalg.Grow(s.noisyCross, n*width)
	b.TransportCross(s.noisyCross, table.Cross(s.cross, g, i), sigma)
	s.means, s.noisyMeans, s.slope = linalg.Grow(s.means, n), linalg.Grow(s.noisyMeans, n), linalg.Grow(s.slope, n)
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

// contextWeights writes the context weights of member i along the axes to dst, given the weights
// theta of its group. Member i must be the last that was whitened.
func (s *solver) contextWeights(dst []float64, i int, theta []float64, target Target) {
	table := s.machine.moments
	width, inContext := len(dst), s.inContext(i)
	regression := theta
	if target == ScoreTarget && !inContext {
		regression = slices.Clone(theta)
		regression[1]--
	}
	copy(dst, s.rightHandSide(target).context)
	blas64.Gemv(blas.Trans, -1, blas64.General{Rows: len(theta), Cols: width, Stride: width, Data: s.noisyCross},
		blas64.Vector{N: len(theta), Inc: 1, Data: regression}, 1, blas64.Vector{N: width, Inc: 1, Data: dst})
	floats.Mul(dst, s.roots)
	if target == ScoreTarget && inContext {
		place, _ := table.Place(table.Groups()[s.g].Members[i].Index)
		floats.Add(dst, table.Spec().Axes[place*width:(place+1)*width])
	}
}

// quadratic returns theta^T G theta for the row-major symmetric G of the normal equations.
func quadratic(gram, theta []float64) float64 {
	var sum float64
	for i, a := range theta {
		sum += a * floats.Dot(gram[i*len(theta):(i+1)*len(theta)], theta)
	}
	return sum
}
