package main

import (
	"strings"
	"testing"
)

func TestCount(t *testing.T) {
	for _, c := range []struct {
		name, in, want string
		failed         bool
	}{
		{"nothing", "", "0 passed, 0 failed, 0 skipped\n", false},
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
{"Action":"pass","Package":"q","Elapsed":2}
{"Action":"skip","Package":"r"}
`, "no Jupyter\ngot 1\nFAIL  p  1.2 s\nok    q  2.0 s\n      r  no tests\n1 passed, 1 failed, 1 skipped\n", true},
		{"a package that does not build", `{"Action":"build-output","ImportPath":"p","Output":"x.go:1: undefined: y\n"}
{"Action":"build-fail","ImportPath":"p"}
{"Action":"output","Package":"p","Output":"FAIL p [build failed]\n"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`, "x.go:1: undefined: y\nFAIL p [build failed]\nFAIL  p  0.0 s\n0 passed, 1 failed, 0 skipped\n", true},
		{"no end of the last line", `{"Action":"pass","Package":"p","Test":"A"}`, "1 passed, 0 failed, 0 skipped\n", false},
		{"words of go itself", "go: downloading x\n", "go: downloading x\n0 passed, 0 failed, 0 skipped\n", false},
	} {
		var out strings.Builder
		failed, err := count(strings.NewReader(c.in), &out)
		if err != nil || failed != c.failed || out.String() != c.want {
			t.Errorf("%s: %v, failed %t, printed\n%s\nwant\n%s", c.name, err, failed, out.String(), c.want)
		}
	}
}
