package notebooks

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Every notebook's exercises can be had with gaps, of which each exercise has one.
func TestProjectHasGaps(t *testing.T) {
	eachNotebook(t, func(e Entry, n *Notebook) {
		if strings.HasSuffix(e.Name, solved) || !hasExercises(n) {
			return
		}
		g, err := gapsOf(root(t), e.Name)
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			return
		}
		questions, _ := questionsOf(n)
		gaps := 0
		for _, c := range g.Cells {
			if c.Type == "code" {
				gaps += strings.Count(string(c.Source), yours)
			}
			if len(c.Outputs) > 0 || c.Count != nil {
				t.Errorf("%s: a cell has outputs", e.Name)
			}
		}
		if gaps < len(questions) {
			t.Errorf("%s: %d gaps for %d questions", e.Name, gaps, len(questions))
		}
	})
}

// gapsOf returns the exercises of a notebook of the project with gaps.
func gapsOf(root, name string) (*Notebook, error) {
	e := Entry{name[:2], name, filepath.Join(root, "notebooks", name+".ipynb")}
	gaps, err := Gaps(root, filepath.Join(root, "work/notebooks/exercises"), []Entry{e})
	if err != nil {
		return nil, err
	}
	if len(gaps) == 0 {
		return nil, errors.New("there are no solutions")
	}
	return ParseNotebook(gaps[0].Text)
}

// Links lead to the notebooks, from wherever the exercises are.
func TestGapsAreLinked(t *testing.T) {
	for dir, want := range map[string]string{"work/notebooks/mine": "](../00-", "work/class": "](../../notebooks/00-", "notebooks/mine": "](../00-"} {
		e := Entry{"00", "00-quickstart", filepath.Join(root(t), "notebooks/00-quickstart.ipynb")}
		gaps, err := Gaps(root(t), filepath.Join(root(t), dir), []Entry{e})
		if err != nil || len(gaps) != 1 || !strings.Contains(string(gaps[0].Text), want) {
			t.Errorf("%s: %v, or no %s", dir, err, want)
		}
	}
}

// texts makes a notebook of "md: text" and "go: code".
func texts(all ...string) *Notebook {
	n := &Notebook{Format: 4}
	for _, text := range all {
		kind, source, _ := strings.Cut(text, ": ")
		n.Cells = append(n.Cells, &Cell{Type: map[string]string{"md": "markdown", "go": "code"}[kind], Source: Text(source)})
	}
	return n
}

var asked = texts("md: # 90 · Ink: how much?\n\nAn objective.", "md: ## Exercises\n\n1. How *much*?\n2. Where?")

func TestGapped(t *testing.T) {
	g, err := Gapped(asked, texts("md: # Solutions\n\nText.", "go: var a = 1", "md: ## 1. Ink\n\n*How much?*\n\nA formula.",
		"go: // f is.\nfunc f(x int) (y int) { // of x\n\treturn x\n}\n\nvar late = func() int { return f(2) }\n%%\nlab.Show(\"ink\", viz.Lines{Caption: \"A\" +\n\t\"lot.\", Title: \"σ\"})",
		"md: A lot.\n\n## 2. Place\n\nThink.", "go: %%\nx := f(1)\nlab.Text(\"%d\", x)", "md: Here.", "md: Back to [90](../90-ink.ipynb)"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range g.Cells[1:] {
		got = append(got, string(c.Source))
	}
	want := []string{"var a = 1", "## 1. Ink\n\n*How much?*\n\nA formula.",
		"// f is.\nfunc f(x int) (y int) {\n\tpanic(\"yours to write\")\n}\n\nvar late = func() int { return f(2) }\n%%\nlab.Show(\"ink\", viz.Lines{Caption: \"What do you see, and why?\", Title: \"σ\"})",
		"Your answer: ", "## 2. Place\n\n*Where?*\n\nThink.", "%%\npanic(\"yours to write\")", "Your answer: ", "Back to [90](../90-ink.ipynb)"}
	if got := strings.Join(got, "\n---\n"); got != strings.Join(want, "\n---\n") {
		t.Errorf("%s", got)
	}
	if title := string(g.Cells[0].Source); !strings.HasPrefix(title, "# 90 · Ink: exercises\n") {
		t.Error(title)
	}
}

func TestGappedRefuses(t *testing.T) {
	for says, solutions := range map[string]*Notebook{
		"2 questions and 1 solutions":    texts("md: ## 1. Ink", "go: %%\nf()"),
		"exercise 2: nothing is left":    texts("md: ## 1. Ink", "go: %%\nf()", "md: ## 2. Place"),
		"exercise 1: a variable calls f": texts("md: ## 1. Ink", "go: func f() int { return 1 }", "go: var a = []int{f()}", "md: ## 2. Place", "go: %%\nf()"),
		"is no Go code":                  texts("md: ## 1. Ink", "go: func (", "md: ## 2. Place", "go: %%\nf()"),
	} {
		if _, err := Gapped(asked, solutions); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v: want %s", err, says)
		}
	}
	if _, err := Gapped(texts("md: # 90"), texts("md: # 90")); err == nil {
		t.Error("a notebook without exercises has gaps")
	}
}

// Exercises with gaps compile, and stop at the first.
func TestGapsRun(t *testing.T) {
	if testing.Short() {
		t.Skip("runs a notebook")
	}
	o := small(t)
	o.Path = filepath.Join(root(t), "notebooks/solutions/15-from-scratch.ipynb")
	o.Timeout, o.Env = 5*time.Minute, []string{"WAVESCORE_SET=Data=digits;Train=200;Test=20"}
	g, err := gapsOf(root(t), "15-from-scratch")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Run(t.Context(), g, o); err == nil || !strings.Contains(err.Error(), "yours to write") {
		t.Errorf("the exercises end with %v", err)
	}
}
