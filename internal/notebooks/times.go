package notebooks

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"wavescore/internal/wholefile"
)

// Times are how long notebooks take by name, each alone on the machine and with an empty cache.
type Times map[string]time.Duration

// timesFile holds Times, a line each: the name and the seconds. Its first line is a comment that
// names the machine.
const timesFile = "notebooks/times.csv"

// ReadTimes reads the times of the module at root, none where it has no such file.
func ReadTimes(root string) (Times, error) {
	path := filepath.Join(root, timesFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Times{}, nil
	}
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(string(text)))
	r.Comment, r.FieldsPerRecord = '#', 2
	rows, err := r.ReadAll()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	times := Times{}
	for _, row := range rows {
		if row[1] == "seconds" {
			continue // the heading
		}
		seconds, err := strconv.ParseFloat(row[1], 64)
		if err != nil || !(seconds > 0) {
			return nil, fmt.Errorf("%s: %s takes %q seconds: want a positive number", path, row[0], row[1])
		}
		times[row[0]] = time.Duration(seconds * float64(time.Second))
	}
	return times, nil
}

// Write writes the times into the module at root; machine says in words where they were measured.
func (t Times) Write(root, machine string) error {
	var text strings.Builder
	fmt.Fprintf(&text, "# Seconds of each notebook alone, with an empty cache, on %s.\nnotebook,seconds\n", machine)
	for _, name := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&text, "%s,%.0f\n", name, t[name].Seconds())
	}
	return wholefile.Write(filepath.Join(root, timesFile), []byte(text.String()))
}

// of returns the time of a notebook, the mean of the others where it is not known, a minute where
// none is.
func (t Times) of(e Entry) time.Duration {
	if known, ok := t[e.Name]; ok {
		return known
	}
	if len(t) == 0 {
		return time.Minute
	}
	var sum time.Duration
	for _, known := range t {
		sum += known
	}
	return sum / time.Duration(len(t))
}

// span returns how long a schedule takes with some jobs at a time: at least if they do not slow
// each other, at most if each has to wait for the others.
func (t Times) span(scheduled []Entry, jobs int) (least, most time.Duration) {
	ends := make([]time.Duration, jobs)
	for _, e := range scheduled {
		slices.Sort(ends)
		ends[0] += t.of(e)
		most += t.of(e)
	}
	return slices.Max(ends), most
}

// schedule returns the order in which notebooks begin: number 00 first, which is what a newcomer
// opens, then those that take longest, so that none of them is left alone at the end.
func (t Times) schedule(entries []Entry) []Entry {
	return slices.SortedStableFunc(slices.Values(entries), func(a, b Entry) int {
		if first, second := figureFolder(a.Name, false) == "00", figureFolder(b.Name, false) == "00"; first != second {
			if first {
				return -1
			}
			return 1
		}
		return cmp.Compare(t.of(b), t.of(a))
	})
}
