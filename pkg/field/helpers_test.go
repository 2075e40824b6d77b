package field

import (
	"math/rand/v2"
	"runtime"

	"wavescore/pkg/dataset"
)

// random returns n images of random bytes.
func random(seed uint64, n, channels, height, width int) *dataset.Images {
	rng := rand.New(rand.NewPCG(seed, 0))
	s := &dataset.Images{Name: "random", Channels: channels, Height: height, Width: width}
	for range n * s.Size() {
		s.Pixels = append(s.Pixels, float32(rng.IntN(256))/127.5-1)
	}
	return s
}

// recovered returns the value of the panic of a call.
func recovered(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

// onProcs calls f with another GOMAXPROCS.
func onProcs(n int, f func()) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
	f()
}
