package notebooks

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"regexp"
	"slices"
	"strings"
)

// A Tweak is a change of one cell that a *Try it* of a notebook proposes. A *Try it* is what
// follows the words "*Try it*" up to the end of its paragraph. Its tweaks are of two kinds:
//
//	`digit = 7`, `Images: 50`    a value of the variable or field takes the place of the old one
//	`wiener` in place of `ideal`  the first takes the place of the second wherever that stands
//
// The cell is the nearest one above that has the variable, the field or the old text, or where
// there is none the first one below. It holds the variable or field once.
type Tweak struct {
	Text string // as the notebook words it
	Cell int    // the number of the code cell, from 1

	index  int        // of the cell in the notebook
	source string     // of the changed cell
	places []position // of the source before, that are changed
}

// position is a place in a cell: line and column from 1, the column in bytes.
type position struct{ line, column int }

var (
	tryIt     = regexp.MustCompile(`(?s)\*Try it\*(.+?)(\n\n|\n#|\*Try it\*|$)`)
	inPlaceOf = regexp.MustCompile("`([^`]+)` in (?:the )?place of `([^`]+)`")
	codeSpan  = regexp.MustCompile("`([^`]+)`")
	newValue  = regexp.MustCompile(`^([\pL_][\pL\d_]*)(?: :?= |: )(.+)$`)
)

// Tweaks returns the tweaks that a notebook proposes, in order. It is an error that a *Try it* has
// none, and that no cell can take one.
func Tweaks(n *Notebook) ([]Tweak, error) {
	var all []Tweak
	for i, c := range n.Cells {
		if c.Type != "markdown" {
			continue
		}
		text := string(c.Source)
		for {
			match := tryIt.FindStringSubmatchIndex(text)
			if match == nil {
				break
			}
			paragraph := text[match[2]:match[3]]
			text = text[match[3]:]
			tweaks, err := tweaksOf(n, i, paragraph)
			if err != nil {
				return nil, fmt.Errorf("*Try it*%s: %w", strings.TrimRight(paragraph, "\n"), err)
			}
			all = append(all, tweaks...)
		}
	}
	return all, nil
}

// tweaksOf returns the tweaks of a *Try it* in text cell i.
func tweaksOf(n *Notebook, i int, paragraph string) (all []Tweak, err error) {
	add := func(text string, change func(source string) (string, []position)) {
		tweak, found := nearest(n, i, text, change)
		if !found && err == nil {
			err = fmt.Errorf("no cell has what %s changes", text)
		}
		all = append(all, tweak)
	}
	for _, match := range inPlaceOf.FindAllStringSubmatch(paragraph, -1) {
		add(match[0], func(source string) (string, []position) { return replaced(source, match[2], match[1]) })
	}
	for _, match := range codeSpan.FindAllStringSubmatch(inPlaceOf.ReplaceAllString(paragraph, ""), -1) {
		if v := newValue.FindStringSubmatch(match[1]); v != nil {
			add(match[0], func(source string) (string, []position) { return assigned(source, v[1], v[2]) })
		}
	}
	if len(all) == 0 {
		err = fmt.Errorf("want a value, as `digit = 7` or `Images: 50`, or a replacement, as `wiener` in place of `ideal`")
	}
	return all, err
}

// nearest changes the nearest cell above text cell i that can take the change, or else the first
// one below.
func nearest(n *Notebook, i int, text string, change func(string) (string, []position)) (Tweak, bool) {
	for offset := 1; offset < len(n.Cells); offset++ {
		j := i - offset
		if j < 0 {
			j = offset // all above have been tried: those below, in order
		}
		c := n.Cells[j]
		if c.Type != "code" || parseProgram(string(c.Source)).file == nil {
			continue
		}
		if source, places := change(string(c.Source)); len(places) > 0 {
			return Tweak{Text: text, Cell: number(n, j), index: j, source: source, places: places}, true
		}
	}
	return Tweak{}, false
}

// number is what Jupyter shows beside code cell j once all have run.
func number(n *Notebook, j int) (count int) {
	for _, c := range n.Cells[:j+1] {
		if c.Type == "code" && strings.TrimSpace(string(c.Source)) != "" {
			count++
		}
	}
	return count
}

// assigned returns the source with another value for the variable or field of a name, where it has
// one such; else no place.
func assigned(source, name, value string) (string, []position) {
	p := parseProgram(source)
	var values []ast.Expr
	match := func(e ast.Expr, at func() ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name == name {
			values = append(values, at())
		}
	}
	ast.Inspect(p.file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.ValueSpec:
			for k, id := range node.Names {
				if len(node.Values) == len(node.Names) {
					match(id, func() ast.Expr { return node.Values[k] })
				}
			}
		case *ast.AssignStmt:
			for k, left := range node.Lhs {
				if len(node.Lhs) == len(node.Rhs) && (node.Tok == token.DEFINE || node.Tok == token.ASSIGN) {
					match(left, func() ast.Expr { return node.Rhs[k] })
				}
			}
		case *ast.KeyValueExpr:
			match(node.Key, func() ast.Expr { return node.Value })
		}
		return true
	})
	if len(values) != 1 {
		return source, nil
	}
	from, to := p.position(values[0].Pos()), p.position(values[0].End())
	return source[:offset(source, from)] + value + source[offset(source, to):], []position{from}
}

// position is a place in the cell's own text.
func (p program) position(pos token.Pos) position {
	place := p.files.Position(pos)
	if place.Line == 1 {
		place.Column -= len(packageClause)
	}
	return position{place.Line, place.Column}
}

// offset is where a place is in the source, in bytes; a main function ends beyond it.
func offset(source string, at position) int {
	lines := strings.SplitAfter(source, "\n")
	if at.line > len(lines) {
		return len(source)
	}
	return len(strings.Join(lines[:at.line-1], "")) + at.column - 1
}

// replaced returns the source with new in the place of old wherever the tokens of old stand in
// sequence. Text within strings and comments is no token of its own.
func replaced(source, old, new string) (string, []position) {
	tokens, wanted := tokensOf(source), tokensOf(old)
	var out strings.Builder
	var places []position
	done := 0
	for i := 0; i+len(wanted) <= len(tokens) && len(wanted) > 0; i++ {
		part := tokens[i : i+len(wanted)]
		if !slices.EqualFunc(part, wanted, func(a, b tokenAt) bool { return a.text == b.text }) {
			continue
		}
		end := part[len(part)-1]
		out.WriteString(source[done:part[0].offset])
		out.WriteString(new)
		done = end.offset + len(end.text)
		line := 1 + strings.Count(source[:part[0].offset], "\n")
		places = append(places, position{line, part[0].offset - strings.LastIndexByte(source[:part[0].offset], '\n')})
		i += len(wanted) - 1
	}
	out.WriteString(source[done:])
	return out.String(), places
}

type tokenAt struct {
	offset int
	text   string
}

// tokensOf returns the tokens of a cell or of a part of one, without the semicolons that end lines.
func tokensOf(source string) (all []tokenAt) {
	lines := strings.SplitAfter(source, "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "%") || strings.HasPrefix(line, "!") { // for GoNB
			lines[i] = strings.Repeat(" ", len(line)-1) + "\n"
		}
	}
	text := []byte(strings.Join(lines, ""))
	files := token.NewFileSet()
	file := files.AddFile("", files.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, text, func(token.Position, string) {}, 0)
	for {
		pos, kind, literal := s.Scan()
		switch {
		case kind == token.EOF:
			return all
		case kind == token.SEMICOLON && literal == "\n":
		case literal == "":
			all = append(all, tokenAt{file.Offset(pos), kind.String()})
		default:
			all = append(all, tokenAt{file.Offset(pos), literal})
		}
	}
}

// apply returns the notebook with the tweak made, and the indices of the cells that it may change:
// the cell itself if the change is in its main function, and all that run something by way of the
// changed declarations. Of other cells the declarations alone are left.
func (t Tweak) apply(n *Notebook) (*Notebook, []int) {
	names, own := t.names(n.Cells[t.index])
	changed := &Notebook{Metadata: n.Metadata, Format: n.Format, FormatMinor: n.FormatMinor}
	for i, c := range n.Cells {
		fresh := &Cell{Type: c.Type, ID: c.ID, Metadata: c.Metadata, Source: c.Source}
		if i == t.index {
			fresh.Source = Text(t.source)
		}
		changed.Cells = append(changed.Cells, fresh)
	}
	reach(changed.Cells, names)
	var cells []int
	for i, c := range changed.Cells {
		if c.Type != "code" {
			continue
		}
		p := parseProgram(string(c.Source))
		switch body := p.main(); {
		case body == nil:
		case i == t.index && own, mentions(body, names):
			cells = append(cells, i)
		default:
			c.Source = Text("// This cell does not depend on the change.\n" + strings.Join(strings.Split(string(c.Source), "\n")[:p.mainLine-1], "\n"))
		}
	}
	return changed, cells
}

// names returns the names of the declarations that the tweak changes in a cell, and whether it
// changes the main function.
func (t Tweak) names(c *Cell) (names map[string]bool, main bool) {
	names = make(map[string]bool)
	p := parseProgram(string(c.Source))
	within := func(node ast.Node) bool {
		from, to := offset(string(c.Source), p.position(node.Pos())), offset(string(c.Source), p.position(node.End()))
		return slices.ContainsFunc(t.places, func(at position) bool {
			o := offset(string(c.Source), at)
			return from <= o && o < to
		})
	}
	p.eachDeclaration(func(declared []string, node ast.Node) {
		if !within(node) {
			return
		}
		for _, name := range declared {
			names[name] = true
			main = main || name == "main"
		}
	})
	delete(names, "main")
	return names, main
}

// eachDeclaration calls do for every declaration at package level with the names that it declares,
// that of a method without its type.
func (p program) eachDeclaration(do func(names []string, node ast.Node)) {
	for _, d := range p.file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			do([]string{d.Name.Name}, d)
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					do([]string{spec.Name.Name}, spec)
				case *ast.ValueSpec:
					var names []string
					for _, id := range spec.Names {
						names = append(names, id.Name)
					}
					do(names, spec)
				}
			}
		}
	}
}

// reach adds to names those of all declarations that mention one of them. It goes by the words
// alone, so that a local variable of the same name counts too.
func reach(cells []*Cell, names map[string]bool) {
	for before := -1; before < len(names); {
		before = len(names)
		for _, c := range cells {
			if c.Type != "code" {
				continue
			}
			p := parseProgram(string(c.Source))
			if p.file == nil {
				continue
			}
			p.eachDeclaration(func(declared []string, node ast.Node) {
				if mentions(node, names) {
					for _, name := range declared {
						if name != "main" && name != "_" {
							names[name] = true
						}
					}
				}
			})
		}
	}
}

// mentions reports whether one of the names is a word of the node.
func mentions(node ast.Node, names map[string]bool) (found bool) {
	ast.Inspect(node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && names[id.Name] {
			found = true
		}
		return !found
	})
	return found
}
