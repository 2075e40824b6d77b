package cache

import (
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
)

// A Site is the place of a call in a program's source.
type Site struct {
	File     string
	Line     int
	Function string // what is called there, by its name in its package
	InMain   bool   // the call is in package main
}

// Caller returns the place where the function that calls Caller was called.
func Caller() Site {
	callers := make([]uintptr, 2)
	frames := runtime.CallersFrames(callers[:runtime.Callers(2, callers)])
	called, more := frames.Next()
	if !more {
		return Site{}
	}
	caller, _ := frames.Next()
	name, _, _ := strings.Cut(called.Function, "[") // without type arguments
	return Site{File: caller.File, Line: caller.Line, Function: name[strings.LastIndex(name, ".")+1:],
		InMain: strings.HasPrefix(caller.Function, "main.")}
}

// A cell is the source of a program of one package, such as GoNB makes of a notebook's cell and
// the declarations of the cells before it, or of a package of the module.
type cell struct {
	root    string // of the module
	program bool   // some file is of package main
	fset    *token.FileSet
	files   []*cellFile
	decls   map[string]*decl            // of the package, by name
	methods map[string]map[string]*decl // by the names of the type and of the method
	setup   []*decl                     // functions init and variables _, which run without a name
	sets    []*decl                     // assignments in functions
	others  sync.Map                    // of *cell, by the import paths of packages of the module
}

type cellFile struct {
	*ast.File
	text []byte
}

// decl is a declaration of the package: a function, a type, a variable, or a group of constants,
// which iota may tie together. An assignment in a function counts as one, too.
type decl struct {
	file  *cellFile
	nodes []ast.Node
}

// parseCell reads the Go files of a folder. A folder without any is an empty cell.
func parseCell(dir, root string) (*cell, error) {
	names, err := goFiles(dir)
	if err != nil {
		return nil, err
	}
	c := &cell{root: root, fset: token.NewFileSet(), decls: make(map[string]*decl),
		methods: make(map[string]map[string]*decl)}
	for _, name := range names {
		path := filepath.Join(dir, name)
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(c.fset, path, text, 0)
		if err != nil {
			continue // it is in no program
		}
		file := &cellFile{parsed, text}
		c.files = append(c.files, file)
		c.program = c.program || parsed.Name.Name == "main"
		for _, d := range parsed.Decls {
			c.declare(file, d)
		}
	}
	return c, nil
}

func (c *cell) declare(file *cellFile, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		ast.Inspect(d, func(n ast.Node) bool {
			if statement, ok := n.(*ast.AssignStmt); ok && statement.Tok != token.DEFINE {
				c.sets = append(c.sets, &decl{file, []ast.Node{statement}})
			}
			return true
		})
		one := &decl{file, []ast.Node{d}}
		switch {
		case d.Recv != nil && len(d.Recv.List) == 1:
			receiver := typeName(d.Recv.List[0].Type)
			if c.methods[receiver] == nil {
				c.methods[receiver] = make(map[string]*decl)
			}
			c.methods[receiver][d.Name.Name] = one
		case d.Name.Name == "init" || d.Name.Name == "_":
			c.setup = append(c.setup, one)
		default:
			c.decls[d.Name.Name] = one
		}
	case *ast.GenDecl:
		group := &decl{file: file}
		for _, spec := range d.Specs {
			one := &decl{file, []ast.Node{spec}}
			if d.Tok == token.CONST {
				group.nodes = append(group.nodes, spec)
				one = group
			}
			switch spec := spec.(type) {
			case *ast.TypeSpec:
				c.decls[spec.Name.Name] = one
			case *ast.ValueSpec:
				for _, name := range spec.Names {
					if name.Name != "_" {
						c.decls[name.Name] = one
					} else if d.Tok == token.VAR {
						c.setup = append(c.setup, one)
					}
				}
			}
		}
	}
}

// typeName is the name of a receiver's type, without star and type parameters.
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ParenExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// A call is one of the calls at a Site.
type call struct {
	*ast.CallExpr
	file *cellFile
	in   ast.Decl // the declaration that the call is in
}

// callsAt returns the calls at a site: one, unless a line holds several. Positions are those that
// line directives give, as the compiler's are.
func (c *cell) callsAt(site Site) (calls []call) {
	for _, file := range c.files {
		for _, d := range file.Decls {
			ast.Inspect(d, func(n ast.Node) bool {
				expr, ok := n.(*ast.CallExpr)
				if !ok || calledName(expr.Fun) != site.Function {
					return true
				}
				from, to := c.fset.Position(expr.Pos()), c.fset.Position(expr.Lparen)
				if filepath.Base(from.Filename) == filepath.Base(site.File) &&
					from.Line <= site.Line && site.Line <= to.Line {
					calls = append(calls, call{expr, file, d})
				}
				return true
			})
		}
	}
	return calls
}

// calledName is the last name of what is called: f of f, p.f and f[T].
func calledName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return calledName(e.X)
	case *ast.IndexListExpr:
		return calledName(e.X)
	case *ast.ParenExpr:
		return calledName(e.X)
	}
	return ""
}

// tokens returns the source of a node without its layout: without comments, without the
// semicolons and commas before a closing bracket, and with all numbers in small letters.
func (f *cellFile) tokens(fset *token.FileSet, n ast.Node) string {
	file := fset.File(n.Pos())
	text := f.text[file.Offset(n.Pos()):file.Offset(n.End())]
	var s scanner.Scanner
	s.Init(token.NewFileSet().AddFile("", -1, len(text)), text, nil, 0)
	var all strings.Builder
	separator := ""
	for {
		_, tok, literal := s.Scan()
		switch tok {
		case token.EOF:
			return all.String()
		case token.SEMICOLON, token.COMMA:
			all.WriteString(separator)
			separator = tok.String() + " "
			continue
		case token.RPAREN, token.RBRACE, token.RBRACK:
			separator = ""
		case token.INT, token.FLOAT, token.IMAG:
			literal = strings.ToLower(literal)
		}
		if !tok.IsLiteral() {
			literal = tok.String()
		}
		all.WriteString(separator + literal + " ")
		separator = ""
	}
}

// importsOf returns the imports that a name may stand for: by their own name, else by their path,
// whose words usually hold it. All, if none fits.
func (f *cellFile) importsOf(name string) (fitting []*ast.ImportSpec) {
	for _, spec := range f.Imports {
		path, _ := strconv.Unquote(spec.Path.Value)
		if spec.Name != nil && spec.Name.Name == name ||
			spec.Name == nil && strings.Contains(path, name) {
			fitting = append(fitting, spec)
		}
	}
	if fitting == nil {
		return f.Imports
	}
	return fitting
}
