// Package moments takes clean moments of images in one pass and carries them, in closed form, to
// any noise level.
//
// # What is counted
//
// The wavelet coefficients of an image x are w = W x, less a centre that is fixed before counting.
// A Family says which coefficients are the variables of a coefficient c (its Neighbourhood), which
// monomials phi of them are the features of its score (Terms and Degree), and which coefficients
// share weights (Sharing). Coefficients that share weights are a group. The table Moments holds,
// for each group, the expectation of every product of two features: the clean Gram matrix E[phi
// phi^T]. It does not depend on noise or on a solver.
//
// # Why that is enough
//
// The noisy coefficients are y = w + sigma z, z ~ N(0, I). For a polynomial p,
//
//	E_z p(w + sigma z) = (exp(sigma^2 Laplacian / 2) p)(w),
//
// a finite sum of derivatives of p. The monomials of a family are down-closed: with w^a they
// include every w^b, b <= a. The table therefore holds all moments of this sum. At every sigma,
// E[phi(y) phi(y)^T], E[w_c phi(y)] and E[d phi(y) / d y_c] are linear combinations of its
// entries, with fixed coefficients times powers of sigma^2 (Basis.Transport). The last of the
// three replaces the unknown score in the regression, by Stein's identity E[s_c phi] = -E[d phi /
// d y_c].
//
// # Use
//
// Mean and Family.Centre compute the centre. Collect makes a table from images, in shards of fixed
// size. Merge joins tables of disjoint images. Restrict returns the table of a sub-family. New and
// Add count images one batch at a time, and take weights. Results have the same bits whatever
// GOMAXPROCS is.
//
// The method is that of Finn, Wang, Keller and Ba, "Where the Score Lives: A Wavelet View of
// Diffusion" (AISTATS 2026); the transport of moments is the heat equation's action on
// polynomials.
//
// # Statistics to look at
//
// Beside the tables that machines are fitted on, there are what notebooks show of images:
// PixelCovariance and its spectrum in any basis, PairCumulants of coefficients that a Relation
// pairs, and the Support, which says where coefficients are zero.
package moments
