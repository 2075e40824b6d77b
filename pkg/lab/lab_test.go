package lab

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wavescore/pkg/viz"
)

func TestSetupFallsBackToDigits(t *testing.T) {
	t.Setenv("WAVESCORE_ROOT", Must1(ModuleRoot()))
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	t.Setenv("WAVESCORE_DATA", "")
	t.Chdir(t.TempDir()) // away from the project's data folder
	run := Setup(Run{Train: 4, Test: 2, Seed: 1})
	if run.Data != "digits" || run.Wanted != "mnist" || run.Side != 32 || run.Files != "" {
		t.Errorf("got %+v", run)
	}
	train, test := run.TrainImages(), run.TestImages()
	if train.Len() != 4 || test.Len() != 2 || train.Height != 32 || train.Width != 32 {
		t.Errorf("got %d and %d images of %d x %d", train.Len(), test.Len(), train.Height, train.Width)
	}
	if run.TrainImages() != train || run.TestImages() != test {
		t.Error("the same images are read twice")
	}
	if run.Train = 3; run.TrainImages().Len() != 3 {
		t.Error("other numbers of images are one set")
	}
}

func TestSetupFindsSets(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("WAVESCORE_DATA", folder)
	for _, file := range []string{"train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"} {
		write(t, filepath.Join(folder, "mnist", file), "")
	}
	for _, name := range []string{"mnist", "digits", "holiday pictures"} { // the last gives Open's own error
		if run := Setup(Run{Data: name}); run.Data != name || run.Wanted != "" {
			t.Errorf("%s: got %+v", name, run)
		}
	}
}

func TestShowSavesOutsideNotebooks(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(figuresVariable, dir)
	Show("error / sigma", viz.Lines{Title: "Error", X: viz.Axis{Label: "sigma"}, Y: viz.Axis{Label: "error"},
		Series: []viz.Series{{X: []float64{1, 2}, Y: []float64{3, 4}}}})
	for _, extension := range []string{".png", ".svg", ".csv"} {
		if info, err := os.Stat(filepath.Join(dir, "error-sigma"+extension)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", extension, err)
		}
	}
}

func TestFigureFolder(t *testing.T) {
	t.Setenv("WAVESCORE_ROOT", "/root")
	for _, c := range []struct {
		figures, session string
		notebook         bool
		want             string
	}{
		{"", "/root/notebooks/00-quickstart.ipynb", true, "/root/figures/00"},
		{"", "/root/notebooks/solutions/00-quickstart.ipynb", true, "/root/figures/00-solutions"},
		{"", "/root/notebooks/playground.ipynb", true, "/root/figures/playground"},
		{"", "/root/notebooks/my own.ipynb", true, "/root/figures/my-own"},
		{"", "", true, "/root/figures/session"},
		{"", "/root/notebooks/4fd1c2", true, "/root/figures/session"}, // a console, not a notebook
		{"", "/root/notebooks/00-quickstart.ipynb", false, "figures"},
		{"/elsewhere", "/root/notebooks/00-quickstart.ipynb", true, "/elsewhere"},
		{"/elsewhere", "", false, "/elsewhere"},
	} {
		t.Setenv(figuresVariable, c.figures)
		t.Setenv(sessionVariable, c.session)
		if got, err := figureFolder(c.notebook); got != c.want || err != nil {
			t.Errorf("%+v: got %s, %v", c, got, err)
		}
	}
}

func TestHeadless(t *testing.T) {
	for _, c := range []struct {
		figures, told string
		want          bool
	}{{"", "", false}, {"/f", "", true}, {"/f", "0", false}, {"", "1", true}, {"/f", "1", true}} {
		t.Setenv(figuresVariable, c.figures)
		t.Setenv(headlessVariable, c.told)
		if headless() != c.want {
			t.Errorf("%+v", c)
		}
	}
}

func TestShowStopsAtBadFigures(t *testing.T) {
	t.Setenv(figuresVariable, t.TempDir())
	defer func() {
		if err, ok := recover().(error); !ok || err == nil {
			t.Errorf("panicked with %v, want an error", err)
		}
	}()
	Show("empty", viz.Lines{})
}

func TestMust(t *testing.T) {
	trouble := errors.New("trouble")
	if got := Must1(3, nil); got != 3 {
		t.Error(got)
	}
	if a, b := Must2(3, "x", nil); a != 3 || b != "x" {
		t.Error(a, b)
	}
	for _, f := range []func(){func() { Must(trouble) }, func() { Must1(1, trouble) }, func() { Must2(1, 2, trouble) }} {
		func() {
			defer func() {
				if recover() != trouble {
					t.Error("did not panic with the error")
				}
			}()
			f()
		}()
	}
}

func TestTables(t *testing.T) {
	header := []string{"family", "0.1"}
	rows := [][]any{{"a <b>", 0.0123456}, {"c", math.NaN()}, {"d", 1e-7}, {"e", 12}}
	want := "family  0.1\na <b>   0.01235\nc       \nd       1e-07\ne       12\n"
	if got := plainTable(header, rows); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	html := htmlTable(header, rows)
	for _, part := range []string{"<th>family</th>", `left">a &lt;b&gt;</td>`, `right">0.01235</td>`, `right"></td>`, `right">12</td>`} {
		if !strings.Contains(html, part) {
			t.Errorf("%s is not in %s", part, html)
		}
	}
}

func TestTableChecksRows(t *testing.T) {
	defer func() {
		if message, _ := recover().(string); !strings.Contains(message, "row 1 of a table has 1 cells under a header of 2") {
			t.Errorf("panicked with %q", message)
		}
	}()
	Table([]string{"a", "b"}, []any{1, 2}, []any{1})
}

// A bar appears for what takes long, at most once in a while, and always says when it is done.
func TestProgress(t *testing.T) {
	var shown []int
	p := &progress{every: time.Hour, show: func(_ string, done, _ int, _ time.Duration) { shown = append(shown, done) }}
	p.last = time.Now().Add(-2 * time.Hour)
	for done := range 5 {
		p.update(done+1, 5)
	}
	if len(shown) != 2 || shown[0] != 1 || shown[1] != 5 {
		t.Errorf("showed %v, want 1 and 5", shown)
	}
	shown = nil
	p = &progress{every: time.Hour, last: time.Now(), show: p.show}
	p.update(1, 2)
	p.update(2, 2)
	if shown != nil {
		t.Errorf("showed %v of a short computation", shown)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}
