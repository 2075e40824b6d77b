package model_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"wavescore/internal/tensorfile"
	"wavescore/pkg/analytic"
	"wavescore/pkg/conditional"
	"wavescore/pkg/dataset"
	"wavescore/pkg/diffusion"
	"wavescore/pkg/model"
	"wavescore/pkg/moments"
	"wavescore/pkg/neural"
	"wavescore/pkg/wavelet"
)

var shape = diffusion.Shape{C: 1, H: 8, W: 8}

// marshaler is a denoiser that marshals itself.
type marshaler interface {
	diffusion.Denoiser
	MarshalBinary() ([]byte, error)
}

func small(t testing.TB) *dataset.Images { return dataset.Digits(60, 1).Resize(8, 8) }

func machine(t testing.TB) *analytic.Machine {
	family := moments.Family{Neighbourhood: moments.Neighbourhood{Radius: 1, Context: 1}, Terms: moments.Gated, Degree: 2, Sharing: moments.PerBand}
	spec := moments.Spec{Family: family, Filter: "haar", Layout: wavelet.Layout{Channels: 1, Height: 8, Width: 8, Levels: 2}}
	table, err := moments.Collect(context.Background(), spec, small(t), "digits", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := analytic.NewMachine(table, analytic.Default())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mixtures(t testing.TB) *conditional.Machine {
	family := conditional.Family{Block: 4, Window: 4, Rank: 4, Axes: 2, Components: 3}
	m, err := conditional.Fit(context.Background(), family, shape, small(t), conditional.Default(), nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func network(t testing.TB) *neural.Network {
	arch := neural.Architecture{Kind: neural.CNN, Padding: neural.Zero, Channels: []int{4}, Blocks: 1, Embedding: 4}
	n, err := neural.New(arch, shape, 1)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A model of every kind is opened as what it is, and denoises as it did.
func TestOpen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model")
	noisy := dataset.Digits(3, 2).Resize(8, 8).Batch(nil, 0, 3)
	for _, m := range []marshaler{machine(t), mixtures(t), network(t)} {
		if err := model.Save(path, m); err != nil {
			t.Fatal(err)
		}
		d, err := model.Open(path)
		if err != nil {
			t.Fatalf("%T: %v", m, err)
		}
		if reflect.TypeOf(d) != reflect.TypeOf(m) || d.Shape() != shape {
			t.Errorf("a %T was opened as a %T of %v", m, d, d.Shape())
		}
		a, b := make([]float64, len(noisy)), make([]float64, len(noisy))
		if err := errors.Join(m.Denoise(t.Context(), a, noisy, 0.5), d.Denoise(t.Context(), b, noisy, 0.5)); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(a, b) {
			t.Errorf("the %T that was opened denoises otherwise", m)
		}
	}
	if _, err := model.Load[neural.Network](path); err != nil {
		t.Error(err)
	}
	if _, err := model.Load[analytic.Machine](path); err == nil || !strings.Contains(err.Error(), "not a machine") || !strings.Contains(err.Error(), path) {
		t.Errorf("a network was loaded as a machine: %v", err)
	}
}

// Errors name the file and what is wrong with it.
func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	other, err := tensorfile.Encode(tensorfile.Tensors{Text: map[string]string{"moments": "{}"}})
	if err != nil {
		t.Fatal(err)
	}
	for says, content := range map[string][]byte{"neither a machine nor a network": other, "damaged": []byte("text"), "not a wavescore file": nil} {
		path := filepath.Join(dir, "file")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := model.Open(path); !errors.Is(err, tensorfile.ErrDamaged) || !strings.Contains(err.Error(), says) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", says, err)
		}
	}
	if _, err := model.Open(filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}

func ExampleOpen() {
	dir, _ := os.MkdirTemp("", "")
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "cnn")
	arch := neural.Architecture{Kind: neural.CNN, Padding: neural.Zero, Channels: []int{4}, Blocks: 1, Embedding: 4}
	network, _ := neural.New(arch, shape, 1)
	if err := model.Save(path, network); err != nil {
		fmt.Println(err)
	}
	denoiser, err := model.Open(path)
	fmt.Printf("%T of %v images, %v\n", denoiser, denoiser.Shape(), err)
	// Output: *neural.Network of 1x8x8 images, <nil>
}

// A header that speaks of more than its file holds is refused before anything of that size is
// made. The digests of these files fit.
func TestHostileHeaders(t *testing.T) {
	const most = 32 << 20 // bytes; the headers speak of gigabytes and more
	file := func(texts map[string]string, values int) []byte {
		v := tensorfile.Tensor{Shape: []int{values}, Data: make([]float64, values)}
		b, err := tensorfile.Encode(tensorfile.Tensors{Text: texts, Values: map[string]tensorfile.Tensor{"centre": v, "sums": v, "low": v, "high": v, "0.weights": v}})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	table := func(neighbourhood string, side, levels int) map[string]string {
		return map[string]string{"machine": `{"ridge":{}}`, "moments": fmt.Sprintf(`{"format":"wavescore moments 2","images":1,"spec":{"family":{"neighbourhood":%s,`+
			`"terms":"powers","degree":1,"sharing":"coefficient"},"filter":"haar","layout":{"Channels":1,"Height":%d,"Width":%d,"Levels":%d}}}`, neighbourhood, side, side, levels)}
	}
	for name, content := range map[string][]byte{
		"layout":     file(table(`{}`, 1<<20, 5), 4),
		"radius":     file(table(`{"radius":15}`, 32, 0), 1024),
		"context":    file(table(`{"context":64}`, 32, 0), 1024),
		"components": file(map[string]string{"conditional": `{"Shape":{"C":1,"H":1024,"W":1024},"Locals":[{"Family":{"Block":1024,"Window":1024,"Components":1000000},"Components":[1000000]}]}`}, 4),
		"sites":      file(map[string]string{"conditional": `{"Shape":{"C":1024,"H":32768,"W":32768},"Locals":[{"Family":{"Block":1,"Window":1,"Components":1},"Components":[1]}]}`}, 4),
		"channels":   file(map[string]string{"network": `{"architecture":{"kind":"cnn","padding":"zero","channels":[4096],"blocks":64,"embedding":4096},"shape":{"C":1,"H":32,"W":32},"mean":0,"deviation":1}`}, 4),
		"images":     file(map[string]string{"network": `{"architecture":{"kind":"unet","padding":"zero","channels":[1,1],"blocks":1,"embedding":1},"shape":{"C":1,"H":4096,"W":4096},"mean":0,"deviation":1}`}, 4),
	} {
		path := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := model.Open(path)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: a file of %d bytes was opened", name, len(content))
		}
		if taken := after.TotalAlloc - before.TotalAlloc; taken > most {
			t.Errorf("%s: %d bytes were taken for a file of %d: %v", name, taken, len(content), err)
		}
	}
}
