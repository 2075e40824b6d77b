package lab

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"wavescore/internal/cache"
)

// Cached returns what compute returns, from the disk where it has been computed before, in this
// cell or another, in this notebook or another.
//
// A value is known by its name, its inputs and its type T, and by what computes it: the source of
// compute and of all that it uses of the notebook, and the packages of this module that the cell is
// made of. When one of them changes the value is computed again; where a declaration stands, its
// layout and its comments do not matter. Only in a program whose source is not beside it, such as a
// test or one that go run starts, is the body of compute not looked at: give the value another name
// when it changes.
//
// Inputs must hold every number, name and size that compute uses: a struct, slice or map of plain
// values is best, and a function or a channel is an error. Of a Run give what is used, such as
// run.TrainSet() and run.Seed, or the value is computed again when another part of it changes.
// Images stand for the set that they are of and their place in it, and a value with a method
// CacheKey() any for what that returns.
//
// T may be anything that encoding/gob takes whole: a struct needs exported fields only, or
// MarshalBinary and UnmarshalBinary.
//
// Entries lie in the folder wavescore of $WAVESCORE_CACHE, or else in .cache/wavescore at the
// module's root, and may be deleted at any time; those not asked for the longest go by themselves
// when all of them pass 4 GB. They appear there whole or not at all. When two programs want the
// same value at once the second waits for the first and reads its result. An entry that is damaged
// is computed again, and Cached says so. An error of compute is returned and not kept.
func Cached[T any](name string, inputs any, compute func() (T, error)) (T, error) {
	site := cache.Caller()
	store, err := values()
	if err != nil {
		var zero T
		return zero, err
	}
	return cache.Get(store, site, name, inputs, compute)
}

const cacheLimit = 4 << 30 // bytes

// values is the cache of this program.
func values() (cache.Cache, error) {
	root, err := ModuleRoot()
	if err != nil {
		return cache.Cache{}, err
	}
	dir := os.Getenv("WAVESCORE_CACHE")
	if dir == "" {
		dir = filepath.Join(root, ".cache")
	}
	return cache.Cache{
		Dir: filepath.Join(dir, "wavescore"), Root: root, Limit: cacheLimit,
		Settings: module + "/pkg/lab.Setup", Say: say,
	}, nil
}

// module is this module's path.
const module = "wavescore"

// ModuleRoot is the root of this module's checkout: as the kernel's launcher says, else from the
// working folder upwards.
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
