package notebooks

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"regexp"
	"strconv"
	"strings"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	htmlrenderer "github.com/yuin/goldmark/renderer/html"
)

// Our own notebooks may hold HTML of their own.
var markdown = goldmark.New(
	goldmark.WithExtensions(extension.GFM),
	goldmark.WithParserOptions(parser.WithAutoHeadingID()),
	goldmark.WithRendererOptions(htmlrenderer.WithUnsafe()),
)

var (
	codeOrFormula = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`|\\$\\$.+?\\$\\$|\\$[^$\n]+\\$")
	setAside      = regexp.MustCompile("\uE000(\\d+)\uE001")
)

// renderMarkdown returns Markdown as HTML, formulas as they are, for MathJax. Markdown would take their underscores and backslashes for
// its own, so they step aside while it works.
func renderMarkdown(text Text) (template.HTML, error) {
	var formulas []string
	prepared := codeOrFormula.ReplaceAllStringFunc(string(text), func(part string) string {
		if strings.HasPrefix(part, "`") {
			return part
		}
		formulas = append(formulas, html.EscapeString(part))
		return fmt.Sprintf("\uE000%d\uE001", len(formulas)-1)
	})
	var out bytes.Buffer
	if err := markdown.Convert([]byte(prepared), &out); err != nil {
		return "", err
	}
	return template.HTML(setAside.ReplaceAllStringFunc(out.String(), func(mark string) string {
		i, err := strconv.Atoi(setAside.FindStringSubmatch(mark)[1])
		if err != nil || i >= len(formulas) {
			return mark // the text itself held these characters
		}
		return formulas[i]
	})), nil
}

func hasFormula(text Text) bool {
	for _, part := range codeOrFormula.FindAllString(string(text), -1) {
		if strings.HasPrefix(part, "$") {
			return true
		}
	}
	return false
}

var heading = regexp.MustCompile(`(?m)^# +(.+)$`)

// Title is the first heading of a notebook, "" where there is none.
func (n *Notebook) Title() string {
	for _, c := range n.Cells {
		if match := heading.FindStringSubmatch(string(c.Source)); c.Type == "markdown" && match != nil {
			return strings.TrimSpace(match[1])
		}
	}
	return ""
}

// Objective is the first paragraph after the title.
func (n *Notebook) Objective() Text {
	for _, c := range n.Cells {
		if c.Type != "markdown" {
			continue
		}
		for _, paragraph := range strings.Split(string(c.Source), "\n\n") {
			if paragraph = strings.TrimSpace(paragraph); paragraph != "" && !strings.HasPrefix(paragraph, "#") {
				return Text(paragraph)
			}
			if _, rest, ok := strings.Cut(paragraph, "\n"); ok && strings.TrimSpace(rest) != "" {
				return Text(strings.TrimSpace(rest))
			}
		}
	}
	return ""
}
