package cache

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// A notebook's program as GoNB makes it. The call of Cached is found by its first argument.
const notebook = `package main

import (
	"math"
	"math/rand"
	"sync"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/lab"
	"wavescore/pkg/moments"
)

var run = lab.Setup(lab.Run{Data: "mnist", Test: 2000})
var filter = "haar"
var unused = 1
var base = 3.0
var table = sync.OnceValue(func() float64 { return scaled(base) })
var spec = moments.Spec{Filter: filter}
var weights = []float64{1, 2}
var shifted = 0.0
var extra func() float64
var methods = []method{{"twice", func(x float64) float64 { return 2 * x }}}

const first, second = 1 << iota, 10 << iota
const (
	low = iota
	high
	higher
)

type method struct {
	name  string
	apply func(float64) float64
}

type inner struct{ scale float64 }

func (i inner) grow() float64 { return i.scale * 4 }
func (i inner) Denoise() float64 { return i.scale * 5 }
func (i inner) shrink() float64 { return i.scale / 6 }

type outer struct{ inner }

func (o *outer) total() float64 { return o.grow() }

func scaled(x float64) float64 { return math.Sqrt(x) * float64(high) }

func init() { shifted = 100 }

func value() float64 {
	return lab.Must1(lab.Cached("plain", []any{run, spec}, func() (float64, error) {
		o := outer{}
		x := table() + o.total() + shifted
		return x + rand.Float64() + extra(), nil
	}))
}

func some(name string, apply func(float64) float64) float64 {
	return lab.Must1(lab.Cached("passed", name, func() (float64, error) { return apply(1), nil }))
}

func each() {
	for _, m := range methods {
		lab.Cached("each", m.name, func() (float64, error) { return m.apply(weights[0]), nil })
	}
}

func held(of inner) float64 {
	key := []any{weights, of, run.TrainSet()}
	half := func(x float64) float64 { return x / 2 }
	return lab.Must1(lab.Cached("held",
		key, func() (float64, error) { return half(of.grow()) + weights[0] + run.Count(), nil }))
}

type relay struct{ weight float64 }

func (r relay) Shape() diffusion.Shape { return diffusion.Shape{C: 1, H: 1, W: 1} }
func (r relay) Denoise(dst, src []float64, sigma float64) error {
	dst[0] = r.weight * 7
	return nil
}

func draw(d diffusion.Denoiser, f moments.Family) []float64 {
	return lab.Must1(lab.Cached("drawn", []any{"relay", f.Degree}, func() ([]float64, error) {
		return diffusion.Draw(d, f.Degree), nil
	}))
}

func named() { lab.Cached("named", 1, sampled) }

func sampled() (float64, error) { return scaled(2), nil }

func main() {
	extra = func() float64 { return 11 }
	value()
	some("three", func(x float64) float64 { return 3 * x })
	draw(relay{9}, moments.Family{Degree: 5})
}
`

// digestOf is that of the call of Cached with the name, in a program of the text.
func digestOf(t *testing.T, text, name string, types ...string) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), text)
	c, err := parseCell(dir, must(filepath.Abs("../..")))
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := strings.Cut(text, `Cached("`+name+`"`)
	if !found || len(c.files) != 1 {
		t.Fatalf("no call of %s in %s", name, text)
	}
	met := make(map[string]bool)
	for _, name := range types {
		met[name] = true
	}
	site := Site{"/elsewhere/main.go", strings.Count(before, "\n") + 1, "Cached", true}
	if len(c.callsAt(site)) != 1 {
		t.Fatalf("%d calls of %s", len(c.callsAt(site)), name)
	}
	return fmt.Sprintf("%x", c.digest(site, "wavescore/pkg/lab.Setup", met))
}

// Every change of what a call computes by counts, and no other.
func TestDigestFollowsSource(t *testing.T) {
	for _, c := range []struct {
		call, old, new string
		counts         bool
	}{
		{"plain", "x + rand.Float64()", "x - rand.Float64()", true},
		{"plain", "Sqrt(x)", "Cbrt(x)", true},
		{"plain", `"math/rand"`, `"math/rand/v2"`, true},
		{"plain", `"math/rand"`, `rand "math/rand/v2"`, true},
		{"plain", "return scaled(base)", "return 2 * scaled(base)", true},
		{"plain", "base = 3.0", "base = 4.0", true},
		{"plain", "i.scale * 4", "i.scale * 40", true},
		{"plain", "i.scale * 5", "i.scale * 50", true}, // exported: a package may call it
		{"plain", "i.scale / 6", "i.scale / 60", false},
		{"plain", "struct{ inner }", "struct{ inner; more int }", true},
		{"plain", "return o.grow()", "return 2 * o.grow()", true},
		{"plain", "low = iota", "low = iota + 1", true},
		{"plain", "shifted = 100", "shifted = 101", true},
		{"plain", "return 11", "return 12", true},
		{"plain", "unused = 1", "unused = 2", false},
		{"plain", `filter = "haar"`, `filter = "db2"`, false}, // it is in the value of spec
		{"plain", "Test: 2000", "Test: 1000", false},
		{"plain", "return 3 * x", "return 4 * x", false},
		{"plain", "\tvalue()", "\tvalue(); println()", false},

		{"passed", "return 3 * x", "return 4 * x", true},
		{"passed", "return 2 * x", "return 4 * x", false},
		{"passed", "apply(1)", "apply(2)", true},

		{"each", "return 2 * x", "return 4 * x", true},
		{"each", "{1, 2}", "{3, 2}", true},
		{"each", "scale float64", "scale float32", false},

		{"held", "{1, 2}", "{3, 2}", false},
		{"held", "x / 2", "x / 3", true},
		{"held", "i.scale * 4", "i.scale * 40", true},
		{"held", "Test: 2000", "Test: 1000", false},

		{"drawn", "r.weight * 7", "r.weight * 8", true},
		{"drawn", "relay{9}", "relay{8}", true},
		{"drawn", "Degree: 5", "Degree: 6", false}, // it is in the inputs

		{"named", "scaled(2)", "scaled(3)", true},
		{"named", "Sqrt(x)", "Cbrt(x)", true},
		{"named", "base = 3.0", "base = 4.0", false},
	} {
		changed := strings.Replace(notebook, c.old, c.new, 1)
		if changed == notebook {
			t.Fatalf("%q is not in the program", c.old)
		}
		var met []string
		if c.call == "held" {
			met = []string{"inner"} // of the parameter, whose value is in the inputs
		}
		got := digestOf(t, notebook, c.call, met...) != digestOf(t, changed, c.call, met...)
		if got != c.counts {
			t.Errorf("%s, %q -> %q: counts: %t, want %t", c.call, c.old, c.new, got, c.counts)
		}
	}
}

// A type that only the values of the inputs have counts with its methods.
func TestDigestFollowsTypesOfInputs(t *testing.T) {
	changed := strings.Replace(notebook, "i.scale * 5", "i.scale * 50", 1)
	if digestOf(t, notebook, "named") != digestOf(t, changed, "named") {
		t.Error("a type that is not met counts")
	}
	if digestOf(t, notebook, "named", "inner") == digestOf(t, changed, "named", "inner") {
		t.Error("a method of a type that is met does not count")
	}
}

// A variable that Setup sets counts where the inputs do not mention it.
func TestDigestOfForgottenSettings(t *testing.T) {
	text := strings.Replace(notebook, "{weights, of, run.TrainSet()}", "{weights, of}", 1)
	if digestOf(t, text, "held") == digestOf(t, strings.Replace(text, "2000", "1000", 1), "held") {
		t.Error("the settings are neither in the inputs nor in the source")
	}
}

// Where a declaration stands, how it is laid out and what is said of it changes nothing.
func TestDigestKnowsNoLayout(t *testing.T) {
	move := func(text, declaration, after string) string {
		t.Helper()
		if !strings.Contains(text, declaration) || !strings.Contains(text, after) {
			t.Fatalf("%q or %q is not in the program", declaration, after)
		}
		text = strings.Replace(text, declaration, "", 1)
		return strings.Replace(text, after, after+declaration, 1)
	}
	commented := strings.ReplaceAll(notebook, "return", "/* so */ return")
	commented = strings.ReplaceAll(commented, ", nil\n", ", nil // no error\n\n\n")
	for name, text := range map[string]string{
		"moved": move(notebook, "var base = 3.0\n", "func init() { shifted = 100 }\n"),
		"last": move(notebook, "func init() { shifted = 100 }\n",
			"func named() { lab.Cached(\"named\", 1, sampled) }\n"),
		"commented": commented,
		"grouped":   strings.Replace(notebook, "var base = 3.0\n", "var (\n\tbase  =  3.0\n)\n", 1),
		"over lines": strings.Replace(notebook,
			"sync.OnceValue(func() float64 { return scaled(base) })",
			"sync.OnceValue(\n\tfunc() float64 {\n\treturn scaled(base)\n},\n)", 1),
		"more": notebook + "\nfunc more() { value() }\nvar o, x = 1, 2\nfunc (i inner) less() {}\n",
		"less": notebook[:strings.Index(notebook, "func main()")] + "func main() { " +
			"extra = func() float64 { return 11 }; some(\"three\", " +
			"func(x float64) float64 { return 3 * x })\n" +
			"draw(relay{9}, moments.Family{Degree: 5}) }\n",
	} {
		for _, call := range []string{"plain", "passed", "each", "held", "drawn", "named"} {
			if digestOf(t, text, call) != digestOf(t, notebook, call) {
				t.Errorf("%s: the digest of %s has changed", name, call)
			}
		}
	}
}

// Calls that cannot be told from each other, or not be found, count with more than they need.
func TestDigestOfUnknownCalls(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "main.go"), notebook)
	write(t, filepath.Join(dir, "broken.go"), "package main; func {")
	digest := func(site Site) string {
		c, err := parseCell(dir, must(filepath.Abs("../..")))
		if err != nil {
			t.Fatal(err)
		}
		return string(c.digest(site, "", nil))
	}
	lost := Site{"main.go", 1000, "Cached", true}
	before := digest(lost)
	write(t, filepath.Join(dir, "other.go"), "package main\nvar more = 1\n")
	if before == "" || digest(lost) == before {
		t.Error("a call that is not found does not count with all of the program")
	}
	if got := digest(Site{"main.go", 1, "Cached", false}); got != "" {
		t.Error("a call in a package counts with the program's source")
	}
	c, err := parseCell(t.TempDir(), "")
	if err != nil || c.digest(lost, "", nil) != nil {
		t.Errorf("a program without source has a digest, %v", err)
	}
}

// Positions are those of line directives, as runtime.Caller gives them.
func TestDigestWithLineDirectives(t *testing.T) {
	const text = "package main\n//line cell:7\n" +
		"func main() { lab.Cached(1, 2, func() int { return 3 }) }\n"
	digest := func(text string) string {
		dir := t.TempDir()
		write(t, filepath.Join(dir, "main.go"), text)
		c, err := parseCell(dir, must(filepath.Abs("../..")))
		if err != nil || len(c.callsAt(Site{"cell", 7, "Cached", true})) != 1 {
			t.Fatalf("the call is not found: %v", err)
		}
		return string(c.digest(Site{"cell", 7, "Cached", true}, "", nil))
	}
	if digest(text) == digest(strings.Replace(text, "3", "4", 1)) {
		t.Error("the closure does not count")
	}
}

func TestCaller(t *testing.T) {
	got := calledHere(1)
	if filepath.Base(got.File) != "source_test.go" || got.Function != "calledHere" || got.InMain {
		t.Errorf("got %+v", got)
	}
}

func calledHere[T any](T) Site { return Caller() }
