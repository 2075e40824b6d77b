package dataset

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// unpack takes from a .tar.gz archive the files that it should hold, whatever folder they have in
// it, and puts them into the folder once all are there and right. Anything else in the archive is
// passed over, so no name in it is ever used as a path.
func (f File) unpack(archive io.Reader, folder string) error {
	temporary, err := os.MkdirTemp(folder, ".unpack-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(temporary)
	compressed, err := gzip.NewReader(archive)
	if err != nil {
		return fmt.Errorf("%s: %w", f.Name, err)
	}
	missing := slices.Clone(f.Holds)
	for entries := tar.NewReader(compressed); len(missing) > 0; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("%s does not hold %s", f.Name, missing[0].Name)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		i := slices.IndexFunc(missing, func(m File) bool { return m.Name == path.Base(entry.Name) })
		if i < 0 || entry.Typeflag != tar.TypeReg {
			continue
		}
		if entry.Size != missing[i].Bytes {
			return fmt.Errorf("%s: %s has %d bytes, the manifest has %d", f.Name, entry.Name, entry.Size, missing[i].Bytes)
		}
		to := filepath.Join(temporary, missing[i].Name)
		if err := writeFile(to, entries); err != nil {
			return fmt.Errorf("%s: %s: %w", f.Name, entry.Name, err)
		}
		if _, err := missing[i].Verify(to); err != nil {
			return fmt.Errorf("%s: %w", f.Name, err)
		}
		missing = slices.Delete(missing, i, i+1)
	}
	for _, held := range f.Holds {
		if err := os.Rename(filepath.Join(temporary, held.Name), filepath.Join(folder, held.Name)); err != nil {
			return err
		}
	}
	return nil
}

// writeFile makes a new file of all that r has.
func writeFile(path string, r io.Reader) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, r)
	return errors.Join(err, file.Sync(), file.Close())
}
