package main

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// module makes a module with notebooks of the given code cells, NN-name.ipynb by name, around
// this one's kernel.
func module(t *testing.T, notebooks map[string][]string) string {
	root := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "bin", "environment"} {
		from, err := filepath.Abs("../../" + name)
		if err == nil {
			err = os.Symlink(from, filepath.Join(root, name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(root, "notebooks/solutions"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, sources := range notebooks {
		var cells []map[string]any
		for _, source := range sources {
			cells = append(cells, map[string]any{"cell_type": "code", "source": source})
		}
		text, err := json.Marshal(map[string]any{"cells": cells, "nbformat": 4})
		if err == nil {
			err = os.WriteFile(filepath.Join(root, "notebooks", name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestMain lets the test's program be the command itself, so that a test can send it signals.
func TestMain(m *testing.M) {
	if os.Getenv("WAVESCORE_TEST_IS_COMMAND") != "" {
		status := run(os.Args[1:])
		if file := os.Getenv("WAVESCORE_TEST_PEAK"); file != "" {
			writePeak(file)
		}
		os.Exit(status)
	}
	os.Exit(m.Run())
}

// command is a command line to run as a process of its own in a folder.
func command(t *testing.T, dir string, args ...string) *exec.Cmd {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(program, args...)
	c.Dir, c.Env = dir, append(os.Environ(), "WAVESCORE_TEST_IS_COMMAND=1")
	return c
}

func TestNotebooksCommand(t *testing.T) {
	root := module(t, map[string][]string{
		"00-fine.ipynb":           {"%noautoget\nimport \"fmt\"", "%%\nfmt.Println(1)"},
		"01-broken.ipynb":         {"%noautoget\nimport \"fmt\"", "%%\nfmt.Printn(1)"},
		"02-endless.ipynb":        {"%noautoget\nimport \"time\"", "%%\ntime.Sleep(time.Hour)"},
		"solutions/00-fine.ipynb": {"%noautoget\nimport (\n\t\"fmt\"\n\t\"os\"\n)", "%%\nfmt.Println(os.Getenv(\"WAVESCORE_SET\"), os.Getenv(\"WAVESCORE_CACHE\"))"},
	})
	run := func(args ...string) (string, error) {
		out, err := command(t, root, append([]string{"notebooks"}, args...)...).CombinedOutput()
		return string(out), err
	}
	// Alone, with its seconds kept.
	out, err := run("00", "--measure")
	if err != nil || !strings.HasPrefix(out, "1 notebook: 00\n00-fine  ") || !strings.Contains(out, " 0 figures    1 of 1\n") {
		t.Errorf("%v, %s", err, out)
	}
	if times, err := os.ReadFile(filepath.Join(root, "notebooks/times.csv")); err != nil || !regexp.MustCompile(`(?m)^00-fine,\d+$`).Match(times) {
		t.Errorf("%v, measured %s", err, times)
	}
	for _, name := range []string{"index.html", "html/00-fine.html"} {
		if _, err := os.Stat(filepath.Join(root, name)); err != nil {
			t.Error(err)
		}
	}
	// With its solutions, and with parameters.
	settings := t.TempDir()
	out, err = run("00", "--solutions", "--jobs", "2", "--times", "--set", "Train=20", "--set", "Data=digits", "--out", settings)
	if err != nil || !strings.Contains(out, "2 notebooks, 2 at a time, ") || !strings.Contains(out, " where nothing is cached: 00, 00-solutions\n") || !strings.Contains(out, "2 of 2\n") || !strings.Contains(out, "  cells 1 to 2 ") {
		t.Errorf("%v, %s", err, out)
	}
	if page, err := os.ReadFile(filepath.Join(settings, "html/00-fine-solutions.html")); err != nil || !strings.Contains(string(page), ">Data=digits;Train=20 ") {
		t.Errorf("%v, the parameters are not in %s", err, page)
	}
	for _, c := range []struct {
		args []string
		want []string
	}{
		{[]string{"00", "01", "--jobs", "1"}, []string{"00-fine", "01-broken.ipynb, cell 2, line 2: undefined: fmt.Printn\n\tfmt.Printn(1)", "1 of 2 notebooks failed: 01-broken"}},
		{[]string{"02", "--timeout", "5s"}, []string{"02-endless.ipynb, cell 2 (or a declaration since cell 1): the notebook's time was up (5s)"}},
		{[]string{"07"}, []string{"no notebook 07; there are 00-fine, 01-broken, 02-endless"}},
		{[]string{"00", "--measure", "--jobs", "2"}, []string{"--measure runs one notebook at a time"}},
		{[]string{"00", "--write", "--set", "Train=1"}, []string{"leave out --set"}},
		{[]string{"00", "--set", "Train=20,5"}, []string{"--set: Train=20,5: want a number of images"}},
		{[]string{"00", "--jobs=-1"}, []string{"want at least 1"}},
	} {
		out, err := run(append(c.args, "--out", t.TempDir())...)
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%v: %v, want exit status 1", c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%v: %q is not in %s", c.args, want, out)
			}
		}
	}
}

// A signal in the midst of two notebooks ends the command at once, and everything that it
// started. What ran before is published.
func TestNotebooksCommandEndsOnSignals(t *testing.T) {
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("looking for processes left behind needs /proc")
	}
	endless := []string{"%noautoget\nimport \"time\"", "%%\ntime.Sleep(time.Hour)"}
	root := module(t, map[string][]string{"00-fine.ipynb": {"%noautoget\n%%"}, "01-endless.ipynb": endless, "02-endless.ipynb": endless})
	for signal, status := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		t.Run(signal.String(), func(t *testing.T) {
			mark := "WAVESCORE_TEST_MARK=" + rand.Text()
			var out bytes.Buffer
			folder := t.TempDir()
			index := filepath.Join(folder, "index.html")
			c := command(t, root, "notebooks", "--jobs", "2", "--out", folder)
			c.Env, c.Stdout, c.Stderr = append(c.Env, mark), &out, &out
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			for range 1200 { // until the first has been published and both of the others' programs run
				_, err := os.Stat(index)
				if err == nil && strings.Count(strings.Join(processes(t, mark), "\n"), "/gonb_") == 2 {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			c.Process.Signal(signal)
			err := c.Wait()
			var exit *exec.ExitError
			if !errors.As(err, &exit) || exit.ExitCode() != status || strings.Count(out.String(), "interrupted") != 2 || !strings.Contains(out.String(), "1 of 3 notebooks") {
				t.Errorf("%v, said %q; want exit status %d and a word about the interrupt for each of two notebooks", err, out.String(), status)
			}
			if page, err := os.ReadFile(index); err != nil || !strings.Contains(string(page), "00-fine") {
				t.Errorf("%v, the notebook that had run is not in %s", err, page)
			}
			if left := processes(t, mark); left != nil {
				t.Errorf("left running: %q", left)
			}
		})
	}
}

// processes returns the programs that run with a word in their environment.
func processes(t *testing.T, word string) []string {
	environments, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, path := range environments {
		environment, err := os.ReadFile(path)
		if err != nil || !bytes.Contains(environment, []byte(word)) {
			continue
		}
		if program, err := os.Readlink(filepath.Join(filepath.Dir(path), "exe")); err == nil {
			found = append(found, program)
		}
	}
	return found
}

// Exercises are written with gaps, once; what has been worked on stays.
func TestGaps(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "class")
	c := &notebooksCommand{Gaps: dir, Numbers: []string{"00", "04"}}
	for range 2 { // the second finds what the first has written
		if err := c.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "04-moment-fits.ipynb")
	if err := os.WriteFile(path, []byte("worked on"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "00-quickstart.ipynb")); err != nil {
		t.Fatal(err)
	}
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("%v", err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files, of which the first was to be left as it is", len(files))
	}
	c.Try = true
	if err := c.Run(t.Context()); err == nil || !strings.Contains(err.Error(), "options of a run") {
		t.Errorf("%v", err)
	}
}
