package dataset

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"sync"

	"wavescore/data"
)

// Set describes images that can be downloaded, as data/manifest.json has it.
type Set struct {
	Name    string
	About   string
	Licence string
	Folder  string   // below a data folder, with slashes
	Mirrors []string // addresses that the name of a file is added to
	Classes []string
	Files   []File
}

// File is one file of a Set.
type File struct {
	Name   string
	Bytes  int64
	SHA256 string // hexadecimal; empty for a file of an archive, whose own was checked, where nobody publishes it
	Holds  []File // for an archive, .tar.gz: what to take from it
}

// Sets returns the sets of the manifest.
func Sets() []Set { return slices.Clone(manifest()) }

var manifest = sync.OnceValue(func() (sets []Set) {
	decoder := json.NewDecoder(bytes.NewReader(data.Manifest))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&sets); err != nil {
		panic(fmt.Errorf("dataset: the embedded manifest: %w", err))
	}
	return sets
})

// FindSet returns the set of a name, and whether there is one.
func FindSet(name string) (Set, bool) {
	sets := manifest()
	if i := slices.IndexFunc(sets, func(s Set) bool { return s.Name == name }); i >= 0 {
		return sets[i], true
	}
	return Set{}, false
}

// Size returns the number of bytes to download.
func (s Set) Size() (bytes int64) {
	for _, f := range s.Files {
		bytes += f.Bytes
	}
	return bytes
}

// Contents returns the files that the set's folder holds when it is complete: the files of archives in their place.
func (s Set) Contents() (files []File) {
	for _, f := range s.Files {
		if f.Holds == nil {
			files = append(files, f)
		}
		files = append(files, f.Holds...)
	}
	return files
}

// Find returns the set's folder in the first of Folders where it has anything in it.
func (s Set) Find() (folder string, found bool) {
	for _, in := range Folders() {
		folder := filepath.Join(in, filepath.FromSlash(s.Folder))
		if names, err := list(folder); err == nil && len(names) > 0 {
			return folder, true
		}
	}
	return "", false
}

// Verify returns an error unless the file at path has the size and the SHA-256 of f. Where there is no file, the error wraps
// fs.ErrNotExist.
func (f File) Verify(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if info.Size() != f.Bytes {
		return fmt.Errorf("%s has %d bytes, want %d", path, info.Size(), f.Bytes)
	}
	if f.SHA256 == "" {
		return nil
	}
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return err
	}
	if found := hex.EncodeToString(hash.Sum(nil)); found != f.SHA256 {
		return fmt.Errorf("%s has SHA-256 %s, want %s", path, found, f.SHA256)
	}
	return nil
}

// check returns an error where the folder has not all that the manifest lists and the formats would not show it: a CIFAR-10
// file cut between two records is a shorter one, and so is a folder with some of its pictures. The error for missing files
// wraps fs.ErrNotExist.
func (s Set) check(dir string) error {
	var there, absent []string
	for _, f := range s.Contents() {
		at := filepath.Join(dir, f.Name)
		info, err := os.Stat(at)
		switch {
		case path.Ext(f.Name) == ".gz": // has a length and a checksum
		case errors.Is(err, fs.ErrNotExist):
			absent = append(absent, f.Name)
		case err != nil:
			return fmt.Errorf("dataset: %w", err)
		case info.Size() != f.Bytes:
			return &FormatError{File: at, Offset: min(info.Size(), f.Bytes), Want: fmt.Sprintf("%d bytes", f.Bytes), Found: fmt.Sprint(info.Size())}
		default:
			there = append(there, f.Name)
		}
	}
	if len(there) > 0 && len(absent) > 0 {
		return missing(fmt.Sprintf("%s has %d of %d files and not %s", dir, len(there), len(there)+len(absent), absent[0]))
	}
	return nil
}
