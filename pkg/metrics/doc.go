// Package metrics measures what a denoiser does and what its samples are like.
//
// # Denoisers
//
// A denoiser is measured by how far it is from the truth, by how much of it another denoiser
// explains, and by its fingerprints, which are the traces of its structure. A network, a machine
// and a classical filter are measured alike, through diffusion.Denoiser, as a function of the
// noise level sigma.
//
//	error                 Trial.Error: E|D(y) - x|^2 per pixel; Trial.BandErrors by wavelet band
//	explained variance    Explained: 1 - E|a - b|^2 / E|a - E a|^2 of two outputs or scores
//	r^2                   R2: the squared correlation of the same two
//	equivariance error    Equivariance: E|D(S y) - S D(y)|^2 / Var D(y), S a circular shift
//	receptive field       ReceptiveField: the radius that holds 90 % of the squared Jacobian row
//	scale coupling        ScaleCoupling: the squared Jacobian between wavelet levels, as shares
//	position dependence   PositionDependence: the variance of the Jacobian over shifts of an image
//
// Each has its exact definition on its function. The first four are of outputs, the last three of
// the Jacobian J = dD / dy, which a diffusion.Differentiable gives by itself and Differentiate
// takes by differences from any other.
//
// # Samples
//
// Samples are compared with references as Points: vectors of features, which a FeatureExtractor
// computes from images.
//
//	Fréchet distance      Frechet: between Gaussians of both means and covariances, bias-corrected
//	kernel distance       Kernel: the squared maximum mean discrepancy, cubic kernel, unbiased
//	sliced distance       SlicedWasserstein: of the quantiles along random directions
//	overlap               NewOverlap: precision, recall, density and coverage
//	classes               Confidence and Imbalance, of a classifier's probabilities
//	copies                Nearest and Memorised: the nearest train images, and the ratio test
//
// # Conventions
//
// A Set is clean images and a seed. The noise of an image depends on the seed and on the image's
// number alone, so that all denoisers, at all levels, meet the same noise, sigma times larger
// where sigma is; results depend on nothing else.
//
// Every result is a Statistic: a function of means over images. Its Estimate comes with the
// interval that a bootstrap over the images gives (Efron, "Bootstrap Methods: Another Look at the
// Jackknife", 1979), and the difference of two statistics of the same images is a Statistic again,
// paired.
//
// # Sources
//
// Explained variance of a network's score by a simpler model's: Wang and Vastola, "The
// Unreasonable Effectiveness of Gaussian Score Approximation for Diffusion Models and its
// Applications" (2024). Equivariance and locality as what makes a convolutional score: Kamb and
// Ganguli, "An Analytic Theory of Creativity in Convolutional Diffusion Models" (2024). Effective
// receptive fields: Luo et al. (2016). Random probes for squared norms of a matrix: Hutchinson
// (1989). Those of the measures of samples are on their functions.
package metrics
