// Command testcount runs commands that test, one after another, and prints what a person wants of
// them: a line for each package or notebook, the output of what failed, why tests were skipped,
// and last the numbers of all tests:
//
//	N passed, N failed, N skipped
//
// Each argument is a command for bash. It writes what "go test -json" writes or what "wavescore
// notebooks" writes, each notebook being a test. A test that only holds subtests counts as they
// do, as one more. A package that does not build, or panics outside its tests, counts as one
// failed test. So does a command that runs no test, ends with another status than 0 though no
// test failed, or breaks off in the midst of a package. The exit status is 1 if anything failed.
package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "testcount: no commands: want some that write what \"go test -json\" or \"wavescore notebooks\" write")
		os.Exit(1)
	}
	var total counts
	for _, command := range os.Args[1:] {
		total.add(run(command, os.Stdout))
	}
	fmt.Printf("%d passed, %d failed, %d skipped\n", total.passed, total.failed, total.skipped)
	if total.failed > 0 {
		os.Exit(1)
	}
}

// counts are numbers of tests.
type counts struct{ passed, failed, skipped int }

func (c *counts) add(d counts) {
	c.passed += d.passed
	c.failed += d.failed
	c.skipped += d.skipped
}

// run runs a command and counts its tests.
func run(command string, w io.Writer) counts {
	bash := exec.Command("bash", "-c", command)
	bash.Stderr = os.Stderr
	out, err := bash.StdoutPipe()
	if err == nil {
		err = bash.Start()
	}
	if err != nil {
		fmt.Fprintf(w, "FAIL  %s: %v\n", command, err)
		return counts{failed: 1}
	}
	c, unfinished, err := count(out, w)
	io.Copy(io.Discard, out) // so that the command does not wait for a reader
	err = cmp.Or(bash.Wait(), err)
	switch {
	case len(unfinished) > 0:
		fmt.Fprintf(w, "FAIL  %s: it broke off in the midst of %s\n", command, strings.Join(unfinished, ", "))
		c.failed++
	case err != nil && c.failed == 0:
		fmt.Fprintf(w, "FAIL  %s: %v\n", command, err)
		c.failed++
	case c == counts{}:
		fmt.Fprintf(w, "FAIL  %s: it ran no test\n", command)
		c.failed++
	}
	return c
}

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// A notebook's line in the log of "wavescore notebooks".
var notebookLine = regexp.MustCompile(`^\d\d-\S+ +[\d.]+ s +(\d+ figures|failed|interrupted)\b`)

// count reads what a command writes until its end. The packages that began and did not end are
// unfinished.
func count(r io.Reader, w io.Writer) (c counts, unfinished []string, err error) {
	output := map[string]*strings.Builder{} // by package, build or test, until it ends
	failedTests := map[string]bool{}        // by package
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return c, unfinished, nil
		}
		if err != nil && err != io.EOF {
			return c, unfinished, err
		}
		var e event
		if json.Unmarshal(line, &e) != nil { // a notebook, or go itself says something
			w.Write(line)
			if match := notebookLine.FindSubmatch(line); match != nil {
				switch string(match[1]) {
				case "failed", "interrupted":
					c.failed++
				default:
					c.passed++
				}
			}
			continue
		}
		key := e.Package + e.ImportPath + " " + e.Test
		if output[key] == nil {
			output[key] = new(strings.Builder)
		}
		switch e.Action {
		case "output", "build-output":
			output[key].WriteString(e.Output)
			continue
		case "start":
			unfinished = append(unfinished, e.Package)
			continue
		case "pass", "fail", "skip", "build-fail":
		default:
			continue
		}
		if e.Test == "" {
			unfinished = slices.DeleteFunc(unfinished, func(p string) bool { return p == e.Package })
		}
		switch {
		case e.Action == "build-fail":
			fmt.Fprint(w, output[key])
		case e.Test == "" && e.Action == "fail":
			if !failedTests[e.Package] {
				c.failed++
				fmt.Fprint(w, output[key])
			}
			fmt.Fprintf(w, "FAIL  %s  %.1f s\n", e.Package, e.Elapsed)
		case e.Test == "" && e.Action == "pass":
			fmt.Fprintf(w, "ok    %s  %.1f s\n", e.Package, e.Elapsed)
		case e.Test == "":
			fmt.Fprintf(w, "      %s  no tests\n", e.Package)
		case e.Action == "pass":
			c.passed++
		case e.Action == "skip":
			c.skipped++
			fmt.Fprint(w, output[key])
		default:
			c.failed++
			failedTests[e.Package] = true
			fmt.Fprint(w, output[key])
		}
		delete(output, key)
	}
}
