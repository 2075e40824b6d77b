package dataset

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// pictureFiles are the pictures of a folder: its own, or those of its folders, which are then
// classes.
type pictureFiles struct {
	paths   []string // below the folder: class by class, each sorted
	labels  []int    // nil where the pictures are the folder's own
	classes []string // nil there, too; else sorted
}

// findPictureFiles returns the pictures of a folder. Where it has none itself they are those of the
// folders in it, and each is a class.
func findPictureFiles(dir string, names []string) (pictureFiles, error) {
	if own := pictures(names); len(own) > 0 {
		return pictureFiles{paths: own}, nil
	}
	var s pictureFiles
	for _, name := range names {
		if strings.HasPrefix(name, ".") {
			continue
		}
		class := filepath.Join(dir, name)
		switch info, err := os.Stat(class); {
		case errors.Is(err, fs.ErrNotExist):
			return s, danglingLink(class)
		case err != nil:
			return s, fmt.Errorf("dataset: %w", err)
		case !info.IsDir():
			continue
		}
		inside, err := list(class)
		if err != nil {
			return s, err
		}
		of := pictures(inside)
		for _, picture := range of {
			s.paths = append(s.paths, filepath.Join(name, picture))
			s.labels = append(s.labels, len(s.classes))
		}
		if len(of) > 0 {
			s.classes = append(s.classes, name)
		}
	}
	return s, nil
}

// findPictureFilesOf returns the pictures of a split whose folder is dir. Their labels count the
// classes of both splits, for a class may be missing in one.
func findPictureFilesOf(dir string, split Split) (pictureFiles, error) {
	names, err := list(filepath.Join(dir, split.String()))
	if err != nil {
		return pictureFiles{}, err
	}
	s, err := findPictureFiles(filepath.Join(dir, split.String()), names)
	if err != nil || s.classes == nil {
		return s, err
	}
	other := Train
	if split == Train {
		other = Test
	}
	dir = filepath.Join(dir, other.String())
	names, err = list(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	o, err := findPictureFiles(dir, names)
	if err != nil {
		return s, err
	}
	all := slices.Concat(s.classes, o.classes)
	slices.Sort(all)
	all = slices.Compact(all)
	for i, label := range s.labels {
		s.labels[i] = slices.Index(all, s.classes[label])
	}
	s.classes = all
	return s, nil
}

// held returns the pictures that are held out for tests, every holdOut-th of each class, or the
// others.
func (s pictureFiles) held(out bool) (part pictureFiles) {
	part.classes = s.classes
	inClass := 0
	for i, path := range s.paths {
		if i > 0 && s.labels != nil && s.labels[i] != s.labels[i-1] {
			inClass = 0
		}
		if held := inClass%holdOut == holdOut-1; held == out {
			part.paths = append(part.paths, path)
			if s.labels != nil {
				part.labels = append(part.labels, s.labels[i])
			}
		}
		inClass++
	}
	return part
}

// danglingLink is the error of a link to what is not there.
func danglingLink(link string) error {
	to, err := os.Readlink(link)
	if err != nil { // it is gone
		return missing("there is no " + link)
	}
	return fmt.Errorf("dataset: the link %s leads nowhere: there is no %s; remove the link or mend it", link, to)
}
