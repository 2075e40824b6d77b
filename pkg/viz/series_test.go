package viz

import (
	"reflect"
	"strings"
	"testing"
)

func TestAdd(t *testing.T) {
	var s Series
	s.Add(1, 2, 0.5)
	s.Add(3, -4, 1)
	if want := (Series{X: []float64{1, 3}, Y: []float64{2, -4}, Low: []float64{1.5, -5}, High: []float64{2.5, -3}}); !reflect.DeepEqual(s, want) {
		t.Errorf("got %+v, want %+v", s, want)
	}
}

// A curve of a scatter has the look that it is given, and otherwise is black.
func TestCurveLook(t *testing.T) {
	x := []float64{1, 2}
	for look, want := range map[Look]string{0: css(styleOf(6).color), 2: css(styleOf(1).color)} {
		curves := []Series{{Name: "line", Look: look, X: x, Y: x}}
		for kind, f := range map[string]Figure{
			"scatter":   Scatter{X: Axis{Label: "x"}, Y: Axis{Label: "y"}, Series: []Series{{Name: "dots", X: x, Y: x}}, Curves: curves},
			"histogram": Histogram{X: Axis{Label: "x"}, Samples: []Sample{{Name: "sample", Values: x}}, Curves: curves},
		} {
			live, err := LiveHTML(f)
			if err != nil {
				t.Fatal(err)
			}
			if _, line, _ := strings.Cut(live, `"name":"line"`); !strings.Contains(line, want) {
				t.Errorf("%s: a curve with look %d is not %s", kind, look, want)
			}
		}
	}
}
