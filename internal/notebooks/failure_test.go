package notebooks

import (
	"testing"
)

// The outputs are those of GoNB v0.11.4 for such cells.
func TestFailures(t *testing.T) {
	var ran []batch
	for i, source := range []string{"%noautoget\nimport \"fmt\"", "func half(a []int) int {\n\treturn a[len(a)]\n}", "%%\nfmt.Println(a)\nb := 3"} {
		count := i + 1
		ran = append(ran, batch{cells: []*Cell{{Type: "code", Count: &count, Source: Text(source)}}})
	}
	exit := &Output{Type: "error", Error: "ERROR", Value: "exit status 2", Traceback: []string{"exit status 2"}}
	stderr := func(text string) *Output { return &Output{Type: "stream", Name: "stderr", Text: Text(text)} }
	for _, c := range []struct {
		name    string
		outputs []*Output
		want    string
	}{
		{"fine", []*Output{stderr("a warning")}, ""},
		{"compiler", []*Output{{Type: "error", Value: "# gonb_1\n./main.go:16:1: declared and not used: b\n", Traceback: []string{
			"\x1b[31m# gonb_1\x1b[0m",
			"Cell[3]: Line 3\nfunc main() {\n\tflag.Parse()\nfmt.Println(a)\nb := 3\n^\n\n}\n\n\x1b[31mdeclared and not used: b\x1b[0m", ""}}},
			"solutions/x.ipynb, cell 3, line 3: declared and not used: b\n\tb := 3"},
		{"two messages", []*Output{{Type: "error", Traceback: []string{
			"# gonb_1", "Cell[3]: Line 2\nfmt.Println(a)\n\nundefined: a", "Cell[2]: Line 1\nfunc half\n\nhalf redeclared"}}},
			"solutions/x.ipynb, cell 3, line 2: undefined: a\nhalf redeclared (cell 2, line 1)\n\tfmt.Println(a)"},
		{"panic", []*Output{stderr("[1]\npanic: runtime error: index out of range [1] with length 1\n\ngoroutine 1 [running]:\nmain.main()\n" +
			"\t \x1b[7m[[ Cell [3] Line 3 ]]\x1b[0m /tmp/gonb_1/main.go:16 +0x111\nexit status 2\n"), exit},
			"solutions/x.ipynb, cell 3, line 3: panic: runtime error: index out of range [1] with length 1\n\tb := 3"},
		{"panic in an earlier cell's function", []*Output{stderr("panic: trouble\n\ngoroutine 1 [running]:\nmain.half()\n" +
			"\t [[ Cell [2] Line 2 ]] /tmp/gonb_1/main.go:16 +0x111\nmain.main()\n\t [[ Cell [3] Line 2 ]] /tmp/gonb_1/main.go:20\n"), exit},
			"solutions/x.ipynb, cell 2, line 2: panic: trouble\n(called by cell 3)\n\treturn a[len(a)]"},
		{"panic whose place GoNB missed", []*Output{stderr("panic: trouble\n\ngoroutine 1 [running]:\nmain.half()\n" +
			"\t/tmp/gonb_1/main.go:5 +0x111\nmain.main()\n\t [[ Cell [3] Line 2 ]] /tmp/gonb_1/main.go:2\n"), exit},
			"solutions/x.ipynb, cell 2, line 2: panic: trouble\n(called by cell 3)\n\treturn a[len(a)]"},
		{"panic in a line that no cell has", []*Output{stderr("panic: trouble\n\ngoroutine 1 [running]:\nmain.main()\n\t/tmp/gonb_1/main.go:1\n"), exit},
			"solutions/x.ipynb, cell 3: panic: trouble"},
		{"deadlock", []*Output{stderr("fatal error: all goroutines are asleep - deadlock!\n\ngoroutine 1 [chan receive]:\nmain.main()\n" +
			"\t [[ Cell [3] Line 2 ]] /tmp/gonb_1/main.go:16\n"), exit},
			"solutions/x.ipynb, cell 3, line 2: fatal error: all goroutines are asleep - deadlock!\n\tfmt.Println(a)"},
		{"exit", []*Output{stderr("no such file\n"), exit}, "solutions/x.ipynb, cell 3: no such file\n\nexit status 2"},
		{"kernel command", []*Output{{Type: "error", Value: "%exec requires the name", Traceback: []string{"%exec requires the name"}}},
			"solutions/x.ipynb, cell 3: %exec requires the name"},
	} {
		got := ""
		if f := failure(ran, c.outputs); f != nil {
			f.locate(ran, ran[2].cells[0], []string{"package main", "fmt.Println(a)", "", "func half(a []int) int {", "  return a[len(a)]", "}"})
			got = f.in(ran, ran[2].cells[0], "solutions/x.ipynb").Error()
		}
		if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}
