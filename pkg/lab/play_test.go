package lab

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"wavescore/pkg/viz"
)

// Each way in which the controls end, and what is drawn before.
func TestFollow(t *testing.T) {
	wait := times{answer: 2 * time.Second, silence: 100 * time.Millisecond, rest: time.Hour}
	for _, c := range []struct {
		name  string
		page  []string
		wait  times
		drawn [][]int
		why   string
	}{
		{"no page", nil, times{answer: time.Millisecond}, [][]int{{1, 2}}, "no page answers"},
		{"done", []string{`{"Values":[1,2]}`, `{"Values":[3,2]}`, `{"Values":[3,2]}`, `{"Values":[3,4],"Done":true}`}, wait,
			[][]int{{1, 2}, {3, 2}, {3, 4}}, "*done* was pressed"},
		{"a cell waits", []string{`{"Values":[1,2],"Waiting":3}`}, wait, [][]int{{1, 2}}, "another cell was waiting"},
		{"closed", []string{`{"Values":[1,2]}`, `{"Values":[0,2]}`}, wait, [][]int{{1, 2}, {0, 2}}, "the page was closed or hidden"},
		{"at rest", []string{`{"Values":[1,2]}`}, times{answer: time.Second, silence: time.Second}, [][]int{{1, 2}}, "nothing was moved for a long time"},
		{"of another page", []string{`{"Values":[1]}`, `"x"`, ``, `{"Values":[5,2],"Done":true}`}, wait, [][]int{{1, 2}, {5, 2}}, "*done* was pressed"},
	} {
		page := make(chan string, len(c.page))
		for _, text := range c.page {
			page <- text
		}
		var drawn [][]int
		values, why := follow(page, []int{1, 2}, c.wait, func(v []int) { drawn = append(drawn, v) })
		if why != c.why || !reflect.DeepEqual(drawn, c.drawn) || !reflect.DeepEqual(values, c.drawn[len(c.drawn)-1]) {
			t.Errorf("%s: drew %v, ended at %v because %s; want %v, %s", c.name, drawn, values, why, c.drawn, c.why)
		}
	}
}

func TestControlsHTML(t *testing.T) {
	got, err := controlsHTML("a-1", []Control{{Label: "σ <1>", Max: 9, Value: 3}, {Label: "kind", Choices: []string{"a", "b&c"}, Value: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<div id="a-1"`, `σ &lt;1&gt; <input type="range" min="0" max="9" value="3">`,
		`<option value="0">a</option><option value="1" selected>b&amp;c</option>`, `getElementById("a-1")`, `send("a-1",`} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is without %s", got, want)
		}
	}
}

// Where there is no page the figure of the first values is shown.
func TestPlayWithoutAPage(t *testing.T) {
	t.Chdir(t.TempDir())
	var got []int
	Play("play", func(values []int) viz.Figure {
		got = values
		return viz.Lines{X: viz.Axis{Label: "x"}, Y: viz.Axis{Label: "y"}, Series: []viz.Series{{X: []float64{0, 1}, Y: []float64{0, 1}}}}
	}, Control{Max: 9, Value: 3}, Control{Choices: []string{"a", "b"}})
	if want := []int{3, 0}; !reflect.DeepEqual(got, want) {
		t.Errorf("drew %v, want %v", got, want)
	}
}
