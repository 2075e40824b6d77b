// Command testcount reads what go test -json writes, from standard input, and prints what a person wants of it: a line for
// each package, the output of what failed, why tests were skipped, and last the numbers of tests:
//
//	N passed, N failed, N skipped
//
// A test that only holds subtests counts as they do, as one more. A package that does not build, or panics outside its tests, counts as
// one failed test. The exit status is 1 if anything failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
)

func main() {
	failed, err := count(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "testcount:", err)
		os.Exit(1)
	}
	if failed {
		os.Exit(1)
	}
}

// event is a line of go test -json; see go doc test2json.
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64
}

// count reads events until the end and reports whether something failed.
func count(r io.Reader, w io.Writer) (failed bool, err error) {
	var passes, fails, skips int
	output := map[string]*strings.Builder{} // by package, build or test, until it ends
	failedTests := map[string]bool{}        // by package
	in := bufio.NewReader(r)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			break
		}
		if err != nil && err != io.EOF {
			return false, err
		}
		var e event
		if json.Unmarshal(line, &e) != nil {
			w.Write(line) // go itself says something
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
		case "pass", "fail", "skip", "build-fail":
		default:
			continue
		}
		switch {
		case e.Action == "build-fail":
			fmt.Fprint(w, output[key])
		case e.Test == "" && e.Action == "fail":
			if !failedTests[e.Package] {
				fails++
				fmt.Fprint(w, output[key])
			}
			fmt.Fprintf(w, "FAIL  %s  %.1f s\n", e.Package, e.Elapsed)
		case e.Test == "" && e.Action == "pass":
			fmt.Fprintf(w, "ok    %s  %.1f s\n", e.Package, e.Elapsed)
		case e.Test == "":
			fmt.Fprintf(w, "      %s  no tests\n", e.Package)
		case e.Action == "pass":
			passes++
		case e.Action == "skip":
			skips++
			fmt.Fprint(w, output[key])
		default:
			fails++
			failedTests[e.Package] = true
			fmt.Fprint(w, output[key])
		}
		delete(output, key)
	}
	fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", passes, fails, skips)
	return fails > 0, nil
}
