package lab

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

func TestCSV(t *testing.T) {
	root := t.TempDir()
	t.Setenv("WAVESCORE_ROOT", root)
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(root, "a.csv"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("# a comment\nname,number,share\n\"one, two\",-12,0.5\n# another\nthree,1e3,x\n")
	header, rows, err := CSV("a.csv")
	if err != nil || !reflect.DeepEqual(header, []string{"name", "number", "share"}) ||
		!reflect.DeepEqual(rows, [][]any{{"one, two", -12, 0.5}, {"three", 1000.0, "x"}}) {
		t.Errorf("%q: %v (%v)", header, rows, err)
	}
	for _, damaged := range []string{"", "# nothing\n", "a,b\n1\n"} {
		write(damaged)
		if _, _, err := CSV("a.csv"); err == nil {
			t.Errorf("%q is accepted", damaged)
		}
	}
	if _, _, err := CSV("b.csv"); err == nil {
		t.Error("a file that is not there is read")
	}
}
