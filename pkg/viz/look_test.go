package viz

import (
	"bytes"
	"strings"
	"testing"
)

// A series with a look has its colour wherever it stands, in the picture and in the live chart.
func TestLook(t *testing.T) {
	x, y := Axis{Label: "x"}, Axis{Label: "y"}
	values := []float64{1, 2, 3}
	for _, look := range []Look{0, 1, 5, 12} {
		want, other := styleOf(0).color, styleOf(3).color
		if look > 0 {
			want = styleOf(int(look) - 1).color
		}
		for name, figure := range map[string]Figure{
			"lines":     Lines{X: x, Y: y, Series: []Series{{Name: "a", Look: look, X: values, Y: values, Low: values, High: values}}},
			"scatter":   Scatter{X: x, Y: y, Series: []Series{{Name: "a", Look: look, X: values, Y: values}}},
			"bars":      Bars{Y: y, Categories: []string{"c"}, Groups: []Group{{Name: "a", Look: look, Values: values[:1]}}},
			"histogram": Histogram{X: x, Samples: []Sample{{Name: "a", Look: look, Values: values}}},
		} {
			chart, err := LiveHTML(figure)
			if err != nil {
				t.Fatal(err)
			}
			var picture bytes.Buffer
			if err := WriteSVG(&picture, figure); err != nil {
				t.Fatal(err)
			}
			for form, text := range map[string]string{"live": chart, "static": strings.ToLower(picture.String())} {
				if !strings.Contains(text, css(want)) || strings.Contains(text, css(other)) {
					t.Errorf("%s with look %d, %s: not in %s alone", name, look, form, css(want))
				}
			}
		}
	}
}
