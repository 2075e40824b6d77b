// Package moments takes clean moments of images in one pass and carries them, in closed form, to any noise level.
//
// # What is counted
//
// An image x becomes wavelet coefficients w = W x, centred by a vector that is frozen before counting. A Family says which
// coefficients are the variables of a coefficient c (its Neighbourhood), which monomials phi of them its score is made of
// (Terms and Degree), and which coefficients share weights (Sharing). The table Moments holds, for each group of
// coefficients that share weights, the expectation of every product of two of those monomials: the clean Gram matrix
// E[phi phi^T]. It knows no noise and no solver.
//
// # Why that is enough
//
// The noisy coefficients are y = w + sigma z, z ~ N(0, I). For a polynomial p,
//
//	E_z p(w + sigma z) = (exp(sigma^2 Laplacian / 2) p)(w),
//
// a finite sum of derivatives of p. The monomials of a family are down-closed (with w^a they hold every w^b, b <= a), so all
// that this sum needs is in the table, and E[phi(y) phi(y)^T], E[w_c phi(y)] and E[d phi(y) / d y_c] at every sigma are fixed
// linear combinations of its entries: Basis.Transport. The last of the three is what Stein's identity puts in the place of
// the unknown score, E[s_c phi] = -E[d phi / d y_c].
//
// # Use
//
// Mean and Family.Centre make the centre, Collect makes a table from images in shards of fixed size, Merge joins tables of
// disjoint images, and Restrict reads the table of a sub-family. New and Add count images one batch at a time, with weights
// if wanted. Results have the same bits whatever GOMAXPROCS is.
//
// The method is that of Finn, Wang, Keller and Ba, "Where the Score Lives: A Wavelet View of Diffusion" (AISTATS 2026); the
// transport of moments is the heat equation's action on polynomials.
package moments
