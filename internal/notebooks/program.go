package notebooks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// program is the Go code of a cell, read as GoNB reads it: a %% line begins the main function,
// which ends with the cell.
type program struct {
	files *token.FileSet
	file  *ast.File // nil where the cell is not Go code or does not parse
	plain bool      // no line is for GoNB except %%, %noautoget and %autoget

	mainLine int // the line of %%, from 1; 0 where there is none
}

// A program's lines for GoNB.
var (
	startOfMain = regexp.MustCompile(`^(%main|%%($|[ \t]))`)
	harmless    = regexp.MustCompile(`^%(%|main|noautoget|autoget)[ \t]*$`)
	otherScript = regexp.MustCompile(`^%%(writefile|script|bash|sh|gx)\b`) // the cell is for another program
)

// packageClause stands before the first line of a cell's program.
const packageClause = "package main;"

func parseProgram(source string) program {
	p := program{files: token.NewFileSet(), plain: true}
	lines := strings.Split(source, "\n")
	if otherScript.MatchString(strings.TrimPrefix(lines[0], "//gonb:")) {
		return program{}
	}
	end := ""
	for i, line := range lines {
		command := strings.TrimPrefix(line, "//gonb:")
		special := len(command) > 1 && (command[0] == '%' || command[0] == '!')
		switch {
		case startOfMain.MatchString(command):
			lines[i], end = "func main() {", "\n}"
			p.mainLine = i + 1
		case special || strings.HasPrefix(line, "package"): // GoNB leaves these lines out
			lines[i] = ""
		}
		p.plain = p.plain && (!special || harmless.MatchString(command))
	}
	text := packageClause + strings.Join(lines, "\n") + end // lines are those of the cell
	file, err := parser.ParseFile(p.files, "", text, parser.SkipObjectResolution)
	if err == nil {
		p.file = file
	}
	return p
}

// main returns the body of the main function, nil where there is none.
func (p program) main() *ast.BlockStmt {
	if p.file == nil {
		return nil
	}
	for _, d := range p.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "main" && f.Recv == nil {
			return f.Body
		}
	}
	return nil
}

// line returns the cell's line of a node.
func (p program) line(n ast.Node) int { return p.files.Position(n.Pos()).Line }

// declares reports whether the cell is declarations alone, so that nothing happens before a later
// cell runs: no main function, no init function, no command for GoNB.
func (p program) declares() bool {
	if p.file == nil || !p.plain || p.main() != nil {
		return false
	}
	return !slices.ContainsFunc(p.file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && strings.HasPrefix(f.Name.Name, "init")
	})
}

// names returns the names that the cell declares at package level; that of a method is Type.Method.
func (p program) names() []string {
	var names []string
	for _, d := range p.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			names = append(names, name)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.ImportSpec:
					names = append(names, importName(spec))
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						names = append(names, name.Name)
					}
				}
			}
		}
	}
	return slices.DeleteFunc(names, func(name string) bool { return name == "main" })
}

func receiver(e ast.Expr) string {
	for {
		switch t := e.(type) {
		case *ast.Ident:
			return t.Name
		case *ast.StarExpr:
			e = t.X
		case *ast.ParenExpr:
			e = t.X
		case *ast.IndexExpr:
			e = t.X
		case *ast.IndexListExpr:
			e = t.X
		default:
			return ""
		}
	}
}

func importName(spec *ast.ImportSpec) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	name, _ := strconv.Unquote(spec.Path.Value)
	return path.Base(name)
}

// imports reports whether the cell imports packages, and whether it declares anything besides.
func (p program) imports() (some, only bool) {
	return len(p.file.Imports) > 0, !slices.ContainsFunc(p.file.Decls, func(d ast.Decl) bool {
		g, ok := d.(*ast.GenDecl)
		return !ok || g.Tok != token.IMPORT
	})
}

// figures counts the calls of lab.Show that the cell makes whenever it runs: those of its main
// function that stand in no branch, loop or function literal.
func (p program) figures() int {
	count := 0
	if body := p.main(); body != nil {
		ast.Inspect(body, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.ForStmt, *ast.RangeStmt, *ast.FuncLit:
				return false
			}
			if shows(n) {
				count++
			}
			return true
		})
	}
	return count
}

// branchedFigures returns the lines of the calls of lab.Show that stand in a branch of the cell.
func (p program) branchedFigures() []int {
	var lines []int
	if p.file == nil {
		return nil
	}
	ast.Inspect(p.file, func(branch ast.Node) bool {
		switch branch.(type) {
		case *ast.IfStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
		default:
			return true
		}
		ast.Inspect(branch, func(n ast.Node) bool {
			if shows(n) {
				lines = append(lines, p.line(n))
			}
			return true
		})
		return false
	})
	return lines
}

// shows reports whether a node is a call of lab.Show.
func shows(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	pkg, ok := f.X.(*ast.Ident)
	return ok && pkg.Name == "lab" && f.Sel.Name == "Show"
}
