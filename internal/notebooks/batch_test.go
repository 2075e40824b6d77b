package notebooks

import (
	"reflect"
	"strings"
	"testing"
)

func TestBatches(t *testing.T) {
	const run, f, g = "%%\nf()", "func f() {}", "func g() {}"
	const lab, show = "import \"wavescore/pkg/lab\"", "%%\nlab.Text(\"\")"
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
		{"cells that show by lab", []string{lab, show, f, show, show, show, show, g}, []int{6, 2}},
		{"cells that show by lab without it", []string{f, show, show}, []int{2, 1}},
		{"a name again between them", []string{lab, show, f, show, f, show}, []int{4, 2}},
		{"imports between them", []string{lab, show, "import \"os\"\n%%\nlab.Text(os.Args[0])"}, []int{2, 1}},
		{"a name of an earlier program again", []string{lab, f, show, show, show, show, show, f, show}, []int{6, 1, 2}},
		{"a declaration prints", []string{lab, "import \"fmt\"", show, "func p() { fmt.Println() }", show, show}, []int{3, 2, 1}},
		{"one of them prints", []string{lab, "import \"fmt\"", show, "%%\nfmt.Println()", show, show}, []int{3, 1, 2}},
		{"one of them exits", []string{lab, "import \"os\"", show, "%%\nos.Exit(1)", "%%\nprintln()"}, []int{3, 1, 1}},
		{"one of them has a shell's line", []string{lab, show, "!ls", show, show}, []int{2, 1, 2}},
		{"one of them is a function", []string{lab, show, "func main() { lab.Text(\"\") }", show}, []int{2, 1, 1}},
		{"a file", []string{f, "%%writefile a.go\nfunc g() {}", "//gonb:%%writefile a.go\nfunc h() {}"}, []int{1, 1, 1}},
	} {
		for _, b := range batches(notebook(c.cells...).Cells, 1) {
			if b.isGroup() {
				t.Errorf("%s: a group where each cell is to run alone", c.name)
			}
		}
		var got []int
		n := notebook(c.cells...)
		n.Cells = append(n.Cells, &Cell{Type: "markdown", Source: "text"})
		for _, b := range batches(n.Cells, together) {
			got = append(got, len(b.cells))
		}
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: batches of %v cells, want %v", c.name, got, c.want)
		}
	}
}

func TestPlacesInBatches(t *testing.T) {
	for name, texts := range map[string][]string{
		"declarations": {"a\nb", "c\n", "d"},
		"one runs":     {"a\nb", "c\n%%\nd"},
		"a group":      {"a\nb", "c\n%%\nd", "%%\ne\nf", "g", "%%\nh"},
	} {
		n := notebook(texts...)
		b := batch{cells: n.Cells}
		for i, c := range n.Cells {
			count := 5 + i
			c.Count = &count
			if strings.Contains(string(c.Source), "%%") {
				b.running = append(b.running, c)
			}
		}
		found := 0
		lines := strings.Split(b.source(), "\n")
		for i, text := range lines {
			cell, line := b.at(i + 1)
			if cell == 0 || text == "}" && strings.Contains(name, "group") || strings.HasPrefix(text, "func cellOfGroup") {
				continue // a line that a group adds
			}
			if strings.Split(string(n.Cells[cell-5].Source), "\n")[line-1] != text {
				t.Errorf("%s: line %d, %q, is said to be line %d of cell %d", name, i+1, text, line, cell)
			}
			found++
		}
		want := 0
		for _, text := range texts {
			want += strings.Count(text, "\n") + 1
		}
		if b.isGroup() {
			want -= len(b.running) // the lines of %%, which are functions
		}
		if found != want {
			t.Errorf("%s: %d lines are found, want %d", name, found, want)
		}
		if cell, line := b.at(len(lines) + 1); cell != 0 || line != 0 {
			t.Errorf("%s: the line after the last is said to be line %d of cell %d", name, line, cell)
		}
	}
}
