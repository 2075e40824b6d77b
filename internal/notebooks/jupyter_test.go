package notebooks

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// jupyterAgrees checks that Jupyter itself finds the kernel in environment/ and gets the same
// outputs of testdata/small.ipynb as this package, whose executed notebook is in the file ran.
// The test has the mark word.
func jupyterAgrees(t *testing.T, word, ran string) {
	if _, err := exec.LookPath("jupyter-nbconvert"); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("there is no jupyter-nbconvert, which environment/setup should have installed")
		}
		t.Skip("there is no jupyter-nbconvert on PATH to compare with; environment/setup installs it")
	}
	ours, err := ReadNotebook(ran)
	if err != nil {
		t.Fatal(err)
	}
	out := t.TempDir()
	t.Setenv("TMPDIR", t.TempDir()) // GoNB leaves its log there
	convert := exec.Command("jupyter-nbconvert", "--to", "notebook", "--execute", "--output-dir", out, "testdata/small.ipynb")
	convert.Env = append(os.Environ(), "JUPYTER_PATH="+filepath.Join(root(t), "environment/share/jupyter"),
		"JUPYTER_RUNTIME_DIR="+out, "WAVESCORE_FIGURES="+out)
	if text, err := convert.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	theirs, err := ReadNotebook(filepath.Join(out, "small.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	ours.MakeStatic()
	theirs.MakeStatic()
	for i := range ours.Cells {
		a, errA := encode(ours.Cells[i], " ")
		b, errB := encode(theirs.Cells[i], " ")
		if errA != nil || errB != nil || string(a) != string(b) {
			t.Errorf("cell %d: %v, %v, ours\n%.2000s\nJupyter's\n%.2000s", i, errA, errB, a, b)
		}
	}
	for range 50 { // GoNB empties its folder a moment after Jupyter has gone
		if marked(t, word) == nil && !strings.Contains(strings.Join(temporary(t), " "), "gonb_") {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if left := marked(t, word); left != nil {
		t.Errorf("left running: %q", left)
	}
}

func temporary(t *testing.T) []string {
	files, err := filepath.Glob(filepath.Join(os.TempDir(), "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}
