package metrics

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// PositionDependence returns how much the Jacobian depends on where an image is. Take a noisy image y, a pixel p of it and a random circular
// shift S; r(S) is row S p of the Jacobian at S y, shifted back: how the same pixel, amid the same image, depends on its surroundings when both
// are elsewhere. Over shifts,
//
//	E|r - E_S r|^2 / E|r|^2,
//
// the variance of the rows as a share of their mean square: 0 up to rounding for every equivariant denoiser, linear or not, and 1 where the
// rows at different places have nothing in common. Every image has one random pixel and some placements, at least 2, from which the variance
// is estimated without bias. Where Equivariance compares whole answers, most of which is far from any edge, this looks at the weights.
func PositionDependence(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64, placements int) (Statistic, error) {
	shape := d.Shape()
	size := shape.Size()
	if placements < 2 {
		return Statistic{}, fmt.Errorf("metrics: %d placements of an image have no variance; want at least 2", placements)
	}
	type shift struct{ down, right int }
	shifts := make(map[int][]shift)
	var rows [][]float64
	ask := func(i int, noisy, at, cotangents []float64) {
		rnd := set.random(probeStream, i)
		pixel := make([]float64, size)
		pixel[rnd.IntN(size)] = 1
		for k := range placements {
			s := shift{rnd.IntN(shape.H), rnd.IntN(shape.W)}
			shape.Roll(at[k*size:(k+1)*size], noisy, s.down, s.right)
			shape.Roll(cotangents[k*size:(k+1)*size], pixel, s.down, s.right)
			shifts[i] = append(shifts[i], s)
		}
	}
	told := func(i int, back []float64) {
		aligned, mean := make([]float64, len(back)), make([]float64, size)
		for k, s := range shifts[i] {
			row := aligned[k*size : (k+1)*size]
			shape.Roll(row, back[k*size:(k+1)*size], -s.down, -s.right)
			floats.AddScaled(mean, 1/float64(placements), row)
		}
		var variance float64
		for k := range shifts[i] {
			variance += squaredDistance(aligned[k*size:(k+1)*size], mean) / float64(placements-1)
		}
		rows = append(rows, []float64{variance, squaredNorm(aligned) / float64(placements)})
	}
	if err := pullBacks(ctx, Differentiate(d), set, sigma, placements, ask, told); err != nil {
		return Statistic{}, err
	}
	return NewStatistic(rows, func(means []float64) float64 { return means[0] / means[1] }), nil
}
