//lint:file-ignore SA1019 ast.Object says which declaration a name has in its scopes

package cache

import (
	"go/ast"
	"go/token"
	"slices"
)

// arguments reaches what a function's parameter or receiver gets in the calls of the function.
func (r *reach) arguments(file *cellFile, in ast.Decl, parameter *ast.Field) {
	function, ok := in.(*ast.FuncDecl)
	if ok && function.Type.Results != nil && slices.Contains(function.Type.Results.List, parameter) {
		return // the function itself sets it
	}
	receives := ok && function.Recv != nil && slices.Contains(function.Recv.List, parameter)
	first, last, found := 0, 0, receives
	if ok {
		for _, field := range function.Type.Params.List {
			if last = first + max(len(field.Names), 1); field == parameter {
				found = true
				break
			}
			first = last
		}
	}
	if !found { // a parameter of a function without a name, whose calls are somewhere around it
		r.text("local", file, in)
		r.follow(file, in)
		return
	}
	_, variadic := parameter.Type.(*ast.Ellipsis)
	for _, file := range r.files {
		ast.Inspect(file.File, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || calledName(call.Fun) != function.Name.Name {
				return true
			}
			given := call.Args[min(first, len(call.Args)):min(last, len(call.Args))]
			if variadic || len(call.Args) == 1 { // f(g()), where g returns the arguments
				given = call.Args[max(min(first, len(call.Args)-1), 0):]
			}
			if selector, ok := call.Fun.(*ast.SelectorExpr); ok && receives {
				given = []ast.Expr{selector.X}
			}
			for _, e := range given {
				r.text("argument", file, e)
				r.follow(file, e)
			}
			return true
		})
	}
}

// inputs finds the variables that the inputs of a call hold, so that their source does not count.
func (r *reach) inputs(one call, e ast.Expr, settings string) {
	r.hold(one, e, settings)
	ast.Inspect(e, func(n ast.Node) bool {
		if name, ok := n.(*ast.Ident); ok {
			if variable := r.decls[name.Name]; variable != nil && variable.setBy(settings) {
				r.given[variable] = true
			}
		}
		return true
	})
}

// hold finds the variables that stand by themselves in an expression.
func (r *reach) hold(one call, e ast.Expr, settings string) {
	switch e := e.(type) {
	case *ast.ParenExpr:
		r.hold(one, e.X, settings)
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			r.hold(one, e.X, settings)
		}
	case *ast.CompositeLit:
		for _, element := range e.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				element = pair.Value
			}
			r.hold(one, element, settings)
		}
	case *ast.Ident:
		if local := e.Obj; local != nil && one.file.Scope.Lookup(e.Name) != local {
			r.given[local] = true
			if list := onlyList(assignments(one.in, local)); list != nil {
				r.inputs(one, list, settings)
			}
		} else if variable := r.decls[e.Name]; variable != nil && variable.alone() != nil {
			r.given[variable] = true
		}
	}
}

// onlyList returns the list of values that a local variable is set to once, as in
// key := []any{run, sigma}, or nil.
func onlyList(assigned []ast.Node) ast.Expr {
	if len(assigned) != 1 {
		return nil
	}
	statement, ok := assigned[0].(*ast.AssignStmt)
	if !ok || len(statement.Lhs) != 1 || len(statement.Rhs) != 1 {
		return nil
	}
	if list, ok := statement.Rhs[0].(*ast.CompositeLit); ok {
		return list
	}
	return nil
}
