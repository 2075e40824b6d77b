package lab

import (
	"path/filepath"
	"testing"
)

// On another set a run is the one that Setup would make of that set.
func TestOn(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("WAVESCORE_DATA", folder)
	for _, file := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		write(t, filepath.Join(folder, "mnist", file), "")
	}
	given := Run{Data: "digits", Side: 48, Train: 7, Test: 3, Seed: 2}
	for _, data := range []string{"mnist", "digits"} {
		want := given
		want.Data = data
		if got, found := given.On(data); !found || got != Setup(want) {
			t.Errorf("on %s: %+v, found %t; want %+v", data, got, found, Setup(want))
		}
	}
	if _, found := given.On("no such set"); found {
		t.Error("a set that nobody knows is found")
	}
}
