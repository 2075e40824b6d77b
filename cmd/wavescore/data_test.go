package main

import (
	"bytes"
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

// elsewhere moves the test to an empty folder that has nothing to do with the project, and returns its path.
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

// withInternet has requests answered by a handler until the test ends.
func withInternet(t *testing.T, handle http.HandlerFunc) {
	was := http.DefaultTransport
	t.Cleanup(func() { http.DefaultTransport = was })
	http.DefaultTransport = internet(func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		handle(w, r)
		return w.Result()
	})
}

func TestDataList(t *testing.T) {
	dir := elsewhere(t)
	if err := os.MkdirAll(filepath.Join(dir, "data", "mnist", "something"), 0o755); err != nil {
		t.Fatal(err)
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
	for i, want := range []string{filepath.Join(dir, "data", "mnist"), "not found", "not found", "not found", "made when asked for"} {
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
	for _, want := range []string{"damaged  " + cut + " has 1000000 bytes, want 1648877", "3 of 4 files", "train    60000 images", "damaged  test:", "the end of the file"} {
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
	if err == nil || strings.Count(err.Error(), "404 Not Found") != 2 {
		t.Errorf("%v: want what each of the two mirrors did", err)
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

func TestDataCheck(t *testing.T) {
	elsewhere(t)
	if err := (&dataCheckCommand{Name: "mnist"}).Run(); !errors.Is(err, dataset.ErrNotFound) {
		t.Errorf("a set that is not there: %v", err)
	}
	var out bytes.Buffer
	if err := checkSets(&out, dataset.Sets()); err != nil || strings.Count(out.String(), "not found") != len(dataset.Sets()) {
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
	for _, want := range []string{"data_batch_1.bin has 3073 bytes, want 30730000", "missing  test_batch.bin", "unknown  notes", "0 of 6 files", "test     no images"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, &out)
		}
	}
}
