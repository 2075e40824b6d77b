package lab

import (
	"bytes"
	"crypto/sha256"
	"encoding"
	"encoding/gob"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"wavescore/internal/wholefile"
)

// Cached returns what compute returns, from the disk where it has been computed before.
//
// A value is known by its name, its inputs and its type T. Inputs must hold every number, name and size that compute uses (a
// struct, slice or map of plain values is best; a function or a channel is an error): a value computed from others is found
// again exactly when they are the same, in this cell or another, in this notebook or another. It is computed again when a
// package of this module has changed that the cell which computed it was made of. The body of compute itself is not looked at;
// give the value a new name when it changes.
//
// T may be anything that encoding/gob takes whole: a struct needs exported fields only, or MarshalBinary and UnmarshalBinary.
//
// Entries lie in $WAVESCORE_CACHE, or else in .cache/ at the module's root, and may be deleted at any time; those not asked for
// the longest go by themselves when all of them pass 4 GB. They appear there whole or not at all. When two programs want the same
// value at once the second waits for the first and reads its result. An entry whose checksum does not fit is computed again, and Cached says so. An error of compute is returned and not kept.
func Cached[T any](name string, inputs any, compute func() (T, error)) (T, error) {
	var zero T
	here, err := running()
	if err != nil {
		return zero, err
	}
	key, err := cacheKey(name, inputs, reflect.TypeFor[T]())
	if err != nil {
		return zero, err
	}
	dir := os.Getenv("WAVESCORE_CACHE")
	if dir == "" {
		dir = filepath.Join(here.root, ".cache")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return zero, fmt.Errorf("lab: no place for the cache: %w", err)
	}
	path := filepath.Join(dir, fmt.Sprintf("%s-%x", fileName(name), key[:12]))

	unlock, err := lock(path + lockSuffix)
	if err != nil {
		return zero, err
	}
	defer unlock()
	var value T
	err = load(path, &value, here)
	if err == nil {
		os.Chtimes(path, time.Time{}, time.Now()) // asked for; where this cannot be written down the entry is older than it is
		return value, nil
	}
	if !errors.Is(err, fs.ErrNotExist) && err != errCode {
		say("The cached %q is damaged (%v): computing it again.", name, err)
	}
	value, err = compute()
	if err != nil {
		return zero, err
	}
	if err := store(path, &value, here.code); err != nil {
		return zero, err
	}
	swept.Do(func() { err = sweep(dir, cacheLimit) })
	if err != nil {
		return zero, fmt.Errorf("lab: sweeping the cache: %w", err)
	}
	return value, nil
}

const cacheLimit = 4 << 30 // bytes

var swept sync.Once // by this program

// errCode says that an entry was computed by code that has changed.
var errCode = errors.New("computed by other code")

// load reads an entry: the SHA-256 of the rest, then as gob the code that computed the value, and the value, in its own bytes if it is a
// pointer to what has MarshalBinary and UnmarshalBinary, which may be hundreds of megabytes, or as gob.
func load(path string, value any, here *program) error {
	entry, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	if len(entry) < sha256.Size {
		return fmt.Errorf("%d bytes, too short for an entry", len(entry))
	}
	sum := sha256.Sum256(entry[sha256.Size:])
	if !bytes.Equal(sum[:], entry[:sha256.Size]) {
		return errors.New("its checksum does not fit")
	}
	rest := bytes.NewReader(entry[sha256.Size:]) // from which gob reads no further than it must
	decoder := gob.NewDecoder(rest)
	var by code
	if err := decoder.Decode(&by); err != nil {
		return err
	}
	if by.Sum != here.sum(by.Packages) {
		return errCode
	}
	if pointer := reflect.ValueOf(value).Elem(); hasBytes(pointer.Type()) {
		fresh := reflect.New(pointer.Type().Elem())
		pointer.Set(fresh)
		return fresh.Interface().(encoding.BinaryUnmarshaler).UnmarshalBinary(entry[len(entry)-rest.Len():])
	}
	return decoder.Decode(value)
}

// hasBytes says whether values of a type are kept in their own bytes.
func hasBytes(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer && t.Implements(reflect.TypeFor[encoding.BinaryMarshaler]()) && t.Implements(reflect.TypeFor[encoding.BinaryUnmarshaler]())
}

// store writes an entry of what value points to.
func store(path string, value any, by code) error {
	entry := bytes.NewBuffer(make([]byte, sha256.Size))
	encoder := gob.NewEncoder(entry)
	if err := encoder.Encode(by); err != nil {
		return err
	}
	var err error
	if pointed := reflect.ValueOf(value).Elem(); hasBytes(pointed.Type()) && !pointed.IsNil() {
		var b []byte
		b, err = pointed.Interface().(encoding.BinaryMarshaler).MarshalBinary()
		entry.Write(b)
	} else {
		err = encoder.Encode(value)
	}
	if err != nil {
		return fmt.Errorf("lab: a value of type %v cannot be kept in the cache: %w", reflect.TypeOf(value).Elem(), err)
	}
	sum := sha256.Sum256(entry.Bytes()[sha256.Size:])
	copy(entry.Bytes(), sum[:])
	return wholefile.Write(path, entry.Bytes())
}

// sweep deletes the entries not asked for the longest until the rest fit into the limit.
func sweep(dir string, limit int64) error {
	files, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var entries []fs.FileInfo
	var total int64
	for _, file := range files {
		if info, err := file.Info(); err == nil && !strings.HasSuffix(info.Name(), lockSuffix) { // gone meanwhile otherwise
			entries = append(entries, info)
			total += info.Size()
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for _, entry := range entries {
		if total <= limit {
			break
		}
		path := filepath.Join(dir, entry.Name())
		if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		os.Remove(path + lockSuffix) // there is none beside a file left by a program that was killed
		total -= entry.Size()
	}
	return nil
}

const lockSuffix = ".lock"

// lock waits until this is the only holder of the lock file. The system lets go of it when the program ends, however it ends.
func lock(path string) (unlock func(), err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, fmt.Errorf("lab: locking the cache: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("lab: locking %s: %w", path, err)
	}
	return func() { file.Close() }, nil
}

// ModuleRoot is the root of this module's checkout: as the kernel's launcher says, else from the working folder upwards.
func ModuleRoot() (string, error) {
	if root := os.Getenv("WAVESCORE_ROOT"); root != "" {
		return root, nil
	}
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && strings.HasPrefix(string(text), "module "+module+"\n") {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", fmt.Errorf("neither %s nor a folder above it is a checkout of %s", start, module)
		}
	}
}

var notInFileNames = regexp.MustCompile(`[^a-zA-Z0-9._-]+`)

// fileName turns a name into one that any file system takes.
func fileName(name string) string {
	name = notInFileNames.ReplaceAllString(name, "-")
	return name[:min(len(name), 60)]
}
