package wholefile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/gofrs/flock"
	"golang.org/x/sys/unix"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func names(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func TestWriteReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "f")
	for _, text := range []string{"first", "second"} {
		if err := errors.Join(Check(path), Write(path, []byte(text))); err != nil {
			t.Fatal(err)
		}
		if got := read(t, path); got != text {
			t.Errorf("got %q", got)
		}
	}
	if left := names(t, dir); !slices.Equal(left, []string{"f"}) {
		t.Errorf("left behind: %v", left)
	}
}

// A link stays and the file that it names is written, even one that is not there yet.
func TestWriteFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	file, link, second := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "second")
	if err := errors.Join(os.Symlink("file", link), os.Symlink(link, second)); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"made", "replaced"} {
		if err := errors.Join(Check(second), Write(second, []byte(text))); err != nil {
			t.Fatal(err)
		}
		if got := read(t, file); got != text {
			t.Errorf("got %q, want %q", got, text)
		}
	}
	for _, path := range []string{link, second} {
		if info, err := os.Lstat(path); err != nil || info.Mode()&fs.ModeSymlink == 0 {
			t.Errorf("%s is no link any more: %v, %v", path, info, err)
		}
	}
}

// A device stays a device, and a pipe's reader gets the data.
func TestWriteToStreams(t *testing.T) {
	if err := errors.Join(Check("/dev/null"), Write("/dev/null", []byte("text"))); err != nil {
		t.Error(err)
	}
	if info, err := os.Stat("/dev/null"); err != nil || info.Mode()&fs.ModeCharDevice == 0 {
		t.Fatalf("/dev/null is %v, %v", info.Mode(), err)
	}
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := unix.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Check(pipe); err != nil { // though nobody reads yet
		t.Error(err)
	}
	got := make(chan string)
	go func() {
		file, err := os.Open(pipe)
		if err != nil {
			got <- err.Error()
			return
		}
		defer file.Close()
		b, _ := io.ReadAll(file)
		got <- string(b)
	}()
	if err := Write(pipe, []byte("text")); err != nil {
		t.Error(err)
	}
	if text := <-got; text != "text" {
		t.Errorf("the reader got %q", text)
	}
}

// Where there is no folder, where a folder has the file's name, and where links go in a circle,
// Check says so as Write does, and nothing is left behind.
func TestErrors(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(at("taken"), 0o755), os.Symlink("circle", at("circle")), os.Symlink("none/f", at("astray"))); err != nil {
		t.Fatal(err)
	}
	before := names(t, dir)
	for path, want := range map[string]string{
		at("none/f"): "no folder", at("taken"): "is a folder", at("circle"): "too many", at("astray"): "no folder",
	} {
		for _, err := range []error{Check(path), Write(path, []byte("text"))} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: got %v, want %q", path, err, want)
			}
		}
	}
	if left := names(t, dir); !slices.Equal(left, before) {
		t.Errorf("left behind: %v", left)
	}
}

// What a killed program left is removed, what another is writing is not, nor what is of another
// file.
func TestWriteSweeps(t *testing.T) {
	dir := t.TempDir()
	left, held, other := filepath.Join(dir, ".f"+mark+"1"), filepath.Join(dir, ".f"+mark+"2"), filepath.Join(dir, ".g"+mark+"3")
	for _, path := range []string{left, held, other} {
		if err := os.WriteFile(path, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	lock := flock.New(held)
	if err := lock.Lock(); err != nil {
		t.Fatal(err)
	}
	defer lock.Unlock()
	if err := Write(filepath.Join(dir, "f"), []byte("text")); err != nil {
		t.Fatal(err)
	}
	if got, want := names(t, dir), []string{filepath.Base(held), filepath.Base(other), "f"}; !slices.Equal(got, want) {
		t.Errorf("left are %v, want %v", got, want)
	}
}
