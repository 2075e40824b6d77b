package notebooks

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A CellError says which cell of a notebook failed, where in it, and why.
type CellError struct {
	Path   string
	Cell   int    // the number that Jupyter shows beside the cell: code cells from 1
	From   int    // where cells from this one to Cell ran together and any of them may have failed; else 0
	Line   int    // the line of the cell, from 1; 0 where it is not known
	Source string // that line
	Err    error
}

func (e *CellError) Error() string {
	place := fmt.Sprintf("%s, cell %d", e.Path, e.Cell)
	if e.From > 0 {
		place += fmt.Sprintf(" (or a declaration since cell %d)", e.From)
	}
	if e.Line > 0 {
		place += fmt.Sprintf(", line %d", e.Line)
	}
	message := fmt.Sprintf("%s: %v", place, e.Err)
	if e.Source != "" {
		message += "\n\t" + e.Source
	}
	return message
}

func (e *CellError) Unwrap() error { return e.Err }

// failed is what the outputs of a failed cell tell.
type failed struct {
	message    string
	cell, line int // 0 where it is not known
	mainLine   int // the line of the cell's main.go, where only that is known
}

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

	// GoNB puts the place before a compiler's message, and into the stack of a panic; there it
	// misses one now and then, when the name and the line of a file reach it in two pieces.
	compilerPlace = regexp.MustCompile(`Cell\[(\d+)\]: Line (\d+)`)
	stackPlace    = regexp.MustCompile(`(?:\[\[ Cell \[(\d+)\] Line (\d+) \]\] )?\S*/gonb_\w+/main\.go:(\d+)`)
)

// shellCommand matches a cell that runs shell commands or is a script.
var shellCommand = regexp.MustCompile(`(?m)^(//gonb:)?!|\A(//gonb:)?%%(script|bash|sh)\b`)

// failure reads the outputs of the last batch that ran; nil says that it did not fail. What GoNB
// calls a cell is a batch.
func failure(ran []batch, outputs []*Output) *failed {
	var stderr strings.Builder
	for _, o := range outputs {
		if o.Type == "stream" && o.Name == "stderr" {
			stderr.WriteString(colours.ReplaceAllString(string(o.Text), ""))
		}
		if o.Type != "error" {
			continue
		}
		traceback := colours.ReplaceAllString(strings.Join(o.Traceback, "\n"), "")
		if compilerPlace.MatchString(traceback) {
			return compilerFailure(ran, o)
		}
		if f := stackFailure(ran, stderr.String()); f != nil {
			return f
		}
		return &failed{message: strings.TrimSpace(stderr.String() + "\n" + o.Value)}
	}
	last := ran[len(ran)-1].cells
	shell := shellCommand.MatchString(string(last[len(last)-1].Source))
	for _, o := range outputs {
		// A Go program may write the status of another program without failing itself.
		if strings.HasPrefix(o.status, `"%`) || o.status != "" && shell {
			return &failed{message: strings.TrimSpace(stderr.String())}
		}
	}
	return nil
}

// compilerFailure joins the messages of the compiler; the first place counts.
func compilerFailure(ran []batch, o *Output) *failed {
	var f failed
	var messages []string
	for _, entry := range o.Traceback {
		entry = strings.TrimSpace(colours.ReplaceAllString(entry, ""))
		cell, line := place(ran, compilerPlace, entry)
		if cell > 0 && f.cell == 0 {
			f.cell, f.line = cell, line
		}
		message := entry[strings.LastIndex(entry, "\n")+1:]
		if message == "" || strings.HasPrefix(message, "# ") {
			continue // nothing, or the name of the package
		}
		if cell > 0 && (cell != f.cell || line != f.line) {
			message += fmt.Sprintf(" (cell %d, line %d)", cell, line)
		}
		messages = append(messages, message)
	}
	f.message = strings.Join(messages, "\n")
	return &f
}

// stackFailure reads what a program wrote to stderr as it panicked: what it says before the
// stacks, and the place that is highest in the stack of the goroutine that panicked.
func stackFailure(ran []batch, stderr string) *failed {
	start := strings.Index(stderr, "panic: ")
	if start < 0 {
		if start = strings.Index(stderr, "fatal error: "); start < 0 {
			return nil
		}
	}
	message, stack, _ := strings.Cut(stderr[start:], "\n\ngoroutine ")
	f := &failed{message: strings.TrimSpace(message)}
	f.cell, f.line = place(ran, stackPlace, stack)
	if match := stackPlace.FindStringSubmatch(stack); match != nil {
		f.mainLine, _ = strconv.Atoi(match[3])
	}
	return f
}

// place returns the cell and its line that a text of GoNB names by the number of a batch and its
// line; 0, 0 where it names none.
func place(ran []batch, pattern *regexp.Regexp, text string) (cell, line int) {
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		return 0, 0
	}
	number, _ := strconv.Atoi(match[1])
	line, _ = strconv.Atoi(match[2])
	if number < 1 || number > len(ran) {
		return 0, 0
	}
	return ran[number-1].at(line)
}

// locate finds the place by the text of the line of main.go, in the last cell that ran or else in
// the one before it, and so on, and then in those of its batch that come after it.
func (f *failed) locate(ran []batch, last *Cell, main []string) {
	if f.cell > 0 || f.mainLine < 1 || f.mainLine > len(main) {
		return
	}
	text := strings.TrimSpace(main[f.mainLine-1])
	if text == "" {
		return
	}
	cells := slices.Clone(cellsOf(ran))
	slices.Reverse(cells)
	at := max(slices.Index(cells, last), 0)
	for _, c := range append(cells[at:], cells[:at]...) {
		for i, line := range strings.Split(string(c.Source), "\n") {
			if strings.TrimSpace(line) == text {
				f.cell, f.line = *c.Count, i+1
				return
			}
		}
	}
}

// cellsOf returns the cells of batches.
func cellsOf(batches []batch) (cells []*Cell) {
	for _, b := range batches {
		cells = append(cells, b.cells...)
	}
	return cells
}

// in turns a failure of the last batch that ran, while a cell of it did, into the error of a cell,
// with the source line. The place may be in an earlier cell, where a function that this one calls
// stands.
func (f *failed) in(ran []batch, last *Cell, path string) error {
	b := ran[len(ran)-1]
	e := b.failed(path, last, errors.New(f.message))
	if f.cell == 0 {
		return e
	}
	if f.cell < b.first() {
		e.Err = fmt.Errorf("%s\n(called by cell %d)", f.message, *last.Count)
	}
	e.Cell, e.From, e.Line = f.cell, 0, f.line
	for _, c := range cellsOf(ran) {
		if *c.Count == f.cell {
			e.Source = strings.TrimSpace(strings.Split(string(c.Source), "\n")[f.line-1])
		}
	}
	return e
}
