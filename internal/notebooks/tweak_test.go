package notebooks

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// told returns a notebook of cells and a text below, or above those after the first "---".
func told(text string, cells ...string) *Notebook {
	n := new(Notebook)
	for _, source := range cells {
		if source == "---" {
			n.Cells = append(n.Cells, &Cell{Type: "markdown", Source: Text(text)})
			continue
		}
		n.Cells = append(n.Cells, &Cell{Type: "code", Source: Text(source)})
	}
	return n
}

func TestTweaks(t *testing.T) {
	for _, c := range []struct {
		name, text string
		cells      []string
		want       []string // the changed cell of each tweak
	}{
		{"none", "Try it.", []string{"var a = 1", "---"}, nil},
		{"a variable", "Text.\n\n*Try it* (instant): `a = 2`.", []string{"var a = 1 // one", "---"}, []string{"var a = 2 // one"}},
		{"a constant of a group", "*Try it*: `b = 2`", []string{"const (\n\ta = 1\n\tb = 1\n)", "---"}, []string{"const (\n\ta = 1\n\tb = 2\n)"}},
		{"one of two values", "*Try it*: `b = f(2)`", []string{"%%\na, b := 1, f(1)", "---"}, []string{"%%\na, b := 1, f(2)"}},
		{"a field of several lines", "*Try it*: `Sigmas: []float64{3}`", []string{"var s = S{\n\tA: 1,\n\tSigmas: []float64{1,\n\t\t2},\n}", "---"},
			[]string{"var s = S{\n\tA: 1,\n\tSigmas: []float64{3},\n}"}},
		{"the nearest above", "*Try it*: `a = 2`", []string{"%%\na := 0", "%%\na := 1", "%%\nb := 1", "---", "%%\na := 3"}, []string{"%%\na := 2"}},
		{"the first below", "*Try it*: `a = 2`", []string{"%%\nb := 1", "---", "%%\na := 3", "%%\na := 4"}, []string{"%%\na := 2"}},
		{"twice in the nearest", "*Try it*: `a = 2`", []string{"%%\na := 1", "%%\na := 1\na = 3", "---"}, []string{"%%\na := 2"}},
		{"in the place of", "*Try it*: `x` in place of `f.b`, or `\"σ\"` in the place of `\"b\"`.", []string{"%%\nf.b(b, \"b\", f.b)", "---"},
			[]string{"%%\nx(b, \"b\", x)", "%%\nf.b(b, \"σ\", f.b)"}},
		{"not in strings, comments or longer names", "*Try it*: `c` in place of `b`", []string{"var a = bb // b", "%%\n_ = b + \"b\" /* b */", "var d = bb", "---"},
			[]string{"%%\n_ = c + \"b\" /* b */"}},
		{"tokens with blanks between", "*Try it*: `[]int{3}` in place of `[]int{1, 2}`", []string{"var a = []int{1,\n\t2,}", "var a = []int{1,2}", "---"}, []string{"var a = []int{3}"}},
		{"several, with remarks", "*Try it* (instant): `a = 2`, then `fmt.Sprint` and `a == 2`; (seconds) `c` in place of `b`.\n\nNo `a = 3`.", []string{"%%\na := 1", "%%\nf(b)", "---"},
			[]string{"%%\nf(c)", "%%\na := 2"}},
		{"two paragraphs", "*Try it*: `a = 2`\n\n## *Heading*\n\n*Try it*: `a = 3`", []string{"%%\na := 1", "---"}, []string{"%%\na := 2", "%%\na := 3"}},
		{"in the first line", "*Try it*: `a = 2`", []string{"var a = 1", "---"}, []string{"var a = 2"}},
	} {
		tweaks, err := Tweaks(told(c.text, c.cells...))
		var got []string
		for _, tweak := range tweaks {
			got = append(got, tweak.source)
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, %v; want %q", c.name, got, err, c.want)
		}
	}
}

func TestTweaksThatNobodyCanMake(t *testing.T) {
	for text, want := range map[string]string{
		"*Try it*: another level.":            "want a value",
		"*Try it*: `level` of 2.":             "want a value",
		"*Try it*: `c = 2`.":                  "no cell has what `c = 2` changes",
		"*Try it*: `c` in place of `d`.":      "no cell has what",
		"*Try it*: `a = 2`; `b := 1`, `c: 2`": "no cell has what `b := 1` changes",
	} {
		if _, err := Tweaks(told(text, "var a = 1", "---")); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}

// A tweak keeps what it may change: of the other cells the declarations are left.
func TestApplyTweak(t *testing.T) {
	cells := []string{
		"import \"wavescore/pkg/lab\"\nvar run = 1\n%%\nuse(run)",
		"var a, b = 1, 2",
		"func (s *study) Count() int { return a }",
		"func unrelated() int { return b }\n%%\nunrelated()",
		"%%\nstudy.Count()",
		"var c = 3\n%%\na := c\n_ = a",
		"%%\nb := 4\n_ = b",
	}
	for text, want := range map[string][]int{
		"`run = 2`":                   {0},
		"`c = 5`":                     {5},
		"`b = 5`":                     {6}, // the nearest: a local one
		"`study.X` in place of `b`":   {6},
		"`Total` in place of `Count`": {4},
		"`4` in place of `1`":         {0},
		"`7` in place of `1, 2`":      {3, 4, 5, 6}, // both names that the line declares, and what mentions them
	} {
		n := told("*Try it*: "+text, append(cells, "---")...)
		tweaks, err := Tweaks(n)
		if err != nil || len(tweaks) != 1 {
			t.Errorf("%s: %v, %v", text, tweaks, err)
			continue
		}
		changed, got := tweaks[0].apply(n)
		if text == "`4` in place of `1`" { // stands in two cells: nearest above is that of a and b
			want = []int{3, 4, 5, 6}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: changes cells %v, want %v", text, got, want)
		}
		for i, c := range changed.Cells {
			p := parseProgram(string(c.Source))
			if c.Type == "code" && (p.main() != nil) != slices.Contains(want, i) {
				t.Errorf("%s: cell %d is %q", text, i, c.Source)
			}
			if c.Type == "code" && strings.Contains(string(n.Cells[i].Source), "unrelated() int") && !strings.Contains(string(c.Source), "unrelated() int") {
				t.Errorf("%s: cell %d has lost its declaration", text, i)
			}
		}
	}
}

const tried = `%noautoget
import "wavescore/pkg/lab"

var level, unused = 1, 1
var list = []int{1, 2}`

// A tweak that changes what is shown passes; one that changes nothing, one whose cell panics and
// one that does not compile fail, and the others are made all the same.
func TestTry(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kernel for each of five tweaks")
	}
	word := mark(t)
	n := notebook(tried, "%%\nlab.Text(\"level %d of %d\", level, list[1])")
	n.Cells = append(n.Cells, &Cell{Type: "markdown",
		Source: "*Try it*: `level = 2`; `list = []int{1}`; `1+0` in place of `1,`; `level = \"σ\"`; `list = []int{1, 3}`."})
	o := small(t)
	if _, err := Run(t.Context(), n, o); err != nil {
		t.Fatal(err)
	}
	count, err := Try(t.Context(), n, o)
	if count != 5 || err == nil {
		t.Fatal(count, err)
	}
	var failed []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var tweak *TweakError
		if !errors.As(e, &tweak) {
			t.Fatal(e)
		}
		failed = append(failed, tweak.Tweak)
	}
	if want := []string{"`1+0` in place of `1,`", "`list = []int{1}`"}; !slices.Equal(failed, want) {
		t.Errorf("%q failed, want %q", failed, want)
	}
	if !strings.Contains(err.Error(), "index out of range") || !strings.Contains(err.Error(), "cell 1, *Try it*: `list = []int{1}`") {
		t.Error(err)
	}
	nothingLeft(t, word)
}

// The tweaks of every notebook can be made by a program.
func TestProjectCanBeTried(t *testing.T) {
	all := 0
	eachNotebook(t, func(e Entry, n *Notebook) {
		tweaks, err := Tweaks(n)
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
		}
		for _, tweak := range tweaks {
			if parseProgram(tweak.source).file == nil {
				t.Errorf("%s: %s leaves a cell that does not parse:\n%s", e.Name, tweak.Text, tweak.source)
			}
		}
		all += len(tweaks)
	})
	if all == 0 {
		t.Error("no notebook proposes to try anything")
	}
}
