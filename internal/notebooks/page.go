package notebooks

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
)

//go:embed page.html
var pageSource string

//go:embed style.css
var style string

var pageTemplate = template.Must(template.New("page").Parse(pageSource))

// page is what page.html shows.
type page struct {
	Title   string
	Style   template.CSS
	Library template.HTML // ECharts, where a figure of the page needs it
	MathJax string        // the address of MathJax, where a formula of the page needs it
	Cells   []pageCell
}

type pageCell struct {
	Count   int           // 0 for text
	Code    template.HTML // highlighted
	Text    template.HTML
	Outputs []template.HTML
}

// Page returns an executed notebook as an HTML document that shows offline. Library is the HTML
// that brings ECharts to a page, mathJax the address of MathJax as seen from the page.
func (n *Notebook) Page(library, mathJax string) ([]byte, error) {
	p := page{Title: n.Title(), Style: template.CSS(style)}
	for i, c := range n.Cells {
		shown, err := c.page()
		if err != nil {
			return nil, fmt.Errorf("cell %d of %d: %w", i+1, len(n.Cells), err)
		}
		p.Cells = append(p.Cells, shown)
		if c.hasFormula() {
			p.MathJax = mathJax
		}
		for _, html := range shown.Outputs {
			if strings.Contains(string(html), "<script") {
				p.Library = template.HTML(library)
			}
		}
	}
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, p)
	return out.Bytes(), err
}

// page returns what a page shows of a cell.
func (c *Cell) page() (pageCell, error) {
	var shown pageCell
	var err error
	if c.Type == "markdown" {
		if shown.Text, err = c.html(); err != nil {
			return shown, err
		}
	}
	if c.Type == "code" && c.Count != nil {
		shown.Count, shown.Code = *c.Count, highlight(string(c.Source))
	}
	for i, o := range c.Outputs {
		html, err := o.html()
		if err != nil {
			return shown, fmt.Errorf("output %d of %d: %w", i+1, len(c.Outputs), err)
		}
		shown.Outputs = append(shown.Outputs, html)
	}
	return shown, nil
}

// hasFormula reports whether the cell's text or an output shows a formula.
func (c *Cell) hasFormula() bool {
	if c.Type == "markdown" && hasFormula(c.Source) {
		return true
	}
	return slices.ContainsFunc(c.Outputs, func(o *Output) bool {
		markdown, _ := asText(o.Data["text/markdown"])
		latex, _ := asText(o.Data["text/latex"])
		return hasFormula(markdown) || hasFormula(latex)
	})
}

// html returns the richest form of an output.
func (o *Output) html() (template.HTML, error) {
	for mime, raw := range o.Data {
		if _, ok := asText(raw); !ok && (strings.HasPrefix(mime, "text/") || strings.HasPrefix(mime, "image/")) {
			return "", fmt.Errorf("the %s is neither a string nor a list of strings", mime)
		}
	}
	text := func(mime string) Text {
		text, _ := asText(o.Data[mime])
		return text
	}
	pre := func(class string, text Text) template.HTML {
		plain := colours.ReplaceAllString(string(text), "")
		return template.HTML(`<pre class="` + class + `">` + template.HTMLEscapeString(plain) + "</pre>")
	}
	has := func(mime string) bool { return o.Data[mime] != nil }
	switch {
	case o.Type == "stream":
		return pre(o.Name, o.Text), nil
	case o.Type == "error":
		return pre("stderr", Text(strings.Join(append(o.Traceback, o.Value), "\n"))), nil
	case has("text/html"):
		return template.HTML(text("text/html")), nil
	}
	if data, ok := imageData(o.Data); ok {
		return template.HTML(`<img alt="" src="` + data + `">`), nil
	}
	for _, mime := range []string{"text/markdown", "text/latex"} {
		if has(mime) {
			return renderMarkdown(text(mime))
		}
	}
	if !has("text/plain") {
		kinds := slices.Sorted(maps.Keys(o.Data))
		return pre("stdout", Text(fmt.Sprintf("(an output that a page cannot show: %s)", strings.Join(kinds, ", ")))), nil
	}
	return pre("stdout", text("text/plain")), nil
}

// imageData returns the best image among data by MIME type as a data URL.
func imageData(data map[string]json.RawMessage) (string, bool) {
	for _, mime := range []string{"image/png", "image/svg+xml", "image/jpeg", "image/gif", "image/webp"} {
		text, ok := asText(data[mime])
		if !ok || text == "" {
			continue
		}
		encoded := strings.Join(strings.Fields(string(text)), "")
		if strings.HasPrefix(encoded, "<") { // SVG, which outputs hold as it is
			encoded = base64.StdEncoding.EncodeToString([]byte(text))
		}
		return "data:" + mime + ";base64," + template.HTMLEscapeString(encoded), true
	}
	return "", false
}
