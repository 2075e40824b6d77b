// Package wavelet is the orthonormal two-dimensional wavelet transform of batches of images, and
// the map of its coefficients.
//
// A [Filter] is one of the compactly supported orthonormal filters of Daubechies (haar, db, sym,
// coif). A [Layout] says where each coefficient of an image of a given size is stored, and which
// coefficients are around it: its neighbours in space, across orientations and across scales. A
// [Transform] joins the two and turns images into coefficients and back.
//
// # The transform
//
// One level filters the columns and the rows of an image and keeps every second sample: with h
// the low-pass and g the high-pass analysis filter, F taps each, and x a periodic signal of even
// length,
//
//	a[n] = sum_k h[k] x[2n + F/2 - k],  d[n] = sum_k g[k] x[2n + F/2 - k].
//
// It leaves four bands of half the height and width: the approximation (low-pass both ways), the
// horizontal detail (high-pass down the columns, so it answers to horizontal edges), the vertical
// detail (high-pass along the rows) and the diagonal detail. The next level does the same to the
// approximation, as in Mallat's pyramid. Level 1 is the finest.
//
// The image is continued periodically, so W, the whole transform, is an orthogonal matrix: W^-1 =
// W^T, the energy of the image is that of its coefficients, and white noise stays white. That
// holds for every filter and every size that the levels divide, also where the image is smaller
// than the filter and wraps around it several times. In fact W is computed as a product of
// reflections, which no rounding of the filter can make less orthogonal.
//
// Coefficients, signs and phase are those of PyWavelets' wavedec2 with mode="periodization".
//
// # Sources
//
// I. Daubechies, Ten Lectures on Wavelets, SIAM 1992, chapters 6 and 8 (the filters). S. Mallat,
// A Wavelet Tour of Signal Processing, 3rd ed., section 7.7 (the separable transform). P. P.
// Vaidyanathan and P.-Q. Hoang, Lattice structures for optimal design and robust implementation
// of two-channel perfect-reconstruction QMF banks, IEEE Trans. ASSP 36(1), 1988 (the
// reflections). G. Lee et al., PyWavelets, JOSS 4(36), 2019 (the conventions).
package wavelet
