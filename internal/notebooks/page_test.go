package notebooks

import (
	"encoding/json"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestMarkdownLeavesFormulasAlone(t *testing.T) {
	for text, want := range map[string]string{
		"# A *title*":                      `<h1 id="a-title">A <em>title</em></h1>`,
		"$x_1 + x_2$ and *y*":              `<p>$x_1 + x_2$ and <em>y</em></p>`,
		"$$\\sum_{i<n} a_i \\\\ b_i$$":     `<p>$$\sum_{i&lt;n} a_i \\ b_i$$</p>`,
		"`$HOME` costs $5":                 `<p><code>$HOME</code> costs $5</p>`,
		"| a |\n|---|\n| $\\alpha_1|_2$ |": `<td>$\alpha_1|_2$</td>`,
		"```\n$a_b$ $c_d$\n```":            "<pre><code>$a_b$ $c_d$\n</code></pre>",
		"odd \uE0007\uE001":                "<p>odd \uE0007\uE001</p>",
	} {
		got, err := renderMarkdown(Text(text))
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%q: %v, %s, want %s in it", text, err, got, want)
		}
	}
	for text, want := range map[string]bool{"a $x$ b": true, "$$x$$": true, "`$x$`": false, "5$": false} {
		if got := hasFormula(Text(text)); got != want {
			t.Errorf("%q has a formula: %t", text, got)
		}
	}
}

var tags = regexp.MustCompile(`<[^>]*>`)

// Highlighting adds marks and nothing else.
func TestHighlight(t *testing.T) {
	source := "%noautoget\n!ls *.go\nimport \"fmt\" // a < b\nfunc f() { return 'x', 1.5e3, `a\n&b` }\n%%\nx := \"unfinished\n/* also"
	marked := string(highlight(source))
	if got := html.UnescapeString(tags.ReplaceAllString(marked, "")); got != source {
		t.Errorf("the text became\n%s\nof\n%s", got, source)
	}
	for _, want := range []string{`<span class="keyword">import</span>`, `<span class="string">&#34;fmt&#34;</span>`,
		`<span class="comment">// a &lt; b</span>`, `<span class="number">1.5e3</span>`} {
		if !strings.Contains(marked, want) {
			t.Errorf("%s is not in %s", want, marked)
		}
	}
}

func TestPageShowsCellsAndLibraries(t *testing.T) {
	n := &Notebook{}
	if err := json.Unmarshal([]byte(every), n); err != nil {
		t.Fatal(err)
	}
	page := func() string {
		data, err := n.Page("<i>library</i>", "math.js")
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	plain := page()
	for _, want := range []string{"<title>Title &lt;b&gt;</title>", `[1]</span>`, `<pre class="stdout">a`, `src="data:image/png;base64,aGk="`, "exit status 2"} {
		if !strings.Contains(plain, want) {
			t.Errorf("%s is not in\n%s", want, plain)
		}
	}
	if strings.Contains(plain, "library") || strings.Contains(plain, "math.js") {
		t.Error("a page without formulas and live charts brings libraries")
	}
	n.Cells[0].Source += " $x$"
	n.Cells[1].Outputs = append(n.Cells[1].Outputs, &Output{Type: "display_data",
		Data: map[string]json.RawMessage{"text/html": json.RawMessage(`"<script>live()</script>"`)}})
	full := page()
	for _, want := range []string{"<i>library</i>", `src="math.js"`, "<script>live()</script>"} {
		if !strings.Contains(full, want) {
			t.Errorf("%s is not in\n%s", want, full)
		}
	}
}

func TestGallery(t *testing.T) {
	out := t.TempDir()
	notebook := func(title, figure string) string {
		return `{"cells": [{"cell_type": "markdown", "source": "# ` + title + `\n\nIt *asks*."}, {"cell_type": "code", "execution_count": 1,
			"outputs": [{"output_type": "display_data", "data": {"image/png": "aGk="},
			"metadata": {"wavescore": {"figure": "` + figure + `", "title": "Error", "caption": "Look."}}}]}], "nbformat": 4}`
	}
	for name, text := range map[string]string{
		"html/01-a.ipynb": notebook("First", "curve"), "html/01-a-solutions.ipynb": notebook("Solved", "curve"),
		"figures/01/curve.png": "", "figures/01/curve.csv": "", "figures/01-solutions/curve.png": "",
		"html/07-a.ipynb": notebook("One", "curve"), "html/07-b.ipynb": notebook("Other", "curve"),
		"figures/07-a/curve.png": "", "figures/07-b/curve.png": "",
	} {
		path := filepath.Join(out, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := Gallery(out, "html/math.js")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`<a href="html/01-a.html">First</a>`, `<a href="html/01-a-solutions.html">Solved</a>`, "<em>asks</em>",
		`src="figures/01/curve.png"`, `href="figures/01/curve.csv"`, `src="figures/01-solutions/curve.png"`, "<strong>Error</strong> Look.",
		`src="figures/07-a/curve.png"`, `src="figures/07-b/curve.png"`} {
		if !strings.Contains(string(page), want) {
			t.Errorf("%s is not in\n%s", want, page)
		}
	}
	if first, solved := strings.Index(string(page), ">First<"), strings.Index(string(page), ">Solved<"); first > solved {
		t.Error("the solutions come before their notebook")
	}
	for _, link := range regexp.MustCompile(`(?:href|src)="(figures/[^"]*)"`).FindAllStringSubmatch(string(page), -1) {
		if _, err := os.Stat(filepath.Join(out, link[1])); err != nil {
			t.Errorf("a dead link: %v", err)
		}
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"notebooks/00-a.ipynb", "notebooks/01-b.ipynb", "notebooks/solutions/01-b.ipynb", "notebooks/playground.ipynb",
		"notebooks/02-c.txt", "notebooks/.ipynb_checkpoints/00-a.ipynb"} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		solutions bool
		numbers   []string
		want      string
	}{
		{false, nil, "00-a 01-b"}, {true, nil, "00-a 01-b 01-b-solutions"}, {false, []string{"01"}, "01-b"},
		{true, []string{"01"}, "01-b 01-b-solutions"}, {true, []string{"01", "00", "01"}, "01-b 01-b-solutions 00-a"},
	} {
		entries, err := Find(root, c.solutions, c.numbers...)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name)
		}
		if got := strings.Join(names, " "); err != nil || got != c.want {
			t.Errorf("%v, solutions %t: got %q, %v, want %q", c.numbers, c.solutions, got, err, c.want)
		}
	}
	if _, err := Find(root, false, "07"); err == nil || !strings.Contains(err.Error(), "no notebook 07") || !strings.Contains(err.Error(), "00-a, 01-b") {
		t.Errorf("got %v, want an error that lists what there is", err)
	}
	if _, err := Find(t.TempDir(), true); err == nil {
		t.Error("no error for a module without notebooks")
	}
}

// oneCell returns the page of a notebook with that cell alone, as JSON.
func oneCell(t *testing.T, cell string) (string, error) {
	t.Helper()
	n, err := ParseNotebook([]byte(`{"cells": [` + cell + `], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}`))
	if err != nil {
		t.Fatal(err)
	}
	page, err := n.Page("", "")
	return string(page), err
}

// A page shows every kind of output, its data whole or in lines.
func TestPageShowsOutputsOfEveryKind(t *testing.T) {
	const svg = `PHN2ZyB4bWxucz0iaHR0cDovL3d3dy53My5vcmcvMjAwMC9zdmciLz4=` // of the line below, by base64(1)
	for data, want := range map[string]string{
		`"image/png": "aGk=\n"`:                                                `<img alt="" src="data:image/png;base64,aGk=">`,
		`"image/png": ["aGk\n", "="]`:                                          `<img alt="" src="data:image/png;base64,aGk=">`,
		`"image/jpeg": "aGk=", "text/plain": "a picture"`:                      `<img alt="" src="data:image/jpeg;base64,aGk=">`,
		`"image/jpeg": ["aGk", "="]`:                                           `<img alt="" src="data:image/jpeg;base64,aGk=">`,
		`"image/gif": "aGk="`:                                                  `src="data:image/gif;base64,aGk="`,
		`"image/webp": "aGk="`:                                                 `src="data:image/webp;base64,aGk="`,
		`"image/svg+xml": "<svg xmlns=\"http://www.w3.org/2000/svg\"/>"`:       `src="data:image/svg+xml;base64,` + svg,
		`"image/svg+xml": ["<svg xmlns=", "\"http://www.w3.org/2000/svg\"/>"]`: `src="data:image/svg+xml;base64,` + svg,
		`"text/html": ["<i>", "a</i>"], "image/png": "aGk="`:                   "<i>a</i>",
		`"text/markdown": ["*a*"], "text/plain": "a"`:                          "<em>a</em>",
		`"text/latex": "$$x_1 \\\\ y_1$$"`:                                     `$$x_1 \\ y_1$$`,
		`"text/plain": ["a <", " b"]`:                                          `<pre class="stdout">a &lt; b</pre>`,
		`"application/x-b": {}, "application/x-a": 1`:                          "cannot show: application/x-a, application/x-b",
	} {
		page, err := oneCell(t, `{"cell_type": "code", "execution_count": 1, "source": "", "metadata": {}, "outputs":
			[{"output_type": "display_data", "metadata": {}, "data": {`+data+`}}]}`)
		if err != nil || !strings.Contains(page, want) {
			t.Errorf("%s: %v, or %s is not in\n%s", data, err, want, page)
		}
	}
	_, err := oneCell(t, `{"cell_type": "code", "execution_count": 1, "source": "", "metadata": {}, "outputs":
		[{"output_type": "display_data", "metadata": {}, "data": {"image/png": 7}}]}`)
	if want := "cell 1 of 1: output 1 of 1: the image/png is neither a string nor"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want an error with %q", err, want)
	}
}

// Images that are attached to a cell of text are in the page.
func TestPageShowsAttachments(t *testing.T) {
	cell := func(source, attachments string) string {
		text, err := json.Marshal(source)
		if err != nil {
			t.Fatal(err)
		}
		return `{"cell_type": "markdown", "metadata": {}, "source": ` + string(text) + attachments + `}`
	}
	const attachments = `, "attachments": {"a.png": {"image/png": "aGk="}, "b c.jpg": {"image/jpeg": ["aG", "k="]},
		"d&.svg": {"image/svg+xml": "PHN2Zy8+"}}`
	for source, want := range map[string]string{
		"![A](attachment:a.png)":                 `<img src="data:image/png;base64,aGk=" alt="A">`,
		"![A](attachment:b%20c.jpg)":             `src="data:image/jpeg;base64,aGk="`,
		"![A](<attachment:b c.jpg>)":             `src="data:image/jpeg;base64,aGk="`,
		"![A](attachment:d&.svg)":                `src="data:image/svg+xml;base64,PHN2Zy8+"`,
		"<img src='attachment:a.png' width='5'>": `<img src='data:image/png;base64,aGk=' width='5'>`,
		"`![A](attachment:a.png)`":               "<code>![A](attachment:a.png)</code>",
	} {
		if page, err := oneCell(t, cell(source, attachments)); err != nil || !strings.Contains(page, want) {
			t.Errorf("%s: %v, or %s is not in\n%s", source, err, want, page)
		}
	}
	for _, c := range []struct{ attachments, want string }{
		{attachments, `cell 1 of 1: the text shows an attachment "x.png"; the cell has the images ["a.png" "b c.jpg" "d&.svg"]`},
		{"", `an attachment "x.png"; the cell has the images []`},
		{`, "attachments": 7`, "cell 1 of 1: the attachments are damaged"},
	} {
		if _, err := oneCell(t, cell("![](attachment:x.png)", c.attachments)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want an error with %q", err, c.want)
		}
	}
}

// Sources mean the same whatever ends their lines.
func TestLineEnds(t *testing.T) {
	source := "// a comment\nx := `a\nb`\n/* two\nlines */\nif x == \"\" {\n}\n"
	want := string(highlight(source))
	if got := string(highlight(strings.ReplaceAll(source, "\n", "\r\n"))); got != want {
		t.Errorf("with CRLF the code became\n%q\nwant\n%q", got, want)
	}
	for _, text := range []string{"# A title\n\nThe *objective*.\n\n- $x_1$\n", "$a_1\n- b_1$"} {
		cells := make([]string, 2)
		for i, end := range []string{"\n", "\r\n"} {
			encoded, err := json.Marshal(strings.ReplaceAll(text, "\n", end))
			if err != nil {
				t.Fatal(err)
			}
			if cells[i], err = oneCell(t, `{"cell_type": "markdown", "metadata": {}, "source": `+string(encoded)+`}`); err != nil {
				t.Fatal(err)
			}
		}
		if cells[0] != cells[1] {
			t.Errorf("with CRLF %q became\n%s\nwant\n%s", text, cells[1], cells[0])
		}
	}
}

func TestFindRefusesOneNameForTwo(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"notebooks/07-a-solutions.ipynb", "notebooks/solutions/07-a.ipynb"} {
		write(t, filepath.Join(root, name), "")
	}
	_, err := Find(root, true)
	if err == nil || !strings.Contains(err.Error(), "would both be published as 07-a-solutions: rename one") {
		t.Errorf("got %v", err)
	}
	if _, err := Find(root, false); err != nil {
		t.Error(err)
	}
}

// TestLinksLeadToPages: a link to a notebook beside this one, to solutions and back becomes one to
// the page; others stay.
func TestLinksLeadToPages(t *testing.T) {
	cell := Cell{Type: "markdown", Source: "[a](05-x.ipynb) [b](solutions/05-x.ipynb) [c](../05-x.ipynb) " +
		"[d](https://example.org/a.ipynb) [e](other/05-x.ipynb) [f](README.md)"}
	got, err := cell.html()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`href="05-x.html">a`, `href="05-x-solutions.html">b`, `href="05-x.html">c`,
		`href="https://example.org/a.ipynb">d`, `href="other/05-x.ipynb">e`, `href="README.md">f`} {
		if !strings.Contains(string(got), want) {
			t.Errorf("there is no %s in %s", want, got)
		}
	}
}
