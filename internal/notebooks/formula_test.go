package notebooks

import (
	"html"
	"strings"
	"testing"
)

// Formulas reach MathJax letter for letter, wherever Markdown would read something into them.
func TestFormulasStayWhole(t *testing.T) {
	for _, formula := range []string{
		"$x_i$", "$a_i * b_j * c$", "$x_i\n- y_i$", "$x_i\n+ y_i$", "$x_i\n* y_i$", "$a\n> b$", "$x\n1. y$", "$a <\nb$",
		`$\$ 5_a_$`, "$$\na_i \\\\\nb_i\n$$", "$$\\begin{cases} a & b \\\\ c_1_ & d \\end{cases}$$",
		`\(x_i * y_i * z\)`, "\\(x_i\n- y_i\\)", `\[x_i \\ y_i\]`, "\\[\nx_i * y_i * z\n\\]",
		"\\begin{align}\na_i &= b_i \\\\\n- c_i &= *d*\n\\end{align}", `\begin{equation*} a_1_ \\ b \end{equation*}`,
		"\\begin{align}\\begin{aligned} a \\\\ b \\end{aligned}\\end{align}",
	} {
		for _, text := range []string{formula, "Of " + formula + " and *more*.", "- one " + formula + "\n- two", "> " + formula} {
			got, err := renderMarkdown(Text(text))
			if err != nil || !strings.Contains(html.UnescapeString(string(got)), formula) {
				t.Errorf("%q became %s (%v)", text, got, err)
			}
			if !hasFormula(Text(text)) {
				t.Errorf("%q has no formula", text)
			}
		}
	}
}

// What only looks like a formula is Markdown.
func TestNoFormulas(t *testing.T) {
	for text, want := range map[string]string{
		"- costs $5\n- costs $6":              "<li>costs $5</li>\n<li>costs $6</li>",
		"one $a\n\nb$ *two*":                  "<p>b$ <em>two</em></p>",
		"``a ` $x_1$``, *b*":                  "<code>a ` $x_1$</code>, <em>b</em>",
		"`$a_1`, *b* and `c_1$`":              "<code>$a_1</code>, <em>b</em> and <code>c_1$</code>",
		"~~~\n$a$\n~~~\n*b*":                  "<pre><code>$a$\n</code></pre>\n<p><em>b</em></p>",
		"```go\n$a$\n````\n*b*":               "$a$\n</code></pre>\n<p><em>b</em></p>",
		"```\n$a$ and no end":                 "<pre><code>$a$ and no end",
		`\$5, *six* and \$7`:                  "<span>$</span>5, <em>six</em> and <span>$</span>7",
		"a\\\\(b *c*":                         `a\(b <em>c</em>`,
		`\begin{align} and *no end*`:          `\begin{align} and <em>no end</em>`,
		"\\[open *here*\n\nclosed *there*\\]": "<em>here</em>",
		"a lone ` and *b*\n\n$":               "<em>b</em>",
	} {
		got, err := renderMarkdown(Text(text))
		if err != nil || !strings.Contains(string(got), want) {
			t.Errorf("%q became %s (%v), want %s", text, got, err, want)
		}
		if hasFormula(Text(text)) {
			t.Errorf("%q has a formula", text)
		}
	}
}

// The parts of a text are the text, whatever it holds.
func FuzzMarkdownParts(f *testing.F) {
	for _, text := range []string{"", "a $x$ `b` $$y$$", "```\n$", `\(a\) \[ \$ \begin{a}`, "$a\n$", "~~~\n~~~~\n$b$", "``"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var whole strings.Builder
		for _, part := range markdownParts(text) {
			if part.text == "" {
				t.Errorf("%q has an empty part", text)
			}
			whole.WriteString(part.text)
		}
		if whole.String() != text {
			t.Errorf("%q became %q", text, whole.String())
		}
	})
}
