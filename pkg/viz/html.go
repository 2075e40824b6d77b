package viz

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"strings"

	"gonum.org/v1/plot/vg"
)

//go:embed live.js
var liveScript string

// StaticHTML returns the figure as an HTML fragment: the picture, with title and caption as its alternative text, and the
// caption below. It holds no script, so it shows wherever images show.
func StaticHTML(f Figure) (string, error) {
	var b strings.Builder
	if err := writeStatic(&b, f, ""); err != nil {
		return "", err
	}
	return b.String(), nil
}

// LiveHTML returns StaticHTML and a script that puts the live chart in the place of the picture once ECharts is there,
// whether LibraryHTML comes before it on the page, after it, or never. Where scripts may not run, the picture stays.
// The same figure always gives the same text.
func LiveHTML(f Figure) (string, error) {
	if err := check(f); err != nil {
		return "", err
	}
	l := f.live(Width)
	if l == nil {
		return StaticHTML(f)
	}
	// json.Marshal writes <, > and & as \u003c and the like, so no title can end the script early.
	charts, err := json.Marshal(l)
	if err != nil {
		return "", fmt.Errorf("viz: %v: %w", f.heading(), err)
	}
	id := fmt.Sprintf("%x", sha256.Sum256(charts))[:16]
	var b strings.Builder
	if err := writeStatic(&b, f, id); err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "<script>(window.wavescore = window.wavescore || []).push({\"id\": %q, \"figure\": %s});</script>\n",
		id, charts)
	return b.String(), nil
}

func writeStatic(w io.Writer, f Figure, id string) error {
	var picture bytes.Buffer
	if err := WritePNG(&picture, f); err != nil {
		return err
	}
	h := f.heading()
	mark := ""
	if id != "" {
		mark = fmt.Sprintf(" data-wavescore=%q", id)
	}
	alt := strings.TrimSpace(h.title + ". " + h.caption)
	_, err := fmt.Fprintf(w, "<figure style=\"margin: 0 0 1em 0\"%s>\n<img width=\"%d\" style=\"max-width: 100%%; height: auto\" alt=\"%s\" src=%q>\n",
		mark, pixels(f.size(Width).X), html.EscapeString(alt), pngURL(picture.Bytes()))
	if err != nil {
		return err
	}
	if h.caption != "" {
		fmt.Fprintf(w, "<figcaption style=\"max-width: %dpx\">%s</figcaption>\n", pixels(Width), html.EscapeString(h.caption))
	}
	_, err = io.WriteString(w, "</figure>\n")
	return err
}

func pngURL(picture []byte) string {
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(picture)
}

// LibraryHTML returns the HTML that brings ECharts to a page, once for all its charts. The argument is the text of
// echarts.min.js, which it inlines: a megabyte that works offline; nil loads the pinned version from its CDN.
func LibraryHTML(echarts []byte) string {
	return "<script>\n" + liveScript + "</script>\n"
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
		fragment, err := LiveHTML(f)
		if err != nil {
			return err
		}
		body.WriteString(fragment)
	}
	_, err := fmt.Fprintf(w, "<!DOCTYPE html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>%s</title>\n<body>\n%s%s</body>\n</html>\n",
		html.EscapeString(p.Title), LibraryHTML(p.ECharts), body.String())
	return err
}

var _ = vg.Length(0)
