package viz

import (
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"
)

// Panels share a legend where all have the same one, and keep their own where one differs in a
// name or a look, is another kind of chart, or has none.
func TestPanelsShareLegend(t *testing.T) {
	lines := func(look Look, names ...string) Lines {
		f := Lines{X: Axis{Label: "x"}, Y: Axis{Label: "y"}}
		for _, name := range names {
			f.Series = append(f.Series, Series{Name: name, Look: look, X: []float64{0, 1}, Y: []float64{0, 1}})
		}
		return f
	}
	image := Grid{Channels: 1, Height: 1, Width: 1, Columns: 1, Images: []float64{0}}
	for _, c := range []struct {
		name   string
		panels []Figure
		shared []string
	}{
		{"the same", []Figure{lines(0, "a", "b"), lines(0, "a", "b")}, []string{"a", "b"}},
		{"a chart alone", []Figure{lines(0, "a", "b")}, nil},
		{"another name", []Figure{lines(0, "a", "b"), lines(0, "a", "c")}, nil},
		{"another look", []Figure{lines(0, "a"), lines(2, "a")}, nil},
		{"one more", []Figure{lines(0, "a", "b"), lines(0, "a")}, nil},
		{"a picture among them", []Figure{lines(0, "a"), image}, nil},
		{"no names", []Figure{lines(0, ""), lines(0, "")}, nil},
	} {
		p, err := Panels{Columns: 2, Figures: c.panels}.plan()
		if err != nil {
			t.Fatal(c.name, err)
		}
		var shared []string
		for _, e := range p.(panels).legend {
			shared = append(shared, e.name)
		}
		if !slices.Equal(shared, c.shared) {
			t.Errorf("%s: share %q, want %q", c.name, shared, c.shared)
		}
		for i, form := range p.live(800).Panels { // each keeps its switches
			if lines, ok := c.panels[i].(Lines); ok && lines.Series[0].Name != "" && form.Option.Legend.Data == nil {
				t.Errorf("%s: the live form of panel %d has no legend", c.name, i)
			}
		}
	}
}

// A map of the same rows and columns has square cells, at any width; another fills the width.
func TestHeatMapsOfOneSetAreSquare(t *testing.T) {
	for _, n := range []int{2, 5, 40} {
		f := divergingHeatMapSpecimen()
		f.Columns, f.Rows, f.Values = f.Columns[:n], f.Rows[:n], f.Values[:n]
		for i, row := range f.Values {
			f.Values[i] = row[:n]
		}
		for _, width := range []float64{200, 400, 900} {
			p, err := f.plan()
			if err != nil {
				t.Fatal(err)
			}
			area := p.(heatMap).layout(vg.Length(width) * px).area.Size()
			if area.X != area.Y || area.X <= 0 {
				t.Errorf("%d x %d cells are %v", n, n, area)
			}
		}
	}
	other, err := heatMapSpecimen().plan()
	if err != nil {
		t.Fatal(err)
	}
	if l := other.(heatMap).layout(900 * px); l.area.Max.X < l.size.X-2*margin {
		t.Errorf("a map of unlike rows and columns ends at %v of %v", l.area.Max.X, l.size.X)
	}
}
