package dataset

import (
	"math"
	"os"
	"testing"
)

// realData returns the folder of the real sets, or skips the test.
func realData(t *testing.T) {
	t.Helper()
	if os.Getenv("WAVESCORE_DATA") == "" {
		t.Skip("needs the real image sets: set WAVESCORE_DATA to their folder")
	}
}

func TestMNISTStatistics(t *testing.T) {
	realData(t)
	s, err := Open("mnist", Train)
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 60000 || s.Channels != 1 || s.Height != 28 || s.Width != 28 || len(s.Labels) != 60000 {
		t.Fatalf("got %d images of %dx%dx%d and %d labels", s.Len(), s.Channels, s.Height, s.Width, len(s.Labels))
	}
	// The mean and deviation in [0, 1] that PyTorch's MNIST examples normalise with.
	var sum, squares float64
	for _, v := range s.Pixels {
		u := (float64(v) + 1) / 2
		sum, squares = sum+u, squares+u*u
	}
	mean := sum / float64(len(s.Pixels))
	std := math.Sqrt(squares/float64(len(s.Pixels)) - mean*mean)
	if math.Abs(mean-0.1307) > 5e-5 || math.Abs(std-0.3081) > 5e-5 {
		t.Errorf("mean %.6f and deviation %.6f, want 0.1307 and 0.3081", mean, std)
	}
}
