package cache

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// testCache is an empty cache of this module.
func testCache(t testing.TB) Cache {
	return Cache{Dir: filepath.Join(t.TempDir(), "cache"), Root: must(filepath.Abs("../..")),
		Limit: 1 << 30, Say: t.Logf}
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

// counter returns a computation of value that counts how often it runs.
func counter[T any](value T) (compute func() (T, error), runs *atomic.Int32) {
	runs = new(atomic.Int32)
	return func() (T, error) { runs.Add(1); return value, nil }, runs
}

type fit struct {
	Name    string
	Weights []float64
	Sigma   map[string]float64
}

func TestGetComputesOnce(t *testing.T) {
	c := testCache(t)
	want := fit{"local", []float64{1, math.Pi, math.Inf(1), math.Copysign(0, -1)},
		map[string]float64{"low": 0.02, "high": 20}}
	compute, runs := counter(want)
	for range 3 {
		got, err := Get(c, Site{}, "fit", 1, compute)
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	}
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
}

// ownBytes is kept in bytes of its own, without gob, which would lose what it hides.
type ownBytes struct{ hidden string }

func (o *ownBytes) MarshalBinary() ([]byte, error) {
	if o.hidden == "" {
		return nil, errors.New("nothing to keep")
	}
	return []byte(o.hidden), nil
}
func (o *ownBytes) UnmarshalBinary(b []byte) error { o.hidden = string(b); return nil }

func TestGetOwnBytes(t *testing.T) {
	c := testCache(t)
	compute, runs := counter(&ownBytes{"kept as it is"})
	for range 3 {
		got, err := Get(c, Site{}, "own", 1, compute)
		if err != nil || got.hidden != "kept as it is" {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	b, err := os.ReadFile(entry(t, c.Dir))
	if err != nil || !strings.HasSuffix(string(b), "kept as it is") {
		t.Errorf("the entry does not end in the value's bytes: %q, %v", b, err)
	}
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
	empty, _ := counter(new(ownBytes))
	if _, err := Get(c, Site{}, "other", 1, empty); err == nil {
		t.Error("a value that cannot give its bytes is kept")
	}
}

// letters is a value of which the second half stays in the file.
type letters struct{ head, mapped []byte }

func (l *letters) MarshalMapped() (head, mapped []byte, err error) {
	if l.head == nil {
		return nil, nil, errors.New("nothing to keep")
	}
	return l.head, l.mapped, nil
}

func (l *letters) UnmarshalMapped(head, mapped []byte) error {
	if len(mapped) != len(head) {
		return fmt.Errorf("%d letters and %d", len(head), len(mapped))
	}
	l.head, l.mapped = head, mapped
	return nil
}

// What is mapped begins at the start of a page, may be written to without a change of the file, and
// is computed again where the file has lost some of it.
func TestGetMapped(t *testing.T) {
	c := testCache(t)
	for _, text := range []string{"", "a", strings.Repeat("abcd", 3000)} {
		compute, runs := counter(&letters{[]byte(text), []byte(text)})
		for range 3 {
			got, err := Get(c, Site{}, "letters", text, compute)
			if err != nil || string(got.head) != text || string(got.mapped) != text {
				t.Fatalf("%d letters: got %d and %d, %v", len(text), len(got.head), len(got.mapped), err)
			}
		}
		if runs.Load() != 1 {
			t.Errorf("computed %d times", runs.Load())
		}
		for range 2 {
			if got := must(Get(c, Site{}, "letters", text, compute)); string(got.mapped) != text {
				t.Errorf("what was written to one value of %d letters is in the next", len(text))
			} else if text != "" {
				got.mapped[0] = 'x'
			}
		}
	}
	none, _ := counter(new(letters))
	if _, err := Get(c, Site{}, "letters", "none", none); err == nil {
		t.Error("a value that cannot give its parts is kept")
	}
}

func TestMappedBeginsAPage(t *testing.T) {
	for n := range 3 {
		entry, mapped, err := encode(&[]*letters{{bytes.Repeat([]byte("a"), 4000*n+1), []byte("b")}}[0], code{})
		if err != nil || len(entry)%pageSize != 0 || string(mapped) != "b" {
			t.Errorf("a head of %d bytes: an entry of %d, %q, %v", 4000*n+1, len(entry), mapped, err)
		}
	}
}

func TestDamagedMappedIsComputedAgain(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"empty":            func(b []byte) []byte { return nil },
		"short":            func(b []byte) []byte { return b[:35] },
		"without the rest": func(b []byte) []byte { return b[:pageSize] },
		"truncated":        func(b []byte) []byte { return b[:len(b)-1] },
		"longer":           func(b []byte) []byte { return append(b, 0) },
		"head flipped":     func(b []byte) []byte { b[pageSize/2] ^= 1; return b },
		"start flipped":    func(b []byte) []byte { b[sha256.Size] ^= 1; return b },
		"start in front":   func(b []byte) []byte { copy(b[sha256.Size:], make([]byte, 8)); return b },
	} {
		t.Run(name, func(t *testing.T) {
			c := testCache(t)
			compute, runs := counter(&letters{[]byte("abc"), []byte("abc")})
			must(Get(c, Site{}, "letters", 1, compute))
			path := entry(t, c.Dir)
			if err := os.WriteFile(path, damage(must(os.ReadFile(path))), 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := Get(c, Site{}, "letters", 1, compute); err != nil || string(got.mapped) != "abc" {
					t.Fatal(got, err)
				}
			}
			if runs.Load() != 2 {
				t.Errorf("computed %d times, want once more after the damage", runs.Load())
			}
		})
	}
}

func TestGetKeepsNoError(t *testing.T) {
	c := testCache(t)
	trouble := errors.New("trouble")
	got, err := Get(c, Site{}, "x", 1, func() (int, error) { return 7, trouble })
	if got != 0 || err != trouble {
		t.Errorf("got %v, %v", got, err)
	}
	got, err = Get(c, Site{}, "x", 1, func() (int, error) { return 8, nil })
	if got != 8 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// keyOf is the key of a value without source.
func keyOf(t *testing.T, name string, inputs any, result reflect.Type) string {
	t.Helper()
	k := newKey()
	if err := k.add(name, inputs, result); err != nil {
		t.Fatalf("%v: %v", inputs, err)
	}
	return string(k.hash.Sum(nil))
}

// Every field of an input counts, unexported ones too, and so do types: no two of these may share
// an entry.
func TestKeysDiffer(t *testing.T) {
	type shape struct{ h, w int }
	type model struct {
		Shape *shape
		terms any
		Flags map[string]bool
	}
	base := func(change func(*model)) model {
		m := model{&shape{2, 3}, []string{"powers"}, map[string]bool{"a": true, "b": false}}
		change(&m)
		return m
	}
	inputs := []any{
		base(func(*model) {}),
		base(func(m *model) { m.Shape.w = 4 }),
		base(func(m *model) { m.Shape.h, m.Shape.w = 3, 2 }),
		base(func(m *model) { m.Shape = nil }),
		base(func(m *model) { m.terms = []string{"gated"} }),
		base(func(m *model) { m.terms = [1]string{"powers"} }),
		base(func(m *model) { m.terms = "powers" }),
		base(func(m *model) { m.terms = nil }),
		base(func(m *model) { m.Flags["b"] = true }),
		base(func(m *model) { m.Flags["a"], m.Flags["b"] = false, true }),
		base(func(m *model) { delete(m.Flags, "b") }),
		nil, 1, int64(1), uint8(1), 1.0, float32(1), "1", true, 1i,
		0.0, math.Copysign(0, -1), math.Inf(1), math.NaN(),
		[]int{1, 2}, []int{12}, []int64{1, 2}, []string{"a", "b"}, []string{"ab"}, []string{"a", "", "b"},
		[][]int{{1}, {2}}, [][]int{{1, 2}, {}},
		[]float64{1, 2}, []float64{2, 1}, []float32{1, 2}, []byte("ab"), "ab",
	}
	seen := map[string]int{}
	for i, input := range inputs {
		key := keyOf(t, "x", input, reflect.TypeFor[int]())
		if j, ok := seen[key]; ok {
			t.Errorf("inputs %d and %d share a key: %#v and %#v", j, i, inputs[j], input)
		}
		seen[key] = i
	}
	if again := keyOf(t, "x", inputs[0], reflect.TypeFor[int]()); seen[again] != 0 {
		t.Error("the same input has two keys")
	}
	others := map[string]reflect.Type{"y": reflect.TypeFor[int](), "x": reflect.TypeFor[int64]()}
	for name, result := range others {
		key := keyOf(t, name, inputs[0], result)
		if _, ok := seen[key]; ok {
			t.Errorf("name %q and type %v share a key with others", name, result)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644))
	if err != nil {
		t.Fatal(err)
	}
}

// images stands for the type of dataset: pixels that are identified by their set and place.
type images struct {
	pixels []float64
	digest string
	from   int
}

func (i *images) Identity() (string, int) { return i.digest, i.from }
func (i *images) Len() int                { return len(i.pixels) }

// An evaluator counts by its settings, not by what it has worked out meanwhile.
type evaluator struct {
	settings any
	scratch  func()
}

func (e evaluator) CacheKey() any { return e.settings }

func TestKeysOfValuesThatStandForOthers(t *testing.T) {
	key := func(input any) string { return keyOf(t, "x", input, reflect.TypeFor[int]()) }
	first := key(&images{[]float64{1, 2}, "a", 3})
	if key(&images{[]float64{5, 6}, "a", 3}) != first {
		t.Error("images are known by their pixels")
	}
	for _, other := range []*images{{[]float64{1}, "a", 3}, {[]float64{1, 2}, "b", 3},
		{[]float64{1, 2}, "a", 4}, nil} {
		if key(other) == first {
			t.Errorf("images %v share a key with others", other)
		}
	}
	one := key([]any{evaluator{[]int{1}, func() {}}})
	if key([]any{evaluator{[]int{1}, nil}}) != one {
		t.Error("a value is not known by its CacheKey")
	}
	if key([]any{evaluator{[]int{2}, nil}}) == one || key([]any{[]int{1}}) == one {
		t.Error("another value has the same key")
	}
	k := newKey()
	err := k.add("x", []any{evaluator{func() {}, nil}}, reflect.TypeFor[int]())
	if err == nil || !strings.Contains(err.Error(), "inputs[0].CacheKey() is a func()") {
		t.Errorf("a function as a key: got %v", err)
	}
}

// Types of one name, as successive versions of a notebook declare them, are told apart by their
// structure.
func TestKeyKnowsStructure(t *testing.T) {
	var first, second reflect.Type
	{
		type result struct{ A, B float64 }
		first = reflect.TypeFor[[]result]()
	}
	{
		type result struct{ A, C float64 }
		second = reflect.TypeFor[[]result]()
	}
	if first.String() != second.String() {
		t.Fatal("the test needs two types of one name")
	}
	if keyOf(t, "x", nil, first) == keyOf(t, "x", nil, second) {
		t.Error("two structures share a key")
	}
}

func TestGetRefuses(t *testing.T) {
	c := testCache(t)
	type ring struct{ Next *ring }
	loop := &ring{}
	loop.Next = loop
	type knot *knot
	var tied knot
	tied = &tied
	type holds struct{ Progress func() }
	type hides struct {
		Shown  int
		hidden int
	}
	compute, runs := counter(1)
	hiding, hidingRuns := counter(hides{Shown: 1, hidden: 2})
	anything, anythingRuns := counter[any](1)
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Get(c, Site{}, "x", func() {}, compute)), "inputs is a func()"},
		{second(Get(c, Site{}, "x", holds{}, compute)), "inputs.Progress is a func()"},
		{second(Get(c, Site{}, "x", []any{1, make(chan int)}, compute)), "inputs[1] is a chan int"},
		{second(Get(c, Site{}, "x", loop, compute)), "refers to itself"},
		{second(Get(c, Site{}, "x", tied, compute)), "refers to itself"},
		{second(Get(c, Site{}, "x", 1, hiding)), "hides.hidden would be lost"},
		{second(Get(c, Site{}, "x", 1, anything)), "interface {}"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got error %v, want one with %q", c.err, c.want)
		}
	}
	if n := runs.Load() + hidingRuns.Load() + anythingRuns.Load(); n != 0 {
		t.Errorf("computed %d times what could not be kept", n)
	}
}

func second[T any](_ T, err error) error { return err }

func TestDamagedEntryIsComputedAgain(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"empty":     func(b []byte) []byte { return nil },
		"short":     func(b []byte) []byte { return b[:20] },
		"truncated": func(b []byte) []byte { return b[:len(b)-1] },
		"flipped":   func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
	} {
		t.Run(name, func(t *testing.T) {
			c := testCache(t)
			compute, runs := counter([]int{1, 2, 3})
			must(Get(c, Site{}, "numbers", 1, compute))
			path := entry(t, c.Dir)
			if err := os.WriteFile(path, damage(must(os.ReadFile(path))), 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := Get(c, Site{}, "numbers", 1, compute); err != nil || len(got) != 3 {
					t.Fatal(got, err)
				}
			}
			if runs.Load() != 2 {
				t.Errorf("computed %d times, want once more after the damage", runs.Load())
			}
		})
	}
}

// entry is the only entry in the cache.
func entry(t *testing.T, dir string) string {
	t.Helper()
	var entries []string
	for _, file := range must(os.ReadDir(dir)) {
		if !strings.HasSuffix(file.Name(), lockSuffix) {
			entries = append(entries, filepath.Join(dir, file.Name()))
		}
	}
	if len(entries) != 1 {
		t.Fatalf("the cache holds %q, want one entry", entries)
	}
	return entries[0]
}

func TestGetAtOnceInOneProgram(t *testing.T) {
	c := testCache(t)
	compute, runs := counter(42)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := Get(c, Site{}, "x", 1, compute); got != 42 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	group.Wait()
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
}

// TestGetAtOnceInManyPrograms runs this test in programs of its own, each of which adds a line to a
// file when it computes.
func TestGetAtOnceInManyPrograms(t *testing.T) {
	if record := os.Getenv("CACHE_TEST_RECORD"); record != "" {
		c := testCache(t)
		c.Dir = os.Getenv("CACHE_TEST_DIR")
		must(Get(c, Site{}, "x", 1, func() (int, error) {
			file := must(os.OpenFile(record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644))
			defer file.Close()
			return fmt.Fprintln(file, "computed")
		}))
		return
	}
	dir := t.TempDir()
	record := filepath.Join(dir, "record")
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			program := exec.Command(os.Args[0], "-test.run=^TestGetAtOnceInManyPrograms$")
			program.Env = append(os.Environ(), "CACHE_TEST_RECORD="+record,
				"CACHE_TEST_DIR="+filepath.Join(dir, "cache"))
			if out, err := program.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Wait()
	if got := string(must(os.ReadFile(record))); got != "computed\n" {
		t.Errorf("the programs wrote %q, want one line", got)
	}
}

func BenchmarkGetLoad(b *testing.B) {
	c := testCache(b)
	compute, _ := counter(make([]float64, 4<<20))
	b.SetBytes(8 * 4 << 20)
	for b.Loop() {
		must(Get(c, Site{}, "x", 1, compute))
	}
}
