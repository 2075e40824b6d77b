package cache

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"

	"github.com/gofrs/flock"
)

const (
	entrySuffix = ".value"
	lockSuffix  = ".lock"
)

// entryForm is what the names of entries look like, and those of entries that a program was
// killed while it wrote: wholefile gives them a point in front and a number behind.
var entryForm = regexp.MustCompile(`^(\.?)([a-zA-Z0-9._-]{0,60}-[0-9a-f]{24}\.value)(-\d+)?$`)

// sweep deletes the entries not asked for the longest until the rest fit into the limit. Those
// that a program holds stay. What is not an entry is left alone.
func (c Cache) sweep() error {
	files, err := os.ReadDir(c.Dir)
	if err != nil {
		return err
	}
	var entries []fs.FileInfo
	var total int64
	for _, file := range files {
		info, err := file.Info() // fails for a file that is gone meanwhile
		if err == nil && info.Mode().IsRegular() && entryForm.MatchString(info.Name()) {
			entries = append(entries, info)
			total += info.Size()
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int {
		return cmp.Or(a.ModTime().Compare(b.ModTime()), cmp.Compare(a.Name(), b.Name()))
	})
	var failed []error
	for _, entry := range entries {
		if total <= c.Limit {
			break
		}
		deleted, err := remove(c.Dir, entry.Name())
		if err != nil {
			failed = append(failed, err)
		}
		if deleted {
			total -= entry.Size()
		}
	}
	return errors.Join(failed...)
}

// remove deletes an entry and its lock file, unless a program holds it.
func remove(dir, name string) (deleted bool, err error) {
	held := flock.New(lockPath(filepath.Join(dir, entryForm.FindStringSubmatch(name)[2])))
	if free, err := held.TryLock(); !free {
		return false, err
	}
	defer held.Unlock()
	if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	os.Remove(held.Path()) // lock sees that it is gone; where it cannot be deleted it stays
	return true, nil
}

// lock waits until this is the only holder of an entry. The system lets go of it when the program
// ends, however it ends, and a signal ends a program that waits.
func lock(path string) (unlock func() error, err error) {
	for {
		held := flock.New(lockPath(path))
		if err := held.Lock(); err != nil && !errors.Is(err, syscall.EINTR) {
			return nil, fmt.Errorf("cache: locking an entry: %w", err)
		}
		if held.Locked() && inPlace(held) {
			return held.Unlock, nil
		}
		held.Unlock()
	}
}

// inPlace says whether the file that is held is still the one of its name. A sweep may have deleted
// it while this program waited; the next one then locks another file.
func inPlace(held *flock.Flock) bool {
	mine, err := held.Stat()
	if err != nil {
		return false
	}
	named, err := os.Stat(held.Path())
	return err == nil && os.SameFile(mine, named)
}

func lockPath(path string) string { return path[:len(path)-len(entrySuffix)] + lockSuffix }
