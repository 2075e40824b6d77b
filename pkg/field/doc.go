// Package field holds distributions of images whose score is known: Gaussian random fields, their
// mixtures and their scale mixtures. They are the ground truth for whatever is fitted.
//
//	spectrum, err := field.PowerLaw(32, 32, 2, 0.05, 0.25)
//	gaussian, err := field.NewGaussian(spectrum)
//	train := gaussian.Draw(10000, 1)
//	err = gaussian.Score(ctx, score, noisy, 0.5)
//
// A Field draws images, and has their denoiser, score and log density at every noise level in
// closed form. Images depend on the seed and on their number alone.
package field
