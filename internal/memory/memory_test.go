package memory_test

import (
	"runtime"
	"testing"

	"wavescore/internal/memory"
)

// What is available is positive, and what this program takes is no longer there.
func TestAvailable(t *testing.T) {
	before, known := memory.Available()
	if !known {
		if runtime.GOOS == "linux" {
			t.Fatal("not known on Linux")
		}
		t.Skip("not known on", runtime.GOOS)
	}
	const size = 512 << 20
	if before < 2*size {
		t.Skipf("only %d MB available", before>>20)
	}
	taken := make([]byte, size)
	for i := 0; i < size; i += 4096 {
		taken[i] = 1
	}
	after, _ := memory.Available()
	if fell := before - after; fell < size/2 {
		t.Errorf("of %d bytes taken, %d are no longer available", size, fell)
	}
	runtime.KeepAlive(taken)
}
