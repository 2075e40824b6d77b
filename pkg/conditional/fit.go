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

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Fit returns a machine of a family fitted to clean images of the shape. It fits a mixture for
// every site, or one for all: clusters of windows by k-means, the weight, mean and covariance of
// each cluster, and then rounds of EM.
//
// Progress, unless nil, is told how many mixtures are fitted, and how many there are. Fit returns
// an error for a family or settings that Check refuses, for fewer images than components, for
// pixels that are not finite, and ctx's once that is cancelled.
func Fit(ctx context.Context, family Family, shape diffusion.Shape, images diffusion.Images, settings Settings, progress func(done, total int)) (*Machine, error) {
	if err := family.Check(shape); err != nil {
		return nil, err
	}
	if err := settings.Check(); err != nil {
		return nil, err
	}
	points, what := images.Len(), "images"
	if family.Sharing == Everywhere {
		points, what = points*min(windowsPerImage, family.sites(shape)), "windows"
	}
	if points < family.Components {
		return nil, fmt.Errorf("conditional: %d %s for %d components; there are at least as many: take more images or fewer components",
			points, what, family.Components)
	}
	clean, err := load(images, shape)
	if err != nil {
		return nil, err
	}
	l := &local{family: family, shape: shape, settings: settings, models: make([]windowModel, 1), likelihood: make([]float64, settings.Rounds)}
	if family.Sharing == PerSite {
		l.models = make([]windowModel, family.sites(shape))
	}
	likelihoods := make([][]float64, len(l.models))
	var report sync.Mutex
	done := 0
	err = parallel.Each(ctx, len(l.models), func(s int) error {
		var err error
		if likelihoods[s], err = l.fit(ctx, s, clean); err != nil {
			return fmt.Errorf("conditional: mixture %d of %d: %w", s, len(l.models), err)
		}
		if progress != nil {
			report.Lock()
			defer report.Unlock()
			done++
			progress(done, len(l.models))
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

// load returns the pixels of all images, or an error where one is not finite.
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

// windowsPerImage is how many windows of each image a mixture that all sites share is fitted to.
const windowsPerImage = 8

// sample is the clean windows that a mixture is fitted to, perImage of each image. Window i is of
// image i / perImage. The windows visit the sites in turn, so that all sites are seen equally
// often.
type sample struct {
	clean     []float64 // images x pixels
	imageSize int
	perImage  int
	pixels    [][]int // sites x d: the windows of the sites, in the order of the visits
}

// sample returns the windows of the sites.
func (l *local) sample(clean []float64, sites []int) sample {
	s := sample{clean: clean, imageSize: l.shape.Size(), perImage: min(windowsPerImage, len(sites)), pixels: make([][]int, len(sites))}
	for i, site := range sites {
		s.pixels[i], _ = l.family.window(l.shape, site)
	}
	return s
}

func (s sample) len() int { return len(s.clean) / s.imageSize * s.perImage }

// read writes window i to dst.
func (s sample) read(dst []float64, i int) {
	pixels := s.clean[i/s.perImage*s.imageSize:][:s.imageSize]
	for j, pixel := range s.pixels[i%len(s.pixels)] {
		dst[j] = pixels[pixel]
	}
}

// fit fits model s and returns the log-likelihood of its windows before each round of EM.
func (l *local) fit(ctx context.Context, s int, clean []float64) ([]float64, error) {
	random := rand.New(rand.NewPCG(l.settings.Seed, uint64(s)))
	sites := []int{s}
	if l.family.Sharing == Everywhere {
		sites = random.Perm(l.family.sites(l.shape))
	}
	windows, model, r := l.sample(clean, sites), &l.models[s], l.family.rank(l.shape)
	if err := model.findAxes(ctx, windows, l.family.dimensions(l.shape)); err != nil {
		return nil, err
	}
	points := linalg.Matrix(make([]float64, windows.len()*r), windows.len(), r)
	if err := model.leadingCoordinates(ctx, points, windows); err != nil {
		return nil, err
	}
	clustered := points
	if images := len(clean) / l.shape.Size(); l.settings.Clusters > 0 && l.settings.Clusters < images {
		clustered.Rows = l.settings.Clusters * windows.perImage
	}
	centres, err := kMeans(ctx, clustered, l.family.Components, random)
	if err != nil {
		return nil, err
	}
	if model.mixture, err = l.mixtureOfClusters(ctx, points, centres); err != nil {
		return nil, err
	}
	likelihood := make([]float64, l.settings.Rounds)
	var e evaluator
	for round := range likelihood {
		if likelihood[round], model.mixture, err = l.improve(ctx, model.mixture, points, &e); err != nil {
			return nil, err
		}
	}
	return likelihood, nil
}

// mixtureOfClusters returns the mixture with a component for the points of each centre.
func (l *local) mixtureOfClusters(ctx context.Context, points, centres blas64.General) (*mixture, error) {
	nearest := make([]int, points.Rows)
	if err := assign(ctx, nearest, points, centres); err != nil {
		return nil, err
	}
	s := newStatistics(centres.Rows, points.Cols)
	// The responsibility of the nearest centre is 1, that of the others 0.
	responsibilities := make([]float64, pointsAtOnce*centres.Rows)
	err := eachBlock(ctx, points, func(from int, block blas64.General) {
		clear(responsibilities)
		for i := range block.Rows {
			responsibilities[i*centres.Rows+nearest[from+i]] = 1
		}
		s.add(block, responsibilities)
	})
	if err != nil {
		return nil, err
	}
	return s.mixture(ctx, l.family.axes(l.shape), l.settings)
}

// improve returns the log-likelihood of the points under a mixture, and the mixture after one
// round of EM from there. It uses the memory of e.
func (l *local) improve(ctx context.Context, m *mixture, points blas64.General, e *evaluator) (logLikelihood float64, improved *mixture, err error) {
	s := newStatistics(m.components(), m.rank)
	e.set(m, 0)
	err = eachBlock(ctx, points, func(_ int, block blas64.General) {
		logLikelihood += e.condition(block)
		s.add(block, e.responsibilities)
	})
	if err != nil {
		return 0, nil, err
	}
	improved, err = s.mixture(ctx, l.family.axes(l.shape), l.settings)
	return logLikelihood, improved, err
}

// findAxes sets the mean of the windows, of d values, their principal axes and the variances along
// them.
func (m *windowModel) findAxes(ctx context.Context, windows sample, d int) error {
	n := windows.len()
	m.mean = make([]float64, d)
	window := make([]float64, d)
	for i := range n {
		windows.read(window, i)
		floats.Add(m.mean, window)
	}
	floats.Scale(1/float64(n), m.mean)
	covariance := mat.NewSymDense(d, nil)
	rows := make([]float64, pointsAtOnce*d)
	for from := 0; from < n; from += pointsAtOnce {
		if err := ctx.Err(); err != nil {
			return err
		}
		to := min(from+pointsAtOnce, n)
		for i := from; i < to; i++ {
			row := rows[(i-from)*d : (i-from+1)*d]
			windows.read(row, i)
			floats.Sub(row, m.mean)
		}
		blas64.Syrk(blas.Trans, 1/float64(n), linalg.Matrix(rows, to-from, d), 1, covariance.RawSymmetric())
	}
	var err error
	m.axes, m.variances, err = principal(ctx, covariance)
	return err
}

// leadingCoordinates writes the leading principal coordinates of all windows to dst (windows x r).
func (m *windowModel) leadingCoordinates(ctx context.Context, dst blas64.General, windows sample) error {
	d := len(m.mean)
	rows := make([]float64, pointsAtOnce*d)
	axes := linalg.Matrix(m.axes, dst.Cols, d)
	return eachBlock(ctx, dst, func(from int, block blas64.General) {
		for i := range block.Rows {
			row := rows[i*d : (i+1)*d]
			windows.read(row, from+i)
			floats.Sub(row, m.mean)
		}
		blas64.Gemm(blas.NoTrans, blas.Trans, 1, linalg.Matrix(rows, block.Rows, d), axes, 0, block)
	})
}
