package diffusion

import (
	"context"
	"fmt"
)

// CycleSpin returns the denoiser that shifts an image circularly, denoises it with d, shifts it
// back, and averages over all period x period shifts of less than period rows and columns:
//
//	D'(y) = 1/period^2 sum over shifts S of S^-1 D(S y).
//
// Where d commutes with shifts by period rows and by period columns, as a wavelet machine of J
// levels whose bands are tied does with 2^J, D' commutes with every shift. Its error is at most
// the mean of d's errors on the shifted images, as the squared error is convex. It costs period^2
// times what d does. It is the cycle spinning of Coifman and Donoho, "Translation-Invariant
// De-Noising" (1995).
//
// D' is Differentiable where d is. A period below 1 is a panic with a PeriodError.
func CycleSpin(d Denoiser, period int) Denoiser {
	if period < 1 {
		panic(PeriodError(period))
	}
	spun := spun{d, period}
	if v, ok := d.(Differentiable); ok {
		return differentiableSpun{spun, v}
	}
	return spun
}

// PeriodError is the value of the panic for a period that is not positive: a mistake in the
// program.
type PeriodError int

func (e PeriodError) Error() string {
	return fmt.Sprintf("diffusion: cycle spinning over %d shifts; the period is at least 1", int(e))
}

type spun struct {
	d      Denoiser
	period int
}

func (s spun) Shape() Shape { return s.d.Shape() }

func (s spun) Denoise(ctx context.Context, dst, src []float64, sigma float64) error {
	if err := Check(s.Shape(), dst, src, sigma); err != nil {
		return err
	}
	return s.average(dst, func(shifted [][]float64) error {
		return s.d.Denoise(ctx, shifted[0], shifted[0], sigma)
	}, src)
}

type differentiableSpun struct {
	spun
	v Differentiable
}

// VJP implements Differentiable: the Jacobian of the average is the average of S^-1 J(S y) S.
func (s differentiableSpun) VJP(ctx context.Context, dst, src, cotangent []float64, sigma float64) error {
	if err := CheckVJP(s.Shape(), dst, src, cotangent, sigma); err != nil {
		return err
	}
	return s.average(dst, func(shifted [][]float64) error {
		return s.v.VJP(ctx, shifted[0], shifted[0], shifted[1], sigma)
	}, src, cotangent)
}

// shiftedImages is how many shifted images are denoised at a time: enough for d to use all cores,
// few enough to bound memory.
const shiftedImages = 512

// average writes to dst the mean over all shifts of what do makes, in place of the first, of the
// shifted inputs. Dst may be an input: an image is written after its last shift.
func (s spun) average(dst []float64, do func(shifted [][]float64) error, inputs ...[]float64) error {
	shape, shifts := s.Shape(), s.period*s.period
	size := shape.Size()
	all := len(dst) / size * shifts // shifted images, in the order of the images and then of their shifts
	shifted := make([][]float64, len(inputs))
	for k := range shifted {
		shifted[k] = make([]float64, min(all, shiftedImages)*size)
	}
	back, sum := make([]float64, size), make([]float64, size)
	for from := 0; from < all; from += shiftedImages {
		to := min(from+shiftedImages, all)
		for k := range shifted {
			shifted[k] = shifted[k][:(to-from)*size]
			for n := from; n < to; n++ {
				down, right := n%shifts/s.period, n%shifts%s.period
				shape.Roll(shifted[k][(n-from)*size:][:size], inputs[k][n/shifts*size:][:size], down, right)
			}
		}
		if err := do(shifted); err != nil {
			return fmt.Errorf("cycle spinning, images %d to %d: %w", from/shifts, (to-1)/shifts, err)
		}
		for n := from; n < to; n++ {
			shift := n % shifts
			shape.Roll(back, shifted[0][(n-from)*size:][:size], -(shift / s.period), -(shift % s.period))
			for p, v := range back {
				sum[p] += v
			}
			if shift == shifts-1 {
				out := dst[n/shifts*size:][:size]
				for p, v := range sum {
					out[p] = v / float64(shifts)
				}
				clear(sum)
			}
		}
	}
	return nil
}
