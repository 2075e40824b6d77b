package notebooks

import (
	"bytes"
	_ "embed"
	"html/template"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

//go:embed index.html
var gallerySource string

var galleryTemplate = template.Must(template.New("gallery").Parse(gallerySource))

type gallery struct {
	Style     template.CSS
	MathJax   string
	Notebooks []galleryNotebook
}

type galleryNotebook struct {
	Name, Title, Dir string
	Objective        template.HTML
	Figures          []galleryFigure
}

type galleryFigure struct {
	Figure
	Links []link
}

type link struct{ Label, File string }

// Gallery returns the page of all figures: of every executed notebook html/NAME.ipynb in the folder
// out, the title, the objective, and its figures in figures/ with links to their files. The page
// belongs into out; mathJax is the address of MathJax from there.
func Gallery(out, mathJax string) ([]byte, error) {
	g := gallery{Style: template.CSS(style)}
	executed, err := filepath.Glob(filepath.Join(out, "html", "*.ipynb"))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(executed))
	for i, path := range executed {
		names[i] = strings.TrimSuffix(filepath.Base(path), ".ipynb")
	}
	slices.Sort(names) // without the ending, so that a notebook comes before its solutions
	for _, name := range names {
		n, err := ReadNotebook(filepath.Join(out, "html", name+".ipynb"))
		if err != nil {
			return nil, err
		}
		shown := galleryNotebook{Name: name, Title: n.Title(), Dir: figureFolder(name, false)}
		if _, err := os.Stat(filepath.Join(out, "figures", name)); err == nil { // others share its number
			shown.Dir = figureFolder(name, true)
		}
		if shown.Title == "" {
			shown.Title = name
		}
		if shown.Objective, err = renderMarkdown(n.Objective()); err != nil {
			return nil, err
		}
		if hasFormula(n.Objective()) || hasFormula(Text(shown.Title)) {
			g.MathJax = mathJax
		}
		for _, c := range n.Cells {
			for _, figure := range c.Figures() {
				shown.Figures = append(shown.Figures, galleryFigure{figure, links(filepath.Join(out, "figures", shown.Dir), figure.Name)})
			}
		}
		g.Notebooks = append(g.Notebooks, shown)
	}
	var page bytes.Buffer
	err = galleryTemplate.Execute(&page, g)
	return page.Bytes(), err
}

// links lists the files of a figure.
func links(dir, name string) []link {
	var all []link
	for _, kind := range []link{{"PNG", "png"}, {"SVG", "svg"}, {"numbers", "csv"}} {
		file := name + "." + kind.File
		if _, err := os.Stat(filepath.Join(dir, file)); err == nil {
			all = append(all, link{kind.Label, file})
		}
	}
	return all
}
