package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		counts         counts
		unfinished     string
	}{
		{"nothing", "", "", counts{}, ""},
		{"one of each", `{"Action":"start","Package":"p"}
{"Action":"run","Package":"p","Test":"A"}
{"Action":"output","Package":"p","Test":"A","Output":"=== RUN A\n"}
{"Action":"pass","Package":"p","Test":"A","Elapsed":0.1}
{"Action":"output","Package":"p","Test":"B","Output":"no Jupyter\n"}
{"Action":"skip","Package":"p","Test":"B"}
{"Action":"output","Package":"p","Test":"C","Output":"got 1\n"}
{"Action":"fail","Package":"p","Test":"C"}
{"Action":"output","Package":"p","Output":"FAIL\n"}
{"Action":"fail","Package":"p","Elapsed":1.25}
{"Action":"start","Package":"q"}
{"Action":"pass","Package":"q","Elapsed":2}
{"Action":"skip","Package":"r"}
`, "no Jupyter\ngot 1\nFAIL  p  1.2 s\nok    q  2.0 s\n      r  no tests\n", counts{1, 1, 1}, ""},
		{"a package that does not build", `{"Action":"build-output","ImportPath":"p","Output":"x.go:1: undefined: y\n"}
{"Action":"build-fail","ImportPath":"p"}
{"Action":"start","Package":"p"}
{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`, "x.go:1: undefined: y\nFAIL p [build failed]\nFAIL  p  0.0 s\n", counts{0, 1, 0}, ""},
		{"no end", `{"Action":"start","Package":"p"}
{"Action":"start","Package":"q"}
{"Action":"pass","Package":"q"}
{"Action":"pass","Package":"p","Test":"A"}`, "ok    q  0.0 s\n", counts{1, 0, 0}, "p"},
		{"words of go itself", "go: downloading x\n", "go: downloading x\n", counts{}, ""},
		{"notebooks", "3 notebooks, 2 at a time: 00, 01, 02\n00-a     1.2 s    2 figures    1 of 3\n     cells 1 to 3   1.0 s\n01-b-solutions   61.2 s   failed    2 of 3\n02-c   1.0 s   interrupted\n",
			"same", counts{1, 2, 0}, ""},
	} {
		var out strings.Builder
		got, unfinished, err := count(strings.NewReader(c.in), &out)
		if c.want == "same" {
			c.want = c.in
		}
		if err != nil || got != c.counts || out.String() != c.want || strings.Join(unfinished, " ") != c.unfinished {
			t.Errorf("%s: %v, counted %v, unfinished %v, printed\n%s\nwant %v, %s and\n%s", c.name, err, got, unfinished, out.String(), c.counts, c.unfinished, c.want)
		}
	}
}

// A command fails for whatever reason go or the command itself has, and never passes for want of
// tests.
func TestRun(t *testing.T) {
	module := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":            "module m\n\ngo 1.26\n",
		"good/a_test.go":    "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n",
		"broken/a_test.go":  "package a\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {}\n\nfunc TestB(t *testing.T) { t.Error(\"no\") }\n",
		"unbuilt/a.go":      "package a\n\nvar a int = \"a\"\n",
		"unbuilt/a_test.go": "package a\n",
		"exits/a_test.go":   "package a\n\nimport (\n\t\"os\"\n\t\"testing\"\n)\n\nfunc TestA(t *testing.T) { os.Exit(0) }\n",
		"empty/a.go":        "package a\n",
	} {
		path := filepath.Join(module, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	test := "cd '" + module + "' && go test -json "
	for _, c := range []struct {
		command string
		want    counts
		said    string
	}{
		{test + "./good ./empty", counts{1, 0, 0}, "m/empty  no tests"},
		{test + "./good ./broken", counts{2, 1, 0}, "no\n"},
		{test + "./unbuilt ./good", counts{1, 1, 0}, "cannot use \"a\""},
		{test + "./exits", counts{0, 1, 0}, "FAIL  m/exits"},
		{test + "-run NoSuchTest ./good", counts{0, 1, 0}, "it ran no test"},
		{test + "./nowhere", counts{0, 1, 0}, "nowhere"},
		{test + "./good; exit 3", counts{1, 1, 0}, "exit status 3"},
		{test + "./good | head -n 3", counts{0, 1, 0}, "broke off in the midst of m/good"},
		{"true", counts{0, 1, 0}, "it ran no test"},
		{"no-such-command", counts{0, 1, 0}, "exit status 127"},
	} {
		var out strings.Builder
		if got := run(c.command, &out); got != c.want || !strings.Contains(out.String(), c.said) {
			t.Errorf("%s: counted %v, printed\n%s\nwant %v and %q", c.command, got, out.String(), c.want, c.said)
		}
	}
}
