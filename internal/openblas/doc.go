// Package openblas chooses what computes matrix products, and is imported for that: with the
// build tag openblas all of the program's, in both precisions, are OpenBLAS's; without it they
// stay gonum's own, in Go.
package openblas
