package notebooks

import "strings"

// A markdownPart is a stretch of a Markdown text: a formula, a dollar sign that is none's, or
// prose, with its code.
type markdownPart struct {
	kind string // "formula", "dollar" or "prose"
	text string
}

// markdownParts splits a Markdown text. A formula stands in $..$, $$..$$, \(..\), \[..\] or
// \begin{name}..\end{name}. In code there is none.
func markdownParts(text string) []markdownPart {
	var parts []markdownPart
	prose := 0 // where the prose begins that is not among the parts yet
	add := func(kind string, from, to int) {
		if prose < from {
			parts = append(parts, markdownPart{"prose", text[prose:from]})
		}
		if from < to {
			parts = append(parts, markdownPart{kind, text[from:to]})
		}
		prose = to
	}
	for i := 0; i < len(text); {
		rest := text[i:]
		if n := codeLength(rest, i == 0 || text[i-1] == '\n'); n > 0 {
			i += n
			continue
		}
		if strings.HasPrefix(rest, `\$`) {
			add("dollar", i, i+2)
			i += 2
			continue
		}
		if strings.HasPrefix(rest, `\\`) {
			i += 2
			continue
		}
		n := formulaLength(rest)
		if n > 0 {
			add("formula", i, i+n)
		}
		i += max(n, 1)
	}
	add("", len(text), len(text))
	return parts
}

// codeLength returns the length of the code that a text begins with, marks included, 0 where it
// begins with none. Code in a line ends with as many backticks as it began with, a block with a
// line of them or with the text.
func codeLength(text string, lineStart bool) int {
	if text[0] != '`' && text[0] != '~' {
		return 0
	}
	mark := text[:len(text)-len(strings.TrimLeft(text, text[:1]))]
	line, _, _ := strings.Cut(text[len(mark):], "\n")
	block := lineStart && len(mark) >= 3 && !strings.Contains(line, "`")
	if mark[0] == '~' && !block {
		return 0
	}
	end := len(mark)
	for end < len(text) {
		i := strings.Index(text[end:], mark)
		if i < 0 {
			break
		}
		start := end + i
		end = start + len(mark)
		for end < len(text) && text[end] == mark[0] {
			end++
		}
		if !block && strings.Contains(text[:start], "\n\n") {
			break
		}
		if block && text[start-1] == '\n' || !block && end-start == len(mark) {
			return end
		}
	}
	if block {
		return len(text)
	}
	return len(mark)
}

// formulaLength returns the length of the formula that a text begins with, its delimiters included,
// 0 where it begins with none.
func formulaLength(text string) int {
	closing := ""
	switch {
	case strings.HasPrefix(text, "$$"):
		closing = "$$"
	case strings.HasPrefix(text, `\(`):
		closing = `\)`
	case strings.HasPrefix(text, `\[`):
		closing = `\]`
	case strings.HasPrefix(text, `\begin{`):
		name, _, ok := strings.Cut(text[len(`\begin{`):], "}")
		if !ok || name == "" || strings.ContainsAny(name, " \n{\\") {
			return 0
		}
		closing = `\end{` + name + "}"
	case text[0] == '$':
		return dollarLength(text)
	default:
		return 0
	}
	i := strings.Index(text[2:], closing)
	if i <= 0 || strings.HasPrefix(closing, `\`) && strings.Contains(text[2:2+i], "\n\n") {
		return 0
	}
	return 2 + i + len(closing)
}

// dollarLength is formulaLength for text that begins with one dollar sign. The formula has no blank
// line. Where it has more than one line, a blank after the first dollar sign, and a blank before or
// a digit after the last, say that these are prices.
func dollarLength(text string) int {
	isBlank := func(b byte) bool { return strings.IndexByte(" \t\n", b) >= 0 }
	lines := 1
	for i := 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '\n':
			lines++
			if next := strings.TrimLeft(text[i+1:], " \t"); next == "" || next[0] == '\n' {
				return 0
			}
		case '$':
			digit := i+1 < len(text) && text[i+1] >= '0' && text[i+1] <= '9'
			if i == 1 || lines > 1 && (isBlank(text[1]) || isBlank(text[i-1]) || digit) {
				return 0
			}
			return i + 1
		}
	}
	return 0
}
