package notebooks

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestTimesAreKept(t *testing.T) {
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "notebooks"), 0o755); err != nil {
		t.Fatal(err)
	}
	none, err := ReadTimes(root)
	if err != nil || len(none) != 0 {
		t.Errorf("without a file: %v, %v", none, err)
	}
	times := Times{"01-b": 90 * time.Second, "00-a": 12 * time.Second}
	if err := times.Write(root, machine()); err != nil {
		t.Fatal(err)
	}
	if again, err := ReadTimes(root); err != nil || !reflect.DeepEqual(again, times) {
		t.Errorf("read %v, %v; want %v", again, err, times)
	}
	text, err := os.ReadFile(filepath.Join(root, timesFile))
	if want := machine() + ".\nnotebook,seconds\n00-a,12\n01-b,90\n"; err != nil || !strings.HasPrefix(string(text), "# ") || !strings.HasSuffix(string(text), want) {
		t.Errorf("%v, wrote\n%s\nwant a comment that ends with\n%s", err, text, want)
	}
	for _, damaged := range []string{"a,b,c\n", "00-a,soon\n", "00-a,-1\n", "00-a,NaN\n", "00-a\n"} {
		if err := os.WriteFile(filepath.Join(root, timesFile), []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadTimes(root); err == nil || !strings.Contains(err.Error(), "times.csv") {
			t.Errorf("%q: got %v, want an error that names the file", damaged, err)
		}
	}
}

func TestSchedule(t *testing.T) {
	times := Times{"00-a": 10 * time.Second, "01-b": 100 * time.Second, "03-d": 190 * time.Second, "04-e": 60 * time.Second}
	var entries []Entry
	for _, name := range []string{"00-a", "00-a-solutions", "01-b", "02-c", "03-d", "04-e"} { // two are not known: the mean is 90 s
		entries = append(entries, Entry{Number: name[:2], Name: name})
	}
	r := &running{Suite: Suite{Jobs: 2}, times: times, of: len(entries)}
	scheduled := times.schedule(entries)
	if got, want := r.plan(scheduled), "6 notebooks, 2 at a time, 5 to 9 minutes where nothing is cached: 00, 03, 01, 00-solutions, 02, 04"; got != want {
		t.Errorf("the plan is %q, want %q", got, want)
	}
	if least, most := times.span(scheduled, 1); least != most || most != 540*time.Second {
		t.Errorf("one after another: %v to %v, want 9m0s", least, most)
	}
	// 00 and 03 begin, 01 after 10 s, the solutions after 110 s, 02 after 190 s, 04 after 200 s:
	// the last two end at 280 s and 260 s.
	if least, most := times.span(scheduled, 2); least != 280*time.Second || most != 540*time.Second {
		t.Errorf("two at a time: %v to %v, want 4m40s to 9m0s", least, most)
	}
	r.times, r.of = nil, 1
	if got, want := r.plan(entries[:1]), "1 notebook: 00"; got != want {
		t.Errorf("the plan is %q, want %q", got, want)
	}
}

func TestAbout(t *testing.T) {
	for _, c := range []struct {
		least, most time.Duration
		want        string
	}{
		{20 * time.Second, 20 * time.Second, "about 20 seconds"},
		{50 * time.Second, 100 * time.Second, "50 to 100 seconds"},
		{5 * time.Minute, 9 * time.Minute, "5 to 9 minutes"},
		{130 * time.Second, 140 * time.Second, "about 2 minutes"},
	} {
		if got := about(c.least, c.most); got != c.want {
			t.Errorf("%v to %v: %q, want %q", c.least, c.most, got, c.want)
		}
	}
}

func TestJobs(t *testing.T) {
	for _, c := range []struct{ cores, gigabytes, want int }{{2, 22, 2}, {8, 22, 5}, {4, 6, 1}, {2, 1, 1}, {1, 64, 1}} {
		if got := jobsFor(c.cores, c.gigabytes<<30); got != c.want {
			t.Errorf("%d cores and %d GB: %d jobs, want %d", c.cores, c.gigabytes, got, c.want)
		}
	}
}
