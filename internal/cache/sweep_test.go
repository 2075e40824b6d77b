package cache

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// old writes an entry that was asked for some hours ago, and its lock file.
func old(t *testing.T, dir, name string, hours int) {
	t.Helper()
	path := filepath.Join(dir, name+"-0123456789abcdef01234567"+entrySuffix)
	write(t, path, strings.Repeat("x", 100))
	write(t, lockPath(path), "")
	then := time.Now().Add(-time.Duration(hours) * time.Hour)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

// names are the files of a folder; entries and locks by their names and endings alone.
func names(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	for _, file := range must(os.ReadDir(dir)) {
		all = append(all, strings.Replace(file.Name(), "-0123456789abcdef01234567", "", 1))
	}
	return strings.Join(all, " ")
}

// What was asked for last stays when the cache is full.
func TestSweep(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	for age, name := range []string{"new", "used", "old", "older"} {
		old(t, c.Dir, name, age)
	}
	for _, step := range []struct {
		limit int64
		want  string
	}{
		{400, "new.lock new.value old.lock old.value older.lock older.value used.lock used.value"},
		{399, "new.lock new.value old.lock old.value used.lock used.value"},
		{150, "new.lock new.value"},
	} {
		c.Limit = step.limit
		if err := c.sweep(); err != nil {
			t.Fatal(err)
		}
		if got := names(t, c.Dir); got != step.want {
			t.Errorf("within %d bytes: left %s, want %s", step.limit, got, step.want)
		}
	}
}

// Only entries are deleted, and what a killed program left of one: nothing else, whatever it is.
func TestSweepLeavesWhatIsNotItsOwn(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	others := []string{"thesis.tex", "my-value", "notes.value", "thesis.lock", ".hidden",
		"x-0123456789abcdef01234567", "x-0123456789ABCDEF01234567.value",
		"x-0123456789abcdef01234567.value.bak", "folder/x-0123456789abcdef01234567.value",
		"y-0123456789abcdef01234567.value/inside"}
	for _, name := range others {
		write(t, filepath.Join(c.Dir, name), "text")
	}
	old(t, c.Dir, "mine", 1)
	write(t, filepath.Join(c.Dir, ".mine-0123456789abcdef01234567.value-42"), "half")
	if err := c.sweep(); err != nil {
		t.Error(err)
	}
	for _, name := range others {
		if _, err := os.Stat(filepath.Join(c.Dir, name)); err != nil {
			t.Error(err)
		}
	}
	if got := names(t, c.Dir); strings.Contains(got, "mine") {
		t.Errorf("left %s", got)
	}
}

// A sweep that fails is told of; the value is there, and kept.
func TestFailingSweepLosesNoValue(t *testing.T) {
	c := testCache(t)
	c.Limit = 0
	var said []string
	c.Say = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	old(t, c.Dir, "old", 1)
	blocked := filepath.Join(c.Dir, "old-0123456789abcdef01234567"+lockSuffix)
	if err := os.Remove(blocked); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(blocked, "a folder in the place of the lock"), "")
	compute, runs := counter(7)
	for range 2 {
		if got, err := Get(c, Site{}, "x", 1, compute); got != 7 || err != nil {
			t.Fatal(got, err)
		}
	}
	if runs.Load() != 1 || len(said) != 1 || !strings.Contains(said[0], "could not be deleted") {
		t.Errorf("computed %d times, said %q", runs.Load(), said)
	}
}

// A value that cannot be written is returned nevertheless, and Say is told.
func TestUnwritableValueIsReturned(t *testing.T) {
	c := testCache(t)
	var said []string
	c.Say = func(format string, args ...any) { said = append(said, fmt.Sprintf(format, args...)) }
	got, err := Get(c, Site{}, "x", 1, func() (int, error) { return 7, os.RemoveAll(c.Dir) })
	if got != 7 || err != nil || len(said) != 1 || !strings.Contains(said[0], "could not be kept") {
		t.Errorf("got %d, %v, said %q", got, err, said)
	}
}

func TestSweepLeavesHeldEntries(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	old(t, c.Dir, "held", 2)
	old(t, c.Dir, "free", 1)
	unlock, err := lock(filepath.Join(c.Dir, "held-0123456789abcdef01234567"+entrySuffix))
	if err != nil {
		t.Fatal(err)
	}
	if err := c.sweep(); err != nil {
		t.Error(err)
	}
	if got := names(t, c.Dir); got != "held.lock held.value" {
		t.Errorf("left %s", got)
	}
	if err := unlock(); err != nil {
		t.Error(err)
	}
}

// While sweeps delete entries and their locks, no two holders of one entry are ever inside.
func TestLockWhileSweeping(t *testing.T) {
	c := Cache{Dir: t.TempDir()}
	path := filepath.Join(c.Dir, "x-0123456789abcdef01234567"+entrySuffix)
	var inside, clashes, deleted atomic.Int32
	stop := make(chan struct{})
	var sweeping, holding sync.WaitGroup
	sweeping.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				c.sweep()
				if _, err := os.Stat(lockPath(path)); err != nil {
					deleted.Add(1)
				}
			}
		}
	})
	for range 4 {
		holding.Go(func() {
			for range 50 {
				unlock, err := lock(path)
				if err != nil {
					t.Error(err)
					return
				}
				if inside.Add(1) != 1 {
					clashes.Add(1)
				}
				os.WriteFile(path, []byte("x"), 0o644)
				time.Sleep(10 * time.Microsecond)
				inside.Add(-1)
				unlock()
			}
		})
	}
	holding.Wait()
	close(stop)
	sweeping.Wait()
	if clashes.Load() != 0 || deleted.Load() == 0 {
		t.Errorf("%d holders at once; the lock was away %d times", clashes.Load(), deleted.Load())
	}
}

// A program that waits for another's value ends with the signal that control-C sends.
func TestWaitingEndsWithSignal(t *testing.T) {
	if dir := os.Getenv("CACHE_TEST_WAIT"); dir != "" {
		c := testCache(t)
		c.Dir = dir
		fmt.Println("waiting")
		must(Get(c, Site{}, "x", 1, func() (int, error) { return 1, nil }))
		return
	}
	c := testCache(t)
	must(Get(c, Site{}, "x", 1, func() (int, error) {
		program := exec.Command(os.Args[0], "-test.run=^TestWaitingEndsWithSignal$")
		program.Env = append(os.Environ(), "CACHE_TEST_WAIT="+c.Dir)
		out := must(program.StdoutPipe())
		if err := program.Start(); err != nil {
			t.Fatal(err)
		}
		must(out.Read(make([]byte, 1)))
		time.Sleep(300 * time.Millisecond)
		if err := program.Process.Signal(os.Interrupt); err != nil {
			t.Errorf("it did not wait: %v", err)
		}
		ended := make(chan error, 1)
		go func() { ended <- program.Wait() }()
		select {
		case <-ended:
			status := program.ProcessState.Sys().(syscall.WaitStatus)
			if !status.Signaled() && status.ExitStatus() == 0 {
				t.Error("it ended without the signal")
			}
		case <-time.After(10 * time.Second):
			program.Process.Kill()
			t.Error("it waits on")
		}
		return 1, nil
	}))
}

// Entries have the form that the sweep knows, whatever the value is called.
func TestEntryNames(t *testing.T) {
	names := []string{"x", "", "a b/c", "ω", strings.Repeat("long ", 40), "-", "../x", "x.value"}
	for _, name := range names {
		file := entryName(name, slices.Repeat([]byte{0xab}, 32))
		if !entryForm.MatchString(file) || strings.ContainsAny(file, "/ ") {
			t.Errorf("%q: an entry is called %s", name, file)
		}
	}
}
