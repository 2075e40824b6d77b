package notebooks

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A Gap is a notebook of exercises with gaps: the file it belongs into, and its text.
type Gap struct {
	Path string
	Text []byte
}

// Gaps returns the exercises with gaps of those of some notebooks of the module at root that have
// any, as Gapped makes them, to be written into a folder. Their links lead to the notebooks beside
// the folder where it lies in work/notebooks, whose notebooks are copies, and else to those of the
// module.
func Gaps(root, dir string, entries []Entry) (gaps []Gap, err error) {
	for _, e := range entries {
		n, err := ReadNotebook(e.Path)
		if err != nil {
			return nil, err
		}
		path := filepath.Join(root, "notebooks/solutions", filepath.Base(e.Path))
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		solutions, err := ReadNotebook(path)
		if err != nil {
			return nil, err
		}
		g, err := Gapped(n, solutions)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", e.Name, err)
		}
		if err := g.relink(root, dir); err != nil {
			return nil, err
		}
		text, err := g.Encode()
		if err != nil {
			return nil, err
		}
		gaps = append(gaps, Gap{filepath.Join(dir, filepath.Base(e.Path)), text})
	}
	return gaps, nil
}

// relink makes links of a notebook in notebooks/solutions lead to the same from a folder.
func (n *Notebook) relink(root, dir string) error {
	target := filepath.Join(root, "work/notebooks")
	if !strings.HasPrefix(dir, target+string(filepath.Separator)) {
		target = filepath.Join(root, "notebooks")
	}
	relative, err := filepath.Rel(dir, target)
	if err != nil {
		return err
	}
	for _, c := range n.Cells {
		if c.Type == "markdown" {
			c.Source = Text(strings.ReplaceAll(string(c.Source), "](../", "]("+filepath.ToSlash(relative)+"/"))
		}
	}
	return nil
}

// Gapped returns the exercises of a notebook for students to fill in. It is made of the notebook
// and its solutions: each exercise begins with its question and what the solution says before its
// code. Functions that are declared there have no body, their comments say what they return, and
// the cells that use them are as in the solution; where an exercise declares none, its running
// cells are empty. Captions, conclusions and outputs are left out.
//
// The solutions have a heading "## 1. What it is about" for each exercise, and the notebook a list
// of as many questions below "## Exercises". Anything else is an error, and so is a variable that
// calls a function without a body: it would stop the cells of all later exercises.
func Gapped(n, solutions *Notebook) (*Notebook, error) {
	questions, err := questionsOf(n)
	if err != nil {
		return nil, err
	}
	g := &gapper{questions: questions, title: n.Title(), out: &Notebook{Metadata: solutions.Metadata, Format: solutions.Format, FormatMinor: solutions.FormatMinor}}
	sections := split(solutions.Cells)
	if len(sections) != len(questions)+1 {
		return nil, fmt.Errorf("there are %d questions and %d solutions: want a heading \"## 1. ...\" for each", len(questions), len(sections)-1)
	}
	g.begin(sections[0])
	for i, section := range sections[1:] {
		if err := g.exercise(i, section); err != nil {
			return nil, fmt.Errorf("exercise %d: %w", i+1, err)
		}
	}
	return g.out, nil
}

var (
	exercisesHeading = regexp.MustCompile(`(?m)^## Exercises\s*$`)
	question         = regexp.MustCompile(`(?m)^(\d+)\. (.+)$`)
	exerciseHeading  = regexp.MustCompile(`(?m)^## \d+\. .+$`)
	subtitle         = regexp.MustCompile(`^(\d\d · [^:]+).*$`)
)

// questionsOf returns the exercises of a notebook.
func questionsOf(n *Notebook) (questions []string, err error) {
	for _, c := range n.Cells {
		place := exercisesHeading.FindStringIndex(string(c.Source))
		if c.Type != "markdown" || place == nil {
			continue
		}
		for _, match := range question.FindAllStringSubmatch(string(c.Source)[place[1]:], -1) {
			if questions = append(questions, match[2]); match[1] != strconv.Itoa(len(questions)) {
				return nil, fmt.Errorf("exercise %s stands where %d is expected", match[1], len(questions))
			}
		}
	}
	if len(questions) == 0 {
		return nil, errors.New("no list of questions below a heading \"## Exercises\"")
	}
	return questions, nil
}

// split returns the cells before the first exercise, and those of each. A text that ends one
// exercise and begins the next is cut in two.
func split(cells []*Cell) (sections [][]*Cell) {
	sections = [][]*Cell{nil}
	add := func(c *Cell) { sections[len(sections)-1] = append(sections[len(sections)-1], c) }
	for _, c := range cells {
		places := exerciseHeading.FindAllStringIndex(string(c.Source), -1)
		if c.Type != "markdown" || places == nil {
			add(c)
			continue
		}
		from := 0
		for k, place := range append(places, []int{len(c.Source), 0}) {
			part := *c
			part.Source = Text(strings.TrimSpace(string(c.Source)[from:place[0]]))
			if k > 1 {
				part.ID = fmt.Sprintf("%s-%d", c.ID, k)
			}
			if part.Source != "" {
				add(&part)
			}
			if from = place[0]; k < len(places) {
				sections = append(sections, nil)
			}
		}
	}
	return sections
}

// gapper makes one notebook.
type gapper struct {
	questions []string
	title     string // of the notebook
	out       *Notebook
	texts     int // added
}

func (g *gapper) add(c *Cell) { g.out.Cells = append(g.out.Cells, c) }

// addText adds a text that no cell of the solutions has.
func (g *gapper) addText(text string) {
	g.texts++
	g.add(&Cell{Type: "markdown", ID: fmt.Sprintf("exercise-text-%d", g.texts), Metadata: empty, Source: Text(text)})
}

// begin adds the cells before the first exercise, the title and what to do first.
func (g *gapper) begin(cells []*Cell) {
	g.addText("# " + subtitle.ReplaceAllString(g.title, "$1") + ": exercises\n\nFunctions that end in `panic(\"yours to write\")` are yours: " +
		"the comment above each says what it is to return, and the cells below use it. Where there are none, the cell itself is yours. " +
		"The solutions are one way of many.")
	for _, c := range cells {
		if c.Type != "code" && exactlyTitled.MatchString(string(c.Source)) {
			continue
		}
		g.add(bare(c, string(c.Source)))
	}
}

// exactlyTitled is a text that begins with the title of the notebook.
var exactlyTitled = regexp.MustCompile(`^# `)

// bare returns a cell with another source and without outputs.
func bare(c *Cell, source string) *Cell {
	return &Cell{Type: c.Type, ID: c.ID, Metadata: c.Metadata, Attachments: c.Attachments, Source: Text(source)}
}

// exercise adds exercise i.
func (g *gapper) exercise(i int, cells []*Cell) error {
	var blank []string // functions
	for _, c := range cells {
		if p := parseProgram(string(c.Source)); c.Type == "code" {
			if p.file == nil {
				return fmt.Errorf("a cell is no Go code:\n%s", c.Source)
			}
			for _, f := range p.functions() {
				blank = append(blank, f.Name.Name)
			}
		}
	}
	gaps, code := 0, false
	for k, c := range cells {
		text := string(c.Source)
		switch {
		case c.Type == "code":
			code = true
			source, n, err := gapped(text, len(blank) == 0)
			if err != nil {
				return err
			}
			if name := called(text, blank); name != "" {
				return fmt.Errorf("a variable calls %s, which is yours to write: make it a function, so that it is called when it is needed", name)
			}
			gaps += n
			g.add(bare(c, source))
		case k == 0:
			head, rest, _ := strings.Cut(text, "\n")
			rest = strings.TrimSpace(rest)
			if strings.HasPrefix(rest, "*") { // the question, in the solution's words
				_, rest, _ = strings.Cut(rest, "\n\n")
			}
			g.add(bare(c, strings.TrimSpace(head+"\n\n*"+strings.ReplaceAll(g.questions[i], "*", "")+"*\n\n"+rest)))
		case !code:
			g.add(bare(c, text))
		}
	}
	if gaps == 0 {
		return errors.New("nothing is left out")
	}
	g.addText("Your answer: ")
	if last := cells[len(cells)-1]; strings.HasPrefix(string(last.Source), "Back to ") {
		g.add(bare(last, string(last.Source)))
	}
	return nil
}

// functions returns the functions and methods that a cell declares, main left out.
func (p program) functions() (all []*ast.FuncDecl) {
	for _, d := range p.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Body != nil && (f.Name.Name != "main" || f.Recv != nil) {
			all = append(all, f)
		}
	}
	return all
}

// called returns the first of some functions that a variable at package level calls, outside of
// function literals.
func called(source string, functions []string) (name string) {
	for _, d := range parseProgram(source).file.Decls {
		if g, ok := d.(*ast.GenDecl); !ok || g.Tok != token.VAR {
			continue
		}
		ast.Inspect(d, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.FuncLit:
				return false
			case *ast.CallExpr:
				called := node.Fun
				if s, ok := called.(*ast.SelectorExpr); ok {
					called = s.Sel
				}
				if id, ok := called.(*ast.Ident); ok && slices.Contains(functions, id.Name) {
					name = id.Name
				}
			}
			return true
		})
	}
	return name
}

// An edit puts a text in the place of a part of a source.
type edit struct {
	from, to int
	text     string
}

// yours is what stands in the place of what students are to write.
const yours = "panic(\"yours to write\")"

// gapped returns a cell without the bodies of its functions, or without what it does where main is
// to be written, and without what captions say. N is how many gaps there are.
func gapped(source string, main bool) (text string, n int, err error) {
	p := parseProgram(source)
	place := func(pos token.Pos) int { return offset(source, p.position(pos)) }
	var edits []edit
	for _, f := range p.functions() {
		edits, n = append(edits, edit{place(f.Body.Lbrace) + 1, place(f.Body.Rbrace), "\n\t" + yours + "\n"}), n+1
	}
	if p.mainLine > 0 && main {
		begin := len(strings.Join(strings.SplitAfter(source, "\n")[:p.mainLine], ""))
		edits, n = append(edits, edit{begin, len(source), yours}), n+1
	} else if body := p.main(); body != nil {
		for _, value := range captions(body) {
			edits = append(edits, edit{place(value.Pos()), place(value.End()), `"What do you see, and why?"`})
		}
	}
	slices.SortFunc(edits, func(a, b edit) int { return cmp.Compare(b.from, a.from) })
	for _, e := range edits {
		if e.from > e.to || e.to > len(source) {
			return "", 0, fmt.Errorf("the cell cannot be read:\n%s", source)
		}
		source = source[:e.from] + e.text + source[e.to:]
	}
	if q := parseProgram(source); q.file == nil {
		return "", 0, fmt.Errorf("with its gaps the cell is no Go code:\n%s", source)
	}
	return source, n, nil
}

// captions returns the values of fields Caption in a body.
func captions(body ast.Node) (values []ast.Expr) {
	ast.Inspect(body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.KeyValueExpr:
			if id, ok := node.Key.(*ast.Ident); ok && id.Name == "Caption" {
				values = append(values, node.Value)
			}
		case *ast.AssignStmt:
			for k, left := range node.Lhs {
				if s, ok := left.(*ast.SelectorExpr); ok && s.Sel.Name == "Caption" && len(node.Lhs) == len(node.Rhs) {
					values = append(values, node.Rhs[k])
				}
			}
		}
		return true
	})
	return values
}
