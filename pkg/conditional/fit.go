package conditional

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Fit returns a machine of a family fitted to clean images of the shape. For every site, or once for all, it finds clusters of
// windows by k-means, counts the moments of each, and betters them by rounds of EM.
//
// Progress, unless nil, is told how many mixtures of how many are done. Fit returns an error for a family or settings that
// Check refuses, for fewer images than components, for pixels that are not finite, and ctx's once that is cancelled.
func Fit(ctx context.Context, family Family, shape diffusion.Shape, images diffusion.Images, settings Settings, progress func(done, total int)) (*Machine, error) {
	if err := family.Check(shape); err != nil {
		return nil, err
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	points, what := images.Len(), "images"
	if family.Sharing == Everywhere {
		points, what = points*min(visits, family.sites(shape)), "windows"
	}
	if points < family.Components {
		return nil, fmt.Errorf("conditional: %d %s for %d components; there are at least as many: take more images or fewer components",
			points, what, family.Components)
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
	var report sync.Mutex
	done := 0
	err = parallel.Each(ctx, len(l.latents), func(s int) error {
		var err error
		if likelihoods[s], err = l.fit(ctx, s, clean); err != nil {
			return fmt.Errorf("conditional: mixture %d of %d: %w", s, len(l.latents), err)
		}
		if progress != nil {
			report.Lock()
			defer report.Unlock()
			done++
			progress(done, len(l.latents))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, likelihood := range likelihoods {
		floats.Add(l.likelihood, likelihood)
	}
	return &Machine{locals: []*local{l}}, nil
}

// load returns all the images, having seen that they are finite.
func load(images diffusion.Images, shape diffusion.Shape) ([]float64, error) {
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
	if err := p.findAxes(ctx, n*each, d, read); err != nil {
		return nil, err
	}
	points := blas64.General{Rows: n * each, Cols: r, Stride: r, Data: make([]float64, n*each*r)}
	if err := p.rotateAll(ctx, points, read); err != nil {
		return nil, err
	}

	first := points
	if l.settings.Clusters > 0 && l.settings.Clusters < n {
		first.Rows = l.settings.Clusters * each
	}
	centres, err := cluster(ctx, first, l.family.Components, random)
	if err != nil {
		return nil, err
	}
	t := newTable(l.family.Components, r)
	nearest := make([]int, points.Rows)
	if err := assign(ctx, nearest, points, centres); err != nil {
		return nil, err
	}
	posterior := make([]float64, pointsAtOnce*l.family.Components)
	err = eachBlock(ctx, points, func(from int, block blas64.General) {
		clear(posterior)
		for i := range block.Rows {
			posterior[i*l.family.Components+nearest[from+i]] = 1
		}
		t.add(block, posterior)
	})
	if err != nil {
		return nil, err
	}
	if p.mixture, err = t.mixture(ctx, l.family.axes(l.shape), l.settings); err != nil {
		return nil, err
	}
	likelihood := make([]float64, l.settings.Rounds)
	along := make([]float64, pointsAtOnce*l.family.Components*l.family.axes(l.shape))
	var memory scratch
	for round := range likelihood {
		t := newTable(p.mixture.components(), r)
		clean := p.mixture.at(0, &memory)
		err := eachBlock(ctx, points, func(_ int, block blas64.General) {
			likelihood[round] += clean.posterior(posterior, along, block)
			t.add(block, posterior)
		})
		if err != nil {
			return nil, err
		}
		if p.mixture, err = t.mixture(ctx, l.family.axes(l.shape), l.settings); err != nil {
			return nil, err
		}
	}
	return likelihood, nil
}

// findAxes sets the mean, the principal components and their variances from n windows of d values.
func (p *latent) findAxes(ctx context.Context, n, d int, read func(dst []float64, point int)) error {
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
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+pointsAtOnce, n)
		for i := from; i < to; i++ {
			row := rows[(i-from)*d : (i-from+1)*d]
			read(row, i)
			floats.Sub(row, p.mean)
		}
		blas64.Syrk(blas.Trans, 1/float64(n), blas64.General{Rows: to - from, Cols: d, Stride: d, Data: rows}, 1, covariance.RawSymmetric())
	}
	var err error
	p.axes, p.spread, err = principal(ctx, covariance)
	return err
}

// rotateAll writes the leading principal coordinates of every window to points.
func (p *latent) rotateAll(ctx context.Context, points blas64.General, read func(dst []float64, point int)) error {
	d := len(p.mean)
	rows := make([]float64, pointsAtOnce*d)
	leading := blas64.General{Rows: points.Cols, Cols: d, Stride: d, Data: p.axes}
	return eachBlock(ctx, points, func(from int, block blas64.General) {
		for i := range block.Rows {
			row := rows[i*d : (i+1)*d]
			read(row, from+i)
			floats.Sub(row, p.mean)
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, blas64.General{Rows: block.Rows, Cols: d, Stride: d, Data: rows}, leading, 0, block)
	})
}
