package dataset

import (
	"archive/zip"
	"context"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"wavescore/internal/gomodule"
)

// moduleMirror makes a module of files, below data/, and a module proxy of the file system that
// has nothing else. It returns the mirror's address, and the folder for temporary files.
func moduleMirror(t *testing.T, files map[string][]byte) (address, temporary string) {
	t.Helper()
	proxy := t.TempDir()
	at := filepath.Join(proxy, "example.com", "digits", "@v")
	put(t, []byte(`{"Version":"v1.2.3"}`), at, "v1.2.3.info")
	put(t, []byte("module example.com/digits\n"), at, "v1.2.3.mod")
	packed, err := os.Create(filepath.Join(at, "v1.2.3.zip"))
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(packed)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		entry, err := w.Create("example.com/digits@v1.2.3/data/" + name)
		if err != nil {
			t.Fatal(err)
		}
		entry.Write(files[name])
	}
	if err := errors.Join(w.Close(), packed.Close()); err != nil {
		t.Fatal(err)
	}
	temporary = t.TempDir()
	t.Setenv("TMPDIR", temporary)
	t.Setenv("GOPROXY", "file://"+filepath.ToSlash(proxy))
	t.Setenv("GOSUMDB", "off")
	return "go:example.com/digits@v1.2.3/data/", temporary
}

// withGo puts a shell script in the place of the go command. It finds the real one in $REAL.
func withGo(t *testing.T, script string) {
	t.Helper()
	real, err := exec.LookPath("go")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	put(t, []byte("#!/bin/sh\n"+script+"\n"), dir, "go")
	if err := os.Chmod(filepath.Join(dir, "go"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("REAL", real)
	t.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// TestDownloadModule runs in a module that Go cannot read, with flags that do not go with modules
// of a proxy. It counts how often the go command is run.
func TestDownloadModule(t *testing.T) {
	address, temporary := moduleMirror(t, map[string][]byte{"a": contentA, "b": contentB})
	log := filepath.Join(t.TempDir(), "log")
	withGo(t, `echo "$@" >> `+log+`; exec "$REAL" "$@"`)
	here := elsewhere(t)
	put(t, []byte("no go.mod"), here, "go.mod")
	t.Setenv("GOFLAGS", "-mod=vendor -modfile=other.mod")
	t.Setenv("GOWORK", filepath.Join(here, "go.work"))
	t.Setenv("GO111MODULE", "off")
	cache := t.TempDir()
	t.Setenv("GOMODCACHE", cache)

	dir := t.TempDir()
	if err := twoFiles(address).Download(t.Context(), dir, nil); err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(dir, "sets", "two")
	wantFiles(t, folder, map[string][]byte{"a": contentA, "b": contentB})
	if info, err := os.Stat(filepath.Join(folder, "a")); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("a has mode %v (%v)", info.Mode(), err)
	}
	if runs, err := os.ReadFile(log); err != nil || string(runs) != "mod download -json -- example.com/digits@v1.2.3\n" {
		t.Errorf("the go command was run so: %q (%v)", runs, err)
	}
	if content, err := os.ReadFile("go.mod"); err != nil || string(content) != "no go.mod" {
		t.Errorf("go.mod is now %q (%v)", content, err)
	}
	for _, folder := range []string{temporary, cache} {
		if left, err := list(folder); err != nil || len(left) != 0 {
			t.Errorf("%v is left over (%v)", left, err)
		}
	}
}

// TestDownloadModuleFails has modules that no file may come of. The error says so after the
// address; another mirror is tried; the module is asked for once.
func TestDownloadModuleFails(t *testing.T) {
	whole := map[string][]byte{"a": contentA, "b": contentB}
	for name, c := range map[string]struct {
		files   map[string][]byte
		prepare func(t *testing.T)
		address string // unless empty, in place of the module's
		want    string
	}{
		"another file":  {files: map[string][]byte{"a": spoilt(contentA, 7), "b": contentB}, want: "SHA-256"},
		"short":         {files: map[string][]byte{"a": contentA[:999], "b": contentB}, want: "999 bytes, the manifest has 40000"},
		"long":          {files: map[string][]byte{"a": slices.Concat(contentA, contentA)}, want: "more than the 40000 bytes"},
		"no such file":  {files: map[string][]byte{"b": contentB}, want: "the module has no such file"},
		"other version": {files: whole, address: "go:example.com/digits@v1.2.4/data/", want: "go mod download: example.com/digits@v1.2.4: "},
		"no version":    {files: whole, address: "go:example.com/digits/data/", want: "want go:MODULE@VERSION/FOLDER/"},
		"a way out":     {files: whole, address: "go:example.com/digits@v1.2.3/../", want: "want go:MODULE@VERSION/FOLDER/"},
		"an option":     {files: whole, address: "go:-x@v1.2.3/data/", want: "go mod download: "},
		"no go command": {files: whole, prepare: func(t *testing.T) { t.Setenv("PATH", t.TempDir()) },
			want: "there is no go command on the PATH"},
		"no proxy": {files: whole, prepare: func(t *testing.T) { t.Setenv("GOPROXY", "off") },
			want: "module lookup disabled by GOPROXY=off"},
		"no proxy, but a repository": {files: whole, prepare: func(t *testing.T) { t.Setenv("GOPROXY", "direct") },
			address: "go:github.com/example/digits@v1.2.3/data/", want: "GOVCS disallows"},
		"a go command that fails": {files: whole, prepare: func(t *testing.T) { withGo(t, "echo out of >&2; echo order >&2; exit 3") },
			want: "go mod download: exit status 3 out of order"},
		"another go command": {files: whole, prepare: func(t *testing.T) { withGo(t, "echo Checkmate") },
			want: "go mod download: no folder in its answer"},
		"silence": {files: whole, prepare: func(t *testing.T) { withGo(t, "exec sleep 60") },
			want: "nothing came for 1s"},
	} {
		t.Run(name, func(t *testing.T) {
			address, temporary := moduleMirror(t, c.files)
			if c.address != "" {
				address = c.address
			}
			if c.prepare != nil {
				c.prepare(t)
			}
			dir := t.TempDir()
			folder := filepath.Join(dir, "sets", "two")
			put(t, []byte("an old one"), folder, "a")
			wait := patience
			if name == "silence" {
				wait = time.Second
			}
			err := twoFiles(address).download(t.Context(), dir, wait, nil)
			if err == nil || !strings.Contains(err.Error(), address+"a: ") || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q in it", err, c.want)
			}
			wantFiles(t, folder, map[string][]byte{"a": []byte("an old one")})

			second := mirror(t, whole, nil)
			if err := twoFiles(address, second).download(t.Context(), dir, wait, nil); err != nil {
				t.Errorf("with a good mirror after it: %v", err)
			}
			wantFiles(t, folder, whole)
			if left, err := list(temporary); err != nil || len(left) != 0 {
				t.Errorf("%v is left over (%v)", left, err)
			}
		})
	}
}

// TestDownloadModuleFailsOnce counts how often a module that cannot be had is asked for.
func TestDownloadModuleFailsOnce(t *testing.T) {
	address, _ := moduleMirror(t, nil)
	log := filepath.Join(t.TempDir(), "log")
	withGo(t, "echo run >> "+log+"; exit 1")
	whole := map[string][]byte{"a": contentA, "b": contentB}
	if err := twoFiles(address, mirror(t, whole, nil)).Download(t.Context(), t.TempDir(), nil); err != nil {
		t.Error(err)
	}
	if runs, err := os.ReadFile(log); err != nil || string(runs) != "run\n" {
		t.Errorf("the log of runs is %q (%v)", runs, err)
	}
}

// TestDownloadModuleSlow has a go command that takes longer than the patience, while bytes arrive.
func TestDownloadModuleSlow(t *testing.T) {
	address, _ := moduleMirror(t, nil)
	module := t.TempDir()
	put(t, contentA, module, "data", "a")
	put(t, contentB, module, "data", "b")
	withGo(t, `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo more >> "$GOMODCACHE/part"; sleep 0.25; done; echo '{"Dir": "`+module+`"}'`)
	dir := t.TempDir()
	if err := twoFiles(address).download(t.Context(), dir, 2*time.Second, nil); err != nil {
		t.Error(err)
	}
	wantFiles(t, filepath.Join(dir, "sets", "two"), map[string][]byte{"a": contentA, "b": contentB})
}

// TestDownloadModuleEnds has the context end the wait for the go command, and the go command too.
func TestDownloadModuleEnds(t *testing.T) {
	address, temporary := moduleMirror(t, nil)
	second := mirror(t, map[string][]byte{"a": contentA, "b": contentB}, nil)
	log := filepath.Join(t.TempDir(), "log")
	withGo(t, "echo $$ > "+log+".part; mv "+log+".part "+log+"; exec sleep 60")
	for name, limit := range map[string]func() (context.Context, context.CancelFunc){
		"timeout": func() (context.Context, context.CancelFunc) {
			return context.WithTimeoutCause(t.Context(), 2*time.Second, errors.New("out of time"))
		},
		"cancelled": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancelCause(t.Context())
			go func() {
				for ; ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
					if _, err := os.Stat(log); err == nil { // the command has begun
						break
					}
				}
				cancel(errors.New("out of time"))
			}()
			return ctx, func() { cancel(nil) }
		},
	} {
		dir := t.TempDir()
		ctx, cancel := limit()
		defer cancel()
		err := twoFiles(address, second).Download(ctx, dir, nil)
		if err == nil || !strings.Contains(err.Error(), address+"a: out of time") || strings.Contains(err.Error(), second) {
			t.Errorf("%s: got %v, want %q and no word of the next mirror", name, err, "out of time")
		}
		if pid, err := os.ReadFile(log); err == nil { // it began before the end
			if number, err := strconv.Atoi(strings.TrimSpace(string(pid))); err != nil || !errors.Is(syscall.Kill(number, 0), syscall.ESRCH) {
				t.Errorf("%s: process %d is still there (%v)", name, number, err)
			}
			os.Remove(log)
		}
		wantFiles(t, filepath.Join(dir, "sets", "two"), nil)
		if left, err := list(temporary); err != nil || len(left) != 0 {
			t.Errorf("%s: %v is left over (%v)", name, left, err)
		}
	}
}

func TestDownloadModuleOffline(t *testing.T) {
	address, _ := moduleMirror(t, map[string][]byte{"a": contentA, "b": contentB})
	log := filepath.Join(t.TempDir(), "log")
	withGo(t, "echo run > "+log)
	t.Setenv("WAVESCORE_OFFLINE", "1")
	if err := twoFiles(address).Download(t.Context(), t.TempDir(), nil); err == nil || !strings.Contains(err.Error(), "WAVESCORE_OFFLINE") {
		t.Errorf("got %v", err)
	}
	if _, err := os.Stat(log); err == nil {
		t.Error("the go command was run")
	}
}

// TestRealModule takes MNIST from its Go module, where the module can be had.
func TestRealModule(t *testing.T) {
	if offline {
		t.Skip("needs the network, and WAVESCORE_OFFLINE is set")
	}
	set, _ := FindSet("mnist")
	address, isModule := strings.CutPrefix(set.Mirrors[0], "go:")
	if !isModule {
		t.Fatalf("the first mirror is %s", set.Mirrors[0])
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	module, folder, _ := strings.Cut(address, "/data/")
	dir, err := gomodule.Download(ctx, module, t.TempDir(), func() {})
	if err != nil {
		t.Skipf("needs a Go module proxy: %v", err)
	}
	for _, f := range set.Files {
		if anew, err := f.Verify(filepath.Join(dir, "data", folder, f.Name)); err != nil || anew {
			t.Errorf("%s: anew %v, %v", f.Name, anew, err)
		}
	}
}
