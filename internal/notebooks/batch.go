package notebooks

import (
	"slices"
	"strings"
)

// A batch is cells that go to the kernel as one text, because a cell costs most of a second to
// build and link: cells of declarations, and the next one that runs something.
type batch []*Cell

// batches puts the code cells of a notebook into batches. A cell stands alone where the text of
// several might mean something else than they do one after another: it holds commands for GoNB,
// does not parse, declares a name again or imports packages after other declarations.
func batches(cells []*Cell) []batch {
	var all []batch
	var open batch // declarations so far
	var declared []string
	importsOnly := true
	flush := func() {
		if len(open) > 0 {
			all = append(all, open)
		}
		open, declared, importsOnly = nil, nil, true
	}
	for _, c := range cells {
		if c.Type != "code" || strings.TrimSpace(string(c.Source)) == "" {
			continue
		}
		p := parseProgram(string(c.Source))
		if !p.declares() && (p.main() == nil || !p.plain) {
			flush()
			all = append(all, batch{c})
			continue
		}
		names := p.names()
		imports, only := p.imports()
		again := slices.ContainsFunc(names, func(name string) bool { return slices.Contains(declared, name) })
		if again || imports && !importsOnly {
			flush()
		}
		open, declared, importsOnly = append(open, c), append(declared, names...), importsOnly && only
		if p.main() != nil {
			flush()
		}
	}
	flush()
	return all
}

// source is the text of a batch.
func (b batch) source() string {
	texts := make([]string, len(b))
	for i, c := range b {
		texts[i] = string(c.Source)
	}
	return strings.Join(texts, "\n")
}

// at returns the cell in which a line of the batch stands, and its line there, both from 1; 0
// where the batch has no such line.
func (b batch) at(line int) (cell, lineInCell int) {
	for _, c := range b {
		lines := strings.Count(string(c.Source), "\n") + 1
		if line <= lines {
			return *c.Count, line
		}
		line -= lines
	}
	return 0, 0
}

// first and last are the numbers of the batch's cells; the last one gets the outputs.
func (b batch) first() int { return *b[0].Count }
func (b batch) last() int  { return *b[len(b)-1].Count }

// failed returns the error of a batch that failed nobody knows where.
func (b batch) failed(path string, err error) *CellError {
	e := &CellError{Path: path, Cell: b.last(), Err: err}
	if len(b) > 1 {
		e.From = b.first()
	}
	return e
}
