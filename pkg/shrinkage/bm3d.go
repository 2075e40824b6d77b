package shrinkage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
)

// BM3D denoises by block matching and collaborative filtering (Dabov, Foi, Katkovnik and
// Egiazarian, "Image denoising by sparse 3-D transform-domain collaborative filtering", 2007):
// blocks that look alike are stacked, the stack is transformed in three dimensions and shrunk, and
// all estimates of a pixel are averaged. The first stage shrinks by a hard threshold. The second
// finds blocks in the first's image, and shrinks by the Wiener filter that this image suggests.
//
// It is the bar for photographs: no denoiser here that learns from a single image is better.
// Parameters are those of the paper's normal profile, and for noise above 40/255 those for strong
// noise. Blocks are transformed by the cosine transform in both stages, where the paper takes a
// biorthogonal wavelet in the first; channels are denoised one by one.
//
// A BM3D is a diffusion.Denoiser, safe for concurrent use.
type BM3D struct{ shape diffusion.Shape }

// NewBM3D returns the denoiser of images of a shape.
func NewBM3D(shape diffusion.Shape) *BM3D { return &BM3D{shape} }

// Shape implements diffusion.Denoiser.
func (b *BM3D) Shape() diffusion.Shape { return b.shape }

// byte255 is one step of a byte, in pixels of [-1, 1]: the paper's units.
const byte255 = 2.0 / 255

// A stage says how blocks are matched and shrunk.
type stage struct {
	most      int     // blocks in a stack, a power of two
	far       float64 // mean squared difference from which on a block does not match
	prefilter float64 // cosine coefficients below so many sigma are left out of differences
	threshold float64 // of the stacked coefficients, in sigma; 0 is the Wiener filter
}

// stages returns the parameters of the two stages at a noise level.
func stages(sigma float64) [2]stage {
	square := byte255 * byte255
	if sigma > 40*byte255 {
		return [2]stage{{most: 16, far: 5000 * square, prefilter: 2, threshold: 2.8}, {most: 32, far: 3500 * square}}
	}
	return [2]stage{{most: 16, far: 2500 * square, threshold: 2.7}, {most: 32, far: 400 * square}}
}

const (
	blockSide  = 8  // pixels; less in smaller images
	searchFar  = 19 // rows and columns within which blocks are looked for
	blockStep  = 3  // rows and columns from one block that others are matched to, to the next
	bm3dStrips = 8  // parts that sums are taken in: fixed, for the same bits on any number of cores
)

// Denoise implements diffusion.Denoiser.
func (b *BM3D) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(b.shape, dst, src, sigma); err != nil {
		return err
	}
	plane := b.shape.H * b.shape.W
	for from := 0; from < len(src); from += plane {
		noisy := slices.Clone(src[from : from+plane])
		guide := noisy
		for _, s := range stages(sigma) {
			f := newFilter(b.shape, s, sigma, noisy, guide)
			var err error
			if guide, err = f.run(ctx); err != nil {
				return err
			}
		}
		copy(dst[from:from+plane], guide)
	}
	return diffusion.CheckFinite(b.shape, dst, sigma)
}

// filter is one stage on one channel of one image.
type filter struct {
	stage
	height, width int
	side          int // of a block
	sigma         float64
	noisy, guide  []float64
	cosines       []float64 // the orthonormal cosine transform, one function a row
	window        []float64 // weights of the pixels of a block
}

func newFilter(shape diffusion.Shape, s stage, sigma float64, noisy, guide []float64) *filter {
	f := &filter{stage: s, height: shape.H, width: shape.W, side: min(blockSide, shape.H, shape.W), sigma: sigma, noisy: noisy, guide: guide}
	for k := range f.side {
		scale := math.Sqrt(2 / float64(f.side))
		if k == 0 {
			scale = math.Sqrt(1 / float64(f.side))
		}
		for i := range f.side {
			f.cosines = append(f.cosines, scale*math.Cos(math.Pi*(float64(i)+0.5)*float64(k)/float64(f.side)))
		}
	}
	f.window = kaiser(f.side)
	return f
}

// kaiser returns the two-dimensional Kaiser window of parameter 2.
func kaiser(n int) (window []float64) {
	one := make([]float64, n)
	for i := range one {
		r := 0.0
		if n > 1 {
			r = 2*float64(i)/float64(n-1) - 1
		}
		one[i] = bessel(2*math.Sqrt(1-r*r)) / bessel(2)
	}
	for _, a := range one {
		for _, b := range one {
			window = append(window, a*b)
		}
	}
	return window
}

// bessel returns the modified Bessel function I_0 by its series.
func bessel(x float64) float64 {
	sum, term := 1.0, 1.0
	for k := 1.0; term > 1e-17*sum; k++ {
		term *= x * x / (4 * k * k)
		sum += term
	}
	return sum
}

// starts returns the rows, or columns, that blocks begin at which others are matched to.
func starts(size, side int) (all []int) {
	for at := 0; at < size-side; at += blockStep {
		all = append(all, at)
	}
	return append(all, size-side)
}

// run returns the estimate of the stage.
func (f *filter) run(ctx context.Context) ([]float64, error) {
	rows := starts(f.height, f.side)
	var sums [bm3dStrips]*estimate
	err := parallel.For(ctx, bm3dStrips, f.newStack, func(s *stack, strip int) error {
		sums[strip] = &estimate{make([]float64, len(f.noisy)), make([]float64, len(f.noisy))}
		for _, row := range rows[strip*len(rows)/bm3dStrips : (strip+1)*len(rows)/bm3dStrips] {
			s.prepare(row)
			for _, column := range starts(f.width, f.side) {
				if err := ctx.Err(); err != nil {
					return err
				}
				s.match(row, column)
				s.shrink()
				s.addTo(sums[strip])
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, s := range sums[1:] {
		floats.Add(sums[0].pixels, s.pixels)
		floats.Add(sums[0].weights, s.weights)
	}
	return floats.DivTo(sums[0].pixels, sums[0].pixels, sums[0].weights), nil
}

// estimate is a weighted sum of estimates of every pixel.
type estimate struct{ pixels, weights []float64 }

// A place is where a block begins, and how far it is from the one that is matched to.
type place struct {
	at       int // the index of its first pixel
	distance float64
}

// stack is the memory of a goroutine that stacks blocks.
type stack struct {
	*filter
	top          int       // the first row that filtered blocks begin at
	filtered     []float32 // the blocks of the guide without small coefficients, where they are left out
	places       []place
	noisy, guide []float64 // blocks of coefficients, one after another
	weight       float64
	half         []float64
}

func (f *filter) newStack() *stack {
	block := f.side * f.side
	return &stack{filter: f, noisy: make([]float64, f.most*block), guide: make([]float64, f.most*block), half: make([]float64, max(block, f.most))}
}

// reach returns the first and the last place that blocks are looked for at around one.
func reach(at, size, side int) (first, last int) {
	return max(at-searchFar, 0), min(at+searchFar, size-side)
}

// prepare filters the blocks that those of a row are compared with.
func (s *stack) prepare(row int) {
	if s.prefilter == 0 {
		return
	}
	first, last := reach(row, s.height, s.side)
	block, columns := s.side*s.side, s.width-s.side+1
	s.top = first
	if n := (last - first + 1) * columns * block; len(s.filtered) < n {
		s.filtered = make([]float32, n)
	}
	coefficients := make([]float64, block)
	for r := first; r <= last; r++ {
		for c := range columns {
			s.transform(coefficients, s.filter.guide, r*s.width+c)
			to := s.filtered[((r-first)*columns+c)*block:][:block]
			for i, v := range coefficients {
				to[i] = 0
				if math.Abs(v) > s.prefilter*s.sigma {
					to[i] = float32(v)
				}
			}
		}
	}
}

// distance returns the mean squared difference of two blocks, or more than limit where it is more.
func (s *stack) distance(row, column, r, c int, limit float64) float64 {
	sum, block := 0.0, s.side*s.side
	limit *= float64(block)
	if s.prefilter > 0 {
		columns := s.width - s.side + 1
		a := s.filtered[((row-s.top)*columns+column)*block:][:block]
		b := s.filtered[((r-s.top)*columns+c)*block:][:block]
		for i, v := range a {
			e := float64(v - b[i])
			sum += e * e
		}
		return sum / float64(block)
	}
	for i := range s.side {
		a := s.filter.guide[(row+i)*s.width+column:][:s.side]
		b := s.filter.guide[(r+i)*s.width+c:][:s.side]
		for j, v := range a {
			e := v - b[j]
			sum += e * e
		}
		if sum > limit {
			break
		}
	}
	return sum / float64(block)
}

// match finds the blocks most like the one at a place, itself first: a power of two of them.
func (s *stack) match(row, column int) {
	s.places = s.places[:0]
	top, bottom := reach(row, s.height, s.side)
	left, right := reach(column, s.width, s.side)
	for r := top; r <= bottom; r++ {
		for c := left; c <= right; c++ {
			if r == row && c == column {
				s.places = append(s.places, place{r*s.width + c, -1})
			} else if d := s.distance(row, column, r, c, s.far); d <= s.far {
				s.places = append(s.places, place{r*s.width + c, d})
			}
		}
	}
	slices.SortFunc(s.places, func(a, b place) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.at, b.at))
	})
	n := 1
	for 2*n <= min(len(s.places), s.most) {
		n *= 2
	}
	s.places = s.places[:n]
}

// transform writes the cosine coefficients of the block of an image at a place to dst.
func (s *stack) transform(dst, image []float64, at int) {
	n := s.side
	for k := range n { // along rows
		cosines := s.cosines[k*n : (k+1)*n]
		for i := range n {
			sum := 0.0
			for j, v := range image[at+i*s.width:][:n] {
				sum += cosines[j] * v
			}
			s.half[k*n+i] = sum
		}
	}
	for l := range n { // along columns
		cosines := s.cosines[l*n : (l+1)*n]
		for k := range n {
			sum := 0.0
			for i, v := range s.half[k*n : (k+1)*n] {
				sum += cosines[i] * v
			}
			dst[l*n+k] = sum
		}
	}
}

// back turns the cosine coefficients of a block into its pixels.
func (s *stack) back(block []float64) {
	n := s.side
	for k := range n {
		for i := range n {
			sum := 0.0
			for l := range n {
				sum += s.cosines[l*n+i] * block[l*n+k]
			}
			s.half[k*n+i] = sum
		}
	}
	for i := range n {
		for j := range n {
			sum := 0.0
			for k := range n {
				sum += s.cosines[k*n+j] * s.half[k*n+i]
			}
			block[i*n+j] = sum
		}
	}
}

// shrink transforms the stack, shrinks its coefficients, and leaves the pixels of its blocks in
// noisy.
func (s *stack) shrink() {
	block, n := s.side*s.side, len(s.places)
	for i, p := range s.places {
		s.transform(s.noisy[i*block:(i+1)*block], s.filter.noisy, p.at)
	}
	s.across(s.noisy, n, false)
	var energy float64
	if s.threshold > 0 {
		for i, v := range s.noisy[:n*block] {
			if math.Abs(v) <= s.threshold*s.sigma {
				s.noisy[i] = 0
			} else {
				energy++
			}
		}
	} else {
		for i, p := range s.places {
			s.transform(s.guide[i*block:(i+1)*block], s.filter.guide, p.at)
		}
		s.across(s.guide, n, false)
		for i, g := range s.guide[:n*block] {
			gain := g * g / (g*g + s.sigma*s.sigma)
			s.noisy[i] *= gain
			energy += gain * gain
		}
	}
	s.weight = 1 / math.Max(energy, 1)
	s.across(s.noisy, n, true)
	for i := range n {
		s.back(s.noisy[i*block : (i+1)*block])
	}
}

// across transforms a stack of n blocks along it by the Haar transform, or back.
func (s *stack) across(blocks []float64, n int, inverse bool) {
	block := s.side * s.side
	for i := range block {
		column := s.half[:n]
		for k := range n {
			column[k] = blocks[k*block+i]
		}
		haar(column, inverse)
		for k, v := range column {
			blocks[k*block+i] = v
		}
	}
}

// haar transforms a power of two of values by the orthonormal Haar transform, or back.
func haar(x []float64, inverse bool) {
	var pairs [32]float64
	if inverse {
		for n := 2; n <= len(x); n *= 2 {
			for i := range n / 2 {
				pairs[2*i], pairs[2*i+1] = (x[i]+x[n/2+i])/math.Sqrt2, (x[i]-x[n/2+i])/math.Sqrt2
			}
			copy(x[:n], pairs[:n])
		}
		return
	}
	for n := len(x); n >= 2; n /= 2 {
		for i := range n / 2 {
			pairs[i], pairs[n/2+i] = (x[2*i]+x[2*i+1])/math.Sqrt2, (x[2*i]-x[2*i+1])/math.Sqrt2
		}
		copy(x[:n], pairs[:n])
	}
}

// addTo adds the blocks to the estimates of their pixels.
func (s *stack) addTo(e *estimate) {
	block := s.side * s.side
	for k, p := range s.places {
		for i := range block {
			at := p.at + i/s.side*s.width + i%s.side
			w := s.weight * s.window[i]
			e.pixels[at] += w * s.noisy[k*block+i]
			e.weights[at] += w
		}
	}
}
