package notebooks

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// A cell of the house has at most so many lines and columns, a tab being four.
const (
	maxLines   = 15
	maxColumns = 110
)

// isLarge reports whether a cell has too many lines or columns.
func isLarge(source string) bool {
	lines := strings.Split(strings.TrimRight(source, "\n"), "\n")
	for _, line := range lines {
		if utf8.RuneCountInString(strings.ReplaceAll(line, "\t", "    ")) > maxColumns {
			return true
		}
	}
	return len(lines) > maxLines
}

// Cells are short enough to be read aloud, and no text holds what was to be filled in.
func TestProjectIsThin(t *testing.T) {
	eachNotebook(t, func(e Entry, n *Notebook) {
		for i, c := range n.Cells {
			if c.Type == "code" && isLarge(string(c.Source)) {
				t.Errorf("%s: a cell is longer than %d lines or wider than %d columns:\n%s", e.Name, maxLines, maxColumns, c.Source)
			}
			if strings.HasPrefix(string(c.Source), "MD-") {
				t.Errorf("%s, text %d: %q is no text", e.Name, i+1, c.Source)
			}
		}
	})
}

func TestIsLarge(t *testing.T) {
	for source, want := range map[string]bool{
		"": false, strings.Repeat("a\n", 15): false, strings.Repeat("a\n", 14) + "a": false, strings.Repeat("a\n", 16): true,
		strings.Repeat("σ", 110): false, strings.Repeat("σ", 111): true, "\t" + strings.Repeat("a", 107): true,
	} {
		if isLarge(source) != want {
			t.Errorf("a cell of %d bytes is large: %t", len(source), !want)
		}
	}
}
