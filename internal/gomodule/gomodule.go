// Package gomodule opens the files of Go modules, which the go command downloads from the proxy
// that it is configured for and checks against the checksum database. Nothing of a module is
// compiled.
package gomodule

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Modules holds what became of the Go modules that were asked for, by PATH@VERSION: each is
// downloaded once.
type Modules map[string]module

type module struct {
	cache string // a temporary folder
	dir   string // of the module's files, in it
	err   error  // why there are none
}

// Open opens a file of a module, whose address is PATH@VERSION/FILE. The module is downloaded when
// its first file is asked for; alive is called as its bytes arrive.
func (m Modules) Open(ctx context.Context, address string, alive func()) (io.ReadCloser, error) {
	path, rest, _ := strings.Cut(address, "@")
	version, file, _ := strings.Cut(rest, "/")
	if path == "" || version == "" || !fs.ValidPath(file) {
		return nil, errors.New("want go:MODULE@VERSION/FOLDER/ as the address of a Go module")
	}
	name := path + "@" + version
	found, known := m[name]
	if !known {
		if found.cache, found.err = os.MkdirTemp("", "wavescore-module-*"); found.err == nil {
			found.dir, found.err = Download(ctx, name, found.cache, alive)
		}
		m[name] = found
	}
	if found.err != nil {
		return nil, found.err
	}
	content, err := os.Open(filepath.Join(found.dir, filepath.FromSlash(file)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("the module has no such file")
	}
	return content, err
}

// Remove removes the temporary folders.
func (m Modules) Remove() {
	for _, module := range m {
		os.RemoveAll(module.cache)
	}
}

// Download has the go command download a module, check it against the checksum database and
// unpack it below cache, and returns the folder of its files. Nothing of it is compiled.
func Download(ctx context.Context, name, cache string, alive func()) (dir string, err error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", "--", name)
	command.Dir = cache // outside any module
	command.Env = append(command.Environ(), "GOMODCACHE="+cache, "GO111MODULE=on", "GOWORK=off", "GOTOOLCHAIN=local",
		"GOFLAGS=-modcacherw", // it can be removed
		"GOVCS=*:off")         // from a proxy: the whole history of a repository is not wanted
	command.WaitDelay = time.Second

	stop := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() { watchGrowth(cache, alive, stop) })
	output, err := command.Output()
	close(stop)
	watch.Wait()

	var answer struct{ Dir, Error string }
	_ = json.Unmarshal(output, &answer) // there is none where the command could not even begin
	var failed *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("there is no go command on the PATH")
	case answer.Error != "":
		return "", goError(answer.Error)
	case errors.As(err, &failed):
		return "", goError(fmt.Sprintf("%v %s", failed, failed.Stderr))
	case err != nil:
		return "", goError(err.Error())
	case answer.Dir == "":
		return "", goError("no folder in its answer")
	}
	return answer.Dir, nil
}

// goError is the error of a go command that said why, in one line.
func goError(why string) error {
	return errors.New("go mod download: " + strings.Join(strings.Fields(why), " "))
}

// watchGrowth calls alive whenever the files below a folder have grown, until stop is closed.
func watchGrowth(folder string, alive func(), stop <-chan struct{}) {
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for seen := int64(0); ; {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		var bytes int64
		_ = filepath.WalkDir(folder, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil {
				return nil // it is gone again
			}
			if info, err := entry.Info(); err == nil && !entry.IsDir() {
				bytes += info.Size()
			}
			return nil
		})
		if bytes > seen {
			seen = bytes
			alive()
		}
	}
}
