//go:build !race

// The race detector makes sync.Pool forget at random.

package wavelet

import (
	"runtime"
	"runtime/debug"
	"testing"
)

func TestNoAllocation(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection empties the pool
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	w := NewTransform(mustParse(t, "db2"), Layout{1, 32, 32, 3})
	x := noise(20*w.Layout().Len(), 1) // less than a grain
	y := make([]float64, len(x))
	for _, cores := range []int{1, 2, 4} {
		runtime.GOMAXPROCS(cores)
		const runs = 200
		for range runs {
			w.Forward(y, x) // fills the pool
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range runs {
			w.Forward(y, x)
			w.Inverse(y, y)
		}
		runtime.ReadMemStats(&after)
		// As testing.AllocsPerRun, which itself has one core only, this rounds down: the runtime
		// allocates now and then.
		if n := (after.Mallocs - before.Mallocs) / runs; n != 0 {
			t.Errorf("on %d cores, %d allocations a run", cores, n)
		}
	}
}
