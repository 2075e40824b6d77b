// Package analytic solves for scores in closed form. A Machine is a polynomial denoiser of wavelet
// coefficients. Its weights at any noise level come from one ridge regression per group of
// coefficients. The entries of the regression are clean moments of the data, carried to that level
// by package moments. No noise is sampled, and no step of descent is taken.
//
// # The regression
//
// For coefficient c with features phi of the noisy coefficients around it, the score s_c = theta .
// phi that minimises E (s_c - theta . phi)^2 has, by Stein's identity, theta = -(G + R)^-1 E[d phi
// / d y_c] with G = E[phi phi^T] and ridge R. With the clean coefficient as the target the
// denoiser is D_c = theta . phi with (G + R) theta = E[w_c phi]. As E[w_c phi] = E[y_c phi] -
// sigma^2 E[d phi / d y_c], the two targets give the same denoiser if y_c itself is not penalised.
// By default it is not (see Settings).
//
// # Numerics
//
// The features are scaled to unit second moment before they are penalised. The regression is
// solved by Cholesky. Where that fails, or the condition number exceeds 1e13, small eigenvalues
// are cut off. Level reports both.
//
// # Training
//
// The same moments hold the path that gradient descent takes to the solution. Settings with a
// Descent give the machine after any time of training, in closed form, and Risk its exact risk:
// early stopping and overfitting without a step.
//
// # Risk
//
// Machine.Risk is the expected error on other images, computed from their moments and exact over
// the noise. An error curve takes milliseconds a point. The risk also chooses the ridge at every
// noise level: on validation images in the machines of Tune, and by cross-validation in those of
// TuneFolds.
//
// The method is that of Finn, Wang, Keller and Ba, "Where the Score Lives: A Wavelet View of
// Diffusion" (AISTATS 2026).
package analytic
