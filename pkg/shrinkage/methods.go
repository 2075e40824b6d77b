package shrinkage

import (
	"fmt"
	"slices"
	"strings"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// BlockMatching is the name of BM3D, which is no rule for coefficients.
const BlockMatching = "bm3d"

// Methods returns the names of all denoisers of this package: those of the rules, and that of BM3D.
func Methods() (names []string) {
	for _, rule := range Rules() {
		names = append(names, string(rule))
	}
	return append(names, BlockMatching)
}

// CheckMethod returns an error for a name that is none of Methods.
func CheckMethod(name string) error {
	if !slices.Contains(Methods(), name) {
		return fmt.Errorf("shrinkage: there is no method %q: want one of %s", name, strings.Join(Methods(), ", "))
	}
	return nil
}

const (
	methodFilter = "sym4"
	methodLevels = 4 // of the wavelet transform
	methodMargin = 8 // pixels, at least, that an image is extended by
)

// Spin is over how many rows and columns of shifts a rule's estimates are averaged by default.
const Spin = 4

// Method returns a denoiser by its name, for images of a shape whatever its size. A rule is applied
// to the coefficients of sym4 to 4 levels over reflected edges, and its estimates are averaged over
// spin x spin shifts; 1 is the decimated transform. BM3D has no shifts, and any spin is as good. It
// returns the error of CheckMethod, and one for a spin less than 1.
func Method(name string, shape diffusion.Shape, spin int) (diffusion.Denoiser, error) {
	if spin < 1 {
		return nil, fmt.Errorf("shrinkage: averages over %d x %d shifts: want 1 or more", spin, spin)
	}
	if err := CheckMethod(name); err != nil {
		return nil, err
	}
	if name == BlockMatching {
		return NewBM3D(shape), nil
	}
	filter, err := wavelet.ParseFilter(methodFilter)
	if err != nil {
		return nil, err
	}
	layout, err := wavelet.NewLayout(shape.C, extended(shape.H), extended(shape.W), methodLevels)
	if err != nil {
		return nil, err
	}
	d, err := New(Rule(name), wavelet.NewTransform(filter, layout))
	if err != nil {
		return nil, err
	}
	return diffusion.Reflect(diffusion.CycleSpin(d, spin), shape)
}

// extended is a size with a margin on both sides that the transform takes.
func extended(size int) int {
	const multiple = 1 << methodLevels
	return (size + 2*methodMargin + multiple - 1) / multiple * multiple
}
