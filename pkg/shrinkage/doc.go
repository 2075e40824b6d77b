// Package shrinkage holds the classical denoisers of wavelet coefficients. They need no training
// set: what they know of an image comes from the noisy image itself, band by band.
//
// The transform is orthonormal, so the coefficients have white noise of the same deviation sigma,
// and in each detail band of level j most of them are small. A Denoiser makes each band's
// coefficients smaller by a rule:
//
//   - Universal, by a soft or a hard threshold of sigma sqrt(2 log N) for N pixels (Donoho and
//     Johnstone, "Ideal spatial adaptation by wavelet shrinkage", 1994);
//   - SURE, by the soft threshold whose estimated risk in the band is least, or the universal one in a
//     band that is too sparse to tell (Donoho and Johnstone, "Adapting to unknown smoothness via wavelet
//     shrinkage", 1995);
//   - Bayes, by the soft threshold sigma^2 / s, s being the deviation of the band's clean coefficients
//     (Chang, Yu and Vetterli, "Adaptive wavelet thresholding for image denoising and compression",
//     2000);
//   - SURELET, by a combination of two functions of the coefficient whose weights minimise an unbiased
//     estimate of the risk (Luisier, Blu and Unser, "A new SURE approach to image denoising: interscale
//     orthonormal wavelet thresholding", 2007, without the interscale predictor);
//   - GSM, by the posterior mean of a Gaussian scale mixture over a coefficient, its neighbours and its
//     parent (Portilla, Strela, Wainwright and Simoncelli, "Image denoising using scale mixtures of
//     Gaussians in the wavelet domain", 2003).
//
// The approximation stays as it is. So none of them is a denoiser for strong noise, in which the
// approximation drowns too: that is what knowledge of the data is for.
//
// SURELET is the nearest to the machines of package analytic: both fit the weights of given
// functions by Stein's identity, one to a single noisy image and the other to the moments of a
// training set.
//
// diffusion.CycleSpin averages any of them over shifts, which takes off much of the error.
package shrinkage
