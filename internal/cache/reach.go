//lint:file-ignore SA1019 ast.Object says which declaration a name has in its scopes

// Names are resolved by the scopes of go/ast. go/types would resolve them better, but needs the
// types of all that a cell imports, which costs seconds.

package cache

import (
	"crypto/sha256"
	"fmt"
	"go/ast"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// digest is a hash of the source of what the call at a site computes by. Settings is that of
// Cache, and types are those of the program that the values of the inputs have. It is empty for a
// call that is not in a program of known source.
func (c *cell) digest(site Site, settings string, types map[string]bool) []byte {
	if !site.InMain || !c.program {
		return nil
	}
	r := &reach{cell: c, texts: make(map[string]bool), seen: make(map[any]bool),
		given: make(map[any]bool), types: make(map[string]bool), selected: make(map[string]bool)}
	calls := c.callsAt(site)
	for _, one := range calls {
		if len(one.Args) < 2 {
			calls = nil // f(g()), where g returns the arguments
			break
		}
		if len(calls) == 1 {
			r.inputs(one, one.Args[len(one.Args)-2], settings)
		}
	}
	for _, one := range calls {
		r.text("computed by", one.file, one.Args[len(one.Args)-1])
		r.follow(one.file, one.Args[len(one.Args)-1])
	}
	for name := range types {
		r.name(name)
	}
	for _, file := range c.files {
		for _, spec := range file.Imports { // those that nothing names
			if spec.Name != nil && (spec.Name.Name == "." || spec.Name.Name == "_") {
				r.text("import", file, spec)
			}
		}
	}
	if len(calls) == 0 { // nothing is known of the call: all source counts
		for name := range c.decls {
			r.name(name)
		}
		for _, one := range c.setup {
			r.declaration(one)
		}
	}
	r.setup()
	all := sha256.New()
	for _, text := range slices.Sorted(maps.Keys(r.texts)) {
		fmt.Fprintf(all, "%d:%s;", len(text), text)
	}
	return all.Sum(nil)
}

// A reach is the source that a call computes by, as far as it has been followed.
type reach struct {
	*cell
	texts    map[string]bool // of what is reached
	seen     map[any]bool    // *decl and *ast.Object
	given    map[any]bool    // *decl and *ast.Object of variables that the inputs hold
	types    map[string]bool
	selected map[string]bool // names behind a point
}

func (r *reach) text(kind string, file *cellFile, n ast.Node) {
	r.texts[kind+" "+file.tokens(r.fset, n)] = true
}

// follow reaches what the names in a part of a file stand for.
func (r *reach) follow(file *cellFile, part ast.Node) {
	followed := make(map[*ast.Ident]bool) // names that stand for no declaration by themselves
	ast.Inspect(part, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			followed[n.Name] = true
		case *ast.SelectorExpr:
			followed[n.Sel] = true
			r.selectName(n.Sel.Name)
			if x, ok := n.X.(*ast.Ident); ok && x.Obj == nil && r.decls[x.Name] == nil {
				r.imported(file, x.Name)
			}
		case *ast.Ident:
			switch local := n.Obj; {
			case followed[n]:
			case local == nil || file.Scope.Lookup(n.Name) == local:
				r.name(n.Name)
			case local.Pos() < part.Pos() || local.Pos() >= part.End():
				r.captured(local)
			}
		}
		return true
	})
}

// name reaches the declaration of a name, if the package has one.
func (r *reach) name(name string) {
	if one := r.decls[name]; one != nil {
		r.declaration(one)
	}
}

func (r *reach) declaration(one *decl) {
	if r.seen[one] || r.given[one] {
		return
	}
	r.seen[one] = true
	for _, n := range one.nodes {
		r.text(fmt.Sprintf("%T", n), one.file, n)
		r.follow(one.file, n)
		if spec, ok := n.(*ast.TypeSpec); ok {
			r.typeName(spec.Name.Name)
		}
	}
}

// typeName reaches those methods of a type that can be called: by a selector in the reach, or,
// where they are exported, by a package that the value is handed to.
func (r *reach) typeName(name string) {
	r.types[name] = true
	for method, one := range r.methods[name] {
		if r.selected[method] || token.IsExported(method) {
			r.declaration(one)
		}
	}
}

// selectName reaches the methods of a name of the types that are reached.
func (r *reach) selectName(name string) {
	if r.selected[name] {
		return
	}
	r.selected[name] = true
	for of := range r.types {
		if one := r.methods[of][name]; one != nil {
			r.declaration(one)
		}
	}
}

// imported reaches the import of a name.
func (r *reach) imported(file *cellFile, name string) {
	for _, spec := range file.importsOf(name) {
		r.text("import", file, spec)
	}
}

// captured reaches a local variable or type that is declared around the part that uses it: the
// statements that set it, or the type of a parameter, and the arguments for one that may hold a
// function.
func (r *reach) captured(local *ast.Object) {
	if r.seen[local] || r.given[local] {
		return
	}
	r.seen[local] = true
	file, in := r.around(local.Pos())
	if field, ok := local.Decl.(*ast.Field); ok {
		r.follow(file, field.Type)
		if r.holdsFunctions(file, field.Type, make(map[*decl]bool)) {
			r.arguments(file, in, field)
		}
	}
	for _, n := range assignments(in, local) {
		r.text("local", file, n)
		r.follow(file, n)
	}
}

// around returns the declaration that a position is in.
func (r *reach) around(pos token.Pos) (*cellFile, ast.Decl) {
	for _, file := range r.files {
		for _, d := range file.Decls {
			if d.Pos() <= pos && pos < d.End() {
				return file, d
			}
		}
	}
	return nil, nil
}

// assignments returns what sets a local variable in a declaration, whole or in part, and the
// declaration of a local type.
func assignments(in ast.Decl, local *ast.Object) (all []ast.Node) {
	sets := func(e ast.Expr) bool {
		root := rootOf(e)
		return root != nil && root.Obj == local
	}
	ast.Inspect(in, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Lhs, sets) {
				all = append(all, n)
			}
		case *ast.RangeStmt:
			if sets(n.Key) || sets(n.Value) {
				all = append(all, n.X)
			}
		case ast.Spec:
			if n == local.Decl {
				all = append(all, n)
			}
		}
		return true
	})
	return all
}

// rootOf returns the variable that an expression is a part of: x of x.f, x[i] and *x.
func rootOf(e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.SelectorExpr:
		return rootOf(e.X)
	case *ast.IndexExpr:
		return rootOf(e.X)
	case *ast.StarExpr:
		return rootOf(e.X)
	case *ast.ParenExpr:
		return rootOf(e.X)
	}
	return nil
}

// holdsFunctions says whether values of a type may hold functions: by themselves, or in a type that
// it is made of. Types of packages outside the module, whose source is not looked at, may where the
// program itself uses them.
func (c *cell) holdsFunctions(file *cellFile, e ast.Expr, seen map[*decl]bool) (holds bool) {
	declared := func(in *cell, name string) bool {
		one := in.decls[name]
		if one == nil || seen[one] {
			return false
		}
		seen[one] = true
		spec, ok := one.nodes[0].(*ast.TypeSpec)
		return ok && in.holdsFunctions(one.file, spec.Type, seen)
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncType, *ast.InterfaceType:
			holds = true
		case *ast.SelectorExpr:
			from, _ := n.X.(*ast.Ident)
			for _, spec := range file.importsOf(from.Name) {
				other := c.packageOf(spec)
				holds = holds || other == nil && c.program || other != nil && declared(other, n.Sel.Name)
			}
			return false
		case *ast.Ident:
			holds = holds || n.Name == "any" || n.Name == "error" || declared(c, n.Name)
		}
		return !holds
	})
	return holds
}

// packageOf returns the source of a package of the module, or nil for another.
func (c *cell) packageOf(spec *ast.ImportSpec) *cell {
	path, _ := strconv.Unquote(spec.Path.Value)
	folder, found := strings.CutPrefix(path, module+"/")
	if !found {
		return nil
	}
	if known, ok := c.others.Load(path); ok {
		return known.(*cell)
	}
	other, err := parseCell(filepath.Join(c.root, filepath.FromSlash(folder)), c.root)
	if err != nil {
		return nil
	}
	c.others.Store(path, other)
	return other
}

// alone returns the declaration of one variable alone, or nil for any other.
func (d *decl) alone() *ast.ValueSpec {
	spec, ok := d.nodes[0].(*ast.ValueSpec)
	if !ok || len(spec.Names) != 1 || spec.Names[0].Obj == nil || spec.Names[0].Obj.Kind != ast.Var {
		return nil
	}
	return spec
}

// setBy says whether a declaration is that of a variable set by a function.
func (d *decl) setBy(function string) bool {
	spec := d.alone()
	if spec == nil || len(spec.Values) != 1 {
		return false
	}
	called, ok := spec.Values[0].(*ast.CallExpr)
	if !ok {
		return false
	}
	name, ok := called.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	from, ok := name.X.(*ast.Ident)
	return ok && slices.ContainsFunc(d.file.importsOf(from.Name), func(spec *ast.ImportSpec) bool {
		path, _ := strconv.Unquote(spec.Path.Value)
		return path+"."+name.Sel.Name == function
	})
}

// setup reaches what may change the variables that are reached: the functions init and the
// variables _ that name them, and the assignments to them in any function.
func (r *reach) setup() {
	for again := true; again; {
		again = false
		for _, one := range r.cell.setup {
			if !r.seen[one] && r.touches(one) {
				r.declaration(one)
				again = true
			}
		}
		for _, one := range r.sets {
			if !r.seen[one] && slices.ContainsFunc(one.nodes[0].(*ast.AssignStmt).Lhs, r.isReached) {
				r.declaration(one)
				again = true
			}
		}
	}
}

// isReached says whether an expression is a variable of the package that is reached, or a part of
// one.
func (r *reach) isReached(e ast.Expr) bool {
	root := rootOf(e)
	if root == nil || r.decls[root.Name] == nil {
		return false
	}
	file, _ := r.around(root.Pos())
	return file.Scope.Lookup(root.Name) == root.Obj && r.seen[r.decls[root.Name]]
}

func (r *reach) touches(one *decl) (touches bool) {
	ast.Inspect(one.nodes[0], func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok && name.Name != "_" {
			named := r.decls[name.Name]
			touches = touches || named != nil && r.seen[named]
		}
		return !touches
	})
	return touches
}
