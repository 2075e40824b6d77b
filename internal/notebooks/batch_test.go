package notebooks

import (
	"reflect"
	"strings"
	"testing"
)

func TestBatches(t *testing.T) {
	const run, f, g = "%%\nf()", "func f() {}", "func g() {}"
	for _, c := range []struct {
		name  string
		cells []string
		want  []int // cells of each batch
	}{
		{"none", nil, nil},
		{"a cell that runs", []string{run}, []int{1}},
		{"declarations and what runs them", []string{"%noautoget\nimport \"fmt\"", f, "", "// a comment", run, run}, []int{4, 1}},
		{"declarations at the end", []string{run, f, g}, []int{1, 2}},
		{"the last cell declares and runs", []string{f, g + "\n%%\ng()"}, []int{2}},
		{"main as a function", []string{f, "func main() {\n\tf()\n}", g}, []int{2, 1}},
		{"main as a comment of an editor", []string{f, "//gonb:%%\nf()", g}, []int{2, 1}},
		{"imports after imports", []string{"import \"fmt\"", "import \"os\"", run}, []int{3}},
		{"imports after declarations", []string{f, "import \"os\"\n%%\nf()"}, []int{1, 1}},
		{"a name again", []string{f, "var a, f = 1, 2", "%%\n_ = f"}, []int{1, 2}},
		{"a name again where it runs", []string{f, g, "func f() {}\n%%\nf()"}, []int{2, 1}},
		{"an import again", []string{"import \"a/b\"", "import b \"b\"", run}, []int{1, 2}},
		{"methods of two types", []string{"type a int\nfunc (a) f() {}", "type b[T any] int\nfunc (*b[T]) f() {}", run}, []int{3}},
		{"a method again", []string{"type a int\nfunc (a) f() {}", "func (*a) f() {}", run}, []int{1, 2}},
		{"does not parse", []string{f, "func g( {}", run}, []int{1, 1, 1}},
		{"does not parse where it runs", []string{f, "%%\nf("}, []int{1, 1}},
		{"init functions run", []string{f, "func init_b() {}", run}, []int{1, 1, 1}},
		{"a shell's line", []string{f, "!ls", run}, []int{1, 1, 1}},
		{"a shell's line where it runs", []string{f, "!ls\n%%\nf()"}, []int{1, 1}},
		{"arguments", []string{f, "%% --n 3\nf()"}, []int{1, 1}},
		{"a setting", []string{f, "%goflags -race", run}, []int{1, 1, 1}},
		{"a test", []string{f, "%test\nfunc TestF(t *testing.T) {}"}, []int{1, 1}},
		{"another function as main", []string{f, "%exec f"}, []int{1, 1}},
		{"another language", []string{f, "%%bash\nf()", f}, []int{1, 1, 1}},
		{"a file", []string{f, "%%writefile a.go\nfunc g() {}", "//gonb:%%writefile a.go\nfunc h() {}"}, []int{1, 1, 1}},
	} {
		var got []int
		n := notebook(c.cells...)
		n.Cells = append(n.Cells, &Cell{Type: "markdown", Source: "text"})
		for _, b := range batches(n.Cells) {
			got = append(got, len(b))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: batches of %v cells, want %v", c.name, got, c.want)
		}
	}
}

func TestPlacesInBatches(t *testing.T) {
	n := notebook("a\nb", "c\n", "d")
	for i, c := range n.Cells {
		count := 5 + i
		c.Count = &count
	}
	b := batch(n.Cells)
	lines := strings.Split(b.source(), "\n")
	for i, text := range lines {
		cell, line := b.at(i + 1)
		if cell < 5 || strings.Split(string(n.Cells[cell-5].Source), "\n")[line-1] != text {
			t.Errorf("line %d, %q, is said to be line %d of cell %d", i+1, text, line, cell)
		}
	}
	if cell, line := b.at(len(lines) + 1); cell != 0 || line != 0 {
		t.Errorf("the line after the last is said to be line %d of cell %d", line, cell)
	}
}

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
