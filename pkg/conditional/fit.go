package conditional

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/pkg/diffusion"
)

// Images are the images that a machine is fitted to or judged on: *dataset.Images are.
type Images interface {
	Len() int
	// Batch writes images [from, to), row-major, pixels in [-1, 1], to dst, which nil allocates, and returns it.
	Batch(dst []float64, from, to int) []float64
}

// Fit returns a machine of a family fitted to clean images of the shape. For every site, or once for all, it finds clusters of
// windows by k-means, counts the moments of each, and betters them by rounds of EM.
//
// Progress, unless nil, is told how many mixtures of how many are done. Fit returns an error for a family or settings that
// Check refuses, for fewer images than components, for pixels that are not finite, and ctx's once that is cancelled.
func Fit(ctx context.Context, family Family, shape diffusion.Shape, images Images, settings Settings, progress func(done, total int)) (*Machine, error) {
	if err := family.Check(shape); err != nil {
		return nil, err
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	if images.Len() < family.Components {
		return nil, fmt.Errorf("conditional: %d images for %d components; there are at least as many", images.Len(), family.Components)
	}
	clean, err := load(images, shape)
	if err != nil {
		return nil, err
	}
	l := &local{family: family, shape: shape, settings: settings, latents: make([]latent, 1), likelihood: make([]float64, settings.Rounds)}
	if family.Sharing == PerSite {
		l.latents = make([]latent, family.sites(shape))
	}
	likelihoods := make([][]float64, len(l.latents))
	errs := make([]error, len(l.latents))
	var next, done atomic.Int64
	var report sync.Mutex
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(l.latents)) {
		workers.Go(func() {
			for s := int(next.Add(1)) - 1; s < len(l.latents); s = int(next.Add(1)) - 1 {
				likelihoods[s], errs[s] = l.fit(ctx, s, clean)
				report.Lock()
				if n := int(done.Add(1)); progress != nil && errs[s] == nil {
					progress(n, len(l.latents))
				}
				report.Unlock()
			}
		})
	}
	workers.Wait()
	for s, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("conditional: mixture %d of %d: %w", s, len(errs), err)
		}
		floats.Add(l.likelihood, likelihoods[s])
	}
	return &Machine{locals: []*local{l}}, nil
}

// load returns all the images, having seen that they are finite.
func load(images Images, shape diffusion.Shape) ([]float64, error) {
	clean := images.Batch(nil, 0, images.Len())
	if len(clean) != images.Len()*shape.Size() {
		return nil, fmt.Errorf("conditional: %d images hold %d values; images of %v would hold %d", images.Len(), len(clean), shape, images.Len()*shape.Size())
	}
	for i, v := range clean {
		if v-v != 0 {
			return nil, fmt.Errorf("conditional: image %d has %v at pixel %d", i/shape.Size(), v, i%shape.Size())
		}
	}
	return clean, nil
}

// visits is how many windows of an image a mixture that all sites share is fitted to.
const visits = 8

// fit fits mixture s and returns the log-likelihood of its points before each round of EM.
func (l *local) fit(ctx context.Context, s int, clean []float64) ([]float64, error) {
	random := rand.New(rand.NewPCG(l.settings.Seed, uint64(s)))
	sites := []int{s}
	size := l.shape.Size()
	n := len(clean) / size
	if l.family.Sharing == Everywhere {
		sites = random.Perm(l.family.sites(l.shape))
	}
	// The sites are visited in turn, so that all are seen equally often.
	each := min(visits, len(sites))
	windows := make([][]int, len(sites))
	for i, site := range sites {
		windows[i], _ = l.family.window(l.shape, site)
	}
	pixels := func(point int) []int { return windows[point%len(windows)] }
	image := func(point int) []float64 { return clean[point/each*size : (point/each+1)*size] }

	d := l.family.dimensions(l.shape)
	r := l.family.rank(l.shape)
	p := &l.latents[s]
	read := func(dst []float64, point int) {
		from := image(point)
		for j, at := range pixels(point) {
			dst[j] = from[at]
		}
	}
	if err := p.findAxes(n*each, d, read); err != nil {
		return nil, err
	}
	points := blas64.General{Rows: n * each, Cols: r, Stride: r, Data: make([]float64, n*each*r)}
	p.rotateAll(points, read)
	if err := ctx.Err(); err != nil {
		return nil, err
	}

	first := points
	if l.settings.Clusters > 0 && l.settings.Clusters < n {
		first.Rows = l.settings.Clusters * each
	}
	centres := cluster(first, l.family.Components, random)
	t := newTable(l.family.Components, r)
	nearest := make([]int, points.Rows)
	assign(nearest, points, centres)
	posterior := make([]float64, pointsAtOnce*l.family.Components)
	eachBlock(points, func(from int, block blas64.General) {
		clear(posterior)
		for i := range block.Rows {
			posterior[i*l.family.Components+nearest[from+i]] = 1
		}
		t.add(block, posterior)
	})
	var err error
	if p.mixture, err = t.mixture(l.family.axes(l.shape), l.settings); err != nil {
		return nil, err
	}
	likelihood := make([]float64, l.settings.Rounds)
	along := make([]float64, pointsAtOnce*l.family.Components*l.family.axes(l.shape))
	var memory scratch
	for round := range likelihood {
		t := newTable(p.mixture.components(), r)
		clean := p.mixture.at(0, &memory)
		eachBlock(points, func(_ int, block blas64.General) {
			if ctx.Err() == nil {
				likelihood[round] += clean.posterior(posterior, along, block)
				t.add(block, posterior)
			}
		})
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p.mixture, err = t.mixture(l.family.axes(l.shape), l.settings); err != nil {
			return nil, err
		}
	}
	return likelihood, nil
}

// findAxes sets the mean, the principal components and their variances from n windows of d values.
func (p *latent) findAxes(n, d int, read func(dst []float64, point int)) error {
	p.mean = make([]float64, d)
	buffer := make([]float64, d)
	for i := range n {
		read(buffer, i)
		floats.Add(p.mean, buffer)
	}
	floats.Scale(1/float64(n), p.mean)
	covariance := mat.NewSymDense(d, nil)
	rows := make([]float64, pointsAtOnce*d)
	for from := 0; from < n; from += pointsAtOnce {
		to := min(from+pointsAtOnce, n)
		for i := from; i < to; i++ {
			row := rows[(i-from)*d : (i-from+1)*d]
			read(row, i)
			floats.Sub(row, p.mean)
		}
		blas64.Syrk(blas.Trans, 1/float64(n), blas64.General{Rows: to - from, Cols: d, Stride: d, Data: rows}, 1, covariance.RawSymmetric())
	}
	var err error
	p.axes, p.spread, err = principal(covariance)
	return err
}

// rotateAll writes the leading principal coordinates of every window to points.
func (p *latent) rotateAll(points blas64.General, read func(dst []float64, point int)) {
	d := len(p.mean)
	rows := make([]float64, pointsAtOnce*d)
	leading := blas64.General{Rows: points.Cols, Cols: d, Stride: d, Data: p.axes}
	eachBlock(points, func(from int, block blas64.General) {
		for i := range block.Rows {
			row := rows[i*d : (i+1)*d]
			read(row, from+i)
			floats.Sub(row, p.mean)
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: block.Rows, Cols: d, Stride: d, Data: rows}, leading, 0, block)
	})
}
