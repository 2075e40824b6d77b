package main

import (
	"bufio"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// TestConditional: a conditional machine is fitted, and measured with noise: its error is below
// that of the independent machine of the same images, and within its interval.
func TestConditional(t *testing.T) {
	dir := blobs(t, 240, 28)
	file, plain := filepath.Join(t.TempDir(), "machine"), filepath.Join(t.TempDir(), "plain")
	for _, args := range []string{
		"fit --family conditional --data " + dir + " --window 4,8 --components 10 -o " + file,
		"fit --family independent --data " + dir + " -o " + plain,
	} {
		if _, err := wavescore(t, strings.Fields(args)...); err != nil {
			t.Fatal(err)
		}
	}
	measure := func(file string) (all []evaluation) {
		out, err := wavescore(t, "eval", file, "--data", dir, "--split", "train", "--sigma", "0.1,0.5", "--json")
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(strings.NewReader(out)); lines.Scan(); {
			var line evaluation
			if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
				t.Fatalf("%q: %v", lines.Text(), err)
			}
			all = append(all, line)
		}
		return all
	}
	coefficients := measure(plain)
	for i, e := range measure(file) {
		if e.Method != "noise" || !(e.Low < e.MSE && e.MSE < e.High) || e.High >= coefficients[i].MSE {
			t.Errorf("%+v, where the independent machine has %v", e, coefficients[i].MSE)
		}
	}
	if out, err := wavescore(t, "eval", file, "--data", dir, "--split", "train"); err != nil || !strings.Contains(out, "95 % interval") {
		t.Errorf("eval without --json: %v\n%s", err, out)
	}
	for _, test := range []struct{ args, says string }{
		{"--window 7,40", "window of 40"},
		{"--components 0", "at least 1"},
		{"--components 500", "500 components"},
		{"--rounds -1", "rounds"},
	} {
		args := "fit --family conditional --data " + dir + " " + test.args + " -o " + file
		if _, err := wavescore(t, strings.Fields(args)...); err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v", test.args, err)
		}
	}
}
