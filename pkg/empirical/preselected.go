package empirical

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"wavescore/internal/linalg"
	"wavescore/pkg/diffusion"
)

// A Score is a score of a training set that can do with some of its images: an Ideal, a Local, a
// Composition or a Principal.
type Score interface {
	diffusion.Denoiser

	// Images returns the training images.
	Images() diffusion.Images

	// denoiseWith denoises as Denoise does, with other training images in the place of its own.
	denoiseWith(ctx context.Context, images diffusion.Images, dst, src []float64, sigma float64) error

	stored
}

// A Selection says which training images a noisy image is compared with: those nearest to it by the
// squared distance of the means over blocks of pixels, in which there is less noise than in a
// pixel. They are Images[i] at the noise level Sigmas[i], and at a level between two of them as
// many as at the one with the nearest logarithm.
type Selection struct {
	Block  int       // side of a block, in pixels, at least 1
	Sigmas []float64 // ascending
	Images []int     // one number a level, at least 1
}

// Select returns the selection of so many images at every noise level.
func Select(images, block int) Selection {
	return Selection{Block: block, Sigmas: []float64{1}, Images: []int{images}}
}

// Check returns an error unless there is a number of images for every level, levels ascend and
// blocks have a side.
func (s Selection) Check() error {
	if s.Block < 1 {
		return fmt.Errorf("empirical: blocks of side %d: want 1 or more", s.Block)
	}
	return checkLevels("numbers of images", s.Sigmas, s.Images)
}

// At returns the number of images at a noise level.
func (s Selection) At(sigma float64) int { return s.Images[nearestLevel(s.Sigmas, sigma)] }

// Preselected is a score of a training set that compares each noisy image with few of the training
// images, as the first stage of GoldDiff does (Shang, Sun, Lin and Shen, "Fast and scalable
// analytical diffusion", 2026). It costs a search over the block means of all images, and then the
// score of the selected ones; the error grows by what the others would have weighed. With all
// images it is the score itself, to the bit. An Ideal is as fast without.
//
// A Preselected is a diffusion.Denoiser, safe for concurrent use.
type Preselected struct {
	score     Score
	selection Selection
	means     []float64 // over blocks: training images x values
	values    int       // means of an image
}

// NewPreselected returns a score of a training set that compares a noisy image with the selected
// images alone. It returns an error for an unusable selection.
func NewPreselected(score Score, selection Selection) (*Preselected, error) {
	if err := selection.Check(); err != nil {
		return nil, err
	}
	p := &Preselected{score: score, selection: selection}
	err := checkImages(score.Shape(), score.Images(), func(_ int, pixels []float64) { p.means = p.appendBlockSums(p.means, pixels) })
	p.values = len(p.means) / score.Images().Len()
	return p, err
}

// Shape implements diffusion.Denoiser.
func (p *Preselected) Shape() diffusion.Shape { return p.score.Shape() }

// Images returns the training images.
func (p *Preselected) Images() diffusion.Images { return p.score.Images() }

// Score returns the score that compares with the selected images.
func (p *Preselected) Score() Score { return p.score }

// Selection returns which training images are compared with.
func (p *Preselected) Selection() Selection { return p.selection }

// Denoise implements diffusion.Denoiser.
func (p *Preselected) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(p.Shape(), dst, src, sigma); err != nil {
		return err
	}
	n := p.selection.At(sigma)
	if n >= p.Images().Len() {
		return p.score.Denoise(ctx, dst, src, sigma)
	}
	return inChunks(p.Shape().Size(), dst, src, func(dst, src []float64) error {
		return p.score.denoiseWith(ctx, subset{p.Images(), p.nearest(src, n)}, dst, src, sigma)
	})
}

// nearest returns the indices of the n training images whose blocks have the nearest means to those
// of one noisy image, ascending. Of two that are as near it takes the one of the smaller index.
func (p *Preselected) nearest(noisy []float64, n int) []int {
	means := p.appendBlockSums(nil, noisy)
	distances, nearest := make([]float64, p.Images().Len()), make([]int, p.Images().Len())
	for i := range distances {
		nearest[i] = i
		for k, m := range p.means[i*p.values:][:p.values] {
			e := m - means[k]
			distances[i] += e * e
		}
	}
	slices.SortFunc(nearest, func(a, b int) int { return cmp.Or(cmp.Compare(distances[a], distances[b]), a-b) })
	nearest = nearest[:min(n, len(nearest))]
	slices.Sort(nearest)
	return nearest
}

// appendBlockSums appends the sums of an image over blocks, each divided by the root of the number
// of its pixels: squared distances between these are those of images that are constant over blocks,
// and white noise stays as strong as it is in a pixel, whatever the side. Blocks at the ends may be
// smaller.
func (p *Preselected) appendBlockSums(to, pixels []float64) []float64 {
	s, block := p.Shape(), p.selection.Block
	for c := range s.C {
		for top := 0; top < s.H; top += block {
			for left := 0; left < s.W; left += block {
				sum, bottom, right := 0.0, min(top+block, s.H), min(left+block, s.W)
				for row := top; row < bottom; row++ {
					for _, v := range pixels[(c*s.H+row)*s.W:][left:right] {
						sum += v
					}
				}
				to = append(to, sum/math.Sqrt(float64((bottom-top)*(right-left))))
			}
		}
	}
	return to
}

// A subset is those of a set of images that have the indices.
type subset struct {
	images  diffusion.Images
	indices []int
}

func (s subset) Len() int { return len(s.indices) }

func (s subset) Size() int { return s.images.Size() }

// Batch implements diffusion.Images.
func (s subset) Batch(dst []float64, from, to int) []float64 {
	size := s.Size()
	dst = linalg.Grow(dst, (to-from)*size)
	for i, index := range s.indices[from:to] {
		s.images.Batch(dst[i*size:][:size], index, index+1)
	}
	return dst
}
