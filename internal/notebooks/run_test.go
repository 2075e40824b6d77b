package notebooks

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
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

// marked returns the command lines of running processes that carry a mark, this one not among them: a process keeps the
// environment that it was started with.
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

// Each of these breaks one cell on purpose. The message must say where to mend it, and no process may stay.
func TestBrokenCells(t *testing.T) {
	for _, c := range []struct {
		name  string
		cells []string
		want  string
	}{
		{"compile error", []string{first, "%%\nfmt.Println(a)\nb := 3", "%%\nfmt.Println(2)"},
			"x.ipynb, cell 2, line 3: declared and not used: b\n\tb := 3"},
		{"syntax error", []string{first, "%%\nfmt.Println(a"}, "x.ipynb, cell 2"},
		{"panic", []string{first, "", "%%\nfmt.Println(a[len(a)])", "%%\nfmt.Println(2)"},
			"x.ipynb, cell 2, line 2: panic: runtime error: index out of range [1] with length 1\n\tfmt.Println(a[len(a)])"},
		{"exit", []string{first, "%%\nfmt.Fprintln(os.Stderr, \"no data\")\nos.Exit(3)"}, "cell 2: no data\nexit status 3"},
		{"lost output", []string{first + "\ntype shower struct{}\nfunc (shower) Show(string, any) {}\nvar lab shower", "%%\nlab.Show(\"curve\", nil)"},
			"x.ipynb, cell 2: lab.Show stands here 1 times, but 0 pictures arrived"},
		{"unknown package", []string{"%noautoget\nimport \"wavescore/pkg/nonesuch\"", "%%\nnonesuch.Do()"}, "wavescore/pkg/nonesuch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			word := mark(t)
			n := notebook(c.cells...)
			err := Run(t.Context(), n, root(t), "/tmp/x.ipynb", t.TempDir(), time.Minute)
			var broken *CellError
			if !errors.As(err, &broken) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v\nwant a CellError with\n%s", err, c.want)
			}
			if last := n.Cells[len(n.Cells)-1]; len(c.cells) > 2 && last.Count != nil {
				t.Error("the cells after the broken one ran too")
			}
			nothingLeft(t, word)
		})
	}
}

// An endless loop ends with the notebook's time.
func TestEndlessCell(t *testing.T) {
	word := mark(t)
	began := time.Now()
	err := Run(t.Context(), notebook(first, "%%\nfor {\n}"), root(t), "/tmp/x.ipynb", t.TempDir(), 10*time.Second)
	if !errors.Is(err, ErrTimeout) || !strings.Contains(err.Error(), "x.ipynb, cell 2: the notebook's time was up (10s)") {
		t.Errorf("got %v", err)
	}
	if took := time.Since(began); took > 30*time.Second {
		t.Errorf("it took %v", took)
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
	err := Run(ctx, notebook(first, deaf), root(t), "/tmp/x.ipynb", t.TempDir(), 10*time.Minute)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "x.ipynb, cell 2") {
		t.Errorf("got %v", err)
	}
	if !<-seen {
		t.Error("the search for processes found none in the midst of a run, so it shows nothing")
	}
	nothingLeft(t, word)
}

// The small notebook shows a table, a figure and text, and saves the figure; the suite publishes it, and writes it back.
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
	suite := Suite{Root: root(t), Out: out, Timeout: time.Minute, Write: true, Library: "<i>library</i>", Log: &log}
	if err := suite.Run(t.Context(), []Entry{{"07", "07-small", path}}); err != nil {
		t.Fatal(err, log.String())
	}
	if !strings.Contains(log.String(), "07-small") || !strings.Contains(log.String(), " 1 figures") {
		t.Errorf("said %q", log.String())
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

	// A second run writes the same bytes, and a failing one leaves what was there.
	if err := suite.Run(t.Context(), []Entry{{"07", "07-small", path}}); err != nil {
		t.Fatal(err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(static, again) {
		t.Error("a second run changed the notebook")
	}
	page, _ := os.ReadFile(filepath.Join(out, "html/07-small.html"))
	broken := strings.Replace(string(static), "x, y := sine(50)", "x, y := cosine(50)", 1)
	if err := os.WriteFile(path, []byte(broken), 0o644); err != nil {
		t.Fatal(err)
	}
	log.Reset()
	err = suite.Run(t.Context(), []Entry{{"07", "07-small", path}})
	if err == nil || !strings.Contains(err.Error(), "1 of 1 notebooks failed: 07-small") ||
		!strings.Contains(log.String(), "07-small.ipynb, cell 3, line 2: undefined: cosine") {
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
