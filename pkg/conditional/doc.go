// Package conditional holds machines whose moments are conditioned on a local latent variable:
// which of a few hundred kinds of patch does the image show near this place?
//
// A polynomial of low degree cannot follow edges and strokes, and a single Gaussian gives only the
// Wiener filter. A Gaussian for each kind of patch follows both. The kinds are found by k-means,
// and by EM where asked for, which iterate; given the kinds, the moments, the posteriors and the
// weights of windows are closed forms. The image is cut into sites, which are blocks of pixels.
// Around every block lies a window.
// A mixture of K Gaussians with weights pi_k, means mu_k and covariances Sigma_k is fitted to the
// clean windows. The noise moves the covariance of component k to Sigma_k + sigma^2 I. For a noisy
// window y = x + sigma z the responsibilities and the posterior mean of the mixture are therefore
// exact at every noise level:
//
//	p(k | y)  ~  pi_k N(y; mu_k, Sigma_k + sigma^2 I),
//	D(y)      =  sum_k p(k | y) (mu_k + Sigma_k (Sigma_k + sigma^2 I)^-1 (y - mu_k)).
//
// There is no training by gradients. No image is stored, but the covariances of a machine may take
// more bytes than the images do.
//
// Several windows cover a pixel, and each sees surroundings that the others do not. Their
// posterior means are averaged. The weight of a window at a pixel is a constant divided by the
// posterior variance, so that a window that cannot tell what it sees has less weight. The constant
// depends on the offset of the pixel in the window. It is found at every noise level in closed
// form, from the covariance of the windows' errors on validation images. Averaging needs no
// further posterior. It takes up to three tenths off the error of windows of 16 pixels on MNIST
// (notebook 12).
//
// # Coordinates
//
// A window is rotated once to the principal components of the clean windows at its site. Every
// component is rotated once to its own eigenbasis, where its noisy covariance is diagonal at every
// noise level. No matrix is therefore factorised when an image comes, and as the rotations are
// orthonormal the noise stays white.
//
// A Family of lower Rank mixes over the leading principal components only. The trailing ones,
// whose variance is least, have one Gaussian. A Family of fewer Axes gives each component its own
// variance along so many of its axes, and one variance for all directions orthogonal to them. Such
// a mixture of probabilistic principal component analysers is nearly as good where noise hides
// small variances, and its cost is proportional to the number of axes. With one component, all
// axes and a window of the whole image the machine is the Wiener filter, whatever its rank.
// Windows wrap around the edges of the image, as neighbourhoods do in package moments.
//
// # Use
//
// Fit makes a Machine of one Family from clean images. In it every window determines the pixels of
// its block alone. Weigh measures machines of one or several families on validation images, and
// returns the weight of every family, and of every value of its windows, at each noise level.
// Combine joins the machines with these weights. The family of greatest weight is itself a result:
// its window is how far the data's structure reaches at that level. Results have the same bits
// whatever GOMAXPROCS is.
//
// Mixtures of patches as priors are due to Zoran and Weiss, "From Learning Models of Natural Image
// Patches to Whole Image Restoration" (2011). Here each place has a mixture of its own, the
// posterior is soft and exact, and one fit serves every noise level of a diffusion. Components of
// few axes are those of Tipping and Bishop, "Mixtures of Probabilistic Principal Component
// Analyzers" (1999).
package conditional
