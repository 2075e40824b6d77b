package conditional

import (
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	_ "wavescore/internal/openblas"
)

// minLogRatio bounds the components that have a responsibility for a point: it is 0 where the
// posterior is less than exp(minLogRatio) times that of the likeliest component.
const minLogRatio = -20

// minRelativeResponsibility bounds the components that enter the variance between components,
// which need not be exact: their responsibility is at least this share of the greatest for the
// point.
const minRelativeResponsibility = 1e-3

// blockRows is how many conditional means are mapped to the columns by one product.
const blockRows = 256

// evaluator computes posterior moments of points y = x + sqrt(v) z under a mixture at noise
// variance v. One evaluator serves many mixtures and batches of points, one after another: it
// keeps its memory. It is for one goroutine. Shapes are in terms of n points of r coordinates, K
// components of q axes, and w columns.
type evaluator struct {
	noisyMixture
	points           blas64.General // n x r
	responsibilities []float64      // n x K: p(k | y)
	projections      []float64      // n x K x q: sqrt(w_ka) e_ka^T (y - mu_k)
	meanWeights      []float64      // n x K: what each mu_k contributes to the posterior mean

	between betweenMoments
}

// betweenMoments is the memory of betweenVariance. A block holds the conditional means of pairs of
// a point and a component: at least blockRows unless it is the last, and fewer than blockRows + n.
type betweenMoments struct {
	pairs       []pair    // rows of the block
	means       []float64 // block x r: E[x | y, k]
	values      []float64 // block x w: the same in the columns
	projections []float64 // n x q: of the points that one component has in the block

	least []float64 // n: the least responsibility that enters
	total []float64 // n: the sum of those that do
	first []float64 // n x w: the values, summed with their responsibilities
}

// pair is a point, and a component's responsibility for it.
type pair struct {
	point          int
	responsibility float64
}

// condition computes the responsibilities of the components for the points, and the points'
// projections. It returns the sum of the log-likelihoods of the points.
func (e *evaluator) condition(points blas64.General) (logLikelihood float64) {
	r, n, k, q := e.rank, points.Rows, e.components(), e.axesPerComponent
	e.points = points
	e.responsibilities = linalg.Grow(e.responsibilities, n*k)
	e.projections = linalg.Grow(e.projections, n*k*q)
	for i := range n {
		floats.ScaleTo(e.projections[i*k*q:(i+1)*k*q], -1, e.scaledMeans)
	}
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, points, linalg.Matrix(e.scaledAxes, k*q, r), 1, linalg.Matrix(e.projections, n, k*q))
	blas64.Gemm(blas.NoTrans, blas.Trans, 1, points, linalg.Matrix(e.means, k, r), 0, linalg.Matrix(e.responsibilities, n, k))
	for i := range n {
		row, y := e.responsibilities[i*k:(i+1)*k], points.Data[i*r:(i+1)*r]
		square := floats.Dot(y, y)
		for c, product := range row {
			z := e.projection(i, c)
			row[c] = e.logConstants[c] - ((square-2*product)/(e.residualVariance[c]+e.noiseVariance)-floats.Dot(z, z))/2
		}
		greatest := floats.Max(row)
		var total float64
		for c, logPosterior := range row {
			row[c] = 0
			if logPosterior-greatest > minLogRatio {
				row[c] = math.Exp(logPosterior - greatest)
				total += row[c]
			}
		}
		floats.Scale(1/total, row)
		logLikelihood += greatest + math.Log(total)
	}
	return logLikelihood
}

// projection returns the q projections of point i on the scaled axes of component c.
func (e *evaluator) projection(i, c int) []float64 {
	k, q := e.components(), e.axesPerComponent
	return e.projections[(i*k+c)*q : (i*k+c+1)*q]
}

// posteriorMean writes the posterior means of the points to the rows of dst (n x r):
//
//	E[x | y] = sum_k p(k | y) (g_k y + (1 - g_k) mu_k + v sum_a w_ka z_ka e_ka).
//
// It overwrites the projections, and is therefore the last to be called for a batch of points.
func (e *evaluator) posteriorMean(dst blas64.General) {
	r, n, k, q := e.rank, e.points.Rows, e.components(), e.axesPerComponent
	e.meanWeights = linalg.Grow(e.meanWeights, n*k)
	for i := range n {
		var pointWeight float64
		for c, p := range e.responsibilities[i*k : (i+1)*k] {
			floats.Scale(p*e.noiseVariance, e.projection(i, c))
			gain := e.residualGain(c)
			pointWeight += p * gain
			e.meanWeights[i*k+c] = p * (1 - gain)
		}
		floats.ScaleTo(dst.Data[i*r:(i+1)*r], pointWeight, e.points.Data[i*r:(i+1)*r])
	}
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(e.meanWeights, n, k), linalg.Matrix(e.means, k, r), 1, dst)
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(e.projections, n, k*q), linalg.Matrix(e.scaledAxes, k*q, r), 1, dst)
}

// betweenVariance writes the variance between components to dst (n x w): for every point and every
// column b of columns (r x w), the variance of b^T E[x | y, k] where k is drawn with p(k | y).
// Components below minRelativeResponsibility are left out.
func (e *evaluator) betweenVariance(dst []float64, columns blas64.General) {
	n, k, w := e.points.Rows, e.components(), columns.Cols
	b := &e.between
	b.reset(e, w)
	clear(dst)
	for c := range k {
		e.appendConditionalMeans(c)
		if len(b.pairs) >= blockRows || c == k-1 {
			b.addBlock(dst, columns)
		}
	}
	for i, total := range b.total[:n] {
		for j, first := range b.first[i*w : (i+1)*w] {
			mean := first / total
			dst[i*w+j] = max(0, dst[i*w+j]/total-mean*mean)
		}
	}
}

// reset empties the block and the sums for the points of e and w columns.
func (b *betweenMoments) reset(e *evaluator, w int) {
	r, n, k, q := e.rank, e.points.Rows, e.components(), e.axesPerComponent
	b.pairs = b.pairs[:0]
	b.means = linalg.Grow(b.means, (blockRows+n)*r)
	b.values = linalg.Grow(b.values, (blockRows+n)*w)
	b.projections = linalg.Grow(b.projections, n*q)
	b.least, b.total = linalg.Grow(b.least, n), linalg.Grow(b.total, n)
	b.first = linalg.Grow(b.first, n*w)
	clear(b.total)
	clear(b.first)
	for i := range n {
		b.least[i] = minRelativeResponsibility * floats.Max(e.responsibilities[i*k:(i+1)*k])
	}
}

// appendConditionalMeans appends the means E[x | y, k] under component k to the block, of the
// points for which the component is responsible enough.
func (e *evaluator) appendConditionalMeans(k int) {
	r, q, b := e.rank, e.axesPerComponent, &e.between
	from, gain := len(b.pairs), e.residualGain(k)
	for i := range e.points.Rows {
		p := e.responsibilities[i*e.components()+k]
		if p < b.least[i] {
			continue
		}
		row := len(b.pairs)
		copy(b.projections[(row-from)*q:], e.projection(i, k))
		mean := b.means[row*r : (row+1)*r]
		floats.ScaleTo(mean, gain, e.points.Data[i*r:(i+1)*r])
		floats.AddScaled(mean, 1-gain, e.means[k*r:(k+1)*r])
		b.pairs = append(b.pairs, pair{i, p})
	}
	if rows := len(b.pairs) - from; rows > 0 {
		axes := linalg.Matrix(e.scaledAxes[k*q*r:(k+1)*q*r], q, r)
		blas64.Gemm(blas.NoTrans, blas.NoTrans, e.noiseVariance, linalg.Matrix(b.projections, rows, q), axes, 1, linalg.Matrix(b.means[from*r:], rows, r))
	}
}

// addBlock maps the conditional means of the block to the columns, adds their values to the first
// moments and the squares of these to second (n x w), and empties the block.
func (b *betweenMoments) addBlock(second []float64, columns blas64.General) {
	rows, r, w := len(b.pairs), columns.Rows, columns.Cols
	blas64.Gemm(blas.NoTrans, blas.NoTrans, 1, linalg.Matrix(b.means, rows, r), columns, 0, linalg.Matrix(b.values, rows, w))
	for row, pair := range b.pairs {
		p, at := pair.responsibility, pair.point*w
		b.total[pair.point] += p
		first, second := b.first[at:at+w], second[at:at+w]
		for j, x := range b.values[row*w : (row+1)*w] {
			px := p * x
			first[j] += px
			second[j] += px * x
		}
	}
	b.pairs = b.pairs[:0]
}
