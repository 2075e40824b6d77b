package metrics

import (
	"context"
	"fmt"

	"gonum.org/v1/gonum/floats"

	"wavescore/pkg/diffusion"
)

// PositionDependence returns how much the Jacobian depends on the position of an image. For a
// noisy image y and a random circular shift S, the Jacobian at S y with its rows and columns
// shifted back is J(S) = S^-1 D'(S y) S. The result is the variance of J over shifts as a share of
// its mean square,
//
//	E|J(S) - E_S J(S)|^2 / E|J(S)|^2,
//
// in Frobenius norms. It is 0 up to rounding for every equivariant denoiser, linear or not. It is
// 1 where the Jacobians at different positions are uncorrelated. Equivariance compares outputs,
// and this compares the Jacobians.
//
// Every image is shifted to as many positions as placements, at least 2, from which the variance
// is estimated without bias. The norms are estimated from the product of each J(S) with one vector
// of random signs per image (Hutchinson's estimator), whose variance is part of the interval.
func PositionDependence(ctx context.Context, d diffusion.Denoiser, set Set, sigma float64, placements int) (Statistic, error) {
	shape := d.Shape()
	size := shape.Size()
	if placements < 2 {
		return Statistic{}, fmt.Errorf("metrics: %d placements of an image have no variance; want at least 2", placements)
	}
	type shift struct{ down, right int }
	shifts := make(map[int][]shift)
	var rows [][]float64
	inputs := func(i int, noisy, points, cotangents []float64) {
		rnd := set.random(probeStream, i)
		signs := make([]float64, size)
		for p := range signs {
			signs[p] = float64(2*rnd.IntN(2) - 1)
		}
		for k := range placements {
			s := shift{rnd.IntN(shape.H), rnd.IntN(shape.W)}
			shape.Roll(points[k*size:(k+1)*size], noisy, s.down, s.right)
			shape.Roll(cotangents[k*size:(k+1)*size], signs, s.down, s.right)
			shifts[i] = append(shifts[i], s)
		}
	}
	collect := func(i int, products []float64) {
		aligned, mean := make([]float64, len(products)), make([]float64, size)
		for k, s := range shifts[i] {
			row := aligned[k*size : (k+1)*size]
			shape.Roll(row, products[k*size:(k+1)*size], -s.down, -s.right)
			floats.AddScaled(mean, 1/float64(placements), row)
		}
		var variance float64
		for k := range shifts[i] {
			variance += squaredDistance(aligned[k*size:(k+1)*size], mean) / float64(placements-1)
		}
		rows = append(rows, []float64{variance, squaredNorm(aligned) / float64(placements)})
	}
	probe := jacobianProbe{perImage: placements, inputs: inputs, collect: collect}
	if err := probe.run(ctx, Differentiate(d), set, sigma); err != nil {
		return Statistic{}, err
	}
	return NewStatistic(rows, func(means []float64) float64 { return means[0] / means[1] }), nil
}
