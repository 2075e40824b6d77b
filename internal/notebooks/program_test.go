package notebooks

import (
	"reflect"
	"testing"
)

func TestFigures(t *testing.T) {
	for _, c := range []struct {
		source   string
		figures  int
		branched []int // lines
	}{
		{"", 0, nil},
		{"%%\nlab.Show(\"a\", f)", 1, nil},
		{"var x = 1\n%%\nlab.Show(\"a\", f)\n{\n\tlab.Show(\"b\", f)\n}", 2, nil},
		{"func main() {\n\tlab.Show(\"a\", f)\n}", 1, nil},
		{"func show() {\n\tlab.Show(\"a\", f)\n}", 0, nil},
		{"func show() {\n\tlab.Show(\"a\", f)\n}\n%%\nlab.Show(\"a\", f)", 1, nil},
		{"%%\n// lab.Show(\"a\", f)\n/* lab.Show( */ fmt.Println(\"lab.Show(\", `\nlab.Show()`)", 0, nil},
		{"%%\nlab.Show (\"a // b\", f); lab.Show(\"c\", f)", 2, nil},
		{"%%\nfor range 3 {\n\tlab.Show(\"a\", f)\n}", 0, nil},
		{"%%\nshow := func() { lab.Show(\"a\", f) }\nshow()", 0, nil},
		{"%%\nif a {\n\tlab.Show(\"a\", f)\n} else {\n\tlab.Show(\"b\", f)\n}\nlab.Show(\"c\", f)", 1, []int{3, 5}},
		{"%%\nswitch {\ncase a:\n\tfor range 3 {\n\t\tlab.Show(\"a\", f)\n\t}\n}", 0, []int{5}},
		{"func show() {\n\tselect {\n\tdefault:\n\t\tlab.Show(\"a\", f)\n\t}\n}", 0, []int{4}},
		{"%%writefile a.go\nfunc main() {\n\tlab.Show(\"a\", f)\n}", 0, nil},
		{"%%bash\nlab.Show(", 0, nil},
		{"!echo lab.Show()\n%%\nother.Show(lab.Shown())", 0, nil},
	} {
		p := parseProgram(c.source)
		if got := p.figures(); got != c.figures {
			t.Errorf("%q: %d figures, want %d", c.source, got, c.figures)
		}
		if got := p.branchedFigures(); !reflect.DeepEqual(got, c.branched) {
			t.Errorf("%q: figures in branches on lines %v, want %v", c.source, got, c.branched)
		}
	}
}
