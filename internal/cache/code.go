package cache

import (
	"crypto/sha256"
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// module is this module's path.
var module = strings.TrimSuffix(reflect.TypeFor[Cache]().PkgPath(), "/internal/cache")

// code is what a cached value was computed by: go.mod, and those packages of this module that the
// program was made of. The value is good while they are as they were then. They are kept with it,
// not in its key, because the cells of a notebook are programs made of different packages.
type code struct {
	Packages []string // import paths, sorted
	Sum      [sha256.Size]byte
}

// running is this program: its code, its source, and the sources that tell whether other code is
// still what it was. Root is the module's.
func running(root string) (*program, error) {
	read, _ := programs.LoadOrStore(root, sync.OnceValues(func() (*program, error) {
		path, err := os.Executable()
		if err != nil {
			return nil, err
		}
		p := &program{sources: newSources(root)}
		if p.code, err = p.sources.program(filepath.Dir(path)); err != nil {
			return nil, err
		}
		p.cell, err = parseCell(filepath.Dir(path), root)
		return p, err
	}))
	return read.(func() (*program, error))()
}

var programs sync.Map // of func() (*program, error), by root

type program struct {
	*sources
	code code
	cell *cell
}

// sources are the packages of the module at root, each read once.
type sources struct {
	root string
	mu   sync.Mutex
	read map[string]source // by import path
}

// source is that of a package.
type source struct {
	sum     [sha256.Size]byte
	imports []string
	err     error
}

func newSources(root string) *sources { return &sources{root: root, read: make(map[string]source)} }

// program returns the code of the program that was built in a folder from the source there, as the
// cells of a notebook are. What any other program is made of is not known, so all packages count.
func (s *sources) program(dir string) (code, error) {
	own := readSource(dir)
	if own.err != nil || own.imports != nil {
		return s.closure(own.imports), own.err
	}
	folders, err := os.ReadDir(filepath.Join(s.root, "pkg"))
	if err != nil {
		return code{}, err
	}
	var all []string
	for _, folder := range folders {
		all = append(all, module+"/pkg/"+folder.Name())
	}
	return s.closure(all), nil
}

// closure returns the code of packages and of all packages of the module that they import, but the
// pictures: no value that is kept is made by viz.
func (s *sources) closure(packages []string) (c code) {
	seen := map[string]bool{module + "/pkg/viz": true}
	for len(packages) > 0 {
		path := packages[0]
		packages = packages[1:]
		if !seen[path] && strings.HasPrefix(path, module+"/") {
			seen[path] = true
			c.Packages = append(c.Packages, path)
			packages = append(packages, s.get(path).imports...)
		}
	}
	slices.Sort(c.Packages)
	c.Sum = s.sum(c.Packages)
	return c
}

// sum returns the SHA-256 of go.mod and of packages; one that is not there counts as empty.
func (s *sources) sum(packages []string) (sum [sha256.Size]byte) {
	all := sha256.New()
	mod, _ := os.ReadFile(filepath.Join(s.root, "go.mod"))
	fmt.Fprintf(all, "%x", sha256.Sum256(mod))
	for _, path := range packages {
		fmt.Fprintf(all, "%q%x", path, s.get(path).sum)
	}
	all.Sum(sum[:0])
	return sum
}

func (s *sources) get(path string) source {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.read[path]
	if !ok {
		p = readSource(filepath.Join(s.root, filepath.FromSlash(strings.TrimPrefix(path, module+"/"))))
		s.read[path] = p
	}
	return p
}

// readSource reads the Go files of a folder.
func readSource(dir string) (p source) {
	names, err := goFiles(dir)
	if err != nil {
		return source{err: err}
	}
	all := sha256.New()
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return source{err: err}
		}
		fmt.Fprintf(all, "%q%x", name, sha256.Sum256(text))
		parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		if err != nil {
			continue // it is in no program
		}
		for _, spec := range parsed.Imports {
			path, _ := strconv.Unquote(spec.Path.Value)
			p.imports = append(p.imports, path)
		}
	}
	all.Sum(p.sum[:0])
	return p
}

// goFiles returns the names of the Go files of a folder in alphabetical order, without the tests
// and those that Go ignores.
func goFiles(dir string) (names []string, err error) {
	files, err := os.ReadDir(dir)
	for _, file := range files {
		name := file.Name()
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") &&
			!strings.ContainsAny(name[:1], "_.") {
			names = append(names, name)
		}
	}
	return names, err
}
