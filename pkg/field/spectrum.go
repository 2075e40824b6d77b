package field

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

// Spectrum is the power spectrum of a stationary random field on a torus: of images whose
// statistics are the same from every pixel when opposite edges are joined. Such a field has
// independent coefficients in the orthonormal Hartley basis (see Field), and Power is their
// variance: Height x Width values, row-major, frequency (0, 0) first, with frequency -k at place
// Height - k or Width - k, as a Fourier transform has it. Opposite frequencies have the same
// power.
type Spectrum struct {
	Height, Width int
	Power         []float64
}

// PowerLaw returns the spectrum (cutoff^2 + |f|^2)^(-alpha/2), times the constant that gives
// every pixel the standard deviation asked for. Frequencies are in cycles a pixel, from 0 to 1/2
// along each axis. Alpha = 2 is what natural images have (Field, J. Opt. Soc. Am. A 4:2379,
// 1987), alpha = 0 is white. The cutoff bounds the power of long waves; pixels much more than
// 1/cutoff apart are nearly independent.
//
// A deviation of 0.25 leaves 6 pixels in 100 000 outside [-1, 1].
func PowerLaw(height, width int, alpha, cutoff, deviation float64) (Spectrum, error) {
	if height < 1 || width < 1 {
		return Spectrum{}, fmt.Errorf("field: a spectrum of %dx%d pixels: height and width must be positive", height, width)
	}
	if !(alpha >= 0 && alpha <= 10) || !(cutoff >= 1e-6 && cutoff <= 1) || !(deviation >= 0 && deviation <= 1e6) {
		return Spectrum{}, fmt.Errorf("field: a power law of alpha %v, cutoff %v, deviation %v: "+
			"alpha must be in [0, 10], cutoff in [1e-6, 1] cycles a pixel, deviation in [0, 1e6]", alpha, cutoff, deviation)
	}
	s := Spectrum{height, width, make([]float64, height*width)}
	var total float64
	for i := range s.Power {
		u, v := frequency(i/width, height), frequency(i%width, width)
		s.Power[i] = math.Pow(cutoff*cutoff+u*u+v*v, -alpha/2)
		total += s.Power[i]
	}
	for i := range s.Power {
		s.Power[i] *= deviation * deviation * float64(len(s.Power)) / total
	}
	return s, nil
}

// frequency returns the size of the frequency at place k of n, in cycles a pixel.
func frequency(k, n int) float64 { return float64(min(k, n-k)) / float64(n) }

// Variance returns the variance of a pixel: the mean power.
func (s Spectrum) Variance() float64 {
	var total float64
	for _, p := range s.Power {
		total += p
	}
	return total / float64(len(s.Power))
}

// Covariance returns the covariance of two pixels by the rows and columns from one to the other,
// Height x Width values with the variance first, wrapped as the frequencies are.
func (s Spectrum) Covariance() []float64 {
	c := make([]float64, len(s.Power))
	newHartley(1, s.Height, s.Width).transform(c, s.Power)
	for i := range c {
		c[i] /= math.Sqrt(float64(len(c)))
	}
	return c
}

// Risk returns the mean squared error a pixel of the Wiener filter at a noise level, the mean of
// power sigma^2 / (power + sigma^2). No linear denoiser does better on any field of this
// spectrum, and no denoiser at all does on a Gaussian one.
func (s Spectrum) Risk(sigma float64) float64 {
	var total float64
	for _, p := range s.Power {
		total += p / (p/sigma/sigma + 1)
	}
	return total / float64(len(s.Power))
}

// scaled returns the spectrum of the field times the root of a factor.
func (s Spectrum) scaled(factor float64) Spectrum {
	power := make([]float64, len(s.Power))
	for i, p := range s.Power {
		power[i] = factor * p
	}
	return Spectrum{s.Height, s.Width, power}
}

// check returns an error unless the spectrum is whole: a power for every pixel's frequency,
// finite, symmetric.
func (s Spectrum) check() error {
	if s.Height < 1 || s.Width < 1 || len(s.Power)/s.Height != s.Width || len(s.Power)%s.Height != 0 {
		return fmt.Errorf("field: a spectrum of %dx%d pixels with %d powers: must have one a pixel", s.Height, s.Width, len(s.Power))
	}
	for i, p := range s.Power {
		row, col := i/s.Width, i%s.Width
		if !(p >= 0 && p <= limit) {
			return fmt.Errorf("field: the spectrum has power %v at frequency (%d, %d): must be in [0, %g]", p, row, col, limit)
		}
		opposite := s.Power[(s.Height-row)%s.Height*s.Width+(s.Width-col)%s.Width]
		if math.Abs(p-opposite) > 1e-12*p {
			return fmt.Errorf("field: the spectrum has power %v at frequency (%d, %d) and %v at the opposite one: must be the same",
				p, row, col, opposite)
		}
	}
	return nil
}

// hartley is the orthonormal Hartley transform of each channel of images of one shape,
//
//	h(k, l) = (H W)^(-1/2) sum over rows r, columns c of x(r, c) cas(2 pi (k r / H + l c / W)),  cas t = cos t + sin t
//
// the real part of the Fourier transform less its imaginary part. It is real and its own inverse,
// and diagonalises the covariance of every stationary field (Bracewell, J. Opt. Soc. Am. 73:1832,
// 1983). It is not safe for concurrent use.
type hartley struct {
	channels, height, width int
	rows                    *fourier.FFT
	columns                 *fourier.CmplxFFT
	half                    []complex128 // the Fourier transform of every row, frequencies 0 to width/2
	column                  []complex128
}

func newHartley(channels, height, width int) *hartley {
	return &hartley{
		channels: channels, height: height, width: width,
		rows:    fourier.NewFFT(width),
		columns: fourier.NewCmplxFFT(height),
		half:    make([]complex128, height*(width/2+1)),
		column:  make([]complex128, height),
	}
}

// transform writes the transform of one image to dst, which may be src.
func (t *hartley) transform(dst, src []float64) {
	plane := t.height * t.width
	for c := range t.channels {
		t.channel(dst[c*plane:(c+1)*plane], src[c*plane:(c+1)*plane])
	}
}

func (t *hartley) channel(dst, src []float64) {
	n := t.width/2 + 1
	for r := range t.height {
		t.rows.Coefficients(t.half[r*n:(r+1)*n], src[r*t.width:(r+1)*t.width])
	}
	norm := 1 / math.Sqrt(float64(len(src)))
	for l := range n {
		for r := range t.column {
			t.column[r] = t.half[r*n+l]
		}
		t.columns.Coefficients(t.column, t.column)
		for k, c := range t.column {
			// The opposite frequency, which may be the same one, has the conjugate coefficient.
			opposite := (t.height-k)%t.height*t.width + (t.width-l)%t.width
			dst[opposite] = norm * (real(c) + imag(c))
			dst[k*t.width+l] = norm * (real(c) - imag(c))
		}
	}
}
