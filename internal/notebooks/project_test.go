package notebooks

import (
	"bytes"
	"os"
	"testing"
	"time"
)

// Every notebook of the project runs from top to bottom.
func TestProjectRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the project's notebooks take minutes where nothing is cached")
	}
	entries, err := Find(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name, func(t *testing.T) {
			n, err := ReadNotebook(e.Path)
			if err != nil {
				t.Fatal(err)
			}
			if err := Run(t.Context(), n, root(t), e.Path, t.TempDir(), 40*time.Minute); err != nil {
				t.Error(err)
			}
		})
	}
}

// Every notebook of the project is under version control as "wavescore notebooks --write" leaves it: executed, with static
// outputs.
func TestProjectIsStatic(t *testing.T) {
	entries, err := Find(root(t))
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
		for i, c := range n.Cells {
			if c.Count != nil && len(c.Figures()) < figureCalls(string(c.Source)) {
				t.Errorf("%s, cell %d, is without its figures", e.Name, i+1)
			}
			if c.Type == "code" && c.Count == nil && len(c.Source) > 0 {
				t.Errorf("%s holds code that has not run: run wavescore notebooks --write %s", e.Name, e.Number)
				break
			}
		}
	}
}
