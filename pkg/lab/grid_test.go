package lab

import (
	"reflect"
	"testing"

	"wavescore/pkg/viz"
)

func TestRunGrid(t *testing.T) {
	images := make([]float64, 6*16*16)
	got := Setup(Run{Data: "digits", Side: 16}).Grid(3, images)
	if want := (viz.Grid{Channels: 1, Height: 16, Width: 16, Columns: 3, Images: images}); !reflect.DeepEqual(got, want) {
		t.Errorf("a grid of %d x %d x %d, %d columns", got.Channels, got.Height, got.Width, got.Columns)
	}
}
