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
	Line   int    // the line of the cell, from 1; 0 where it is not known
	Source string // that line
	Err    error
}

func (e *CellError) Error() string {
	place := fmt.Sprintf("%s, cell %d", e.Path, e.Cell)
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

	// GoNB puts the place before a compiler's message, and into the stack of a panic; there it misses one now and then, when
	// the name and the line of a file reach it in two pieces.
	compilerPlace = regexp.MustCompile(`Cell\[(\d+)\]: Line (\d+)`)
	stackPlace    = regexp.MustCompile(`(?:\[\[ Cell \[(\d+)\] Line (\d+) \]\] )?\S*/gonb_\w+/main\.go:(\d+)`)
)

// failure reads the outputs of a cell; nil says that it did not fail.
func failure(outputs []*Output) *failed {
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
			return compilerFailure(o)
		}
		if f := stackFailure(stderr.String()); f != nil {
			return f
		}
		return &failed{message: strings.TrimSpace(stderr.String() + "\n" + o.Value)}
	}
	return nil
}

// compilerFailure joins the messages of the compiler; the first place counts.
func compilerFailure(o *Output) *failed {
	var f failed
	var messages []string
	for _, entry := range o.Traceback {
		entry = strings.TrimSpace(colours.ReplaceAllString(entry, ""))
		cell, line := place(compilerPlace, entry)
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

// stackFailure reads what a program wrote to stderr as it panicked: what it says before the stacks, and the place that is
// highest in the stack of the goroutine that panicked.
func stackFailure(stderr string) *failed {
	start := strings.Index(stderr, "panic: ")
	if start < 0 {
		if start = strings.Index(stderr, "fatal error: "); start < 0 {
			return nil
		}
	}
	message, stack, _ := strings.Cut(stderr[start:], "\n\ngoroutine ")
	f := &failed{message: strings.TrimSpace(message)}
	f.cell, f.line = place(stackPlace, stack)
	if match := stackPlace.FindStringSubmatch(stack); match != nil {
		f.mainLine, _ = strconv.Atoi(match[3])
	}
	return f
}

func place(pattern *regexp.Regexp, text string) (cell, line int) {
	match := pattern.FindStringSubmatch(text)
	if match == nil {
		return 0, 0
	}
	cell, _ = strconv.Atoi(match[1])
	line, _ = strconv.Atoi(match[2])
	return cell, line
}

// locate finds the place by the text of the line of main.go, in the cell that ran or else in the one before it, and so on.
func (f *failed) locate(n *Notebook, cell int, main []string) {
	if f.cell > 0 || f.mainLine < 1 || f.mainLine > len(main) {
		return
	}
	text := strings.TrimSpace(main[f.mainLine-1])
	for _, c := range slices.Backward(n.Cells) {
		if text == "" || c.Count == nil || *c.Count > cell {
			continue
		}
		for i, line := range strings.Split(string(c.Source), "\n") {
			if strings.TrimSpace(line) == text {
				f.cell, f.line = *c.Count, i+1
				return
			}
		}
	}
}

// in turns a failure into the error of the cell that ran, with the source line. The place may be in an earlier cell, where a function
// that this one calls stands.
func (f *failed) in(n *Notebook, path string, cell int) error {
	e := &CellError{Path: path, Cell: cell, Err: errors.New(f.message)}
	if f.cell == 0 {
		return e
	}
	if f.cell != cell {
		e.Err = fmt.Errorf("%s\n(called by cell %d)", f.message, cell)
	}
	e.Cell, e.Line = f.cell, f.line
	for _, c := range n.Cells {
		if c.Count != nil && *c.Count == f.cell {
			if lines := strings.Split(string(c.Source), "\n"); f.line <= len(lines) {
				e.Source = strings.TrimSpace(lines[f.line-1])
			}
		}
	}
	return e
}
