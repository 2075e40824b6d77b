package lab

import (
	"os"
	"path/filepath"
	"testing"

	"wavescore/pkg/dataset"
)

// TrainSet changes with what the train images change with, and with nothing else.
func TestSelections(t *testing.T) {
	given := Run{Data: "mnist", Side: 32, Train: 3, Test: 3, Seed: 1, Files: "a"}
	for _, c := range []struct {
		change      func(*Run)
		train, test bool
	}{
		{func(r *Run) { r.Train = 4 }, true, false},
		{func(r *Run) { r.Test = 4 }, false, true},
		{func(r *Run) { r.Data = "digits" }, true, true},
		{func(r *Run) { r.Side = 16 }, true, true},
		{func(r *Run) { r.Files = "b" }, true, true},
		{func(r *Run) { r.Seed = 2; r.Wanted = "x" }, false, false},
	} {
		run := given
		c.change(&run)
		train, test := run.TrainSet() != given.TrainSet(), run.TestSet() != given.TestSet()
		if train != c.train || test != c.test {
			t.Errorf("%+v: the train set changes: %t, the test set: %t", run, train, test)
		}
	}
	if given.TrainSet() == given.TestSet() || given.TrainSet().Part != dataset.Train {
		t.Error("train and test are one set")
	}
}

// Files tells a folder from what it was before whenever a picture in it changes, and not else.
func TestFilesOfRun(t *testing.T) {
	dir := t.TempDir()
	folder := filepath.Join(dir, "pictures")
	write(t, filepath.Join(folder, "a.png"), "a")
	write(t, filepath.Join(folder, "train", "cats", "b.png"), "b")
	write(t, filepath.Join(folder, "test", "c.png"), "c")
	write(t, filepath.Join(dir, "elsewhere", "d.png"), "d")
	Must(os.Symlink(filepath.Join(dir, "elsewhere"), filepath.Join(folder, "dogs")))
	Must(os.Symlink(folder, filepath.Join(folder, "itself")))
	files := func() string { return Setup(Run{Data: folder}).Files }
	for _, c := range []struct {
		name   string
		change func()
	}{
		{"a picture", func() { write(t, filepath.Join(folder, "a.png"), "aa") }},
		{"one of a class", func() { write(t, filepath.Join(folder, "train", "cats", "b.png"), "bb") }},
		{"one behind a link", func() { write(t, filepath.Join(dir, "elsewhere", "d.png"), "dd") }},
		{"a new class", func() { write(t, filepath.Join(folder, "test", "cats", "e.png"), "e") }},
		{"another class", func() {
			Must(os.Rename(filepath.Join(folder, "train", "cats"), filepath.Join(folder, "train", "dogs")))
		}},
		{"one less", func() { Must(os.Remove(filepath.Join(folder, "test", "c.png"))) }},
	} {
		before := files()
		if files() != before {
			t.Fatal("the same files are not the same")
		}
		if c.change(); files() == before {
			t.Errorf("%s changed, and Files did not", c.name)
		}
	}
}
