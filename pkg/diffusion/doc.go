// Package diffusion holds the seam that every machine, network, filter and sampler meets at, the
// Denoiser, and the walk from noise to images that any of them can lead.
//
// A denoiser answers one question: which clean image is expected behind a noisy one? For x drawn
// from the data and z ~ N(0, I), and y = x + sigma z, it returns D(y) = E[x | y]. Its score
// follows from Tweedie's formula,
//
//	s(y) = grad log p_sigma(y) = (D(y) - y) / sigma^2,
//
// so whoever can denoise can also walk from noise to images: along the probability flow
//
//	dx/dsigma = -sigma s(x) = (x - D(x)) / sigma,
//
// images whose distribution is that of the data plus noise keep that distribution as sigma falls
// to 0 (Song et al., "Score-Based Generative Modeling through Stochastic Differential Equations",
// ICLR 2021). A Schedule places the noise levels of the walk, a Sampler makes its steps, and Draw
// does the whole.
//
// # Conventions
//
// Images are batches of float64 pixels in [-1, 1], image after image, each in row-major order:
// channel, row, column. Sigma is the standard deviation of the noise in those units. A
// variance-preserving process with signal scale alpha is the same thing after its images are
// divided by alpha; nothing here knows alpha.
//
// All randomness comes from the seed of a Run and the index of an image.
package diffusion
