package notebooks

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// An Entry is a notebook of the project: notebooks/NN-name.ipynb, or its exercises solved,
// notebooks/solutions/NN-name.ipynb. Notebooks without a number, as the playground, are for open
// sessions only: their widgets wait for a hand.
type Entry struct {
	Number string // NN
	Name   string // NN-name, or NN-name-solutions
	Path   string
}

// figureFolder is the folder of a notebook's figures within that of all figures: NN or
// NN-solutions, or the notebook's name where others share its number.
func figureFolder(name string, shared bool) string {
	switch {
	case shared:
		return name
	case strings.HasSuffix(name, solved):
		return name[:2] + solved
	}
	return name[:2]
}

// sharedNumbers returns the numbers that several of the notebooks have, each with its solutions
// taken as one.
func sharedNumbers(entries []Entry) map[string]bool {
	first, shared := make(map[string]string), make(map[string]bool)
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name, solved)
		if first[e.Number] == "" {
			first[e.Number] = name
		}
		shared[e.Number] = shared[e.Number] || name != first[e.Number]
	}
	return shared
}

const solved = "-solutions"

var numbered = regexp.MustCompile(`^(\d\d)-.+\.ipynb$`)

// Find returns the notebooks of the module at root that have one of the numbers, or all where
// none is given, in order; their solutions too if these are wanted.
func Find(root string, solutions bool, numbers ...string) ([]Entry, error) {
	var all []Entry
	for _, part := range []struct {
		dir, suffix string
		wanted      bool
	}{{"notebooks", "", true}, {"notebooks/solutions", solved, solutions}} {
		if !part.wanted {
			continue
		}
		files, err := os.ReadDir(filepath.Join(root, part.dir))
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		for _, file := range files {
			if match := numbered.FindStringSubmatch(file.Name()); match != nil {
				name := strings.TrimSuffix(file.Name(), ".ipynb") + part.suffix
				all = append(all, Entry{match[1], name, filepath.Join(root, part.dir, file.Name())})
			}
		}
	}
	slices.SortFunc(all, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	for i := 1; i < len(all); i++ {
		if all[i].Name == all[i-1].Name {
			return nil, fmt.Errorf("%s and %s would both be published as %s: rename one of them",
				all[i-1].Path, all[i].Path, all[i].Name)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no numbered notebooks in %s", filepath.Join(root, "notebooks"))
	}
	if len(numbers) == 0 {
		return all, nil
	}
	var chosen []Entry
	for _, number := range numbers {
		known := false
		for _, e := range all {
			if e.Number != number {
				continue
			}
			known = true
			if !slices.Contains(chosen, e) {
				chosen = append(chosen, e)
			}
		}
		if !known {
			var names []string
			for _, e := range all {
				names = append(names, e.Name)
			}
			return nil, fmt.Errorf("no notebook %s; there are %s", number, strings.Join(names, ", "))
		}
	}
	return chosen, nil
}
