// Package linalg holds the dense linear algebra that gonum does not have in the form wavescore
// needs: matrix products and symmetric eigenvectors that use all cores, have the same bits on any
// number of them, and stop when a context is cancelled.
package linalg
