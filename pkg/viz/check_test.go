package viz

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"wavescore/pkg/wavelet"
)

// TestErrors draws what cannot be drawn: every error must say which figure, which series, which
// index, and why.
func TestErrors(t *testing.T) {
	x, y := Axis{Label: "x"}, Axis{Label: "y"}
	log := Axis{Label: "y", Log: true}
	nan, inf := math.NaN(), math.Inf(1)
	one := []float64{1, 2, 3}
	lines := func(y Axis, s ...Series) Lines { return Lines{Title: "T", X: x, Y: y, Series: s} }
	layout, err := wavelet.NewLayout(1, 4, 4, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		figure Figure
		want   string // the words that the error must hold, in this order
	}{
		{lines(y), `lines "T"|no series`},
		{lines(Axis{}, Series{X: one, Y: one}), `lines "T"|y axis|no label`},
		{lines(Axis{Label: "y", Min: 2, Max: 1}, Series{X: one, Y: one}), `y axis runs from 2 to 1`},
		{lines(Axis{Label: "y", Log: true, Max: 1}, Series{X: one, Y: one}), `y axis is logarithmic|starts at 0`},
		{lines(y, Series{Name: "a", X: one, Y: []float64{1, nan, 3}}), `lines "T"|series 0 "a"|y[1] is NaN`},
		{lines(y, Series{Name: "a", X: one, Y: one}, Series{Name: "b", X: []float64{1, 2, inf}, Y: one}), `series 1 "b"|x[2] is +Inf`},
		{lines(log, Series{Name: "a", X: one, Y: []float64{1, 2, 0}}), `series 0 "a"|y[2] is 0|positive`},
		{lines(y, Series{Name: "a", X: one, Y: one[:2]}), `series 0 "a"|y has 2 values and x has 3`},
		{lines(y, Series{Name: "a"}), `series 0 "a"|x is empty`},
		{lines(y, Series{Name: "a", X: one, Y: one, Low: one}), `series 0 "a"|high is empty`},
		{lines(y, Series{Name: "a", X: one, Y: one, Low: one, High: []float64{1, 1, 3}}), `low[1] = 2 is above high[1] = 1`},
		{lines(y, Series{X: one, Y: one}, Series{X: one, Y: one}), `series 0 has no name`},
		{lines(y, Series{Name: "a", X: one, Y: one}, Series{Name: "a", X: one, Y: one}), `series 1|name "a" of an earlier one`},
		{Scatter{Title: "S", X: x, Y: y, Curves: []Series{{Name: "c", X: one, Y: []float64{nan, 1, 1}}}}, `scatter "S"|series 0 "c"|y[0] is NaN`},
		{Histogram{Title: "H", X: x}, `histogram "H"|no samples`},
		{Histogram{X: log, Samples: []Sample{{Name: "a", Values: one}}}, `x axis is logarithmic`},
		{Histogram{X: x, Samples: []Sample{{Name: "a", Values: []float64{1, nan}}}}, `series 0 "a"|Values[1] is NaN`},
		{Histogram{X: Axis{Label: "x", Min: 7, Max: 9}, Samples: []Sample{{Name: "a", Values: one}}}, `series 0 "a"|none of its 3 values|from 7 to 9`},
		{Histogram{X: x, Bins: -1, Samples: []Sample{{Name: "a", Values: one}}}, `-1 bins`},
		{Bars{Title: "B", Y: y}, `bars "B"|0 categories`},
		{Bars{Y: y, Categories: []string{"c"}, Groups: []Group{{Name: "g", Values: one}}}, `series 0 "g"|Values has 3 values and Categories has 1`},
		{Bars{Y: log, Categories: []string{"c"}, Groups: []Group{{Name: "g", Values: []float64{-1}}}}, `Values[0] is -1|positive`},
		{Bars{Y: log, Categories: []string{"c"}, Groups: []Group{{Name: "g", Values: one[:1], Low: []float64{0}, High: one[:1]}}}, `series 0 "g"|low[0] is 0|positive`},
		{Bars{Y: y, Categories: []string{"c"}, Groups: []Group{{Name: "g", Values: one[:1], Low: one[:1]}}}, `series 0 "g"|high is empty`},
		{HeatMap{Title: "M", Colour: y}, `heat map "M"|0 rows and 0 columns`},
		{HeatMap{Colour: y, Rows: []string{"r"}, Columns: []string{"c"}, Values: [][]float64{{1, 2}}}, `Values[0] has 2 values and Columns has 1`},
		{HeatMap{Colour: y, Rows: []string{"r"}, Columns: []string{"c"}, Values: [][]float64{{nan}}}, `Values[0][0] is NaN`},
		{HeatMap{Colour: log, Diverging: true, Rows: []string{"r"}, Columns: []string{"c"}, Values: [][]float64{{1}}}, `logarithmic and diverging`},
		{Joint{Title: "J", X: x, Y: y, XValues: one, YValues: one[:1]}, `joint histogram "J"|YValues has 1 values and XValues has 3`},
		{Joint{X: x, Y: Axis{Label: "y", Min: 8, Max: 9}, XValues: one, YValues: one}, `none of the 3 pairs`},
		{Grid{Title: "G", Channels: 2, Height: 1, Width: 1, Columns: 1, Images: one}, `grid "G"|2 channels`},
		{Grid{Channels: 1, Height: 2, Width: 2, Columns: 1, Images: one}, `3 values|no whole number of images of 1 x 2 x 2 = 4`},
		{Grid{Channels: 1, Height: 1, Width: 2, Columns: 1, Images: []float64{0, 0, 0, nan}}, `image 1|row 0, column 1 is NaN`},
		{Grid{Channels: 1, Height: 1, Width: 1, Columns: 2, Images: one, RowLabels: []string{"a"}}, `1 row labels for 2 rows`},
		{Grid{Channels: 1, Height: 1, Width: 1, Columns: 2, Images: one, ColumnLabels: []string{"a"}}, `1 column labels for 2 columns`},
		{Grid{Channels: 3, Height: 1, Width: 1, Columns: 1, Images: one, Diverging: true}, `Diverging takes one channel`},
		{Mosaic{Title: "W", Layout: wavelet.Layout{Channels: 1, Height: 3, Width: 4, Levels: 1}}, `mosaic "W"`},
		{Mosaic{Layout: layout, Coefficients: one}, `Coefficients has 3 values and the layout has 16`},
		{Mosaic{Layout: layout, Coefficients: append(make([]float64, 15), inf)}, `coefficient 15|level 1, diagonal, row 1, column 1|+Inf`},
		{Panels{Title: "P"}, `panels "P"|0 columns`},
		{Panels{Columns: 1, Figures: []Figure{nil}}, `panel 0 is nil`},
		{Panels{Columns: 1, Figures: []Figure{Panels{}}}, `cannot be nested`},
		{Panels{Columns: 1, Figures: []Figure{lines(y)}}, `panel 0|lines "T"|no series`},
	} {
		err := WriteCSV(new(bytes.Buffer), c.figure)
		if err == nil {
			t.Errorf("%v: no error; want one with %q", c.figure.heading(), c.want)
			continue
		}
		rest := err.Error()
		for _, word := range strings.Split("viz: |"+c.want, "|") {
			_, after, found := strings.Cut(rest, word)
			if !found {
				t.Errorf("error %q lacks %q at its place", err, word)
			}
			rest = after
		}
	}
}

// TestRefused checks that every way out refuses a bad figure and writes nothing.
func TestRefused(t *testing.T) {
	bad := Lines{}
	var b bytes.Buffer
	for name, err := range map[string]error{
		"WritePNG": WritePNG(&b, bad), "WriteSVG": WriteSVG(&b, bad), "WriteCSV": WriteCSV(&b, bad),
		"Page.Write": Page{Figures: []Figure{bad}}.Write(&b),
	} {
		if err == nil {
			t.Errorf("%s takes an empty figure", name)
		}
	}
	for name, fragment := range map[string]func(Figure) (string, error){"StaticHTML": StaticHTML, "LiveHTML": LiveHTML} {
		if text, err := fragment(bad); err == nil || text != "" {
			t.Errorf("%s takes an empty figure", name)
		}
	}
	if b.Len() != 0 {
		t.Errorf("%d bytes of bad figures were written", b.Len())
	}
}

// TestEdges draws figures at the edge of what is possible; they must not panic, in any format.
func TestEdges(t *testing.T) {
	x, y := Axis{Label: "x"}, Axis{Label: "y"}
	log := Axis{Label: "y", Log: true}
	layout, err := wavelet.NewLayout(3, 2, 4, 0)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]Figure{
		"one point":          Lines{X: x, Y: y, Series: []Series{{X: []float64{0}, Y: []float64{0}}}},
		"one point, log":     Lines{X: log, Y: log, Series: []Series{{X: []float64{3}, Y: []float64{1e-300}}}},
		"huge":               Lines{X: x, Y: y, Series: []Series{{X: []float64{-1e150, 1e150}, Y: []float64{0, 1e-150}}}},
		"outside the axes":   Lines{X: Axis{Label: "x", Min: 5, Max: 6}, Y: y, Series: []Series{{X: []float64{1, 2}, Y: []float64{1, 2}}}},
		"one value":          Histogram{X: x, Samples: []Sample{{Name: "", Values: []float64{2}}}},
		"one value, log":     Histogram{X: x, Y: Axis{Log: true}, Samples: []Sample{{Name: "", Values: []float64{2}}}},
		"zero bars":          Bars{Y: y, Categories: []string{"a"}, Groups: []Group{{Name: "", Values: []float64{0}}}},
		"one cell":           HeatMap{Colour: y, Rows: []string{"r"}, Columns: []string{"c"}, Values: [][]float64{{0}}},
		"zero, diverging":    HeatMap{Colour: y, Diverging: true, Rows: []string{"r"}, Columns: []string{"c"}, Values: [][]float64{{0}}},
		"one pair":           Joint{X: x, Y: y, XValues: []float64{1}, YValues: []float64{1}},
		"one pixel":          Grid{Channels: 1, Height: 1, Width: 1, Columns: 1, Images: []float64{0}},
		"wide images":        Grid{Channels: 1, Height: 1, Width: 2000, Columns: 2, Images: make([]float64, 6000)},
		"zero grid":          Grid{Channels: 1, Height: 1, Width: 1, Columns: 1, Images: []float64{0}, Diverging: true},
		"pixel basis":        Mosaic{Layout: layout, Coefficients: make([]float64, layout.Len())},
		"long title":         Lines{Title: strings.Repeat("very long ", 40), X: x, Y: y, Series: []Series{{X: []float64{1, 2}, Y: []float64{1, 2}}}},
		"word without space": Lines{Title: strings.Repeat("long", 100), X: x, Y: y, Series: []Series{{X: []float64{1, 2}, Y: []float64{1, 2}}}},
	} {
		t.Run(name, func(t *testing.T) {
			written(t, f, WritePNG)
			written(t, f, WriteSVG)
			written(t, f, WriteCSV)
			liveHTML(t, f)
		})
	}
}
