// Package conditional holds machines whose moments are conditioned on a local latent: near every place of the image, which of a
// few hundred kinds of patch is this?
//
// A polynomial of low degree cannot follow edges and strokes, and one Gaussian is only the Wiener filter. A Gaussian for each
// kind of patch follows both, and everything stays in closed form. The image is cut into sites, blocks of pixels, and around
// every block lies a window. A mixture of K Gaussians with weights pi_k, means mu_k and covariances Sigma_k is fitted to the
// clean windows. The noise moves each component to Sigma_k + sigma^2 I, so for a noisy window y = x + sigma z the posterior of
// the component and the posterior mean are exact for the mixture at every noise level:
//
//	p(k | y)  ~  pi_k N(y; mu_k, Sigma_k + sigma^2 I),
//	D(y)      =  sum_k p(k | y) (mu_k + Sigma_k (Sigma_k + sigma^2 I)^-1 (y - mu_k)),
//
// for all pixels of the window. There is no gradient training, and no image is stored.
//
// A pixel is covered by several windows, and each knows something that the others do not: what lies at its own far end. Their answers
// are averaged, with weights that depend on where in its window each sees the pixel, found at every noise level in closed form from the
// covariance of their errors on validation images, over the variance of the posterior: a window that cannot tell what it sees in this image
// counts for less. That needs no posterior more, and takes up to three tenths off the error of windows of 16 on MNIST (notebook 12).
//
// # Coordinates
//
// A window is rotated once to the principal components of the clean windows at its site, and every component once to its own
// eigenbasis, where its noisy covariance is diagonal at every noise level: no matrix is factorised when an image comes. As the
// rotations are orthonormal the noise stays white. A Family of lower Rank mixes over the leading principal components only, and
// gives the rest, whose variance is least, one Gaussian. One of fewer Axes gives each component a variance of its own along so many of its
// axes, and one for all the rest: a mixture of probabilistic principal component analysers, which is nearly as good where noise hides
// small variances, and costs less by as much. With one component, all axes and a window of the whole image the
// machine is the Wiener filter, whatever its rank. Windows wrap around the edges of the image, as neighbourhoods do in package moments.
//
// # Use
//
// Fit makes a Machine of one Family from clean images, in which every window answers for its block alone. Weigh finds, from the errors of
// machines of one or several families on validation images, how much each value of each window should count for at each noise level,
// and Combine joins them so. The window that counts for most is itself a result: it is how far the data's structure reaches at that
// level. Results have the same bits whatever GOMAXPROCS is.
//
// Mixtures of patches as priors are due to Zoran and Weiss, "From Learning Models of Natural Image Patches to Whole Image
// Restoration" (2011); here each place has a mixture of its own, the posterior is soft and exact, and every noise level of a
// diffusion is served by one fit. Components of few axes are those of Tipping and Bishop, "Mixtures of Probabilistic Principal Component
// Analyzers" (1999).
package conditional
