package main

import (
	"fmt"
	"slices"
	"strings"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/shrinkage"
	"wavescore/pkg/wavelet"
)

// methods returns the names of the denoisers that need no training set, as 'wavescore denoise --method'
// takes them.
func methods() (names []string) {
	for _, rule := range shrinkage.Rules() {
		names = append(names, string(rule))
	}
	return append(names, "bm3d")
}

// checkMethod returns an error for a name that is none of them.
func checkMethod(name string) error {
	if !slices.Contains(methods(), name) {
		return fmt.Errorf("--method %s: want one of %s", name, strings.Join(methods(), ", "))
	}
	return nil
}

const (
	methodLevels = 4 // of the wavelet transform, of sym4
	methodSpin   = 4 // rows and columns of shifts that are averaged over
	methodMargin = 8 // pixels, at least, that an image is extended by
)

// methodFor returns a denoiser that needs no training set, for images of a shape. Wavelets are those of
// sym4, over reflected edges, averaged over 4 x 4 shifts.
func methodFor(name string, shape diffusion.Shape) (diffusion.Denoiser, error) {
	if err := checkMethod(name); err != nil {
		return nil, err
	}
	if name == "bm3d" {
		return shrinkage.NewBM3D(shape), nil
	}
	filter, err := wavelet.ParseFilter("sym4")
	if err != nil {
		return nil, err
	}
	layout, err := wavelet.NewLayout(shape.C, extended(shape.H), extended(shape.W), methodLevels)
	if err != nil {
		return nil, err
	}
	d, err := shrinkage.New(shrinkage.Rule(name), wavelet.NewTransform(filter, layout))
	if err != nil {
		return nil, err
	}
	return diffusion.Reflect(diffusion.CycleSpin(d, methodSpin), shape)
}

// extended is a size with a margin on both sides that the transform takes.
func extended(size int) int {
	const multiple = 1 << methodLevels
	return (size + 2*methodMargin + multiple - 1) / multiple * multiple
}
