//go:build !openblas

package openblas

// Name is what computes matrix products.
const Name = "gonum"
