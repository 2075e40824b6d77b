package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"time"

	"wavescore/internal/wholefile"
)

// A Cache is a folder of values.
type Cache struct {
	Dir   string // of the entries; made when it is not there
	Root  string // of the module whose packages compute the values
	Limit int64  // bytes: when the entries pass it, those not asked for the longest go

	// Settings is a function, by import path and name, whose results hold what the program was
	// told from outside. The source of a variable that it sets does not count where the inputs
	// mention the variable; "" is none.
	Settings string

	// Say is told what happened beside the results, as fmt.Printf is; nil says nothing.
	Say func(format string, args ...any)
}

// Get returns the value of a name, its inputs and its type T: from the disk, or else what compute
// returns. Inputs must hold every number, name and size that compute uses; a value in them with a
// method CacheKey() any stands for what that returns, and images, with Identity() (string, int)
// and Len() int, for these. A function or a channel in them is an error.
//
// T may be anything that encoding/gob takes whole: a struct needs exported fields only, or
// MarshalBinary and UnmarshalBinary. A Mapped stays in the file for the most part.
//
// The source of compute is that of the last argument of the call at site, and what it reaches.
// Where the program's source is not in the folder of its executable (a test, a program that was
// installed), or the call is in a package and not in the program, the body of compute is not
// looked at, and all packages of the module count: give the value another name when it changes.
//
// When two programs want the same value at once the second waits for the first and reads its
// result. An entry that is damaged is computed again. An error of compute is returned and not
// kept; a value that cannot be written is returned, and Say is told.
func Get[T any](c Cache, site Site, name string, inputs any, compute func() (T, error)) (T, error) {
	var zero T
	here, err := running(c.Root)
	if err != nil {
		return zero, err
	}
	k := newKey()
	if err := k.add(name, inputs, reflect.TypeFor[T]()); err != nil {
		return zero, err
	}
	k.word("%x", here.cell.digest(site, c.Settings, k.cellTypes))
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return zero, fmt.Errorf("cache: no place for the entries: %w", err)
	}
	path := filepath.Join(c.Dir, entryName(name, k.hash.Sum(nil)))

	unlock, err := lock(path)
	if err != nil {
		return zero, err
	}
	defer unlock()
	var value T
	err = load(path, &value, here)
	if err == nil {
		// Where the time of asking cannot be written down the entry is older than it is.
		os.Chtimes(path, time.Time{}, time.Now())
		return value, nil
	}
	switch {
	case errors.Is(err, errMapping):
		return zero, fmt.Errorf("cache: %w", err)
	case !errors.Is(err, fs.ErrNotExist) && err != errCode:
		c.say("The cached %q is damaged (%v): computing it again.", name, err)
	}
	value, err = compute()
	if err != nil {
		return zero, err
	}
	entry, mapped, err := encode(&value, here.code)
	if err != nil {
		return zero, err
	}
	write := wholefile.Write
	if len(mapped) > 0 {
		write = wholefile.WriteThrough // no checksum would tell pages that a power failure lost
	}
	if err := write(path, entry, mapped); err != nil {
		c.say("%q was computed and could not be kept: %v.", name, err)
		return value, nil
	}
	if err := c.sweep(); err != nil {
		c.say("Old entries of the cache could not be deleted: %v.", err)
	}
	return value, nil
}

func (c Cache) say(format string, args ...any) {
	if c.Say != nil {
		c.Say(format, args...)
	}
}

var notInFileNames = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// entryName is the file name of an entry: the value's name, as far as any file system takes it,
// and the beginning of its key.
func entryName(name string, key []byte) string {
	name = notInFileNames.ReplaceAllString(name, "-")
	return fmt.Sprintf("%s-%x%s", name[:min(len(name), 60)], key[:12], entrySuffix)
}
