package notebooks

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"html/template"
	"maps"
	"net/url"
	"regexp"
	"slices"
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

var setAside = regexp.MustCompile("\uE000(\\d+)\uE001")

// renderMarkdown returns Markdown as HTML, formulas as they are, for MathJax. Markdown would take
// their underscores and backslashes for its own, so they step aside while it works. A dollar sign
// on its own gets an element of its own, where MathJax finds no second one.
func renderMarkdown(text Text) (template.HTML, error) {
	var prepared strings.Builder
	var held []string // HTML
	for _, part := range markdownParts(string(text)) {
		switch part.kind {
		case "prose":
			prepared.WriteString(part.text)
			continue
		case "formula":
			held = append(held, html.EscapeString(part.text))
		case "dollar":
			held = append(held, "<span>$</span>")
		}
		fmt.Fprintf(&prepared, "\uE000%d\uE001", len(held)-1)
	}
	var out bytes.Buffer
	if err := markdown.Convert([]byte(prepared.String()), &out); err != nil {
		return "", err
	}
	return template.HTML(setAside.ReplaceAllStringFunc(out.String(), func(mark string) string {
		i, err := strconv.Atoi(setAside.FindStringSubmatch(mark)[1])
		if err != nil || i >= len(held) {
			return mark // the text itself held these characters
		}
		return held[i]
	})), nil
}

func hasFormula(text Text) bool {
	return slices.ContainsFunc(markdownParts(string(text)), func(p markdownPart) bool { return p.kind == "formula" })
}

// attached is an image of Markdown that its cell holds.
var attached = regexp.MustCompile(`src=(["'])attachment:([^"']+)["']`)

// toNotebook is a link to another notebook of the project: beside this one, in its folder of
// solutions, or in the folder above.
var toNotebook = regexp.MustCompile(`href="(\.\./)?(solutions/)?([^"/:#]+)\.ipynb"`)

// toPages makes links to notebooks links to their pages, which lie in one folder.
func toPages(text template.HTML) template.HTML {
	return template.HTML(toNotebook.ReplaceAllStringFunc(string(text), func(link string) string {
		match := toNotebook.FindStringSubmatch(link)
		name := match[3]
		if match[2] != "" {
			name += solved
		}
		return `href="` + name + `.html"`
	}))
}

// html returns a Markdown cell as HTML for a page, with the images that are attached to it.
func (c *Cell) html() (template.HTML, error) {
	text, err := renderMarkdown(c.Source)
	text = toPages(text)
	if err != nil || !strings.Contains(string(text), "attachment:") {
		return text, err
	}
	var attachments map[string]map[string]json.RawMessage // data by name and MIME type
	if len(c.Attachments) > 0 {
		if err := json.Unmarshal(c.Attachments, &attachments); err != nil {
			return "", fmt.Errorf("the attachments are damaged: %w", err)
		}
	}
	inlined := attached.ReplaceAllStringFunc(string(text), func(source string) string {
		match := attached.FindStringSubmatch(source)
		name := html.UnescapeString(match[2])
		if plain, unescapeErr := url.PathUnescape(name); unescapeErr == nil {
			name = plain
		}
		data, ok := imageData(attachments[name])
		if !ok {
			err = fmt.Errorf("the text shows an attachment %q; the cell has the images %q", name,
				slices.Sorted(maps.Keys(attachments)))
		}
		return "src=" + match[1] + data + match[1]
	})
	return template.HTML(inlined), err
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
