// Package analytic solves for scores in closed form. A Machine is a polynomial denoiser of wavelet coefficients whose weights,
// at any noise level, come from one ridge regression per group of coefficients, every number of which is a clean moment of
// the data carried to that level by package moments. No noise is sampled, and nothing is trained by descent.
//
// # The regression
//
// For coefficient c with features phi of the noisy coefficients around it, the score s_c = theta . phi that minimises
// E (s_c - theta . phi)^2 has, by Stein's identity, theta = -(G + R)^-1 E[d phi / d y_c] with G = E[phi phi^T] and ridge R.
// With the clean coefficient as the target the denoiser is D_c = theta . phi with (G + R) theta = E[w_c phi]. As
// E[w_c phi] = E[y_c phi] - sigma^2 E[d phi / d y_c], the two targets give the same denoiser whenever y_c itself is not
// penalised, as it is not by default (see Settings).
//
// # Numerics
//
// The features are scaled to unit second moment before they are penalised and solved by Cholesky. Where that fails, or the
// condition number passes 1e13, small eigenvalues are cut off; Level reports both.
//
// # Risk
//
// Machine.Risk is the expected error on other images, exact over the noise, from the moments of those images: an error
// curve takes milliseconds a point. It also chooses the ridge, anew at every noise level, in the machines of Tune, on validation
// images, and of TuneFolds, by cross-validation.
//
// The method is that of Finn, Wang, Keller and Ba, "Where the Score Lives: A Wavelet View of Diffusion" (AISTATS 2026).
package analytic
