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
	running []*Cell // those of them that run something; with more than one the batch is a group
}

// together is how many running cells share a program at most: it bounds the memory that one takes,
// which keeps what its cells have loaded until the last has run.
const together = 4

// batches puts the code cells of a notebook into batches. A cell stands alone where the text of
// several might mean something else than they do one after another: it holds commands for GoNB,
// does not parse, declares a name again or imports packages after other declarations. A cell that
// runs something shares its program with others that do where all show their results through
// package lab, as what is printed cannot be told apart; most is how many at most.
func batches(cells []*Cell, most int) []batch {
	var all []batch
	var open batch
	var declared []string
	importsOnly, hasLab := true, false
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
		again := slices.ContainsFunc(names, func(name string) bool { return slices.Contains(declared, name) })
		shares := hasLab && p.showsByLab()
		if again || imports && !importsOnly || p.main() != nil && len(open.running) > 0 && !shares {
			flush()
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

// showsByLab reports whether all that the cell shows goes through package lab, and its main
// function is what follows a %% line.
func (p program) showsByLab() bool {
	shows := p.main() != nil && p.mainLine > 0
	ast.Inspect(p.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			x, _ := n.X.(*ast.Ident)
			prints := x != nil && (x.Name == "fmt" && strings.HasPrefix(n.Sel.Name, "Print") || x.Name == "os" && slices.Contains([]string{"Stdout", "Stderr", "Exit"}, n.Sel.Name) ||
				slices.Contains([]string{"log", "slog", "gonbui"}, x.Name))
			shows = shows && !prints
		case *ast.Ident:
			shows = shows && n.Name != "println" && n.Name != "print"
		}
		return true
	})
	return shows
}

// isGroup reports whether several cells of the batch run something.
func (b batch) isGroup() bool { return len(b.running) > 1 }

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
		lines := strings.Count(string(c.Source), "\n") + 1
		if line <= lines {
			return *c.Count, line
		}
		if line -= lines; b.isGroup() && slices.Contains(b.running, c) {
			line-- // the end of its function
		}
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

// failed returns the error of a batch that failed nobody knows where, while a cell ran.
func (b batch) failed(path string, ran *Cell, err error) *CellError {
	e := &CellError{Path: path, Cell: *ran.Count, Err: err}
	if *ran.Count > b.first() {
		e.From = b.first()
	}
	return e
}
