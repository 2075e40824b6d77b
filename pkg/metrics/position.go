package metrics

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// PositionDependence returns how much the Jacobian depends on where an image is. Take a noisy image y and a random circular shift S; the
// Jacobian at S y, its rows and columns shifted back, J(S) = S^-1 D'(S y) S, says how every pixel depends on its surroundings when all of them are
// elsewhere. Over shifts,
//
//	E|J(S) - E_S J(S)|^2 / E|J(S)|^2
//
// with Frobenius norms: the variance of the weights over places, as a share of their mean square. It is 0 up to rounding for every equivariant
// denoiser, linear or not, and 1 where the weights at different places have nothing in common. Where Equivariance compares answers, this
// compares what they are made of.
//
// Every image has some placements, at least 2, from which the variance is estimated without bias, and one vector of random signs, whose products with
// the Jacobians stand for them (Hutchinson's estimator); its spread is part of the interval.
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
		signs := make([]float64, size)
		for p := range signs {
			signs[p] = float64(2*rnd.IntN(2) - 1)
		}
		for k := range placements {
			s := shift{rnd.IntN(shape.H), rnd.IntN(shape.W)}
			shape.Roll(at[k*size:(k+1)*size], noisy, s.down, s.right)
			shape.Roll(cotangents[k*size:(k+1)*size], signs, s.down, s.right)
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
