package viz

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"image"
	"image/png"
	"io"
	"strings"
)

// liveScript declares wavescoreStart, which draws the live charts of a page.
//
//go:embed live.js
var liveScript string

// StaticHTML returns the figure as an HTML fragment: the picture, with title and caption as its
// alternative text, and the caption below. It holds no script, so it shows wherever images show.
func StaticHTML(f Figure) (string, error) {
	d, err := NewDrawing(f)
	if err != nil {
		return "", err
	}
	return d.fragment("", ""), nil
}

// LiveHTML returns StaticHTML and a script that puts the live chart in the place of the picture
// once ECharts is there, whether LibraryHTML comes before it on the page, after it, or never. Where
// scripts may not run, the picture stays. The same figure always gives the same text.
func LiveHTML(f Figure) (string, error) {
	d, err := NewDrawing(f)
	if err != nil {
		return "", err
	}
	return d.LiveHTML()
}

// A Drawing is a figure whose static picture has been drawn, once for all the forms that show it.
type Drawing struct {
	heading heading
	plan    plan
	picture []byte
}

// NewDrawing draws a figure, or returns an error that says what of it cannot be drawn.
func NewDrawing(f Figure) (*Drawing, error) {
	p, err := planned(f)
	if err != nil {
		return nil, err
	}
	var picture bytes.Buffer
	if err := writePNG(&picture, p); err != nil {
		return nil, err
	}
	return &Drawing{f.heading(), p, picture.Bytes()}, nil
}

// PNG returns what WritePNG writes; it must not be changed.
func (d *Drawing) PNG() []byte { return d.picture }

// WriteSVG writes what the function of that name does.
func (d *Drawing) WriteSVG(w io.Writer) error { return writeSVG(w, d.plan) }

// WriteCSV writes what the function of that name does.
func (d *Drawing) WriteCSV(w io.Writer) error { return writeCSV(w, d.plan) }

// LiveHTML returns what the function of that name does.
func (d *Drawing) LiveHTML() (string, error) {
	l := d.plan.live(pageWidth)
	if l == nil {
		return d.fragment("", ""), nil
	}
	// json.Marshal writes <, > and & as \u003c and the like, so no title can end the script early.
	figure, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("viz: %v: %w", d.heading, err)
	}
	id := fmt.Sprintf("%x", sha256.Sum256(figure))[:16]
	return d.fragment(fmt.Sprintf(" data-wavescore=%q", id), fmt.Sprintf(
		"<script>(window.wavescore = window.wavescore || []).push({\"id\": %q, \"figure\": %s});</script>\n", id, figure)), nil
}

// fragment returns the picture and the caption as HTML, with a mark in its tag and a script behind
// it.
func (d *Drawing) fragment(mark, script string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<figure style=\"margin: 0 0 1em 0\"%s>\n", mark)
	fmt.Fprintf(&b, "<img width=\"%d\" style=\"max-width: 100%%; height: auto\" alt=\"%s\" src=\"%s\">\n",
		pixels(d.plan.size(pageWidth).X), html.EscapeString(alternative(d.heading)), pngURL(d.picture))
	if d.heading.caption != "" {
		fmt.Fprintf(&b, "<figcaption style=\"max-width: %dpx\">%s</figcaption>\n", pixels(pageWidth), html.EscapeString(d.heading.caption))
	}
	fmt.Fprintf(&b, "</figure>\n%s", script)
	return b.String()
}

// alternative is what is read out instead of the picture.
func alternative(h heading) string {
	return strings.TrimSpace(strings.TrimSuffix(or(h.title, h.kind), ".") + ". " + h.caption)
}

func pngURL(encoded []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(encoded)
}

// picture is an image that is written as a data URL.
type picture struct{ image.Image }

// MarshalJSON returns the URL as a string.
func (p *picture) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	if err := png.Encode(&b, p.Image); err != nil {
		return nil, err
	}
	return json.Marshal(pngURL(b.Bytes()))
}

// The ECharts that environment/package.json pins, as its CDN has it.
const (
	echartsURL       = "https://cdn.jsdelivr.net/npm/echarts@6.1.0/dist/echarts.min.js"
	echartsIntegrity = "sha384-C2iskrW/uPW46KzOjrvJIQo4YkV8lkD+QS0CrDN18IIPIpT/g2USu8bTP3nvmIAD"
)

// LibraryHTML returns the HTML that brings ECharts to a page, once for all its charts. The argument
// is the text of echarts.min.js, which it inlines: a megabyte that works offline. With nil the page
// loads the pinned version from its CDN, and shows static pictures where that cannot be reached.
func LibraryHTML(echarts []byte) string {
	// The library takes itself for a CommonJS module and fills an object of ours. So RequireJS,
	// which the classic notebook has, does not swallow it, and another version on the page stays
	// what it is.
	const before, after = "(function (define, exports, module) {", "\n})(undefined, window.wavescoreECharts = {}, {});\n" +
		"wavescoreStart(window.wavescoreECharts);\n"
	var b strings.Builder
	fmt.Fprintf(&b, "<script>\n%s</script>\n", liveScript)
	if echarts != nil {
		text := bytes.ReplaceAll(echarts, []byte("</script"), []byte("<\\/script"))
		fmt.Fprintf(&b, "<script>\n%s%s%s</script>\n", before, text, after)
		return b.String()
	}
	fmt.Fprintf(&b, `<script>
fetch(%q, {integrity: %q}).then((answer) => answer.text()).then((text) => {
	const script = document.createElement("script");
	script.textContent = %q + text + %q;
	document.head.append(script);
}).catch((error) => console.warn("wavescore: no ECharts, static pictures stay:", error));
</script>
`, echartsURL, echartsIntegrity, before, after)
	return b.String()
}

// Page is an HTML document of figures.
type Page struct {
	Title   string
	ECharts []byte // the text of echarts.min.js, inlined; nil: the page loads it from the CDN
	Figures []Figure
}

// Write writes the document. Offline and without inlined ECharts it shows the static pictures.
func (p Page) Write(w io.Writer) error {
	var body strings.Builder
	for _, f := range p.Figures {
		figure, err := LiveHTML(f)
		if err != nil {
			return err
		}
		body.WriteString(figure)
	}
	return writePage(w, p.Title, p.ECharts, body.String())
}

func writePage(w io.Writer, title string, echarts []byte, body string) error {
	_, err := fmt.Fprintf(w, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>%s</title>
<style>body { margin: 2em auto; max-width: 900px; padding: 0 1em; font-family: %s; line-height: 1.4; color: %s }</style>
%s</head>
<body>
%s</body>
</html>
`, html.EscapeString(title), liveFont, css(ink), LibraryHTML(echarts), body)
	return err
}
