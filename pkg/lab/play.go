package lab

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
	"slices"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"

	"wavescore/pkg/viz"
)

// A Control is moved by hand: a slider over whole numbers from Min to Max, or a menu of Choices,
// whose value is the index of the one chosen.
type Control struct {
	Label    string
	Min, Max int
	Choices  []string
	Value    int // at first
}

// Play shows controls, and below them the figure that draw makes of their values; it draws anew
// when one is moved. It returns, and leaves the last figure as Show does, when the button "done" is
// pressed, when another cell waits to be run, when the page is closed, and after half an hour
// without a move. Where no page answers, as in a headless run, it shows the first figure alone.
func Play(name string, draw func(values []int) viz.Figure, controls ...Control) {
	first := make([]int, len(controls))
	for i, c := range controls {
		first[i] = c.Value
	}
	if !gonbui.IsNotebook || headless() {
		Show(name, draw(first))
		return
	}
	id := "wavescore-play-" + gonbui.UniqueId()
	page := comms.Listen[string](id).LatestOnly()
	comms.Start()
	gonbui.UpdateHTML(id, Must1(controlsHTML(id, controls)))
	figure := id + "-figure"
	values, why := follow(page.C, first, answerTimes, func(values []int) {
		gonbui.UpdateHTML(figure, Must1(viz.StaticHTML(draw(values))))
		gonbui.Sync()
	})
	gonbui.UpdateHTML(id, "")
	gonbui.UpdateHTML(figure, "")
	Show(name, draw(values))
	Text("*The controls have ended: %s. Run this cell by itself to move them.*", why)
}

// state is what the page says of the controls, several times a second.
type state struct {
	Values  []int
	Waiting int  // other cells that are to be run
	Done    bool // the button was pressed
}

// times say how long Play waits for a page.
type times struct{ answer, silence, rest time.Duration }

var answerTimes = times{answer: 10 * time.Second, silence: 5 * time.Second, rest: 30 * time.Minute}

// follow draws the values, first those at the start, whenever the page says others, until there is
// a reason to end, which it returns with the last values. A page that is open but hidden for some
// minutes falls silent too.
func follow(page <-chan string, values []int, wait times, draw func([]int)) ([]int, string) {
	draw(values)
	silent, moved := time.NewTimer(wait.answer), time.Now()
	defer silent.Stop()
	for answered := false; ; {
		select {
		case <-silent.C:
			if !answered {
				return values, "no page answers"
			}
			return values, "the page was closed or hidden"
		case text := <-page:
			var now state
			if json.Unmarshal([]byte(text), &now) != nil || len(now.Values) != len(values) {
				continue
			}
			answered = true
			if !slices.Equal(now.Values, values) {
				values, moved = now.Values, time.Now()
				draw(values)
			}
			switch {
			case now.Done:
				return values, "*done* was pressed"
			case now.Waiting > 0:
				return values, "another cell was waiting"
			case time.Since(moved) > wait.rest:
				return values, "nothing was moved for a long time"
			}
			silent.Reset(wait.silence)
		}
	}
}

//go:embed play.html
var playHTML string

var playPage = template.Must(template.New("play").Parse(playHTML))

// controlsHTML is the HTML of controls that tell their state to an address.
func controlsHTML(address string, controls []Control) (string, error) {
	var out bytes.Buffer
	err := playPage.Execute(&out, map[string]any{"Address": address, "Controls": controls})
	return out.String(), err
}
