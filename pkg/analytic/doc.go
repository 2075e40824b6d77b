// Package analytic solves for scores in closed form. A Machine is a polynomial denoiser of wavelet coefficients whose weights,
// at any noise level, come from one ridge regression per group of coefficients, every number of which is a clean moment of
// the data carried to that level by package moments. No noise is sampled, and nothing is trained by descent.
//
// # The regression
//
// For coefficient c with features phi of the noisy coefficients around it, the score s_c = theta . phi that minimises
// E (s_c - theta . phi)^2 has, by Stein's identity, theta = -(G + R)^-1 E[d phi / d y_c] with G = E[phi phi^T] and ridge R.
// A Machine fits the denoiser D_c = theta . phi instead, whose normal equations are (G + R) theta = E[w_c phi]; as
// E[w_c phi] = E[y_c phi] - sigma^2 E[d phi / d y_c], the two give the same denoiser whenever y_c itself is not penalised,
// which it never is (see Ridge).
//
// # Numerics
//
// The features are scaled to unit second moment before they are penalised and solved by Cholesky. Where that fails, or the
// condition number passes 1e13, small eigenvalues are cut off; Level reports both.
//
// # Risk
//
// Machine.Risk is the expected error on other images, exact over the noise, from the moments of those images: error curves
// and ablations take milliseconds.
//
// The method is that of Finn, Wang, Keller and Ba, "Where the Score Lives: A Wavelet View of Diffusion" (AISTATS 2026).
package analytic
