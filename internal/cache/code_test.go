package cache

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// testModule is a module whose package a imports b and viz, and viz imports d. Cell is the source
// of a program that imports a.
func testModule(t *testing.T) (root, cell string) {
	root, cell = t.TempDir(), t.TempDir()
	for name, text := range map[string]string{
		"go.mod":          "module wavescore\n",
		"pkg/a/a.go":      `package a; import ("fmt"; "wavescore/pkg/b"; "wavescore/pkg/viz")`,
		"pkg/a/a_test.go": `package a; import "wavescore/pkg/c"`,
		"pkg/b/b.go":      `package b; import "wavescore/internal/x"`,
		"pkg/c/c.go":      `package c`,
		"pkg/d/d.go":      `package d`,
		"pkg/viz/v.go":    `package viz; import "wavescore/pkg/d"`,
		"internal/x/x.go": `package x`,
	} {
		write(t, filepath.Join(root, name), text)
	}
	write(t, filepath.Join(cell, "main.go"), `package main; import "wavescore/pkg/a"`)
	return root, cell
}

func TestCodeOfAProgram(t *testing.T) {
	root, cell := testModule(t)
	for dir, want := range map[string]string{
		cell:        "internal/x pkg/a pkg/b",
		t.TempDir(): "internal/x pkg/a pkg/b pkg/c pkg/d", // what it is made of is not known
	} {
		c, err := newSources(root).program(dir)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.ReplaceAll(strings.Join(c.Packages, " "), "wavescore/", ""); got != want {
			t.Errorf("packages %s, want %s", got, want)
		}
	}
	if _, err := newSources(root).program(filepath.Join(cell, "nowhere")); err == nil {
		t.Error("a folder that is not there: no error")
	}
}

func TestCodeChanges(t *testing.T) {
	root, cell := testModule(t)
	code := func() code {
		c, err := newSources(root).program(cell)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, step := range []struct {
		file    string
		matters bool
	}{
		{"pkg/a/a.go", true}, {"pkg/b/new.go", true}, {"internal/x/x.go", true}, {"go.mod", true},
		{"pkg/a/a_test.go", false}, {"pkg/a/_a.go", false}, {"pkg/a/notes.txt", false},
		{"pkg/c/c.go", false}, {"pkg/d/d.go", false}, {"pkg/viz/v.go", false}, {"cmd/x/main.go", false},
	} {
		before := code()
		write(t, filepath.Join(root, step.file), `package p; import "wavescore/pkg/b"; var changed = 1`)
		if changed := newSources(root).sum(before.Packages) != before.Sum; changed != step.matters {
			t.Errorf("%s: the code changed: %t, want %t", step.file, changed, step.matters)
		}
	}
}

// A value is found by programs that are made of other packages, until one changes that its own was
// made of.
func TestValuesKeepTheirCode(t *testing.T) {
	root, cell := testModule(t)
	s := newSources(root)
	by, err := s.program(cell)
	if err != nil {
		t.Fatal(err)
	}
	entry := filepath.Join(t.TempDir(), "entry")
	write(t, entry, string(encoded(t, new(7), by)))
	find := func() (value int, err error) {
		s := newSources(root)
		here := &program{sources: s, code: s.closure([]string{"wavescore/pkg/c"})}
		err = load(entry, &value, here)
		return value, err
	}
	write(t, filepath.Join(root, "pkg/c/c.go"), "package c; var changed = 1")
	if value, err := find(); value != 7 || err != nil {
		t.Errorf("got %v, %v", value, err)
	}
	write(t, filepath.Join(root, "pkg/b/b.go"), "package b; var changed = 1")
	if _, err := find(); err != errCode {
		t.Errorf("a package changed: got error %v", err)
	}
}

func TestGetComputesAgainWithOtherCode(t *testing.T) {
	c := testCache(t)
	compute, runs := counter(1)
	must(Get(c, Site{}, "x", 1, compute))
	here, err := running(c.Root)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(here.code.Packages, "wavescore/pkg/moments") {
		t.Errorf("a program of unknown source is made of %q only", here.code.Packages)
	}
	other := here.code
	other.Sum[0]++
	write(t, entry(t, c.Dir), string(encoded(t, new(2), other)))
	for range 2 {
		if got := must(Get(c, Site{}, "x", 1, compute)); got != 1 {
			t.Errorf("got %d, the value of other code", got)
		}
	}
	if runs.Load() != 2 {
		t.Errorf("computed %d times, want once more for other code", runs.Load())
	}
}

// encoded is the whole entry of a value.
func encoded(t *testing.T, value any, by code) []byte {
	t.Helper()
	entry, mapped, err := encode(value, by)
	if err != nil {
		t.Fatal(err)
	}
	return slices.Concat(entry, mapped)
}
