package dataset

import (
	"math/rand/v2"
	"runtime"
	"sync"
)

// The kinds of made images. Each has random streams of its own, so that two kinds, or an image and noise that a caller draws
// with the same seed, are independent.
const (
	digitStream = iota + 1
	fieldStream
	leafStream
)

// stream returns the random numbers of image i of a kind.
func stream(kind int, seed uint64, i int) *rand.Rand {
	return rand.New(rand.NewPCG(seed, uint64(kind)<<56|uint64(i)))
}

// parallel calls work on consecutive ranges that together are [0, n), one a core, and waits for all.
func parallel(n int, work func(from, to int)) {
	workers := min(runtime.GOMAXPROCS(0), n)
	var wg sync.WaitGroup
	for k := range workers {
		wg.Go(func() { work(k*n/workers, (k+1)*n/workers) })
	}
	wg.Wait()
}
