package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"
)

var foretold = regexp.MustCompile(`and (\d+) MB of memory`)

// The memory that fit foretells is what it takes, within a factor of 1.5 and what any program
// takes.
func TestFitMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("fits tables of hundreds of megabytes")
	}
	if runtime.GOOS != "linux" {
		t.Skip("the greatest memory of a process is read from /proc")
	}
	const any = 100 << 20 // the program itself, the garbage collector's reserve and the BLAS's buffers
	for name, args := range map[string]string{
		"groups":  "fit --data digits -n 60 --family local-coupled --radius 2 --terms full --degree 2",
		"context": "fit --data digits -n 60 --family combined --context 5",
		"images":  "fit --data digits -n 30000 --family independent",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var said bytes.Buffer
			file := filepath.Join(t.TempDir(), "peak")
			c := command(t, t.TempDir(), append(strings.Fields(args), "-o", filepath.Join(t.TempDir(), "m"))...)
			c.Stderr, c.Env = &said, append(c.Env, "WAVESCORE_TEST_PEAK="+file)
			if err := c.Run(); err != nil {
				t.Fatalf("%v: %s", err, said.String())
			}
			match := foretold.FindStringSubmatch(said.String())
			if match == nil {
				t.Fatalf("no memory foretold: %s", said.String())
			}
			estimate, _ := strconv.ParseFloat(match[1], 64)
			estimate *= 1e6
			peak := readPeak(t, file)
			t.Logf("%.0f MB foretold, %.0f MB taken", estimate/1e6, peak/1e6)
			if peak > 1.5*estimate+any || peak < estimate/1.5-any {
				t.Errorf("%.0f MB foretold, %.0f MB taken", estimate/1e6, peak/1e6)
			}
		})
	}
}

var highWater = regexp.MustCompile(`VmHWM:\s+(\d+) kB`)

// writePeak keeps the greatest memory of this process, as /proc has it, in a file. The maximum that
// wait(2) reports would not do: it includes the memory of the process that started this one.
func writePeak(file string) {
	status, err := os.ReadFile("/proc/self/status")
	if err == nil {
		err = os.WriteFile(file, status, 0o644)
	}
	if err != nil {
		panic(err)
	}
}

// readPeak is the greatest memory, in bytes, of the process that called writePeak.
func readPeak(t *testing.T, file string) float64 {
	status, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	match := highWater.FindSubmatch(status)
	if match == nil {
		t.Fatalf("no VmHWM in %s", status)
	}
	kilobytes, _ := strconv.ParseFloat(string(match[1]), 64)
	return kilobytes * 1024
}

// A fit that cannot fit into memory is refused before it begins, with what to change.
func TestFitRefusesWhatDoesNotFit(t *testing.T) {
	dir := blobs(t, 2, 1000)
	_, err := wavescore(t, "fit", "--data", dir, "--family", "linear", "-o", filepath.Join(t.TempDir(), "m"))
	if err == nil || !strings.Contains(err.Error(), "GB are available") || !strings.Contains(err.Error(), "--share band") {
		t.Errorf("a table of 8 TB: %v", err)
	}
}

// A machine of too few images says so, and what to do; one of enough says nothing.
func TestFitWarns(t *testing.T) {
	if testing.Short() {
		t.Skip("fits five machines")
	}
	for args, want := range map[string]string{
		"fit --data digits -n 20 --family local-coupled":   "as leaving the noise would",
		"fit --data digits -n 200 --family linear":         "fit more images",
		"fit --data digits -n 1 --family independent":      "there is one image",
		"fit --data digits -n 3000 --family independent":   "",
		"fit --data digits -n 3000 --family local-coupled": "",
	} {
		var said bytes.Buffer
		c := command(t, t.TempDir(), append(strings.Fields(args), "-o", filepath.Join(t.TempDir(), "m"))...)
		c.Stderr = &said
		if err := c.Run(); err != nil {
			t.Fatalf("%s: %v: %s", args, err, said.String())
		}
		if warned := strings.Contains(said.String(), "warning"); warned != (want != "") || !strings.Contains(said.String(), want) {
			t.Errorf("%s: it said %q; want %q", args, said.String(), want)
		}
	}
}
