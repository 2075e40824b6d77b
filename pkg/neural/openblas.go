//go:build openblas

package neural

// #cgo LDFLAGS: -lopenblas
// void openblas_set_num_threads(int);
import "C"

import (
	"gonum.org/v1/gonum/blas/blas32"
	"gonum.org/v1/netlib/blas/netlib"
)

// With the build tag openblas all matrix products go to OpenBLAS. It keeps to one thread: the goroutines here are the parallelism, and
// sums do not depend on how many there are.
func init() {
	C.openblas_set_num_threads(1)
	blas32.Use(netlib.Implementation{})
	products = "OpenBLAS"
}
