package notebooks

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Every notebook of the project is under version control as "wavescore notebooks --write" leaves
// it: executed, with static outputs.
func TestProjectIsStatic(t *testing.T) {
	entries, err := Find(root(t), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		committed, err := os.ReadFile(e.Path)
		if err != nil {
			t.Fatal(err)
		}
		n, err := ParseNotebook(committed)
		if err != nil {
			t.Errorf("%s: %v", e.Name, err)
			continue
		}
		n.MakeStatic()
		if static, err := n.Encode(); err != nil || !bytes.Equal(static, committed) {
			t.Errorf("%s is not as --write leaves it (%v): run wavescore notebooks --write %s", e.Name, err, e.Number)
		}
		for _, c := range n.Cells {
			if c.Count != nil && len(c.Figures()) < parseProgram(string(c.Source)).figures() {
				t.Errorf("%s, cell %d, is without its figures", e.Name, *c.Count)
			}
			if c.Type == "code" && c.Count == nil && len(c.Source) > 0 {
				t.Errorf("%s holds code that has not run: run wavescore notebooks --write %s", e.Name, e.Number)
				break
			}
		}
	}
}

// No figure of the project stands in a branch: the text around it would speak of a figure that is
// sometimes not there, and no run would miss it.
func TestProjectShowsFiguresUnconditionally(t *testing.T) {
	eachNotebook(t, func(e Entry, n *Notebook) {
		count := 0
		for _, c := range n.Cells {
			if c.Type != "code" || strings.TrimSpace(string(c.Source)) == "" {
				continue
			}
			count++
			for _, line := range parseProgram(string(c.Source)).branchedFigures() {
				t.Errorf("%s, cell %d, line %d: lab.Show in a branch", e.Name, count, line)
			}
		}
	})
}

// Views that show neither HTML nor Markdown, as of a notebook that is not trusted, keep every
// sentence and table.
func TestProjectIsPlain(t *testing.T) {
	eachNotebook(t, func(e Entry, n *Notebook) {
		for _, c := range n.Cells {
			for _, o := range c.Outputs {
				if o.Type == "display_data" && o.Data["text/plain"] == nil {
					t.Errorf("%s, cell %d: an output of %d kinds without plain text: run wavescore notebooks --write %s", e.Name, *c.Count, len(o.Data), e.Number)
					return
				}
			}
		}
	})
}

// The playground has a figure for each set of controls where no hand moves them, and thin cells.
func TestPlayground(t *testing.T) {
	o := small(t)
	o.Path = filepath.Join(root(t), "notebooks/playground.ipynb")
	n, err := ReadNotebook(o.Path)
	if err != nil {
		t.Fatal(err)
	}
	controls, figures := 0, 0
	for _, c := range n.Cells {
		controls += strings.Count(string(c.Source), "lab.Play(")
		if c.Type == "code" && isLarge(string(c.Source)) {
			t.Errorf("a cell is longer than %d lines or wider than %d columns:\n%s", maxLines, maxColumns, c.Source)
		}
	}
	if testing.Short() {
		return
	}
	o.Timeout, o.Env = 5*time.Minute, []string{"WAVESCORE_SET=Data=digits;Train=200;Test=20"}
	if _, err := Run(t.Context(), n, o); err != nil {
		t.Fatal(err)
	}
	for _, c := range n.Cells {
		figures += len(c.Figures())
	}
	if controls == 0 || figures != controls {
		t.Errorf("%d figures of %d sets of controls", figures, controls)
	}
}

// eachNotebook calls do for every notebook of the project, the solutions too.
func eachNotebook(t *testing.T, do func(e Entry, n *Notebook)) {
	t.Helper()
	entries, err := Find(root(t), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		n, err := ReadNotebook(e.Path)
		if err != nil {
			t.Fatal(err)
		}
		do(e, n)
	}
}

var relative = regexp.MustCompile(`\]\(([^):#]+\.ipynb)\)`)

// hasExercises reports whether a notebook asks questions.
func hasExercises(n *Notebook) bool {
	return slices.ContainsFunc(n.Cells, func(c *Cell) bool { return exercisesHeading.MatchString(string(c.Source)) })
}

// Every notebook names its references and, where it has exercises, leads on to its solutions, which
// lead back; no link between notebooks is broken.
func TestProjectIsLinked(t *testing.T) {
	eachNotebook(t, func(e Entry, n *Notebook) {
		last := string(n.Cells[len(n.Cells)-1].Source)
		if strings.HasSuffix(e.Name, solved) {
			if !strings.Contains(last, "](../"+strings.TrimSuffix(e.Name, solved)+".ipynb)") {
				t.Errorf("%s does not lead back", e.Name)
			}
		} else if !strings.HasPrefix(last, "## References") || hasExercises(n) && !strings.Contains(last, "](solutions/"+e.Name+".ipynb)") {
			t.Errorf("%s does not end with its references and a way to its solutions", e.Name)
		}
		for _, c := range n.Cells {
			for _, link := range relative.FindAllStringSubmatch(string(c.Source), -1) {
				if _, err := os.Stat(filepath.Join(filepath.Dir(e.Path), link[1])); c.Type == "markdown" && err != nil {
					t.Errorf("%s: a link leads to %s, which is not there", e.Name, link[1])
				}
			}
		}
	})
}

// The plan of the class goes from minute to minute through all cells, and every exercise that it
// names is there.
func TestClassPlan(t *testing.T) {
	n, err := ReadNotebook(filepath.Join(root(t), "notebooks/17-for-a-class.ipynb"))
	if err != nil {
		t.Fatal(err)
	}
	plan, code := "", 0
	for _, c := range n.Cells {
		if strings.HasPrefix(string(c.Source), "## The plan") {
			plan = string(c.Source)
		}
		if c.Type == "code" {
			code++
		}
	}
	minute, cell := 0, 0
	for _, row := range regexp.MustCompile(`(?m)^\| (\d+) to (\d+) \| ([\d, ]+) \|`).FindAllStringSubmatch(plan, -1) {
		if row[1] != strconv.Itoa(minute) {
			t.Errorf("a step begins at minute %s, the one before ends at %d", row[1], minute)
		}
		minute, _ = strconv.Atoi(row[2])
		for _, number := range strings.Split(row[3], ", ") {
			if cell++; number != strconv.Itoa(cell) {
				t.Errorf("cell %s stands where %d is expected", number, cell)
			}
		}
	}
	if minute != 90 || cell != code {
		t.Errorf("the plan ends after %d minutes and %d cells; the class has 90, and the notebook %d", minute, cell, code)
	}
	exercises := regexp.MustCompile(`\| (\d\d)\.(\d): `).FindAllStringSubmatch(plan, -1)
	if len(exercises) < 5 {
		t.Errorf("the plan names %d exercises", len(exercises))
	}
	for _, e := range exercises {
		notebooks, err := Find(root(t), false, e[1])
		if err != nil {
			t.Fatal(err)
		}
		asks, err := ReadNotebook(notebooks[0].Path)
		if err != nil {
			t.Fatal(err)
		}
		questions, err := questionsOf(asks)
		if number, _ := strconv.Atoi(e[2]); err != nil || number < 1 || number > len(questions) {
			t.Errorf("there is no exercise %s.%s (%v)", e[1], e[2], err)
		}
	}
}
