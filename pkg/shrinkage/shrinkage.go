package shrinkage

import (
	"context"
	"fmt"

	"wavescore/internal/parallel"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Rule is how coefficients are made smaller.
type Rule string

const (
	UniversalSoft Rule = "universal-soft"
	UniversalHard Rule = "universal-hard"
	SURE          Rule = "sure"
	Bayes         Rule = "bayes"
	SURELET       Rule = "sure-let"
	GSM           Rule = "bls-gsm"
)

// Rules returns all rules.
func Rules() []Rule { return []Rule{UniversalSoft, UniversalHard, SURE, Bayes, SURELET, GSM} }

// A Denoiser shrinks the detail coefficients of images by a rule. It is a diffusion.Denoiser, safe
// for concurrent use.
type Denoiser struct {
	rule      Rule
	transform *wavelet.Transform
}

// New returns the denoiser of a rule in the basis of a transform. It returns an error for an
// unknown rule, and for a transform of no levels, which has no details.
func New(rule Rule, transform *wavelet.Transform) (*Denoiser, error) {
	for _, known := range Rules() {
		if rule == known {
			if transform.Layout().Levels == 0 {
				return nil, fmt.Errorf("shrinkage: the transform has no levels, and no details to shrink: want 1 or more")
			}
			return &Denoiser{rule, transform}, nil
		}
	}
	return nil, fmt.Errorf("shrinkage: no rule %q: want one of %v", rule, Rules())
}

// Rule returns how coefficients are made smaller.
func (d *Denoiser) Rule() Rule { return d.rule }

// Shape implements diffusion.Denoiser.
func (d *Denoiser) Shape() diffusion.Shape {
	l := d.transform.Layout()
	return diffusion.Shape{C: l.Channels, H: l.Height, W: l.Width}
}

// Denoise implements diffusion.Denoiser.
func (d *Denoiser) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := diffusion.Check(d.Shape(), dst, src, sigma); err != nil {
		return err
	}
	d.transform.Forward(dst, src)
	layout := d.transform.Layout()
	size := layout.Len()
	err := parallel.Each(ctx, len(dst)/size, func(i int) error {
		return d.shrink(ctx, layout, dst[i*size:(i+1)*size], sigma)
	})
	if err != nil {
		return err
	}
	d.transform.Inverse(dst, dst)
	return diffusion.CheckFinite(d.Shape(), dst, sigma)
}

// shrink shrinks the coefficients of one image.
func (d *Denoiser) shrink(ctx context.Context, layout wavelet.Layout, w []float64, sigma float64) error {
	if d.rule == GSM {
		return scaleMixture(ctx, layout, w, sigma)
	}
	for _, band := range layout.Bands() {
		if band.Orientation == wavelet.Approximation {
			continue
		}
		from, to := layout.Range(band)
		b := w[from:to]
		switch d.rule {
		case UniversalSoft:
			soft(b, universal(layout.Height*layout.Width, sigma))
		case UniversalHard:
			hard(b, universal(layout.Height*layout.Width, sigma))
		case SURE:
			soft(b, sureThreshold(b, sigma))
		case Bayes:
			soft(b, bayesThreshold(b, sigma))
		case SURELET:
			combine(b, sigma)
		}
	}
	return nil
}
