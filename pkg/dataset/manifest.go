package dataset

import (
	"bytes"
	"compress/gzip"
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
	Places  []string // folders of the system where a package puts the set
	Debian  string   // the name of Debian's package that does, or ""
	Mirrors []string // addresses that the name of a file is added to; see Download
	Classes []string
	Files   []File
}

// File is one file of a Set.
type File struct {
	Name string
	Content
	Unpacked *Content // of a .gz file: what it holds, however it was gzipped
	Holds    []File   // for an archive, .tar.gz: what to take from it
}

// Content tells whether bytes are the right ones.
type Content struct {
	Bytes  int64
	SHA256 string // hexadecimal; empty for a file of an archive, whose own was checked, where nobody publishes it
}

// check returns an error unless all that r has is this content. It reads no more than a byte past
// it, however much there is.
func (c Content) check(r io.Reader) error {
	hash := sha256.New()
	n, err := io.Copy(hash, io.LimitReader(r, c.Bytes+1))
	switch found := hex.EncodeToString(hash.Sum(nil)); {
	case err != nil:
		return fmt.Errorf("after %d of %d bytes: %w", n, c.Bytes, err)
	case n > c.Bytes:
		return fmt.Errorf("more than the %d bytes of the manifest", c.Bytes)
	case n < c.Bytes:
		return fmt.Errorf("%d bytes, the manifest has %d", n, c.Bytes)
	case c.SHA256 != "" && found != c.SHA256:
		return fmt.Errorf("SHA-256 %s, the manifest has %s", found, c.SHA256)
	}
	return nil
}

// Sets returns the sets of the manifest.
func Sets() []Set { return slices.Clone(manifest()) }

var manifest = sync.OnceValue(func() []Set {
	sets, err := parseManifest(data.Manifest)
	if err != nil {
		panic(fmt.Errorf("dataset: the embedded manifest: %w", err))
	}
	return sets
})

func parseManifest(text []byte) (sets []Set, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	err = decoder.Decode(&sets)
	return sets, err
}

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

// Contents returns the files that the set's folder holds when it is complete: the files of
// archives in their place.
func (s Set) Contents() (files []File) {
	for _, f := range s.Files {
		if f.Holds == nil {
			files = append(files, f)
		}
		files = append(files, f.Holds...)
	}
	return files
}

// folders returns where the set may lie: its folder in each of Folders, then the Places of the
// system.
func (s Set) folders() (folders []string) {
	for _, in := range Folders() {
		folders = append(folders, filepath.Join(in, filepath.FromSlash(s.Folder)))
	}
	return append(folders, s.Places...)
}

// Find looks at the names of files and returns the folder that Open would read: the set's in one
// of Folders, or one of Places. Where none has the files of both splits, found is false, and
// folder is the first that has anything in it, or "".
func (s Set) Find() (folder string, found bool) {
	for _, at := range s.folders() {
		names, err := list(at)
		if err != nil || len(names) == 0 {
			continue
		}
		if s.complete(at) {
			return at, true
		}
		if folder == "" {
			folder = at
		}
	}
	return folder, false
}

// complete returns whether the folder has files of both splits, right or damaged.
func (s Set) complete(dir string) bool {
	_, train := findSplit(dir, Train)
	_, test := findSplit(dir, Test)
	return !errors.Is(errors.Join(s.check(dir), train, test), fs.ErrNotExist)
}

// byHand says how to come by the set without a download.
func (s Set) byHand() string {
	way := "set WAVESCORE_DATA to a folder that has " + s.Folder
	if s.Debian != "" {
		way += fmt.Sprintf(", or install Debian's package of it (apt-get install %s)", s.Debian)
	}
	return way
}

// Verify returns an error unless the file at path is f: its bytes are those of the manifest, or
// anew is true and they are a .gz file that unpacks to the same content. Memory does not grow with
// the file. Where there is none, the error wraps fs.ErrNotExist.
func (f File) Verify(path string) (anew bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer file.Close()
	packed := f.check(file)
	if packed == nil {
		return false, nil
	}
	if f.Unpacked == nil {
		return false, fmt.Errorf("%s: %w", path, packed)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return false, err
	}
	content, err := gzip.NewReader(file)
	if err == nil {
		err = f.Unpacked.check(content)
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w; unpacked: %w", path, packed, err)
	}
	return true, nil
}

// check returns an error where the folder has not all that the manifest lists and the formats
// would not show it: a CIFAR-10 file cut between two records is a shorter one, and so is a folder
// with some of its pictures. The error for missing files wraps fs.ErrNotExist.
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
