// Package wholefile writes files that are never seen half written, and says before the work
// starts whether it will be able to.
//
// A symbolic link is followed, so that the file it names is replaced and the link stays. A device
// or a named pipe is written to as such: there is nothing to replace.
package wholefile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/gofrs/flock"
)

// Check returns an error that says why Write could not write a file, as far as is known before:
// its folder is missing or cannot be written to, or the path is a folder. It leaves nothing
// behind.
func Check(path string) error {
	to, err := resolve(path)
	if err != nil {
		return err
	}
	if to.pipe {
		return nil // to open it is to wait for its reader
	}
	if to.stream {
		file, err := os.OpenFile(to.path, os.O_WRONLY, 0)
		if err != nil {
			return fmt.Errorf("%s cannot be written to: %w", path, cause(err))
		}
		return file.Close()
	}
	temp, err := os.CreateTemp(filepath.Dir(to.path), pattern(to.path))
	if err != nil {
		return fmt.Errorf("no file can be made in the folder %s: %w", filepath.Dir(to.path), cause(err))
	}
	return errors.Join(temp.Close(), os.Remove(temp.Name()))
}

// Write writes parts, one after the other, to the file path at once: a reader sees the file that
// was there before, if any, or the whole new one. Its folder must exist. Nothing is left behind
// where Write fails; what an earlier program left that was killed while it wrote this file is
// removed.
func Write(path string, parts ...[]byte) error { return write(path, false, parts) }

// WriteThrough does what Write does, and besides waits until the disk has the content, so that a
// file which is there is whole after a power failure too.
func WriteThrough(path string, parts ...[]byte) error { return write(path, true, parts) }

func write(path string, through bool, parts [][]byte) error {
	to, err := resolve(path)
	if err != nil {
		return err
	}
	if to.stream {
		return stream(to.path, parts)
	}
	sweep(to.path)
	temp, err := os.CreateTemp(filepath.Dir(to.path), pattern(to.path))
	if err != nil {
		return err
	}
	// The lock tells other programs that this file is being written. The system lets go of it
	// when the program ends, however.
	lock := flock.New(temp.Name())
	unfinished.add(temp.Name())
	defer func() {
		os.Remove(temp.Name()) // fails, as it should, once the file has its name
		unfinished.remove(temp.Name())
		lock.Unlock()
	}()
	_, err = lock.TryLock()
	if err == nil {
		err = writeParts(temp, parts)
	}
	if err == nil && through {
		err = temp.Sync()
	}
	if err := errors.Join(err, temp.Chmod(0o644), temp.Close()); err != nil {
		return err
	}
	return os.Rename(temp.Name(), to.path)
}

// Abandon removes the files that are half written in this program, which is about to end.
func Abandon() { unfinished.removeAll() }

// target is where a path leads.
type target struct {
	path   string
	pipe   bool // a named pipe, or another that somebody may read
	stream bool // a device or a pipe: written to as such
}

// resolve follows symbolic links, to a file that need not exist.
func resolve(path string) (target, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return resolveMissing(path)
	}
	if err != nil {
		return target{}, err
	}
	switch mode := info.Mode(); {
	case mode.IsDir():
		return target{}, fmt.Errorf("%s is a folder; name a file in it", path)
	case mode.IsRegular():
		real, err := filepath.EvalSymlinks(path)
		return target{path: real}, err
	case mode&(fs.ModeDevice|fs.ModeCharDevice|fs.ModeNamedPipe) != 0:
		return target{path: path, pipe: mode&fs.ModeNamedPipe != 0, stream: true}, nil
	default:
		return target{}, fmt.Errorf("%s is neither a regular file nor a device nor a named pipe (%v)", path, mode)
	}
}

// maxLinks is how many symbolic links may follow one another, as in the kernel of Linux.
const maxLinks = 40

// resolveMissing follows symbolic links to a file that does not exist.
func resolveMissing(path string) (target, error) {
	to := path
	for range maxLinks {
		link, err := os.Readlink(to)
		if err != nil { // it is no link, but what is to be made
			if dir, err := os.Stat(filepath.Dir(to)); err != nil || !dir.IsDir() {
				return target{}, fmt.Errorf("there is no folder %s for %s", filepath.Dir(to), filepath.Base(to))
			}
			return target{path: to}, nil
		}
		if !filepath.IsAbs(link) {
			link = filepath.Join(filepath.Dir(to), link)
		}
		to = link
	}
	return target{}, fmt.Errorf("%s: too many symbolic links", path)
}

// stream writes parts to a device or a named pipe.
func stream(path string, parts [][]byte) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(writeParts(file, parts), file.Close())
}

func writeParts(to io.Writer, parts [][]byte) error {
	for _, part := range parts {
		if _, err := to.Write(part); err != nil {
			return err
		}
	}
	return nil
}

// cause returns what went wrong without the path of a temporary file.
func cause(err error) error {
	if e := new(fs.PathError); errors.As(err, &e) {
		return e.Err
	}
	return err
}

// mark is in the name of every temporary file, beside which no other program will call one so.
const mark = ".wavescore-part-"

func pattern(path string) string { return "." + filepath.Base(path) + mark + "*" }

// sweep removes the temporary files of a path that no program is writing any more.
func sweep(path string) {
	left, _ := filepath.Glob(filepath.Join(escape(filepath.Dir(path)), escape("."+filepath.Base(path)+mark)+"*"))
	for _, file := range left {
		lock := flock.New(file)
		if held, err := lock.TryLock(); err == nil && held {
			os.Remove(file)
			lock.Unlock()
		}
	}
}

// escape returns a pattern of filepath.Match that means a name literally.
func escape(name string) string {
	var escaped []rune
	for _, r := range name {
		if r == '*' || r == '?' || r == '[' || r == '\\' {
			escaped = append(escaped, '\\')
		}
		escaped = append(escaped, r)
	}
	return string(escaped)
}

// files is a set of files, safe for concurrent use.
type files struct {
	mu    sync.Mutex
	names map[string]bool
}

// unfinished are the temporary files of this program.
var unfinished = files{names: make(map[string]bool)}

func (f *files) add(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.names[name] = true
}

func (f *files) remove(name string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.names, name)
}

func (f *files) removeAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for name := range f.names {
		os.Remove(name)
	}
}
