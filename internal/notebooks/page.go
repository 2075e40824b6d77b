package notebooks

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"html/template"
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

// Page returns an executed notebook as an HTML document that shows offline. Library is the HTML that brings ECharts to a page,
// mathJax the address of MathJax as seen from the page.
func (n *Notebook) Page(library, mathJax string) ([]byte, error) {
	p := page{Title: n.Title(), Style: template.CSS(style)}
	for _, c := range n.Cells {
		var shown pageCell
		if c.Type == "markdown" {
			text, err := renderMarkdown(c.Source)
			if err != nil {
				return nil, err
			}
			shown.Text = text
			if hasFormula(c.Source) {
				p.MathJax = mathJax
			}
		}
		if c.Type == "code" && c.Count != nil {
			shown.Count, shown.Code = *c.Count, highlight(string(c.Source))
		}
		for _, o := range c.Outputs {
			html, err := o.html()
			if err != nil {
				return nil, err
			}
			if text, ok := asText(o.Data["text/markdown"]); ok && hasFormula(text) {
				p.MathJax = mathJax
			}
			if strings.Contains(string(html), "<script") {
				p.Library = template.HTML(library)
			}
			shown.Outputs = append(shown.Outputs, html)
		}
		p.Cells = append(p.Cells, shown)
	}
	var out bytes.Buffer
	err := pageTemplate.Execute(&out, p)
	return out.Bytes(), err
}

// html returns the richest form of an output.
func (o *Output) html() (template.HTML, error) {
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
	case has("image/png"):
		var data string
		err := json.Unmarshal(o.Data["image/png"], &data)
		return template.HTML(`<img alt="" src="data:image/png;base64,` + template.HTMLEscapeString(data) + `">`), err
	case has("text/markdown"):
		return renderMarkdown(text("text/markdown"))
	}
	return pre("stdout", text("text/plain")), nil
}
