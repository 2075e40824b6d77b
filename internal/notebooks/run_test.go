package notebooks

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// root is this module's.
func root(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// mark puts a word of its own into the environment of all that the test starts.
func mark(t *testing.T) string {
	word := "WAVESCORE_TEST_MARK=" + rand.Text()
	name, value, _ := strings.Cut(word, "=")
	t.Setenv(name, value)
	t.Setenv("TMPDIR", t.TempDir())
	return word
}

// marked returns the command lines of running processes that carry a mark, this one not among
// them: a process keeps the environment that it was started with.
func marked(t *testing.T, word string) []string {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("looking for processes left behind needs /proc")
	}
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range environments {
		environment, err := os.ReadFile(path)
		if err == nil && bytes.Contains(environment, []byte(word)) {
			command, _ := os.ReadFile(filepath.Join(filepath.Dir(path), "cmdline"))
			found = append(found, string(bytes.ReplaceAll(command, []byte{0}, []byte{' '})))
		}
	}
	return found
}

// nothingLeft checks that no process with the mark runs and that no temporary file stays.
func nothingLeft(t *testing.T, word string) {
	t.Helper()
	if left := marked(t, word); left != nil {
		t.Errorf("left running: %q", left)
	}
	files, err := os.ReadDir(os.TempDir())
	if err != nil || len(files) > 0 {
		t.Errorf("left in the temporary folder: %v, %v", files, err)
	}
}

// small are the options of a run that takes seconds.
func small(t *testing.T) Options {
	return Options{Root: root(t), Path: "/tmp/x.ipynb", Figures: t.TempDir(), Timeout: time.Minute}
}

// notebook returns a notebook of these code cells.
func notebook(cells ...string) *Notebook {
	n := &Notebook{Format: 4, FormatMinor: 4}
	for _, source := range cells {
		n.Cells = append(n.Cells, &Cell{Type: "code", Source: Text(source)})
	}
	return n
}

const first = `%noautoget
import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"time"
)
var a = []int{1}`

const never = "%%\nfmt.Println(2)" // no run comes here

// Each of these breaks one cell on purpose. The message must say where to mend it, and no process
// may stay.
func TestBrokenCells(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		want  string
	}{
		{"compile error", []string{first, "%%\nfmt.Println(a)", "%%\nb := 3", never},
			"x.ipynb, cell 3, line 2: declared and not used: b\n\tb := 3"},
		{"errors in two cells that run as one", []string{first, "func one() {\n\tb()\n}", "", "func two() {}", "%%\none()\nc()", never},
			"x.ipynb, cell 2, line 2: undefined: b\nundefined: c (cell 4, line 3)\n\tb()"},
		{"error in declarations at the end", []string{first, "func one() {}", "var b int = a"},
			"x.ipynb, cell 3, line 1: cannot use a (variable of type []int) as int value in variable declaration\n\tvar b int = a"},
		{"syntax error", []string{first, "%%\nfmt.Println(a"}, "x.ipynb, cell 2, line 2: "},
		{"panic in a declaration", []string{first, "func one() int {\n\n\treturn a[len(a)]\n}", "%%\none()", never},
			"x.ipynb, cell 2, line 3: panic: runtime error: index out of range [1] with length 1\n\treturn a[len(a)]"},
		{"panic as a variable gets its value", []string{first, "var (\n\tb = a[0]\n\tc = a[len(a)]\n)", "%%\nfmt.Println(c)", never},
			"x.ipynb, cell 2, line 3: panic: runtime error: index out of range [1] with length 1\n\tc = a[len(a)]"},
		{"exit", []string{first, "%%\nfmt.Fprintln(os.Stderr, \"no data\")\nos.Exit(3)", never},
			"x.ipynb, cell 2 (or a declaration since cell 1): no data\nexit status 3"},
		{"lost output", []string{first + "\ntype shower struct{}\nfunc (shower) Show(string, any) {}\nvar lab shower", "%%\nlab.Show(\"curve\", nil)"},
			"x.ipynb, cell 2: lab.Show is called 1 times, but 0 pictures arrived"},
		{"second of a group panics", []string{withLab, "%%\nlab.Text(\"\")", "%%\nlab.Text(\"\")\npanic(3)", "%%\nlab.Text(\"\")"}, "x.ipynb, cell 3, line 3: panic: 3\n\tpanic(3)"},
		{"second of a group does not compile", []string{withLab, "%%\nlab.Text(\"\")", "%%\nlab.Text(1)", "%%\nlab.Text(\"\")"}, "x.ipynb, cell 3, line 2: cannot use 1"},
		{"second of a group loses output", []string{withLab + "\nimport \"wavescore/pkg/viz\"", "%%\nlab.Text(\"\")", "%%\nif true {\n\treturn\n}\nlab.Show(\"curve\", viz.Grid{})", "%%\nlab.Text(\"\")"},
			"x.ipynb, cell 3: lab.Show is called 1 times, but 0 pictures arrived"},
		{"after a group", []string{withLab, "var a = 1\n%%\nlab.Text(\"%d\", a)", "%%\nlab.Text(\"%d\", a+1)", "var a = \"\"\n%%\nlab.Text(a)\npanic(4)", never},
			"x.ipynb, cell 4, line 4: panic: 4\n\tpanic(4)"},
		{"unknown package", []string{"%noautoget\nimport \"wavescore/pkg/nonesuch\"", "%%\nnonesuch.Do()"}, "wavescore/pkg/nonesuch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if testing.Short() && strings.Contains(c.name, "group") {
				t.Skip("each of these starts a kernel, and two seconds of a quick answer")
			}
			word := mark(t)
			n := notebook(c.cells...)
			_, err := Run(t.Context(), n, small(t))
			var broken *CellError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant a CellError with\n%s", err, c.want)
			}
			if last := n.Cells[len(n.Cells)-1]; last.Source == never && last.Count != nil {
				t.Error("the cells after the broken one ran too")
			}
			nothingLeft(t, word)
		})
	}
}

// Cells that run as one show what they do one after another.
func TestDeclarationsTravel(t *testing.T) {
	word := mark(t)
	n := notebook(first, "func f() int { return 1 }", "func g() int { return 10 * f() }", "%%\nfmt.Println(f(), g())", "func f() int { return 2 }", "",
		"func f() int { return 3 }\n// no end of line", "%%\nfmt.Println(f(), g())", "func unused() {}")
	timings, err := Run(t.Context(), n, small(t))
	if err != nil {
		t.Fatal(err)
	}
	var batches [][2]int
	for _, timing := range timings {
		batches = append(batches, [2]int{timing.First, timing.Last})
	}
	if want := [][2]int{{1, 4}, {5, 5}, {6, 7}, {8, 8}}; !reflect.DeepEqual(batches, want) {
		t.Errorf("ran cells %v, want %v", batches, want)
	}
	var counts []int
	text := map[int]string{}
	for _, c := range n.Cells {
		if c.Count == nil {
			continue
		}
		counts = append(counts, *c.Count)
		for _, o := range c.Outputs {
			text[*c.Count] += string(o.Text)
		}
	}
	if want := []int{1, 2, 3, 4, 5, 6, 7, 8}; !slices.Equal(counts, want) {
		t.Errorf("counts %v, want %v", counts, want)
	}
	if want := map[int]string{4: "1 10\n", 7: "3 30\n"}; !reflect.DeepEqual(text, want) {
		t.Errorf("showed %v, want %v", text, want)
	}
	nothingLeft(t, word)
}

const withLab = "%noautoget\nimport \"wavescore/pkg/lab\""

// Cells that run in one program show what they do as if each ran alone, whatever is declared anew
// after them.
func TestGroupsOfCells(t *testing.T) {
	word := mark(t)
	n := notebook(withLab, "%%\nlab.Text(\"one\")\nif true {\n\treturn\n}\nlab.Text(\"never\")", "var f = 2",
		"%%\nlab.Text(\"two\")\nlab.Text(\"%d\", f)", "%%", "%%\nlab.Table([]string{\"three\"})", "%%\nlab.Text(\"four\")",
		"var f = \"five\"\n%%\nlab.Text(f)")
	timings, err := Run(t.Context(), n, small(t))
	if err != nil {
		t.Fatal(err)
	}
	var cells [][2]int
	for _, timing := range timings {
		cells = append(cells, [2]int{timing.First, timing.Last})
	}
	if want := [][2]int{{1, 2}, {3, 4}, {5, 5}, {6, 6}, {7, 7}, {8, 8}}; !reflect.DeepEqual(cells, want) {
		t.Errorf("timed cells %v, want %v", cells, want)
	}
	for i, want := range []string{"", "one", "", "two 2", "", "three", "four", "five"} {
		var shown []string
		for _, o := range n.Cells[i].Outputs {
			var text string
			for _, kind := range []string{"text/markdown", "text/plain"} {
				if text == "" && o.Data[kind] != nil {
					if err := json.Unmarshal(o.Data[kind], &text); err != nil {
						t.Fatal(err)
					}
				}
			}
			shown = append(shown, strings.TrimSpace(text))
		}
		if got := strings.Join(shown, " "); got != want {
			t.Errorf("cell %d showed %q, want %q", i+1, got, want)
		}
	}
	nothingLeft(t, word)

	apart := small(t)
	apart.Apart = true
	alone := notebook()
	for _, c := range n.Cells {
		alone.Cells = append(alone.Cells, &Cell{Type: c.Type, Source: c.Source})
	}
	if _, err := Run(t.Context(), alone, apart); err != nil {
		t.Fatal(err)
	}
	for i, c := range alone.Cells {
		if got, want := must(json.Marshal(c.Outputs)), must(json.Marshal(n.Cells[i].Outputs)); len(c.Outputs)+len(n.Cells[i].Outputs) > 0 && string(got) != string(want) {
			t.Errorf("alone cell %d shows %s, in a group %s", i+1, got, want)
		}
	}
}

// What follows a cell that runs is not a part of its main function, wherever a program ends.
func TestDeclarationsAfterACellThatRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("starts a kernel")
	}
	n := notebook(withLab+"\nimport \"fmt\"", "%%\nlab.Text(\"one\")", "func f() string { return \"two\" }", "type number int", "%%\nfmt.Println(f(), number(3))",
		"%%\nlab.Text(f())", "const last = 4")
	if _, err := Run(t.Context(), n, small(t)); err != nil {
		t.Fatal(err)
	}
	if outputs := n.Cells[4].Outputs; len(outputs) != 1 || outputs[0].Text != "two 3\n" {
		t.Errorf("the fifth cell shows %+v", outputs)
	}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// An endless loop ends with the notebook's time.
func TestEndlessCell(t *testing.T) {
	word := mark(t)
	o := small(t)
	o.Timeout = 5 * time.Second
	_, err := Run(t.Context(), notebook(first, "%%\nfor {\n}"), o)
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "x.ipynb, cell 2 (or a declaration since cell 1): the notebook's time was up (5s)") {
		t.Errorf("got %v", err)
	}
	nothingLeft(t, word)
}

// An interrupt ends a cell at once, even one that is deaf to signals and has children.
func TestInterruptedCell(t *testing.T) {
	word := mark(t)
	ctx, interrupt := context.WithCancel(t.Context())
	seen := make(chan bool)
	go func() {
		asleep := false
		for range 600 { // until the children sleep
			if asleep = slices.Contains(marked(t, word), "sleep 3600 "); asleep {
				break
			}
			time.Sleep(100 * time.Millisecond)
		}
		interrupt()
		seen <- asleep
	}()
	deaf := "%%\nsignal.Ignore()\nexec.Command(\"sh\", \"-c\", \"sleep 3600 & sleep 3600\").Run()"
	o := small(t)
	o.Timeout = 10 * time.Minute
	_, err := Run(ctx, notebook(first, deaf), o)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "x.ipynb, cell 2") {
		t.Errorf("got %v", err)
	}
	if !<-seen {
		t.Error("the search for processes found none in the midst of a run, so it shows nothing")
	}
	nothingLeft(t, word)
}

// The small notebook shows a table, a figure and text, and saves the figure; the suite publishes
// it, and writes it back.
func TestSuitePublishes(t *testing.T) {
	word := mark(t)
	out, folder := t.TempDir(), t.TempDir()
	small, err := os.ReadFile("testdata/small.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "07-small.ipynb")
	if err := os.WriteFile(path, small, 0o644); err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	entries := []Entry{{"07", "07-small", path}}
	suite := Suite{Root: root(t), Out: out, Jobs: 1, Timeout: time.Minute, Write: true, Library: "<i>library</i>", Log: &log, Slow: 1}
	if err := suite.Run(t.Context(), entries); err != nil {
		t.Fatal(err, log.String())
	}
	if said := regexp.MustCompile(`^1 notebook: 07\n07-small +\d+\.\d s    1 figures    1 of 1\n +cells? \d.* s\n$`); !said.MatchString(log.String()) {
		t.Errorf("said %q, want a match of %v", log.String(), said)
	}
	for name, want := range map[string]string{
		"html/07-small.html":  "<i>library</i>",
		"html/07-small.ipynb": "text/html",
		"figures/07/sine.png": "\x89PNG",
		"figures/07/sine.svg": "<svg",
		"figures/07/sine.csv": "x",
		"index.html":          "figures/07/sine.png",
	} {
		if data, err := os.ReadFile(filepath.Join(out, name)); err != nil || !strings.Contains(string(data), want) {
			t.Errorf("%s: %v, or %q is not in it", name, err, want)
		}
	}
	static, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for want, there := range map[string]bool{`"image/png": "iVBOR`: true, "*It goes up and down.*": true, "independent": true, "<script": false} {
		if strings.Contains(string(static), want) != there {
			t.Errorf("%q is in the notebook written back: %t, want %t", want, !there, there)
		}
	}

	t.Run("as Jupyter does", func(t *testing.T) { jupyterAgrees(t, word, filepath.Join(out, "html/07-small.ipynb")) })

	// A second run writes the same bytes, and a failing one leaves what was there.
	if err := suite.Run(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(static, again) {
		t.Error("a second run changed the notebook")
	}
	page, _ := os.ReadFile(filepath.Join(out, "html/07-small.html"))
	broken := strings.Replace(string(static), "run.Facts()", "run.Fact()", 1)
	if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	err = suite.Run(t.Context(), entries)
	if err == nil || !strings.Contains(err.Error(), "1 of 1 notebooks failed: 07-small") ||
		!strings.Contains(log.String(), "07-small.ipynb, cell 1, line 9: run.Fact undefined") {
		t.Errorf("got %v, said %q", err, log.String())
	}
	after, _ := os.ReadFile(filepath.Join(out, "html/07-small.html"))
	kept, _ := os.ReadFile(path)
	if !bytes.Equal(page, after) || string(kept) != broken {
		t.Error("a run that failed changed what was there")
	}
	if left, _ := filepath.Glob(filepath.Join(out, "figures", ".new-*")); left != nil {
		t.Errorf("left %v", left)
	}
	nothingLeft(t, word)
}

// Each of these is a command or a script that fails, in a cell that GoNB takes for a success.
func TestFailingCommands(t *testing.T) {
	for _, c := range []struct{ name, cell, want string }{
		{"command", "!false", "x.ipynb, cell 1: exit status 1"},
		{"command that says why", "!echo no data >&2; exit 3", "x.ipynb, cell 1: no data\nexit status 3"},
		{"first of two commands", "!exit 4\n!true", "x.ipynb, cell 1: exit status 4"},
		{"command before a program", "!exit 5\n%%\nfmt.Println(1)", "x.ipynb, cell 1: exit status 5"},
		{"command in a comment", "//gonb:!false", "x.ipynb, cell 1: exit status 1"},
		{"command that was killed", "!kill -9 $$", "x.ipynb, cell 1: signal: killed"},
		{"bash", "%%bash\necho no data >&2\nexit 3", "x.ipynb, cell 1: no data\nexit status 3"},
		{"sh", "%%sh\nexit 3", "x.ipynb, cell 1: exit status 3"},
		{"script", "%%script bash -e\nfalse\ntrue", "x.ipynb, cell 1: exit status 1"},
		{"command that GoNB does not know", "%nosuch", `x.ipynb, cell 1: "%nosuch" unknown`},
	} {
		t.Run(c.name, func(t *testing.T) {
			word := mark(t)
			n := notebook(c.cell, never)
			_, err := Run(t.Context(), n, small(t))
			var broken *CellError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant a CellError with\n%s", err, c.want)
			}
			if n.Cells[1].Count != nil {
				t.Error("the cell after the broken one ran too")
			}
			nothingLeft(t, word)
		})
	}
}

// What others than the kernel write of statuses is no failure.
func TestCommandsThatSucceed(t *testing.T) {
	word := mark(t)
	n := notebook("!true", "!false || true", "!echo exit status 3", "%%bash\nfalse\ntrue",
		"%noautoget\nimport (\"fmt\"; \"os\"; \"os/exec\")\n%%\nfmt.Fprintln(os.Stderr, exec.Command(\"false\").Run())")
	if _, err := Run(t.Context(), n, small(t)); err != nil {
		t.Error(err)
	}
	nothingLeft(t, word)
}

// Notebooks of one number publish their figures in folders of their own. Once the others have gone,
// the usual folder will do.
func TestSharedNumber(t *testing.T) {
	word := mark(t)
	out, folder := t.TempDir(), t.TempDir()
	var entries []Entry
	for _, name := range []string{"07-a", "07-b", "07-b-solutions", "08-c", "08-c-solutions"} {
		text, err := notebook("!echo " + name + " > $WAVESCORE_FIGURES/curve.csv").Encode()
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, Entry{name[:2], name, filepath.Join(folder, name+".ipynb")})
		write(t, entries[len(entries)-1].Path, string(text))
	}
	suite := Suite{Root: root(t), Out: out, Jobs: 2, Timeout: time.Minute, Log: io.Discard}
	if err := suite.Run(t.Context(), entries); err != nil {
		t.Fatal(err)
	}
	figures := filepath.Join(out, "figures")
	expect(t, figures, nil, "07-a/curve.csv", "07-a\n", "07-b/curve.csv", "07-b\n", "07-b-solutions/curve.csv", "07-b-solutions\n",
		"08/curve.csv", "08-c\n", "08-solutions/curve.csv", "08-c-solutions\n")
	for _, name := range []string{"07-b", "07-b-solutions"} {
		if err := os.RemoveAll(filepath.Join(figures, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := suite.Run(t.Context(), entries[:1]); err != nil {
		t.Fatal(err)
	}
	expect(t, figures, nil, "07/curve.csv", "07-a\n", "08/curve.csv", "08-c\n", "08-solutions/curve.csv", "08-c-solutions\n")
	nothingLeft(t, word)
}

// A kernel starts wherever the temporary folder is: its sockets have short names.
func TestTemporaryFolders(t *testing.T) {
	spec := filepath.Join(root(t), "environment/share/jupyter/kernels/gonb")
	short, err := os.MkdirTemp("/tmp", "")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(short)
	for name, folder := range map[string]string{
		"101 characters": filepath.Join(short, strings.Repeat("x", 101-len(short)-1)),
		"long":           filepath.Join(t.TempDir(), strings.Repeat("long-", 20)),
		"very long":      filepath.Join(t.TempDir(), strings.Repeat(strings.Repeat("long-", 20)+"/", 20)),
		"relative":       "relative",
	} {
		t.Run(name, func(t *testing.T) {
			word := mark(t)
			t.Chdir(t.TempDir())
			t.Setenv("TMPDIR", folder)
			if err := os.MkdirAll(os.TempDir(), 0o755); err != nil {
				t.Fatal(err)
			}
			k, err := startKernel(t.Context(), spec, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			if out, err := k.execute(t.Context(), "%noautoget\n%%\nfmt.Println(1)"); err != nil || len(out) != 1 || out[0].Text != "1\n" {
				t.Errorf("%v, showed %v", err, out)
			}
			if err := k.stop(); err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(k.sockets); !os.IsNotExist(err) {
				t.Errorf("left %s: %v", k.sockets, err)
			}
			nothingLeft(t, word)
		})
	}
}

func TestKernelsThatDoNotStart(t *testing.T) {
	for name, c := range map[string]struct{ spec, want string }{
		"missing": {"", "kernel.json"},
		"damaged": {"{", "kernel.json"},
		"empty":   {"{}", "no argv"},
		"absent":  {`{"argv": ["wavescore-no-such-program"]}`, "wavescore-no-such-program"},
		"dies":    {`{"argv": ["sh", "-c", "echo no Go here >&2; exit 1"]}`, "it ended: no Go here"},
		"silent":  {`{"argv": ["sleep", "3600"]}`, "deadline exceeded"},
	} {
		t.Run(name, func(t *testing.T) {
			word := mark(t)
			spec := t.TempDir()
			if c.spec != "" {
				if err := os.WriteFile(filepath.Join(spec, "kernel.json"), []byte(c.spec), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			if _, err := startKernel(ctx, spec, spec); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
			nothingLeft(t, word)
		})
	}
}
