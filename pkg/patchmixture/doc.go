// Package patchmixture holds a machine for photographs of any size: one mixture of Gaussians says
// what the small windows of natural pictures look like, wherever they are.
//
// # The model
//
// A window of 8 x 8 pixels is its mean and the rest. The rest x, in the 63 directions that are
// orthogonal to the constant window, is drawn from a mixture of K Gaussians. Noise of variance v
// moves the covariance of component k to Sigma_k + v I. So for the noisy rest y the
// responsibilities and the posterior mean are closed forms at every noise level:
//
//	p(k | y)  ~  pi_k N(y; mu_k, Sigma_k + v I),
//	D(y)      =  sum_k p(k | y) (mu_k + Sigma_k (Sigma_k + v I)^-1 (y - mu_k)).
//
// The mixture says nothing of the window's mean, which is that of a window of a coarser picture:
// the means of 2 x 2 pixels. These are denoised in the same way first, in noise of half the
// deviation, by the same mixture, because natural pictures look alike at all scales. At the
// coarsest scale the noisy mean is kept: its prior is flat.
//
// Windows that overlap cover the picture, 32 of them every pixel. The posterior means of those that
// cover a pixel are averaged, each weighted by the inverse of its posterior variance there. At the
// edges the picture is extended by reflection.
//
// Priors of patches for whole pictures are those of Zoran and Weiss, "From Learning Models of
// Natural Image Patches to Whole Image Restoration" (2011), where one component is chosen and the
// picture is found by iteration. Here the posterior is soft, and one pass is all: a second one
// gains a hundredth of a decibel. Several scales are those of Papyan and Elad, "Multi-Scale
// Patch-Based Image Restoration" (2016).
//
// # What is approximate
//
// Products are in single precision. Responsibilities below a hundredth are dropped, and a hundredth
// is taken off the others, so that the posterior is continuous. On photographs that costs nothing
// to speak of up to noise of 25 grey levels of 255, and some hundredths of a decibel at 50. Every
// other window of the picture is used, in the manner of a chessboard, which costs two thousandths
// of a decibel, and a quarter of the coarser picture's. Results have the same bits whatever
// GOMAXPROCS is; those of a tile differ from those of the whole picture by what single precision
// rounds, 1e-6 of a pixel's range.
//
// # Use
//
// Fit makes a Machine from clean pictures: windows at random places, turned and mirrored at random,
// are clustered by k-means, and EM does the rest. The Machine denoises pictures of the shape that
// it was fitted to; its method At returns the denoiser of any other, and diffusion.Tiles takes
// large ones apart. It is for grey pictures; diffusion.Opponent makes a denoiser of colour pictures
// of it.
package patchmixture
