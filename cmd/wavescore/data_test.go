package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wavescore/pkg/dataset"
)

// elsewhere moves the test to an empty folder that has nothing to do with the project, and
// returns its path.
func elsewhere(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	t.Setenv("WAVESCORE_DATA", "")
	return dir
}

// realMNIST returns the folder of the real files, or skips the test.
func realMNIST(t *testing.T) string {
	t.Helper()
	set, _ := dataset.FindSet("mnist")
	folder, found := set.Find()
	if !found {
		t.Skip("needs the real MNIST: set WAVESCORE_DATA to a folder that has it")
	}
	return folder
}

// internet answers every request of the test in place of the internet.
type internet func(*http.Request) *http.Response

func (answer internet) RoundTrip(r *http.Request) (*http.Response, error) { return answer(r), nil }

// withInternet has requests answered by a handler until the test ends. The PATH is empty: no go
// command, so no module either.
func withInternet(t *testing.T, handle http.HandlerFunc) {
	t.Setenv("PATH", t.TempDir())
	t.Setenv("WAVESCORE_OFFLINE", "")
	was := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = was })
	http.DefaultTransport = internet(func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		handle(w, r)
		return w.Result()
	})
}

// systemPlace returns where a package of the system has put a set on this machine, or otherwise.
func systemPlace(name, otherwise string) string {
	set, _ := dataset.FindSet(name)
	for _, place := range set.Places {
		if _, err := os.Stat(place); err == nil {
			return place
		}
	}
	return otherwise
}

// stderrOf returns what a function writes to standard error.
func stderrOf(t *testing.T, f func()) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	was := os.Stderr
	defer func() { os.Stderr = was }()
	os.Stderr = file
	f()
	written, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(written)
}

func TestDataList(t *testing.T) {
	dir := elsewhere(t)
	if err := os.MkdirAll(filepath.Join(dir, "data", "mnist", "something"), 0o755); err != nil {
		t.Fatal(err)
	}
	natural := filepath.Join(dir, "data", "natural", "bsd400-train-180x180", "train")
	for _, split := range []string{natural, filepath.Join(filepath.Dir(natural), "test")} {
		if err := os.MkdirAll(split, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(split, "one.png"), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	if err := listSets(&out); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 1+len(dataset.Names()) {
		t.Fatalf("%d lines for %d sets:\n%s", len(lines), len(dataset.Names()), &out)
	}
	where := strings.Index(lines[0], "WHERE")
	for i, want := range []string{filepath.Join(dir, "data", "mnist") + " (incomplete)", systemPlace("fashion-mnist", "not found"),
		"not found", filepath.Dir(natural), "made when asked for"} {
		if name := dataset.Names()[i]; !strings.HasPrefix(lines[i+1], name+" ") || lines[i+1][where:] != want {
			t.Errorf("%q is not a line of %s that ends in %q", lines[i+1], name, want)
		}
	}
}

func TestDataGet(t *testing.T) {
	files := realMNIST(t)
	dir := elsewhere(t)
	withInternet(t, func(w http.ResponseWriter, r *http.Request) {
		content, err := os.ReadFile(filepath.Join(files, path.Base(r.URL.Path)))
		if err != nil || r.URL.Host != "storage.googleapis.com" { // the first mirror is out of order
			http.NotFound(w, r)
			return
		}
		w.Write(content)
	})
	if err := (&dataGetCommand{Name: "mnist", Timeout: time.Minute}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	images, err := dataset.Open("mnist", dataset.Test)
	if err != nil || images.Len() != 10000 {
		t.Fatal(err)
	}
	var out bytes.Buffer
	mnist, _ := dataset.FindSet("mnist")
	if err := checkSets(&out, []dataset.Set{mnist}); err != nil || !strings.Contains(out.String(), "4 of 4 files") {
		t.Errorf("%v:\n%s", err, &out)
	}

	// A file cut short is damaged; the other three are not; and a second get mends it.
	cut := filepath.Join(dir, "data", "mnist", "t10k-images-idx3-ubyte.gz")
	if err := os.Truncate(cut, 1000000); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	err = checkSets(&out, []dataset.Set{mnist})
	if err == nil || !strings.Contains(err.Error(), "wavescore data get mnist") {
		t.Errorf("after truncation: %v", err)
	}
	for _, want := range []string{"damaged  " + cut + ": 1000000 bytes, the manifest has 1648877; unpacked: ", "3 of 4 files", "train    60000 images", "damaged  test:", "the end of the file"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
	if err := (&dataGetCommand{Name: "mnist", Timeout: time.Minute}).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := checkSets(io.Discard, []dataset.Set{mnist}); err != nil {
		t.Error(err)
	}
}

func TestDataGetFails(t *testing.T) {
	dir := elsewhere(t)
	withInternet(t, http.NotFound)
	err := (&dataGetCommand{Name: "mnist", Timeout: time.Minute}).Run(t.Context())
	if err == nil || strings.Count(err.Error(), "404 Not Found") != 2 || !strings.Contains(err.Error(), "there is no go command") {
		t.Errorf("%v: want what each of the three mirrors did", err)
	}
	err = (&dataGetCommand{Name: "fashion-mnist", Timeout: time.Minute}).Run(t.Context())
	if err == nil || !strings.Contains(err.Error(), "apt-get install dataset-fashion-mnist") {
		t.Errorf("%v: want the name of Debian's package", err)
	}
	for name, want := range map[string]string{"digits": "made when asked for", "mnits": `no set "mnits"`} {
		if err := (&dataGetCommand{Name: name}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q in it", name, err, want)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := (&dataGetCommand{Name: "mnist", Timeout: time.Minute}).Run(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("interrupted: %v", err)
	}
	if err := (&dataGetCommand{Name: "mnist", Timeout: time.Nanosecond}).Run(t.Context()); err == nil || !strings.Contains(err.Error(), "--timeout") {
		t.Errorf("out of time: %v", err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "data", "*")); len(left) != 0 {
		t.Errorf("%v is left over", left)
	}
}

func TestDataGetOffline(t *testing.T) {
	dir := elsewhere(t)
	requests := 0
	withInternet(t, func(w http.ResponseWriter, r *http.Request) { requests++; http.NotFound(w, r) })
	t.Setenv("WAVESCORE_OFFLINE", "1")
	var err error
	output := stderrOf(t, func() { err = (&dataGetCommand{Name: "mnist", Timeout: time.Minute}).Run(t.Context()) })
	if err == nil || !strings.Contains(err.Error(), "mnist: WAVESCORE_OFFLINE is set") || requests != 0 || strings.Contains(output, "MB") {
		t.Errorf("%d requests, %q, and %v", requests, output, err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("%v is left over", left)
	}
}

// TestDataGetNamesPackage has apt on a machine without Fashion-MNIST: it is named before the
// download. Where there is no apt, or no package, nothing is said of it.
func TestDataGetNamesPackage(t *testing.T) {
	if place := systemPlace("fashion-mnist", ""); place != "" {
		t.Skipf("the package is installed: %s", place)
	}
	elsewhere(t)
	withInternet(t, http.NotFound)
	hint := "fashion-mnist: Debian has it as a package too: apt-get install dataset-fashion-mnist\n"
	get := func(name string) string {
		return stderrOf(t, func() { _ = (&dataGetCommand{Name: name, Timeout: time.Minute}).Run(t.Context()) })
	}
	if output := get("fashion-mnist"); strings.Contains(output, "apt-get") {
		t.Errorf("without apt: %q", output)
	}
	if err := os.WriteFile(filepath.Join(os.Getenv("PATH"), "apt-get"), nil, 0o755); err != nil {
		t.Fatal(err)
	}
	if output := get("fashion-mnist"); !strings.HasSuffix(output, hint) {
		t.Errorf("%q does not end in %q", output, hint)
	}
	if output := get("mnist"); strings.Contains(output, "apt-get") {
		t.Errorf("of a set without a package: %q", output)
	}
}

// putAnew puts the real MNIST into a folder, gzipped anew but hardly packed.
func putAnew(t *testing.T, folder string) {
	t.Helper()
	from := realMNIST(t)
	set, _ := dataset.FindSet("mnist")
	for _, f := range set.Files {
		packed, err := os.Open(filepath.Join(from, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		defer packed.Close()
		content, err := gzip.NewReader(packed)
		if err != nil {
			t.Fatal(err)
		}
		anew, err := os.Create(filepath.Join(folder, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		w, err := gzip.NewWriterLevel(anew, gzip.NoCompression)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(w, content); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(w.Close(), anew.Close()); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDataCheckAnew has a set where a package of the system puts it.
func TestDataCheckAnew(t *testing.T) {
	place := t.TempDir()
	putAnew(t, place)
	elsewhere(t)
	set, _ := dataset.FindSet("mnist")
	set.Places, set.Debian = []string{place}, "dataset-mnist"
	var out bytes.Buffer
	if err := checkSets(&out, []dataset.Set{set}); err != nil {
		t.Error(err)
	}
	for _, want := range []string{"mnist: " + place, "anew     train-images-idx3-ubyte.gz: gzipped anew", "4 of 4 files", "train    60000 images", "test     10000 images"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}

	// Damaged, the package mends it, or the project's data folder goes before it.
	if err := os.Truncate(filepath.Join(place, "t10k-labels-idx1-ubyte.gz"), 5000); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	err := checkSets(&out, []dataset.Set{set})
	for _, want := range []string{place + " is damaged", "apt-get install --reinstall dataset-mnist", "wavescore data get mnist"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: want %q in it", err, want)
		}
	}
	if want := "3 of 4 files"; !strings.Contains(out.String(), want) {
		t.Errorf("no %q in\n%s", want, &out)
	}

	// A file is missing.
	if err := os.Remove(filepath.Join(place, "t10k-labels-idx1-ubyte.gz")); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	err = checkSets(&out, []dataset.Set{set})
	if err == nil || !strings.Contains(err.Error(), place+" is incomplete") || !strings.Contains(out.String(), "missing  t10k-labels") {
		t.Errorf("%v:\n%s", err, &out)
	}
}

func TestDataCheck(t *testing.T) {
	elsewhere(t)
	if err := (&dataCheckCommand{Name: "mnist"}).Run(); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("a set that is not there: %v", err)
	}
	var out bytes.Buffer
	var nowhere []dataset.Set
	for _, set := range dataset.Sets() {
		set.Places = nil
		nowhere = append(nowhere, set)
	}
	if err := checkSets(&out, nowhere); err != nil || strings.Count(out.String(), "not found") != len(nowhere) {
		t.Errorf("without any set: %v\n%s", err, &out)
	}
	at := filepath.Join("data", "cifar10")
	if err := os.MkdirAll(at, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "data_batch_1.bin"), make([]byte, 3073), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(at, "notes"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	cifar, _ := dataset.FindSet("cifar10")
	if err := checkSets(&out, []dataset.Set{cifar}); err == nil {
		t.Error("a batch of one image is whole")
	}
	for _, want := range []string{"data_batch_1.bin: 3073 bytes, the manifest has 30730000", "missing  test_batch.bin", "unknown  notes", "0 of 6 files", "test     no images"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
