//go:build !unix

package neural

// cpuSeconds returns 0: the time is not known here.
func cpuSeconds() float64 { return 0 }
