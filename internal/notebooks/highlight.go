package notebooks

import (
	"go/scanner"
	"go/token"
	"html"
	"html/template"
	"strings"
)

// highlight returns Go code as HTML with keywords, literals and comments marked. Lines for the
// kernel (%%, !ls) come out as the tokens that they look like.
func highlight(source string) template.HTML {
	source = strings.ReplaceAll(source, "\r", "") // as the scanner leaves them out of what it returns
	files := token.NewFileSet()
	file := files.AddFile("", -1, len(source))
	var s scanner.Scanner
	s.Init(file, []byte(source), func(token.Position, string) {}, scanner.ScanComments)
	var out strings.Builder
	end := 0 // of what is written
	for {
		pos, tok, text := s.Scan()
		if tok == token.EOF {
			break
		}
		class := ""
		switch {
		case tok == token.COMMENT:
			class = "comment"
		case tok == token.STRING || tok == token.CHAR:
			class = "string"
		case tok.IsKeyword():
			class = "keyword"
		case tok.IsLiteral() && tok != token.IDENT:
			class = "number"
		}
		if class == "" {
			continue
		}
		start := file.Offset(pos)
		out.WriteString(html.EscapeString(source[end:start]))
		out.WriteString(`<span class="` + class + `">` + html.EscapeString(text) + "</span>")
		end = start + len(text)
	}
	out.WriteString(html.EscapeString(source[end:]))
	return template.HTML(out.String())
}
