package notebooks

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// checkout makes a folder that looks like a checkout of this module, with the scripts of
// environment/ as they are here and programs that only say how they were called. It returns its
// path, links resolved.
func checkout(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	const kernel = "environment/share/jupyter/kernels/gonb/"
	for _, name := range []string{kernel + "launch", kernel + "headless/gopls", "environment/jupyter"} {
		text, err := os.ReadFile(filepath.Join(root(t), name))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(text))
	}
	write(t, filepath.Join(dir, "go.mod"), "module wavescore\n\ngo 1.26.0\n")
	write(t, filepath.Join(dir, "bin/goimports"), "#!/bin/sh\n")
	write(t, filepath.Join(dir, "bin/gonb"), "#!/bin/sh\n"+`echo "root $WAVESCORE_ROOT, gopls $(command -v gopls), arguments $*"`)
	write(t, filepath.Join(dir, "bin/gopls"), "#!/bin/sh\n")
	write(t, filepath.Join(dir, "environment/setup"), "#!/bin/sh\n")
	write(t, filepath.Join(dir, "bin/jupyter-lab"), "#!/bin/sh\n"+`echo "Jupyter opens with $*"`)
	return dir
}

// write writes an executable file, and the folders above it.
func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// call runs a script in a folder, with variables besides ours and none of WAVESCORE's, and returns
// all that it printed.
func call(t *testing.T, dir string, env []string, name string, arguments ...string) (string, error) {
	t.Helper()
	command := exec.Command("bash", append([]string{name}, arguments...)...)
	command.Dir = dir
	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "WAVESCORE_") {
			command.Env = append(command.Env, variable)
		}
	}
	command.Env = append(command.Env, env...)
	printed, err := command.CombinedOutput()
	return string(printed), err
}

// The kernel finds its checkout wherever its kernelspec is linked or copied to, or says what to
// do.
func TestLaunchFindsTheModule(t *testing.T) {
	here := checkout(t)
	const launch = "environment/share/jupyter/kernels/gonb/launch"
	elsewhere := t.TempDir()
	text, err := os.ReadFile(filepath.Join(here, launch))
	if err != nil {
		t.Fatal(err)
	}
	copied, linked, linkedFolder := filepath.Join(elsewhere, "a/b/c/d/e/copied"), filepath.Join(elsewhere, "linked"), filepath.Join(elsewhere, "gonb")
	write(t, copied, string(text))
	if err := os.Symlink(filepath.Join(here, launch), linked); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(here, filepath.Dir(launch)), linkedFolder); err != nil {
		t.Fatal(err)
	}
	below := filepath.Join(here, "work/notebooks")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, launch, dir, variable string }{
		{"in its place", filepath.Join(here, launch), elsewhere, ""},
		{"a link to the file", linked, elsewhere, ""},
		{"a link to the folder", filepath.Join(linkedFolder, "launch"), elsewhere, ""},
		{"a copy, with WAVESCORE_ROOT", copied, elsewhere, here},
		{"a copy, from a folder of the checkout", copied, below, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			printed, err := call(t, c.dir, []string{"WAVESCORE_ROOT=" + c.variable}, c.launch, "connection.json")
			if err != nil || !strings.HasPrefix(printed, "root "+here+",") || !strings.Contains(printed, "--kernel connection.json -go_work="+here+" ") {
				t.Errorf("got %v, %q", err, printed)
			}
		})
	}
	for _, c := range []struct{ name, variable, want string }{
		{"a copy, from elsewhere", "", "neither " + elsewhere + " nor a folder above it is a checkout of wavescore, and WAVESCORE_ROOT is not set."},
		{"a copy, with a wrong WAVESCORE_ROOT", elsewhere, "WAVESCORE_ROOT is " + elsewhere + ", which is no checkout of wavescore."},
	} {
		t.Run(c.name, func(t *testing.T) {
			printed, err := call(t, elsewhere, []string{"WAVESCORE_ROOT=" + c.variable}, copied, "connection.json")
			if err == nil || !strings.Contains(printed, c.want) || !strings.Contains(printed, "set WAVESCORE_ROOT to the folder of the checkout") {
				t.Errorf("got %v, %q", err, printed)
			}
		})
	}
}

// GoNB starts the first gopls on PATH. Only an open session has use for it.
func TestOnlyOpenSessionsHaveGopls(t *testing.T) {
	here := checkout(t)
	launch := filepath.Join(here, "environment/share/jupyter/kernels/gonb/launch")
	nothing := filepath.Join(here, "environment/share/jupyter/kernels/gonb/headless/gopls")
	for _, c := range []struct {
		variables []string
		gopls     string
	}{
		{nil, filepath.Join(here, "bin/gopls")},
		{[]string{"WAVESCORE_FIGURES=" + t.TempDir()}, nothing},
		{[]string{"WAVESCORE_HEADLESS=1"}, nothing},
		{[]string{"WAVESCORE_HEADLESS=0", "WAVESCORE_FIGURES=" + t.TempDir()}, filepath.Join(here, "bin/gopls")},
	} {
		if printed, err := call(t, here, c.variables, launch, "x"); err != nil || !strings.Contains(printed, "gopls "+c.gopls+",") {
			t.Errorf("with %q: got %v, %q", c.variables, err, printed)
		}
	}
	if printed, err := call(t, here, nil, nothing); err == nil || printed != "" {
		t.Errorf("what stands for gopls in headless runs: got %v, %q", err, printed)
	}
}

// Jupyter opens copies of the notebooks. One that nobody has changed follows the repository; one
// that somebody has changed stays.
func TestJupyterOpensCopies(t *testing.T) {
	here := checkout(t)
	committed, copies := filepath.Join(here, "notebooks"), filepath.Join(here, "work/notebooks")
	write(t, filepath.Join(committed, "changed.txt"), "1")
	write(t, filepath.Join(committed, "solutions/left.ipynb"), "1")
	write(t, filepath.Join(committed, "gone.ipynb"), "1")
	write(t, filepath.Join(committed, "figure.png"), "1")
	if printed := openJupyter(t, here, "--port", "1"); !strings.Contains(printed, "--notebook-dir work/notebooks ") || !strings.HasSuffix(printed, " --port 1\n") {
		t.Errorf("got %q", printed)
	}
	expect(t, copies, map[string]string{"changed.txt": "1", "solutions/left.ipynb": "1", "gone.ipynb": "1", "figure.png": "1"})

	write(t, filepath.Join(copies, "changed.txt"), "mine")
	write(t, filepath.Join(copies, "own.ipynb"), "own")
	write(t, filepath.Join(committed, "changed.txt"), "2")
	write(t, filepath.Join(committed, "solutions/left.ipynb"), "2")
	write(t, filepath.Join(committed, "new.ipynb"), "2")
	if err := os.Remove(filepath.Join(committed, "gone.ipynb")); err != nil {
		t.Fatal(err)
	}
	if printed := openJupyter(t, here); !strings.Contains(printed, "stay as they are (--fresh sets them aside and makes new ones): changed.txt\n") {
		t.Errorf("got %q", printed)
	}
	left := map[string]string{"solutions/left.ipynb": "2", "new.ipynb": "2", "figure.png": "1", "own.ipynb": "own"}
	expect(t, copies, left, "changed.txt", "mine")

	openJupyter(t, here, "--fresh")
	write(t, filepath.Join(copies, "changed.txt"), "mine again")
	openJupyter(t, here, "--fresh")
	expect(t, copies, left, "changed.txt", "2", "changed-old-1.txt", "mine", "changed-old-2.txt", "mine again")
}

// A copy that was opened and saved without a change follows the repository too, though Jupyter
// changes its metadata.
func TestJupyterRefreshesOpenedCopies(t *testing.T) {
	if _, err := exec.LookPath("python3"); err != nil {
		t.Skip("there is no python3, and so no Jupyter")
	}
	here := checkout(t)
	committed, opened := filepath.Join(here, "notebooks/a.ipynb"), filepath.Join(here, "work/notebooks/a.ipynb")
	contents := func(source, output, metadata string) string {
		return `{"cells": [{"cell_type": "code", "source": ["` + source + `"], "outputs": [{"text": "` + output + `"}]}], "metadata": ` + metadata + `}`
	}
	write(t, committed, contents("fmt.Println(1)", "1", `{}`))
	openJupyter(t, here)
	write(t, opened, contents("fmt.Println(1)", "1", `{"language_info": {"version": "go1.26.0"}}`))
	newer := contents("fmt.Println(2)", "2", `{}`)
	write(t, committed, newer)
	openJupyter(t, here)
	expect(t, filepath.Dir(opened), nil, "a.ipynb", newer)
	for _, mine := range []string{contents("fmt.Println(3)", "2", `{}`), contents("fmt.Println(2)", "3", `{}`)} {
		write(t, opened, mine)
		openJupyter(t, here)
		expect(t, filepath.Dir(opened), nil, "a.ipynb", mine)
	}
}

func TestJupyterOptions(t *testing.T) {
	here := checkout(t)
	if printed := openJupyter(t, here, "--in-place"); !strings.Contains(printed, "--notebook-dir notebooks ") {
		t.Errorf("got %q", printed)
	}
	for _, argument := range []string{"--help", "-h"} {
		if printed := openJupyter(t, here, argument); !strings.HasPrefix(printed, "usage: environment/jupyter") || strings.Contains(printed, "Jupyter opens") {
			t.Errorf("%s: got %q", argument, printed)
		}
	}
	if printed, err := call(t, here, nil, "environment/jupyter", "--in-place", "--fresh"); err == nil || !strings.Contains(printed, "give one of them") {
		t.Errorf("got %v, %q", err, printed)
	}
}

// openJupyter calls environment/jupyter of a checkout and returns what it printed, the command
// line of Jupyter in the end.
func openJupyter(t *testing.T, checkout string, arguments ...string) string {
	t.Helper()
	env := []string{"PATH=" + filepath.Join(checkout, "bin") + string(filepath.ListSeparator) + os.Getenv("PATH"), "DISPLAY=", "WAYLAND_DISPLAY="}
	printed, err := call(t, checkout, env, "environment/jupyter", arguments...)
	if err != nil {
		t.Fatalf("%v: %s", err, printed)
	}
	return printed
}

// expect checks which files a folder holds: those of the map, and of the pairs of name and
// content.
func expect(t *testing.T, dir string, contents map[string]string, pairs ...string) {
	t.Helper()
	want := maps.Clone(contents)
	if want == nil {
		want = make(map[string]string)
	}
	for i := 0; i < len(pairs); i += 2 {
		want[pairs[i]] = pairs[i+1]
	}
	got := make(map[string]string)
	err := filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		got[name] = string(text)
		return err
	})
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("%s holds %q (%v), want %q", dir, got, err, want)
	}
}
