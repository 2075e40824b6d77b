package dataset

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// openFolder reads one split of the images in a folder, of the kind that the names of its files
// tell; it need not read more than the first n if that is not 0. The error wraps fs.ErrNotExist
// where there is no such folder, or no such split in it.
func openFolder(dir string, split Split, n int) (*Images, error) {
	read, err := findSplit(dir, split)
	if err != nil {
		return nil, err
	}
	return read(n)
}

// findSplit looks whether a folder has the files of a split, and returns what reads them.
func findSplit(dir string, split Split) (read func(n int) (*Images, error), err error) {
	names, err := list(dir)
	if err != nil {
		return nil, err
	}
	switch {
	case slices.ContainsFunc(names, fits("*-images?idx3-ubyte")):
		return findIDX(dir, names, split)
	case slices.ContainsFunc(names, fits("*_batch*.bin")):
		return findCIFAR(dir, names, split)
	}
	return findPictures(dir, names, split)
}

// missing is the error of a folder or a file that is not there.
type missing string

func (m missing) Error() string { return string(m) }
func (m missing) Unwrap() error { return fs.ErrNotExist }

// neither is the error of a file that is there neither plain nor with .gz.
func neither(path string) error {
	return missing(fmt.Sprintf("there is neither %s nor %s.gz", path, filepath.Base(path)))
}

// list returns the names of what is in a folder, sorted.
func list(dir string) (names []string, err error) {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		if to, err := os.Readlink(dir); err == nil {
			return nil, missing(fmt.Sprintf("the link %s leads nowhere: there is no %s", dir, to))
		}
		return nil, missing("there is no folder " + dir)
	}
	if err != nil {
		return nil, fmt.Errorf("dataset: %w", err)
	}
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names, nil
}

// fits returns whether a name, without .gz, has a pattern of path.Match.
func fits(pattern string) func(name string) bool {
	return func(name string) bool {
		ok, _ := path.Match(pattern, strings.TrimSuffix(name, ".gz"))
		return ok
	}
}

// findIDX finds the images and labels of files named as MNIST's or EMNIST's.
func findIDX(dir string, names []string, split Split) (read func(n int) (*Images, error), err error) {
	files, err := findIDXFiles(dir, names, split)
	if err != nil {
		return nil, err
	}
	return func(n int) (*Images, error) {
		// The labels come first: they are small, and damaged ones spare reading the rest.
		labels, err := readFile(filepath.Join(dir, files.labels), ReadIDXLabels)
		if err != nil {
			return nil, err
		}
		images, err := readFile(filepath.Join(dir, files.images), func(r io.Reader, name string) (*Images, error) { return readIDX(r, name, n) })
		if err != nil {
			return nil, err
		}
		if n > 0 && n < len(labels) && n == images.Len() {
			labels = labels[:n:n]
		}
		images = images.turned(files.orientation())
		images.Labels = labels
		return images, nil
	}, nil
}

// findCIFAR finds all data_batch_*.bin, or the first test_*.bin by name, and the class names of
// batches.meta.txt where there is one.
func findCIFAR(dir string, names []string, split Split) (read func(n int) (*Images, error), err error) {
	pattern := "data_batch_*.bin"
	if split == Test {
		pattern = "test_*.bin"
	}
	var batches []string // without .gz: one that is there both ways is read once
	for _, name := range names {
		name = strings.TrimSuffix(name, ".gz")
		if fits(pattern)(name) && !slices.Contains(batches, name) {
			batches = append(batches, name)
		}
	}
	if len(batches) == 0 {
		return nil, missing(dir + " has no " + pattern)
	}
	if split == Test {
		batches = batches[:1]
	}
	return func(int) (*Images, error) {
		images, err := readFiles(dir, batches, ReadCIFAR)
		if err != nil {
			return nil, err
		}
		images.Classes, err = readFile(filepath.Join(dir, "batches.meta.txt"), readLines)
		if errors.Is(err, fs.ErrNotExist) {
			err = nil
		}
		return images, err
	}, nil
}

// Every holdOut-th picture by name, of each class, is for tests where a folder does not say which
// are.
const holdOut = 6

// findPictures finds the PNG and JPEG pictures of a folder, in the order of their names.
func findPictures(dir string, names []string, split Split) (read func(n int) (*Images, error), err error) {
	var chosen pictureFiles
	if slices.Contains(names, "train") || slices.Contains(names, "test") {
		chosen, err = findPictureFilesOf(dir, split)
		dir = filepath.Join(dir, split.String())
	} else {
		chosen, err = findPictureFiles(dir, names)
		chosen = chosen.held(split == Test)
	}
	if err != nil {
		return nil, err
	}
	if len(chosen.paths) == 0 {
		return nil, missing(fmt.Sprintf("%s has no %s images, which are PNG or JPEG pictures (%d or more, or some in train/ and test/; "+
			"all in one folder, or each class in one of its own), IDX files named as MNIST's, or CIFAR-10 binary files", dir, split, holdOut))
	}
	return func(int) (*Images, error) {
		images, err := readFiles(dir, chosen.paths, ReadPicture)
		if err == nil && chosen.classes != nil {
			images.Labels, images.Classes = chosen.labels[:images.Len()], chosen.classes
		}
		return images, err
	}, nil
}

// pictures returns the names of PNG and JPEG files. Those that begin with a point are notes of
// the system.
func pictures(names []string) (of []string) {
	for _, name := range names {
		switch strings.ToLower(filepath.Ext(name)) {
		case ".png", ".jpg", ".jpeg":
			if !strings.HasPrefix(name, ".") {
				of = append(of, name)
			}
		}
	}
	return of
}

// readFiles reads files of images one after another into one set. All must have one shape.
func readFiles(dir string, names []string, read func(io.Reader, string) (*Images, error)) (*Images, error) {
	all, err := readFile(filepath.Join(dir, names[0]), read)
	if err != nil {
		return nil, err
	}
	all.Pixels = slices.Grow(all.Pixels, min(len(names)*len(all.Pixels), MaxValues)-len(all.Pixels))
	for _, name := range names[1:] {
		part, err := readFile(filepath.Join(dir, name), read)
		if err != nil {
			return nil, err
		}
		if part.Channels != all.Channels || part.Height != all.Height || part.Width != all.Width {
			return nil, fmt.Errorf("dataset: %s is %dx%dx%d (channels x height x width), but %s is %dx%dx%d: "+
				"want pictures of one size, all grey or all colour", part.Name, part.Channels, part.Height, part.Width,
				all.Name, all.Channels, all.Height, all.Width)
		}
		if len(all.Pixels) > MaxValues-len(part.Pixels) {
			return nil, fmt.Errorf("dataset: the images of %s have more than %d values", dir, MaxValues)
		}
		all.Pixels = append(all.Pixels, part.Pixels...)
		all.Labels = append(all.Labels, part.Labels...)
	}
	return all, nil
}

// readFile reads the file of a path, or of path.gz where there is none.
func readFile[T any](path string, read func(io.Reader, string) (T, error)) (T, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		f, err = os.Open(path + ".gz")
	}
	if err != nil {
		var none T
		if errors.Is(err, fs.ErrNotExist) {
			for _, name := range []string{path, path + ".gz"} {
				if _, err := os.Lstat(name); err == nil {
					return none, danglingLink(name)
				}
			}
			return none, neither(path)
		}
		return none, fmt.Errorf("dataset: %w", err)
	}
	defer f.Close()
	return read(f, f.Name())
}

// readLines returns the lines of a text, plain or gzip, that are not empty.
func readLines(r io.Reader, name string) (lines []string, err error) {
	const most = 1 << 16 // bytes
	s, err := newSource(r, name)
	if err != nil {
		return nil, err
	}
	text := &io.LimitedReader{R: s.r, N: most + 1}
	scanner := bufio.NewScanner(text)
	for scanner.Scan() {
		if line := strings.TrimSpace(scanner.Text()); line != "" {
			lines = append(lines, line)
		}
	}
	s.offset = most + 1 - text.N
	if err := scanner.Err(); err != nil {
		return nil, s.broken("lines of text", err)
	}
	if text.N == 0 {
		return nil, s.wrong(fmt.Sprintf("at most %d bytes of text", most), "more data")
	}
	return lines, nil
}
