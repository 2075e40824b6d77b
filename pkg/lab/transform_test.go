package lab

import (
	"slices"
	"testing"

	"wavescore/pkg/wavelet"
)

func TestTransform(t *testing.T) {
	for _, c := range []struct{ side, levels, want int }{{32, 5, 5}, {48, 5, 4}, {48, 3, 3}, {32, 0, 0}, {7, 2, 0}} {
		transform := Transform("db2", c.side, c.levels)
		want := wavelet.Layout{Channels: 1, Height: c.side, Width: c.side, Levels: c.want}
		if transform.Layout() != want || transform.Filter().Name() != "db2" {
			t.Errorf("%+v: %s on %+v", c, transform.Filter().Name(), transform.Layout())
		}
	}
	x := []float64{1, 2, 3, 4}
	if y := Transform("haar", 2, 0).Forward(nil, x); !slices.Equal(y, x) {
		t.Errorf("no level makes %v of %v", y, x)
	}
	defer func() {
		if recover() == nil {
			t.Error("a filter that there is not does not stop the cell")
		}
	}()
	Transform("db99", 32, 1)
}
