package lab

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// runCell builds a program in a folder of its own, as GoNB does with a cell, runs it and returns
// what it prints.
func runCell(t *testing.T, text string) string {
	t.Helper()
	root := Must1(ModuleRoot())
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), text)
	write(t, filepath.Join(dir, "go.mod"), "module cell\n\ngo 1.26.0\n")
	write(t, filepath.Join(dir, "go.work"), "go 1.26.0\n\nuse (\n\t.\n\t"+root+"\n)\n")
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "cell"))
	build.Dir = dir
	build.Env = append(os.Environ(), "GOWORK="+filepath.Join(dir, "go.work"))
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	cell := exec.Command(filepath.Join(dir, "cell"))
	cell.Env = append(os.Environ(), "WAVESCORE_ROOT="+root)
	out, err := cell.Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// A value is computed again when what computes it changes in the cell, and found by every cell
// that computes it by the same source.
func TestCachedSeesTheCell(t *testing.T) {
	if testing.Short() {
		t.Skip("builds programs")
	}
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	const cell = `package main

import (
	"fmt"

	"wavescore/pkg/lab"
)

var filter = "haar"

func transformed() string { return "transformed by " + filter }

func main() {
	fmt.Print(lab.Must1(lab.Cached("picture", []any{1,
		2}, func() (string, error) {
		fmt.Print("computed: ")
		return transformed(), nil
	})))
}
`
	other := strings.Replace(cell, "var filter", "// The wavelet.\nvar more = 1\nvar filter", 1)
	db2 := strings.Replace(cell, "haar", "db2", 1)
	inside := strings.Replace(cell, "transformed(), nil", "transformed() + \"!\", nil", 1)
	for _, step := range []struct{ text, want string }{
		{cell, "computed: transformed by haar"},
		{other, "transformed by haar"},
		{db2, "computed: transformed by db2"},
		{inside, "computed: transformed by haar!"},
		{cell, "transformed by haar"},
	} {
		if got := runCell(t, step.text); got != step.want {
			t.Errorf("got %q, want %q, of\n%s", got, step.want, step.text)
		}
	}
}

// A full cache gives up its own entries only, and never the value that was just computed.
func TestCachedLeavesOtherFilesAlone(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("WAVESCORE_CACHE", dir)
	others := []string{"thesis.tex", "name-0123456789abcdef01234567", "old/folder/notes",
		"wavescore/readme", "wavescore/folder/notes"}
	for _, name := range others {
		write(t, filepath.Join(dir, name), "text")
		then := time.Now().Add(-time.Hour)
		Must(os.Chtimes(filepath.Join(dir, name), then, then))
	}
	huge := []string{"huge", "wavescore/huge-0123456789abcdef01234567.value"}
	for _, name := range huge { // without a byte on the disk
		write(t, filepath.Join(dir, name), "")
		Must(os.Truncate(filepath.Join(dir, name), 2*cacheLimit))
	}
	if got, err := Cached("x", 1, func() (int, error) { return 7, nil }); got != 7 || err != nil {
		t.Errorf("got %d, %v", got, err)
	}
	for _, name := range append(others, "huge") {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, huge[1])); err == nil {
		t.Error("an entry larger than the cache is kept")
	}
	if found := Must1(filepath.Glob(filepath.Join(dir, "wavescore", "x-*.value"))); len(found) != 1 {
		t.Errorf("the value is in %q", found)
	}
}
