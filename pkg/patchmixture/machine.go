package patchmixture

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"wavescore/pkg/diffusion"
)

// Machine denoises grey pictures by a mixture of Gaussians of their windows. It is a
// diffusion.AnySize, safe for concurrent use.
type Machine struct {
	shape      diffusion.Shape
	settings   Settings
	mixture    *mixture
	likelihood []float64
	levels     levels
}

// Shape returns the shape of the pictures that the machine was fitted to; At returns the denoiser
// of any other.
func (m *Machine) Shape() diffusion.Shape { return m.shape }

// Settings returns how the machine was fitted.
func (m *Machine) Settings() Settings { return m.settings }

// Components returns how many Gaussians the mixture has.
func (m *Machine) Components() int { return m.mixture.components() }

// LogLikelihood returns the mean log-likelihood of a window before each round of EM.
func (m *Machine) LogLikelihood() []float64 { return slices.Clone(m.likelihood) }

// String says what the machine is.
func (m *Machine) String() string {
	return fmt.Sprintf("patch mixture: %d Gaussians of windows of %dx%d pixels, for grey pictures of any size", m.Components(), m.mixture.side, m.mixture.side)
}

// At implements diffusion.AnySize. The shape has one channel.
func (m *Machine) At(shape diffusion.Shape) (diffusion.Denoiser, error) {
	if shape.C != 1 || shape.H < 1 || shape.W < 1 {
		return nil, fmt.Errorf("patchmixture: no denoiser of %v images: the machine is for grey pictures, of one channel", shape)
	}
	return picture{m, shape}, nil
}

// scales is how many scales of a picture are denoised: it, and the means of 2 x 2 pixels.
const scales = 2

// Reach implements diffusion.AnySize.
func (m *Machine) Reach() (pixels, multiple int) {
	// A window reaches side - 1 pixels; its mean depends on 2 x 2 means so far away, and on windows
	// of these. Every other row of the coarsest picture has windows.
	for range scales {
		pixels = 2*pixels + m.mixture.side
	}
	multiple = 1 << scales
	return (pixels + multiple - 1) / multiple * multiple, multiple
}

// Denoise implements diffusion.Denoiser for pictures of the machine's shape.
func (m *Machine) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	return picture{m, m.shape}.Denoise(ctx, dst, src, sigma)
}

// picture is a machine for pictures of a shape.
type picture struct {
	machine *Machine
	shape   diffusion.Shape
}

func (p picture) Shape() diffusion.Shape { return p.shape }

func (p picture) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(p.shape, dst, src, sigma); err != nil {
		return err
	}
	mixtures := p.machine.levels.at(p.machine.mixture, sigma)
	size := p.shape.Size()
	for from := 0; from < len(src); from += size {
		image := plane{p.shape.H, p.shape.W, slices.Clone(src[from : from+size])}
		if err := denoise(ctx, mixtures, image, everyOther); err != nil {
			return err
		}
		copy(dst[from:from+size], image.values)
	}
	return diffusion.CheckFinite(p.shape, dst, sigma)
}

// levels keeps the mixtures of the noise levels that were last asked for.
type levels struct {
	mu     sync.Mutex
	recent []level // the most recent first
}

type level struct {
	sigma    float64
	mixtures []*noisyMixture
}

// levelsKept is how many noise levels are kept: some 20 MB each.
const levelsKept = 4

// at returns the mixture in the noise of every scale.
func (l *levels) at(m *mixture, sigma float64) []*noisyMixture {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := slices.IndexFunc(l.recent, func(k level) bool { return k.sigma == sigma })
	var k level
	if found >= 0 {
		k = l.recent[found]
		l.recent = slices.Delete(l.recent, found, found+1)
	} else {
		k.sigma = sigma
		for v := sigma * sigma; len(k.mixtures) < scales; v /= 4 {
			k.mixtures = append(k.mixtures, m.at(v))
		}
	}
	l.recent = slices.Insert(l.recent, 0, k)
	l.recent = l.recent[:min(len(l.recent), levelsKept)]
	return k.mixtures
}

// forget drops all noise levels.
func (l *levels) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.recent = nil
}
