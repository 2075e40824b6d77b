package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"wavescore/internal/wholefile"
	"wavescore/pkg/dataset"
)

// checkOutputs returns an error unless all outputs can be written, and none is named twice or is
// one of the inputs, which are files and folders. Commands call it before their work starts.
func checkOutputs(outputs, inputs []string) error {
	for i, path := range outputs {
		if err := wholefile.Check(path); err != nil {
			return fmt.Errorf("-o %s: %w", path, err)
		}
		for _, earlier := range outputs[:i] {
			if sameFile(path, earlier) {
				return fmt.Errorf("-o %s: the same file as %s", path, earlier)
			}
		}
		for _, input := range inputs {
			if read := readFrom(path, input); read != "" {
				return fmt.Errorf("-o %s: it would replace %s, which the command reads; name another file", path, read)
			}
		}
	}
	return nil
}

// readFrom returns the file that is path among those that are read where input is named, or "":
// the file itself, or any in the folder but a model's, which was written there before.
func readFrom(path, input string) (read string) {
	written, err := os.Stat(path)
	if err != nil || !written.Mode().IsRegular() {
		return ""
	}
	err = filepath.WalkDir(input, func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := os.Stat(file); err == nil && os.SameFile(info, written) && (file == input || !isModel(file)) {
			read = file
			return filepath.SkipAll
		}
		return nil
	})
	if err != nil {
		return ""
	}
	return read
}

// isModel reports whether a file begins as a safetensors file does, which no image does: with the
// length of its header, then "{".
func isModel(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	var begin [9]byte
	_, err = file.Read(begin[:])
	return err == nil && begin[8] == '{'
}

// sameFile reports whether two paths name one regular file, or will once it has been made.
func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	second, err2 := os.Stat(b)
	if err != nil || err2 != nil {
		return filepath.Clean(a) == filepath.Clean(b)
	}
	return first.Mode().IsRegular() && os.SameFile(first, second)
}

// imageFolder returns where the images of --data lie: the folder that is named, or that of the
// set with the name, or "" for images that are made.
func imageFolder(name string) string {
	if set, ok := dataset.FindSet(name); ok {
		folder, _ := set.Find()
		return folder
	}
	if _, err := os.Stat(name); err != nil {
		return ""
	}
	return name
}

// extension returns which of the accepted endings a file's name has, in lower case.
func extension(path string, accepted ...string) (string, error) {
	name := strings.ToLower(filepath.Base(path))
	for _, e := range accepted {
		if strings.HasSuffix(name, e) {
			return e, nil
		}
	}
	return "", fmt.Errorf("-o %s: files are written as %s", path, strings.Join(accepted, ", "))
}
