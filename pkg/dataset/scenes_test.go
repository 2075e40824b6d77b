package dataset

import (
	"math"
	"slices"
	"strings"
	"testing"
)

// TestScenes: without natural images scenes are dead leaves; as many tiles as asked for, grey, all
// different, the same for the same seed.
func TestScenes(t *testing.T) {
	t.Setenv("WAVESCORE_DATA", t.TempDir())
	t.Chdir(t.TempDir())
	const side, n = 32, 20
	scenes, err := Scenes(side, n, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := scenes.Check(); err != nil || scenes.Len() != n || scenes.Channels != 1 || scenes.Height != side || scenes.Width != side {
		t.Fatalf("%d scenes of %dx%dx%d: %v", scenes.Len(), scenes.Channels, scenes.Height, scenes.Width, err)
	}
	if !strings.Contains(scenes.Name, "dead leaves") {
		t.Errorf("the scenes are called %q", scenes.Name)
	}
	again, _ := Scenes(side, n, 1)
	other, _ := Scenes(side, n, 2)
	if !slices.Equal(again.Pixels, scenes.Pixels) || slices.Equal(other.Pixels, scenes.Pixels) {
		t.Error("scenes do not depend on the seed, and on the seed alone")
	}
	for i := range n {
		for j := range i {
			if slices.Equal(scenes.pixels(i, i+1), scenes.pixels(j, j+1)) {
				t.Errorf("scenes %d and %d are the same", i, j)
			}
		}
	}
	// Neighbouring pixels are alike, as those of pictures are: most lie within one leaf.
	var same, all float64
	for i, v := range scenes.Pixels {
		if i%side > 0 {
			same, all = same+math.Abs(float64(v-scenes.Pixels[i-1])), all+math.Abs(float64(v))
		}
	}
	if same > all/3 {
		t.Errorf("neighbours differ by %v of their size", same/all)
	}
	for _, bad := range []int{0, -1} {
		if _, err := Scenes(bad, n, 1); err == nil {
			t.Errorf("scenes of side %d", bad)
		}
	}
}
