package moments

import (
	"context"
	"math"
	"math/rand/v2"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"

	"wavescore/internal/length"
	"wavescore/internal/linalg"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/wavelet"
)

// Samples are the clean variables of the coefficients of one group in some images, a sample for
// each coefficient and image. Noise can be added to them by drawing it. What comes out is random,
// and tends to what Transport computes exactly from the moments of the same images: Samples check
// it, and show what it spares.
type Samples struct {
	basis *Basis
	clean [][]float64 // variable, sample: centred
}

// Samples returns the samples of the group of coefficient c, centred as the table is. It returns an
// error for images of another size than the layout's, and ctx's error once that is cancelled. It
// panics as GroupOf does.
func (m *Moments) Samples(ctx context.Context, images diffusion.Images, c int) (*Samples, error) {
	group := m.groups[m.GroupOf(c)]
	if err := fits(m.spec.Layout, images); err != nil {
		return nil, err
	}
	filter, err := wavelet.ParseFilter(m.spec.Filter)
	if err != nil {
		return nil, err
	}
	transform, size := wavelet.NewTransform(filter, m.spec.Layout), m.spec.Layout.Len()
	s := &Samples{basis: group.Basis, clean: make([][]float64, group.Basis.Variables())}
	var batch []float64
	for from := 0; from < images.Len(); from += blockImages {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		to := min(from+blockImages, images.Len())
		batch = images.Batch(linalg.Grow(batch, (to-from)*size), from, to)
		transform.Forward(batch, batch)
		for i := 0; i < len(batch); i += size {
			for _, member := range group.Members {
				for v, k := range member.Variables {
					s.clean[v] = append(s.clean[v], batch[i+k]-m.spec.Centre[k])
				}
			}
		}
	}
	return s, nil
}

// Len returns the number of samples.
func (s *Samples) Len() int { return len(s.clean[0]) }

// Clean returns the clean values of variable v. They must not be changed.
func (s *Samples) Clean(v int) []float64 { return s.clean[v] }

// noisy draws noise for samples [from, to) from a stream of random numbers and returns their
// features, Features x samples, in dst, which grows where it is too small.
func (s *Samples) noisy(dst []float64, from, to int, sigma float64, rnd *rand.Rand) []float64 {
	n := to - from
	dst = linalg.Grow(dst, s.basis.Features()*n)
	for i := range n {
		dst[i] = 1
	}
	variables := make([][]float64, len(s.clean))
	for v, clean := range s.clean {
		variables[v] = make([]float64, n)
		for i := range n {
			variables[v][i] = clean[from+i] + sigma*rnd.NormFloat64()
		}
	}
	s.basis.Fill(dst, variables)
	return dst
}

// Normal returns the normal equations of the samples with so many draws of noise each, from a seed.
// They are those of least squares on noisy data. Slope is nil.
func (s *Samples) Normal(sigma float64, draws int, seed uint64) Normal {
	k, total := s.basis.Features(), float64(draws*s.Len())
	n := Normal{Gram: make([]float64, k*k), Target: make([]float64, k), Energy: floats.Dot(s.clean[0], s.clean[0]) / float64(s.Len())}
	gram := blas64.Symmetric{Uplo: blas.Upper, N: k, Stride: k, Data: n.Gram}
	target := blas64.Vector{N: k, Inc: 1, Data: n.Target}
	var phi []float64
	for draw := range draws {
		rnd := rand.New(rand.NewPCG(seed, uint64(draw)))
		for from := 0; from < s.Len(); from += blockImages {
			to := min(from+blockImages, s.Len())
			phi = s.noisy(phi, from, to, sigma, rnd)
			features := linalg.Matrix(phi, k, to-from)
			blas64.Syrk(blas.NoTrans, 1/total, features, 1, gram)
			blas64.Gemv(blas.NoTrans, 1/total, features, blas64.Vector{N: to - from, Inc: 1, Data: s.clean[0][from:to]}, 1, target)
		}
	}
	for a := range k {
		for b := range a {
			n.Gram[a*k+b] = n.Gram[b*k+a]
		}
	}
	return n
}

// GramScores compares a Gram matrix at a noise level with the samples under drawn noise. It returns
// sampled less given entry, in standard errors of the sampled one, for every entry on and below the
// diagonal, those of the constant left out. If the matrix is that of the same images, the scores
// are nearly standard normal; they are not independent.
//
// Each sample has two draws of noise, from the seed. Half the sum of what they give is the sampled
// entry. Half their difference, which is noise alone, is its error: the choice of images, which
// the matrix shares, adds none. GramScores panics with a LengthError if the matrix is not of the
// group's features.
func (s *Samples) GramScores(gram []float64, sigma float64, seed uint64) []float64 {
	k := s.basis.Features()
	length.Check("values of a Gram matrix", len(gram), k*k)
	one, two := rand.New(rand.NewPCG(seed, 0)), rand.New(rand.NewPCG(seed, 1))
	sums, squares := make([]float64, k*k), make([]float64, k*k)
	var phi, psi []float64
	for from := 0; from < s.Len(); from += blockImages {
		n := min(blockImages, s.Len()-from)
		phi, psi = s.noisy(phi, from, from+n, sigma, one), s.noisy(psi, from, from+n, sigma, two)
		for a := 1; a < k; a++ {
			for b := 1; b <= a; b++ {
				var sum, square float64
				for i := range n {
					p, q := phi[a*n+i]*phi[b*n+i], psi[a*n+i]*psi[b*n+i]
					sum += (p + q) / 2
					square += (p - q) * (p - q) / 4
				}
				sums[a*k+b] += sum
				squares[a*k+b] += square
			}
		}
	}
	scores := make([]float64, 0, k*(k-1)/2)
	for a := 1; a < k; a++ {
		for b := 1; b <= a; b++ {
			scores = append(scores, (sums[a*k+b]-float64(s.Len())*gram[a*k+b])/math.Sqrt(squares[a*k+b]))
		}
	}
	return scores
}
