// Package diffusion holds the one seam that every machine, network, filter and sampler meets at: the Denoiser.
//
// A denoiser answers one question: which clean image is expected behind a noisy one? For x drawn from the data and
// z ~ N(0, I), and y = x + sigma z, it returns D(y) = E[x | y]. Its score follows from Tweedie's formula,
//
//	s(y) = grad log p_sigma(y) = (D(y) - y) / sigma^2,
//
// so whoever can denoise can also walk from noise to images.
//
// # Conventions
//
// Images are batches of float64 pixels in [-1, 1], image after image, each in row-major order: channel, row, column.
// Sigma is the standard deviation of the noise in those units. A variance-preserving process with signal scale alpha is
// the same thing after its images are divided by alpha; nothing here knows alpha.
package diffusion
