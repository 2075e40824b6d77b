// Package empirical holds the scores of a training set: denoisers that are posterior means over
// training images, or over patches of them. They are what most theories of diffusion models'
// generalisation are made of. Each keeps the images themselves.
//
// All of them have one form. Pixel i of the denoised image is
//
//	D_i(y) = sum_n x_n,i w_n,i,   w_n,i ~ exp(-1/2 sum_j lambda_ij (y_j - x_n,j)^2),   sum_n w_n,i = 1,
//
// where n numbers what the pixel can be: training images, or places in them. They differ in which
// pixels j a pixel i sees, and in what it is compared with:
//
//   - Ideal sees the whole image: the exact score of the training set, which remembers it;
//   - Local sees the patch around the pixel, at the same place of every training image (the local
//     score machine of Kamb and Ganguli, "An analytic theory of creativity in convolutional
//     diffusion models", 2024);
//   - a Local made by NewEquivariant compares that patch with the patches at all places (their
//     equivariant local score machine), around the edges or with borders that are told apart;
//   - Composition averages the posterior means of all square crops that cover the pixel (Niedoba
//     et al., "Towards a mechanistic explanation of diffusion model generalization", 2025);
//   - Principal sees the pixels that the Wiener filter of the set listens to (Lukoianov et al.,
//     "Locality in image diffusion models emerges from data statistics", 2025);
//   - Smoothed averages the ideal denoiser over perturbed images (Scarvelis, Borde and Solomon,
//     "Closed-form diffusion models", 2023).
//
// Patches grow with the noise. Sides holds their side for every noise level.
//
// # Cost
//
// Distances of patches are running sums of squared differences, so their cost does not depend on
// the side of the patch: per noisy image some ten operations for each pixel of each training image
// (Local, Composition), and for each pair of pixels (Equivariant). Sources whose weight would be
// less than exp(-30) of the largest are passed over. Preselected compares with few of the training
// images alone, those that are near in a picture of fewer pixels. Results have the same bits
// whatever GOMAXPROCS is.
package empirical
