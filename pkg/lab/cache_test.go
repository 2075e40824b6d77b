package lab

import (
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
	"time"
)

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

func TestCachedComputesOnce(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	want := fit{"local", []float64{1, math.Pi, math.Inf(1), -0.0}, map[string]float64{"low": 0.02, "high": 20}}
	compute, runs := counter(want)
	for range 3 {
		got, err := Cached("fit", 1, compute)
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

func TestCachedOwnBytes(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("WAVESCORE_CACHE", dir)
	compute, runs := counter(&ownBytes{"kept as it is"})
	for range 3 {
		got, err := Cached("own", 1, compute)
		if err != nil || got.hidden != "kept as it is" {
			t.Fatalf("got %v, %v", got, err)
		}
	}
	if b, err := os.ReadFile(entry(t, dir)); err != nil || !strings.HasSuffix(string(b), "kept as it is") {
		t.Errorf("the entry does not end in the value's bytes: %q, %v", b, err)
	}
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
	if _, err := Cached("other", 1, func() (*ownBytes, error) { return new(ownBytes), nil }); err == nil {
		t.Error("a value that cannot give its bytes is kept")
	}
}

func TestCachedKeepsNoError(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	trouble := errors.New("trouble")
	if got, err := Cached("x", 1, func() (int, error) { return 7, trouble }); got != 0 || err != trouble {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := Cached("x", 1, func() (int, error) { return 8, nil }); got != 8 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
}

// Every field of an input counts, unexported ones too, and so do types: no two of these may share an entry.
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
		[]int{1, 2}, []int{12}, []int64{1, 2}, []string{"a", "b"}, []string{"ab"}, []string{"a", "", "b"}, [][]int{{1}, {2}}, [][]int{{1, 2}, {}},
		[]float64{1, 2}, []float64{2, 1}, []float32{1, 2}, []byte("ab"), "ab",
	}
	seen := map[string]int{}
	for i, input := range inputs {
		key, err := cacheKey("x", input, reflect.TypeFor[int]())
		if err != nil {
			t.Fatalf("input %d: %v", i, err)
		}
		if j, ok := seen[string(key)]; ok {
			t.Errorf("inputs %d and %d share a key: %#v and %#v", j, i, inputs[j], input)
		}
		seen[string(key)] = i
	}
	again, _ := cacheKey("x", inputs[0], reflect.TypeFor[int]())
	if seen[string(again)] != 0 {
		t.Error("the same input has two keys")
	}
	for name, result := range map[string]reflect.Type{"y": reflect.TypeFor[int](), "x": reflect.TypeFor[int64]()} {
		key, _ := cacheKey(name, inputs[0], result)
		if _, ok := seen[string(key)]; ok {
			t.Errorf("name %q and type %v share a key with others", name, result)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// Types of one name, as successive versions of a notebook declare them, are told apart by their structure.
func TestKeyKnowsStructure(t *testing.T) {
	first := func() reflect.Type { type result struct{ A, B float64 }; return reflect.TypeFor[[]result]() }()
	second := func() reflect.Type { type result struct{ A, C float64 }; return reflect.TypeFor[[]result]() }()
	if first.String() != second.String() {
		t.Fatal("the test needs two types of one name")
	}
	a, errA := cacheKey("x", nil, first)
	b, errB := cacheKey("x", nil, second)
	if errA != nil || errB != nil || string(a) == string(b) {
		t.Errorf("%x and %x, %v, %v", a, b, errA, errB)
	}
}

func TestCachedRefuses(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	type ring struct{ Next *ring }
	loop := &ring{}
	loop.Next = loop
	type holds struct{ Progress func() }
	type hides struct {
		Shown  int
		hidden int
	}
	compute, runs := counter(1)
	for _, c := range []struct {
		err  error
		want string
	}{
		{second(Cached("x", func() {}, compute)), "inputs is a func()"},
		{second(Cached("x", holds{}, compute)), "inputs.Progress is a func()"},
		{second(Cached("x", []any{1, make(chan int)}, compute)), "inputs[1] is a chan int"},
		{second(Cached("x", loop, compute)), "refers to itself"},
		{second(Cached("x", 1, func() (hides, error) { runs.Add(1); return hides{}, nil })), "hides.hidden would be lost"},
		{second(Cached("x", 1, func() (any, error) { runs.Add(1); return 1, nil })), "interface {}"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got error %v, want one with %q", c.err, c.want)
		}
	}
	if runs.Load() != 0 {
		t.Errorf("computed %d times what could not be kept", runs.Load())
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
			dir := t.TempDir()
			t.Setenv("WAVESCORE_CACHE", dir)
			compute, runs := counter([]int{1, 2, 3})
			Must1(Cached("numbers", 1, compute))
			path := entry(t, dir)
			if err := os.WriteFile(path, damage(Must1(os.ReadFile(path))), 0o644); err != nil {
				t.Fatal(err)
			}
			for range 2 {
				if got, err := Cached("numbers", 1, compute); err != nil || len(got) != 3 {
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
	for _, file := range Must1(os.ReadDir(dir)) {
		if !strings.HasSuffix(file.Name(), lockSuffix) {
			entries = append(entries, filepath.Join(dir, file.Name()))
		}
	}
	if len(entries) != 1 {
		t.Fatalf("the cache holds %q, want one entry", entries)
	}
	return entries[0]
}

func TestCachedAtOnceInOneProgram(t *testing.T) {
	t.Setenv("WAVESCORE_CACHE", t.TempDir())
	compute, runs := counter(42)
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if got, err := Cached("x", 1, compute); got != 42 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	group.Wait()
	if runs.Load() != 1 {
		t.Errorf("computed %d times", runs.Load())
	}
}

// TestCachedAtOnceInManyPrograms runs this test in programs of its own, each of which adds a line to a file when it computes.
func TestCachedAtOnceInManyPrograms(t *testing.T) {
	if record := os.Getenv("LAB_TEST_RECORD"); record != "" {
		Must1(Cached("x", 1, func() (int, error) {
			file := Must1(os.OpenFile(record, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644))
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
			program := exec.Command(os.Args[0], "-test.run=^TestCachedAtOnceInManyPrograms$")
			program.Env = append(os.Environ(), "LAB_TEST_RECORD="+record, "WAVESCORE_CACHE="+filepath.Join(dir, "cache"))
			if out, err := program.CombinedOutput(); err != nil {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
	group.Wait()
	if got := string(Must1(os.ReadFile(record))); got != "computed\n" {
		t.Errorf("the programs wrote %q, want one line", got)
	}
}

// What was asked for last stays when the cache is full.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	now := time.Now()
	for age, name := range []string{"new", "used", "old", "older"} {
		write(t, filepath.Join(dir, name), strings.Repeat("x", 100))
		write(t, filepath.Join(dir, name+lockSuffix), "")
		if err := os.Chtimes(filepath.Join(dir, name), now, now.Add(-time.Duration(age)*time.Hour)); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		limit int64
		want  string
	}{
		{400, "new new.lock old old.lock older older.lock used used.lock"},
		{399, "new new.lock old old.lock used used.lock"},
		{150, "new new.lock"},
	} {
		if err := sweep(dir, c.limit); err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, file := range Must1(os.ReadDir(dir)) {
			names = append(names, file.Name())
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("within %d bytes: left %s, want %s", c.limit, got, c.want)
		}
	}
}

func BenchmarkCachedLoad(b *testing.B) {
	b.Setenv("WAVESCORE_CACHE", b.TempDir())
	compute, _ := counter(make([]float64, 4<<20))
	b.SetBytes(8 * 4 << 20)
	for b.Loop() {
		Must1(Cached("x", 1, compute))
	}
}
