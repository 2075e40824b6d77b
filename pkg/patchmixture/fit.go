package patchmixture

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/linalg"
	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// Settings say how a mixture is fitted.
type Settings struct {
	Side       int     // of the square windows, in pixels: even
	Components int     // Gaussians, before those of hardly any window are dropped
	Windows    int     // that the mixture is fitted to, of random images and places
	Rounds     int     // of EM after k-means
	Shrink     float64 // strength of an isotropic prior on each covariance, in windows
	Floor      float64 // the least variance in any direction, in squared units of the images
	Seed       uint64  // of the choice of windows and of the centres that k-means begins with
}

// Default returns the settings of the machine for photographs in data/machines.
func Default() Settings {
	return Settings{Side: 8, Components: 400, Windows: 800_000, Rounds: 8, Shrink: 3, Floor: 2e-5, Seed: 1}
}

// The most that Check accepts: what a reader of files takes memory for.
const (
	maxSide       = 16
	maxComponents = 1 << 13
	maxWindows    = 1 << 24
)

// Check returns an error if the settings cannot be used, and says why.
func (s Settings) Check() error {
	switch {
	case s.Side < 2 || s.Side > maxSide || s.Side%2 != 0:
		return fmt.Errorf("patchmixture: windows of %d pixels: want an even side of 2 to %d", s.Side, maxSide)
	case s.Components < 1 || s.Components > maxComponents:
		return fmt.Errorf("patchmixture: %d components: want 1 to %d", s.Components, maxComponents)
	case s.Windows < s.Components || s.Windows > maxWindows:
		return fmt.Errorf("patchmixture: %d windows for %d components: want at least as many, and at most %d", s.Windows, s.Components, maxWindows)
	case s.Rounds < 0:
		return fmt.Errorf("patchmixture: %d rounds of EM; there are 0 or more", s.Rounds)
	case !(s.Shrink >= 0) || math.IsInf(s.Shrink, 1):
		return fmt.Errorf("patchmixture: shrinkage by %v windows: want a finite number that is not negative", s.Shrink)
	case !(s.Floor > 0) || math.IsInf(s.Floor, 1):
		return fmt.Errorf("patchmixture: a floor of %v: want a positive number, as a direction without variance has no likelihood", s.Floor)
	}
	return nil
}

// Fit returns a machine fitted to clean grey images of a shape: windows at random places are
// clustered by k-means, and the mixture that begins with the clusters is improved by EM. Progress,
// unless nil, is told how many rounds of either are done.
//
// Fit returns an error for settings that Check refuses, for images of more than one channel,
// smaller than a window or not finite, and ctx's once that is cancelled.
func Fit(ctx context.Context, shape diffusion.Shape, images diffusion.Images, settings Settings, progress func(done, total int)) (*Machine, error) {
	if err := settings.Check(); err != nil {
		return nil, err
	}
	switch {
	case shape.C != 1:
		return nil, fmt.Errorf("patchmixture: images of %v (channels x height x width): want grey ones", shape)
	case min(shape.H, shape.W) < settings.Side:
		return nil, fmt.Errorf("patchmixture: images of %v: want at least the %d pixels of a window in rows and columns", shape, settings.Side)
	case images.Len() == 0 || images.Size() != shape.Size():
		return nil, fmt.Errorf("patchmixture: %d images of %d pixels: want one or more of %v", images.Len(), images.Size(), shape)
	}
	windows, err := draw(ctx, shape, images, settings)
	if err != nil {
		return nil, err
	}
	done, total := 0, lloydRounds+settings.Rounds
	report := func() {
		if done++; progress != nil {
			progress(done, total)
		}
	}
	m := &Machine{shape: shape, settings: settings}
	m.mixture, m.likelihood, err = fitMixture(ctx, windows, settings, report)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// sample is clean windows, their means taken off.
type sample struct {
	d      int
	values []float32 // windows x d
}

func (s sample) len() int { return len(s.values) / s.d }

// window returns window i.
func (s sample) window(i int) []float32 { return s.values[i*s.d : (i+1)*s.d] }

// draw returns windows of random images at random places, each turned and mirrored at random.
func draw(ctx context.Context, shape diffusion.Shape, images diffusion.Images, settings Settings) (sample, error) {
	side := settings.Side
	d := side * side
	random := rand.New(rand.NewPCG(settings.Seed, 0))
	s := sample{d, make([]float32, 0, settings.Windows*d)}
	perImage := (settings.Windows + images.Len() - 1) / images.Len()
	order := random.Perm(images.Len())
	var pixels []float64
	window := make([]float64, d)
	for _, i := range order {
		if err := ctx.Err(); err != nil {
			return s, err
		}
		pixels = images.Batch(pixels, i, i+1)
		for range min(perImage, settings.Windows-s.len()) {
			top, left, turn := random.IntN(shape.H-side+1), random.IntN(shape.W-side+1), random.IntN(8)
			for r := range side {
				for c := range side {
					row, column := r, c
					if turn&1 != 0 {
						row = side - 1 - row
					}
					if turn&2 != 0 {
						column = side - 1 - column
					}
					if turn&4 != 0 {
						row, column = column, row
					}
					window[r*side+c] = pixels[(top+row)*shape.W+left+column]
				}
			}
			mean := floats.Sum(window) / float64(d)
			for _, v := range window {
				if v-v != 0 {
					return s, fmt.Errorf("patchmixture: image %d has %v", i, v)
				}
				s.values = append(s.values, float32(v-mean))
			}
		}
	}
	return s, nil
}

// lloydRounds is how many rounds of Lloyd's algorithm k-means takes: enough for EM to begin with.
const lloydRounds = 8

// kMeans returns which of k clusters each window is in, by Lloyd's algorithm from random windows.
func kMeans(ctx context.Context, s sample, k int, random *rand.Rand, report func()) ([]int32, error) {
	d, n := s.d, s.len()
	centres := make([]float32, k*d)
	for c, i := range random.Perm(n)[:k] {
		copy(centres[c*d:(c+1)*d], s.values[i*d:(i+1)*d])
	}
	nearest := make([]int32, n)
	halfSquares := make([]float32, k)
	blocks := (n + windowsAtOnce - 1) / windowsAtOnce
	for round := range lloydRounds + 1 {
		for c := range k {
			var square float32
			for _, v := range centres[c*d : (c+1)*d] {
				square += v * v
			}
			halfSquares[c] = square / 2
		}
		err := parallel.For(ctx, blocks, func() []float32 { return make([]float32, windowsAtOnce*k) }, func(products []float32, b int) error {
			from, to := b*windowsAtOnce, min((b+1)*windowsAtOnce, n)
			blas32.Gemm(blas.NoTrans, blas.Trans, 1, blas32.General{Rows: to - from, Cols: d, Stride: d, Data: s.values[from*d : to*d]},
				blas32.General{Rows: k, Cols: d, Stride: d, Data: centres}, 0, blas32.General{Rows: to - from, Cols: k, Stride: k, Data: products})
			for i := from; i < to; i++ {
				row := products[(i-from)*k : (i-from+1)*k]
				best := 0
				for c := range row {
					row[c] -= halfSquares[c]
					if row[c] > row[best] {
						best = c
					}
				}
				nearest[i] = int32(best)
			}
			return nil
		})
		if err != nil || round == lloydRounds {
			return nearest, err
		}
		report()
		sums, counts := make([]float64, k*d), make([]float64, k)
		for i, c := range nearest {
			counts[c]++
			sum := sums[int(c)*d : (int(c)+1)*d]
			for j, v := range s.values[i*d : (i+1)*d] {
				sum[j] += float64(v)
			}
		}
		for c, count := range counts {
			if count == 0 {
				i := random.IntN(n)
				copy(centres[c*d:(c+1)*d], s.values[i*d:(i+1)*d])
				continue
			}
			for j := range d {
				centres[c*d+j] = float32(sums[c*d+j] / count)
			}
		}
	}
	return nearest, nil
}

// statistics are sums over windows x_i with the responsibilities p_ik of K components.
type statistics struct {
	d      int
	counts []float64 // K: sum_i p_ik
	sums   []float64 // K x d: sum_i p_ik x_i
	outer  []float64 // K x d x d: the upper triangle of sum_i p_ik x_i x_i^T
}

func newStatistics(k, d int) *statistics {
	return &statistics{d, make([]float64, k), make([]float64, k*d), make([]float64, k*d*d)}
}

// add adds some windows with their responsibilities for component c.
func (s *statistics) add(c int, windows sample, chosen []int, responsibility func(i int) float64) {
	d := s.d
	rows := make([]float64, 0, len(chosen)*d)
	sum := s.sums[c*d : (c+1)*d]
	for i, at := range chosen {
		p := responsibility(i)
		s.counts[c] += p
		root := math.Sqrt(p)
		for j, v := range windows.window(at) {
			sum[j] += p * float64(v)
			rows = append(rows, root*float64(v))
		}
	}
	blas64.Syrk(blas.Trans, 1, linalg.Matrix(rows, len(chosen), d), 1,
		blas64.Symmetric{Uplo: blas.Upper, N: d, Stride: d, Data: s.outer[c*d*d : (c+1)*d*d]})
}

// mixture returns the mixture of greatest likelihood, with the shrinkage and the floor of the
// settings. Components of fewer windows than a window has pixels are dropped, unless there is no
// other.
func (s *statistics) mixture(ctx context.Context, settings Settings) (*mixture, error) {
	d := s.d
	total := floats.Sum(s.counts)
	parts := make([]*mixture, len(s.counts))
	err := parallel.Each(ctx, len(parts), func(c int) error {
		n := s.counts[c]
		if n < float64(d) && n < floats.Max(s.counts) || n == 0 {
			return nil
		}
		mean := make([]float64, d)
		floats.ScaleTo(mean, 1/n, s.sums[c*d:(c+1)*d])
		covariance := make([]float64, d*d)
		outer := s.outer[c*d*d:]
		var trace float64
		for i := range d {
			for j := i; j < d; j++ {
				v := outer[i*d+j]/n - mean[i]*mean[j]
				covariance[i*d+j], covariance[j*d+i] = v, v
			}
			trace += covariance[i*d+i]
		}
		// The prior is isotropic in the d - 1 directions of windows without mean.
		keep := n / (n + settings.Shrink)
		floats.Scale(keep, covariance)
		isotropic := (1 - keep) * trace / float64(d-1)
		for i := range d {
			for j := range d {
				covariance[i*d+j] -= isotropic / float64(d)
			}
			covariance[i*d+i] += isotropic
		}
		parts[c] = &mixture{side: settings.Side}
		return parts[c].add(ctx, math.Log(n/total), mean, covariance, settings.Floor)
	})
	if err != nil {
		return nil, err
	}
	m := &mixture{side: settings.Side}
	for _, part := range parts {
		if part != nil {
			m.logWeights, m.means = append(m.logWeights, part.logWeights...), append(m.means, part.means...)
			m.axes, m.variances = append(m.axes, part.axes...), append(m.variances, part.variances...)
		}
	}
	return m, nil
}

// fitMixture returns the mixture of a sample, and the mean log-likelihood of a window before each
// round of EM.
func fitMixture(ctx context.Context, s sample, settings Settings, report func()) (*mixture, []float64, error) {
	nearest, err := kMeans(ctx, s, settings.Components, rand.New(rand.NewPCG(settings.Seed, 1)), report)
	if err != nil {
		return nil, nil, err
	}
	stats := newStatistics(settings.Components, s.d)
	members := make([][]int, settings.Components)
	for i, c := range nearest {
		members[c] = append(members[c], i)
	}
	err = parallel.Each(ctx, len(members), func(c int) error {
		stats.add(c, s, members[c], func(int) float64 { return 1 })
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	m, err := stats.mixture(ctx, settings)
	var likelihood []float64
	for range settings.Rounds {
		if err != nil {
			return nil, nil, err
		}
		var l float64
		m, l, err = improve(ctx, m, s, settings)
		likelihood = append(likelihood, l)
		report()
	}
	return m, likelihood, err
}

// improve returns the mixture after one round of EM, and the mean log-likelihood of a window
// before.
func improve(ctx context.Context, m *mixture, s sample, settings Settings) (*mixture, float64, error) {
	const shards = 8 // fixed, for the same bits on any number of cores
	noisy := m.at(0)
	d, k := s.d, m.components()
	all := make([]*statistics, shards)
	logs := make([]float64, shards)
	err := parallel.For(ctx, shards, func() *evaluator { return newEvaluator(noisy) }, func(e *evaluator, shard int) error {
		stats := newStatistics(k, d)
		all[shard] = stats
		var chosen []int
		first, last := s.len()*shard/shards, s.len()*(shard+1)/shards
		for from := first; from < last; from += windowsAtOnce {
			if err := ctx.Err(); err != nil {
				return err
			}
			n := min(windowsAtOnce, last-from)
			copy(e.windows, s.values[from*d:(from+n)*d])
			e.condition(n)
			for i := range n {
				logs[shard] += e.logDensity(i)
			}
			for c, pairs := range e.pairs {
				chosen = chosen[:0]
				for _, p := range pairs {
					chosen = append(chosen, from+int(p.window))
				}
				if len(chosen) > 0 {
					stats.add(c, s, chosen, func(i int) float64 { return float64(pairs[i].responsibility) })
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, 0, err
	}
	for _, part := range all[1:] {
		floats.Add(all[0].counts, part.counts)
		floats.Add(all[0].sums, part.sums)
		floats.Add(all[0].outer, part.outer)
	}
	m, err = all[0].mixture(ctx, settings)
	return m, floats.Sum(logs) / float64(s.len()), err
}
