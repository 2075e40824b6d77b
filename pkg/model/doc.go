// Package model keeps fitted machines and trained networks in files. There is one format,
// safetensors with a digest of all its contents, for closed-form machines (package analytic),
// conditional machines (package conditional), mixtures of patches (package patchmixture), networks
// and classifiers (package neural) and scores of a training set (package empirical), each of which
// marshals itself.
//
// Open returns the denoiser in a file whatever its kind; Load returns a model of a kind that the
// caller knows; Save writes one.
package model
