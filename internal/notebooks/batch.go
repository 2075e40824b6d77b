package notebooks

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
)

// A batch is cells that go to the kernel as one program, because a program costs more than a
// second to build and link: cells of declarations, and up to together cells that run something.
type batch struct {
	cells   []*Cell
	running []*Cell // those of them that run something
}

// together is how many running cells share a program at most: it bounds the memory that one takes,
// which keeps what its cells have loaded until the last has run.
const together = 4

// batches puts the code cells of a notebook into batches. A cell stands alone where the text of
// several might mean something else than they do one after another: it holds commands for GoNB,
// does not parse, declares a name again or imports packages after other declarations. A cell that
// runs something shares its program with others that do where all show their results through
// package lab, as what is printed cannot be told apart; most is how many at most. From the first
// declaration on that prints or exits, no cells share.
func batches(cells []*Cell, most int) []batch {
	var all []batch
	var open batch
	var declared []string          // in the open batch
	known := make(map[string]bool) // declared in any cell so far
	importsOnly, hasLab, quiet := true, false, true
	flush := func() {
		if len(open.cells) > 0 {
			all = append(all, open)
		}
		open, declared, importsOnly = batch{}, nil, true
	}
	for _, c := range cells {
		if c.Type != "code" || strings.TrimSpace(string(c.Source)) == "" {
			continue
		}
		p := parseProgram(string(c.Source))
		if !p.declares() && (p.main() == nil || !p.plain) {
			flush()
			all = append(all, batch{cells: []*Cell{c}, running: []*Cell{c}})
			continue
		}
		hasLab = hasLab || p.importsLab()
		names := p.names()
		imports, only := p.imports()
		// A name that is declared again would change what a cell before it does that runs later.
		again := slices.ContainsFunc(names, func(name string) bool {
			return slices.Contains(declared, name) || len(open.running) > 0 && known[name]
		})
		quiet = quiet && (p.main() != nil || p.isQuiet())
		shares := hasLab && quiet && p.isQuiet() && p.mainLine > 0
		apart := !shares && (p.main() != nil || !quiet) // no cell that runs may stand before it
		if again || imports && !importsOnly || apart && len(open.running) > 0 {
			flush()
		}
		for _, name := range names {
			known[name] = true
		}
		open.cells, declared, importsOnly = append(open.cells, c), append(declared, names...), importsOnly && only
		if p.main() == nil {
			continue
		}
		if open.running = append(open.running, c); !shares || len(open.running) == most {
			flush()
		}
	}
	flush()
	return all
}

// importsLab reports whether the cell imports package lab.
func (p program) importsLab() bool {
	return slices.ContainsFunc(p.file.Imports, func(spec *ast.ImportSpec) bool { return spec.Path.Value == `"wavescore/pkg/lab"` && spec.Name == nil })
}

// isQuiet reports whether the cell shows what it does through package lab alone: it does not
// print, exit or run before the main function does.
func (p program) isQuiet() bool {
	quiet := true
	ast.Inspect(p.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok {
				name := x.Name + "." + n.Sel.Name
				quiet = quiet && !strings.HasPrefix(name, "fmt.Print") && !slices.Contains([]string{"os.Stdout", "os.Stderr", "os.Exit"}, name) &&
					!slices.Contains([]string{"log", "slog", "gonbui"}, x.Name)
			}
		case *ast.FuncDecl:
			quiet = quiet && (n.Recv != nil || !strings.HasPrefix(n.Name.Name, "init"))
		case *ast.Ident:
			quiet = quiet && n.Name != "println" && n.Name != "print"
		}
		return true
	})
	return quiet
}

// isGroup reports whether the main functions of the batch get names: several cells run something,
// or one does before declarations, which cannot stand inside its main function.
func (b batch) isGroup() bool {
	n := len(b.running)
	return n > 1 || n == 1 && b.running[0] != b.cells[len(b.cells)-1]
}

// source is the text of a batch. In a group the main function of each cell has a name, and one main
// function calls them in turn and tells where the next begins.
func (b batch) source() string {
	var texts, calls []string
	for _, c := range b.cells {
		text := string(c.Source)
		if k := slices.Index(b.running, c); k >= 0 && b.isGroup() {
			lines := strings.Split(text, "\n")
			lines[parseProgram(text).mainLine-1] = fmt.Sprintf("func %s() {", runs(k))
			text = strings.Join(lines, "\n") + "\n}"
			calls = append(calls, runs(k)+"()")
		}
		texts = append(texts, text)
	}
	if b.isGroup() {
		for k := len(b.running); k < together; k++ {
			texts = append(texts, fmt.Sprintf("func %s() {}", runs(k)))
		}
		texts = append(texts, "%%", strings.Join(calls, "; lab.NextCell(); "))
	}
	return strings.Join(texts, "\n")
}

// runs is the name of the function of running cell k of a group.
func runs(k int) string { return fmt.Sprintf("cellOfGroup%d", k+1) }

// forgotten declares the functions of a group as empty ones. GoNB keeps a declaration until there
// is another of its name, and those of a group use names that later cells may declare again.
func forgotten() string {
	var text strings.Builder
	for k := range together {
		fmt.Fprintf(&text, "func %s() {}\n", runs(k))
	}
	return text.String()
}

// at returns the cell in which a line of the batch stands, and its line there, both from 1; 0
// where the batch has no such line.
func (b batch) at(line int) (cell, lineInCell int) {
	for _, c := range b.cells {
		own := strings.Count(string(c.Source), "\n") + 1
		inBatch := own
		if b.isGroup() && slices.Contains(b.running, c) {
			inBatch++ // the end of its function
		}
		if line <= inBatch {
			return *c.Count, min(line, own)
		}
		line -= inBatch
	}
	return 0, 0
}

// share gives the outputs of the batch to its running cells, and to its last cell where none runs.
// It returns the cell that ran last.
func (b batch) share(shown []*Output) (last *Cell) {
	cells := b.running
	if len(cells) == 0 {
		cells = b.cells[len(b.cells)-1:]
	}
	from := 0
	for i, o := range shown {
		if o.isNextCell() && len(cells) > 1 {
			cells[0].Outputs = shown[from:i:i]
			cells, from = cells[1:], i+1
		}
	}
	cells[0].Outputs = shown[from:]
	return cells[0]
}

// first is the number of the batch's first cell.
func (b batch) first() int { return *b.cells[0].Count }

// failed returns the error of a batch that failed nobody knows where, while a cell ran. Before the
// first of a group has ended it may be any cell's fault.
func (b batch) failed(path string, ran *Cell, err error) *CellError {
	if len(b.running) > 1 && ran == b.running[0] {
		ran = b.running[len(b.running)-1]
	}
	e := &CellError{Path: path, Cell: *ran.Count, Err: err}
	if *ran.Count > b.first() {
		e.From = b.first()
	}
	return e
}
