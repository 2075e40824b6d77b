package lab

import (
	"reflect"
	"testing"

	"wavescore/pkg/viz"
)

// A denoiser has its look wherever it stands in a figure and in whatever kind of figure; another
// series has that of its place, and one with a look of its own keeps it.
func TestLooks(t *testing.T) {
	series := []viz.Series{{Name: "train images"}, {Name: "ideal"}, {Name: "U-Net", Look: 3}}
	want := []viz.Look{1, looks["ideal"], 3} // the first colour that neither has
	got := func(series []viz.Series) (all []viz.Look) {
		for _, s := range series {
			all = append(all, s.Look)
		}
		return all
	}
	panels := withLooks(viz.Panels{Figures: []viz.Figure{viz.Lines{Series: series}, viz.Scatter{Series: series},
		viz.Bars{Groups: []viz.Group{{Name: "linear"}}}, viz.Histogram{Samples: []viz.Sample{{Name: "ideal"}}}, viz.Grid{Title: "x"}}}).(viz.Panels)
	if all := got(panels.Figures[0].(viz.Lines).Series); !reflect.DeepEqual(all, want) {
		t.Errorf("lines have looks %v, want %v", all, want)
	}
	if all := got(panels.Figures[1].(viz.Scatter).Series); !reflect.DeepEqual(all, want) {
		t.Errorf("points have looks %v, want %v", all, want)
	}
	if look := panels.Figures[2].(viz.Bars).Groups[0].Look; look != looks["linear"] {
		t.Errorf("bars have the look %d", look)
	}
	if look := panels.Figures[3].(viz.Histogram).Samples[0].Look; look != looks["ideal"] {
		t.Errorf("a sample has the look %d", look)
	}
	if panels.Figures[4].(viz.Grid).Title != "x" {
		t.Error("a grid has changed")
	}
	mixed := withLooks(viz.Bars{Groups: []viz.Group{{Name: "linear"}, {Name: "independent"}, {Name: "linear, then pixels"}, {Name: "other"}}}).(viz.Bars)
	taken := map[viz.Look]bool{}
	for _, g := range mixed.Groups {
		if colour := (g.Look - 1) % colours; g.Look == 0 || taken[colour] {
			t.Errorf("%s has the look %d, whose colour another group has", g.Name, g.Look)
		} else {
			taken[colour] = true
		}
	}
	unknown := withLooks(viz.Lines{Series: []viz.Series{{Name: "train"}, {Name: "test"}}}).(viz.Lines)
	if !reflect.DeepEqual(got(unknown.Series), []viz.Look{0, 0}) {
		t.Errorf("series of other names have looks %v", got(unknown.Series))
	}
	if series[1].Look != 0 {
		t.Error("the caller's series have changed")
	}
	if looks["U-Net mimic"] == looks["U-Net"] || looks["linear"] != looks["Wiener filter"] {
		t.Error("two denoisers have one look, or one has two")
	}
}
