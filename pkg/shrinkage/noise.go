package shrinkage

import (
	"fmt"
	"math"
	"slices"

	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// normalMedian is the median of |z| for z ~ N(0, 1).
const normalMedian = 0.6744897501960817

// EstimateNoise returns an estimate of the standard deviation of white noise in an image (channels
// x rows x columns, row-major): of each channel the median size of the finest diagonal coefficients
// of db2, over that of a normal variable, and of these the mean. An image's own diagonals are
// mostly small, so that the median sees the noise (Donoho and Johnstone, "Ideal spatial adaptation
// by wavelet shrinkage", 1994). Coefficients that are exactly 0 are left out, as those of a
// saturated sky have no noise. It is what estimate_sigma of scikit-image does.
//
// It returns an error for an image of fewer than 4 rows or columns, and for one without noise.
func EstimateNoise(image []float64, shape diffusion.Shape) (float64, error) {
	if shape.C < 1 || len(image) != shape.Size() || min(shape.H, shape.W) < 4 {
		return 0, fmt.Errorf("shrinkage: no estimate of the noise of %d values of %v: want an image of at least 4 rows and columns", len(image), shape)
	}
	filter, err := wavelet.ParseFilter("db2")
	if err != nil {
		return 0, err
	}
	taps := filter.Highpass()
	slices.Reverse(taps)
	var sum float64
	for channel := range shape.C {
		plane := image[channel*shape.H*shape.W:][:shape.H*shape.W]
		columns := (shape.W + len(taps) - 1) / 2
		rows := (shape.H + len(taps) - 1) / 2
		across := make([]float64, shape.H*columns)
		for r := range shape.H {
			highpass(across[r*columns:(r+1)*columns], plane[r*shape.W:(r+1)*shape.W], taps)
		}
		var sizes []float64
		column, down := make([]float64, shape.H), make([]float64, rows)
		for c := range columns {
			for r := range column {
				column[r] = across[r*columns+c]
			}
			highpass(down, column, taps)
			for _, v := range down {
				if v != 0 {
					sizes = append(sizes, math.Abs(v))
				}
			}
		}
		if len(sizes) == 0 {
			return 0, fmt.Errorf("shrinkage: channel %d has no noise: its finest diagonal coefficients are all 0", channel)
		}
		slices.Sort(sizes)
		n := len(sizes)
		sum += (sizes[(n-1)/2] + sizes[n/2]) / 2 / normalMedian
	}
	return sum / float64(shape.C), nil
}

// highpass writes every other value of the convolution of a line, extended by reflection, to dst.
func highpass(dst, line, taps []float64) {
	for k := range dst {
		dst[k] = 0
		for j, tap := range taps {
			dst[k] += tap * line[diffusion.Mirror(2*k+2-len(taps)+j, len(line))]
		}
	}
}
